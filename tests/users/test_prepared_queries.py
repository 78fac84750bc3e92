"""Queries that are compiled once behave like the querysets they are made of."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from supertokens_django import clock
from supertokens_django.prepared import PreparedInsert, PreparedQuery, PreparedUpdate
from supertokens_django.recipes.session.models import Session
from supertokens_django.users.ids import with_wire_ids
from supertokens_django.users.models import LoginMethod, User
from tests.base import ALICE, BOB

pytestmark = pytest.mark.django_db

BY_EMAIL: PreparedQuery[LoginMethod] = PreparedQuery(
    lambda email, recipe_id: (
        with_wire_ids(LoginMethod.objects.filter(email=email, recipe_id=recipe_id))
        .select_related("user__django_link")
        .order_by("id")
    )
)


def test_it_finds_what_the_queryset_finds_with_relations_and_annotations(alice: str, bob: str) -> None:
    for person, user_id in [(ALICE, alice), (BOB, bob)]:
        (method,) = BY_EMAIL.all(person.email, "emailpassword")
        with CaptureQueriesContext(connection) as queries:
            assert method == LoginMethod(id=user_id)
            assert (method.user.id, method.user.django_link.user_id) == (user_id, user_id)
            assert method.external_id is None  # type: ignore[attr-defined]
            assert method.time_joined.tzinfo is not None
        assert len(queries) == 0


def test_it_finds_nobody_where_there_is_nobody(alice: str) -> None:
    assert BY_EMAIL.all(ALICE.email, "thirdparty") == []
    assert BY_EMAIL.first("nobody@example.com", "emailpassword") is None


def test_each_use_is_one_query_in_the_log(alice: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        BY_EMAIL.first(ALICE.email, "emailpassword")
        BY_EMAIL.first("' OR 1=1 --", "emailpassword")
    assert len(queries) == 2


def test_a_placeholder_is_no_value_that_anybody_could_send(alice: str) -> None:
    assert BY_EMAIL.first("\ue000email\ue000", "\ue000recipe_id\ue000") is None
    assert BY_EMAIL.first("\ue000recipe_id\ue000", "emailpassword") is None


def test_objects_that_were_found_are_saved_like_others(alice: str) -> None:
    method = BY_EMAIL.first(ALICE.email, "emailpassword")
    assert method is not None
    method.phone_number = "+4930123456"
    method.save()
    assert LoginMethod.objects.get(pk=alice).phone_number == "+4930123456"


def test_an_update_writes_its_fields_and_no_others(alice: str, bob: str) -> None:
    user = User.objects.get(pk=alice)
    user.is_primary, user.last_active_at = True, None
    PreparedUpdate(User, "is_primary").save(user)
    written = User.objects.get(pk=alice)
    assert written.is_primary
    assert written.last_active_at is not None
    assert not User.objects.get(pk=bob).is_primary


def test_an_insert_writes_every_field(alice: str) -> None:
    now = clock.now()
    row = Session(
        handle="of alice",
        tenant_id="public",
        recipe_user_id=alice,
        login_method_id=alice,
        access_token_payload={"a": [1, None, "ä"]},
        session_data={},
        secret="secret",
        created_at=now,
        expires_at=now,
        ip_address="2001:db8::1",
        user_agent="Firefox %s",
    )
    PreparedInsert(Session).save(row)

    written = Session.objects.get(pk="of alice")
    fields = [field.attname for field in Session._meta.concrete_fields]
    assert [getattr(written, name) for name in fields] == [getattr(row, name) for name in fields]
    assert row._state.adding is False
    with pytest.raises(IntegrityError), transaction.atomic():
        PreparedInsert(Session).save(row)


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_through_its_own_connection(alice: str) -> None:
    found: list[LoginMethod | None] = []

    def ask() -> None:
        try:
            found.append(BY_EMAIL.first(ALICE.email, "emailpassword"))
        finally:
            connections.close_all()

    ask()
    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [LoginMethod(id=alice)] * 4
