"""``REVOCATION_CACHE``: an ended session is refused by the next request, and that costs no query."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from supertokens_django.models import LoginMethod, Session, Tenant
from supertokens_django.services import emailpassword, users
from supertokens_django.services import session as sessions
from tests.accounts import django_user_of, make_superuser
from tests.assertions import assert_session_is_untouched, assert_unauthorised_and_cleared
from tests.base import ALICE, PUBLIC, Clock, sql_statements, supertokens_settings
from tests.caches import WatchedCache, revocation_cache
from tests.client import FrontendClient, Stack

pytestmark = pytest.mark.django_db(transaction=True)

LIFETIME = 3600


@pytest.fixture(autouse=True)
def watched(_stage: None) -> Iterator[type[WatchedCache]]:
    with revocation_cache() as watched:
        yield watched


def assert_lives(browser: FrontendClient) -> None:
    response = browser.get("/test/sync")
    assert response.status_code == 200
    assert_session_is_untouched(response)


def assert_ended(browser: FrontendClient) -> None:
    with sql_statements() as statements:
        assert_unauthorised_and_cleared(browser.get("/test/sync"))
    assert statements == []


# Whatever ends a session


def by_handle(browser: FrontendClient) -> None:
    assert sessions.revoke_session(browser.session_handle)


def by_several_handles(browser: FrontendClient) -> None:
    assert sessions.revoke_multiple_sessions(["unknown", browser.session_handle])


def by_user(browser: FrontendClient) -> None:
    sessions.revoke_all_sessions_for_user(browser.user_id)


def by_signing_out(browser: FrontendClient) -> None:
    browser.clone().sign_out()


def by_revoking_in_a_view(browser: FrontendClient) -> None:
    browser.clone().post("/test/sync", {"do": "revoke"})


def by_theft(browser: FrontendClient) -> None:
    thief = browser.clone()
    browser.refresh()
    with supertokens_settings(SESSION={"REFRESH_TOKEN_ROTATION_GRACE_PERIOD": 0}):
        assert thief.refresh().status_code == 401


def by_resetting_the_password(browser: FrontendClient) -> None:
    token = emailpassword.create_reset_password_token(PUBLIC, browser.user_id, ALICE.email)
    assert FrontendClient().reset_password(token, "another password 1").status_code == 200


def by_deleting_the_user(browser: FrontendClient) -> None:
    users.delete_user(browser.user_id)


def by_deleting_the_login_method(browser: FrontendClient) -> None:
    LoginMethod.objects.filter(pk=browser.user_id).delete()


def by_deleting_the_django_user(browser: FrontendClient) -> None:
    django_user_of(browser.user_id).delete()


def by_switching_the_django_user_off(browser: FrontendClient) -> None:
    row = django_user_of(browser.user_id)
    row.is_active = False
    row.save()


def by_deleting_rows(browser: FrontendClient) -> None:
    Session.objects.filter(pk=browser.session_handle).delete()


def by_the_admins_session_list(browser: FrontendClient) -> None:
    admin = Client()
    admin.force_login(make_superuser("root@acme.com"))
    data = {"action": "revoke", "_selected_action": [browser.session_handle]}
    admin.post("/admin/supertokens_django/session/", data)


def by_the_admins_user_list(browser: FrontendClient) -> None:
    admin = Client()
    admin.force_login(make_superuser("root@acme.com"))
    data = {"action": "sign_out_everywhere", "_selected_action": [browser.user_id]}
    admin.post("/admin/supertokens_django/user/", data)


ENDS = [
    by_handle,
    by_several_handles,
    by_user,
    by_signing_out,
    by_revoking_in_a_view,
    by_theft,
    by_resetting_the_password,
    by_deleting_the_user,
    by_deleting_the_login_method,
    by_deleting_the_django_user,
    by_switching_the_django_user_off,
    by_deleting_rows,
    by_the_admins_session_list,
    by_the_admins_user_list,
]


@pytest.mark.parametrize("end", ENDS)
def test_an_ended_session_is_refused_by_the_next_request(
    frontend: FrontendClient, end: Callable[[FrontendClient], None]
) -> None:
    assert_lives(frontend)

    end(frontend)

    assert_ended(frontend)
    assert not frontend.is_signed_in


@pytest.mark.parametrize("path", ["/test/async", "/test/method-async", "/test/drf/view", "/test/plain-async"])
def test_every_kind_of_view_refuses_it(frontend: FrontendClient, stack: Stack, path: str) -> None:
    browser = frontend.clone(stack=stack)
    assert browser.get(path).status_code == 200

    sessions.revoke_session(browser.session_handle)

    assert_unauthorised_and_cleared(browser.get(path))


@pytest.mark.parametrize("path", ["/test/whoami", "/test/whoami-async", "/test/drf/open"])
def test_it_is_nobodys_request_any_more(frontend: FrontendClient, stack: Stack, path: str) -> None:
    browser = frontend.clone(stack=stack)
    assert browser.get(path).json()["authenticated"] is True  # type: ignore[attr-defined]

    sessions.revoke_session(browser.session_handle)

    answer = browser.get(path)
    assert answer.status_code == 401 or answer.json()["authenticated"] is False  # type: ignore[attr-defined]


def test_a_token_that_comes_without_a_request_is_refused(frontend: FrontendClient) -> None:
    token = frontend.access_token or ""
    assert sessions.get_session_without_request_response(token)
    sessions.revoke_session(frontend.session_handle)

    with pytest.raises(Exception, match="has ended"):
        sessions.get_session_without_request_response(token)


def test_sessions_go_with_their_tenant(tenant_acme: str) -> None:
    method = emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password)
    browser = FrontendClient("header")
    browser.post("/test/login", {"userId": method.id, "tenantId": tenant_acme})
    assert_lives(browser)

    Tenant.objects.get(pk=tenant_acme).delete()

    assert_ended(browser)


def test_other_sessions_live_on(frontend: FrontendClient, bob: str) -> None:
    other = FrontendClient(frontend.mode)
    other.post("/test/login", {"userId": bob})

    sessions.revoke_session(frontend.session_handle)

    assert_lives(other)


def test_a_new_session_of_the_same_user_is_good(frontend: FrontendClient, alice: str) -> None:
    sessions.revoke_all_sessions_for_user(alice)
    frontend.post("/test/login", {"userId": alice})

    assert_lives(frontend)


def test_nothing_has_ended_before_the_commit_or_after_a_rollback(
    clock: Clock, frontend: FrontendClient
) -> None:
    with transaction.atomic():
        sessions.revoke_session(frontend.session_handle)
        assert_lives(frontend)
        transaction.set_rollback(True)

    assert_lives(frontend)


def test_the_first_session_of_all_costs_no_query(browser: FrontendClient, alice: str, stack: Stack) -> None:
    """It begins in the second in which the list does, at whatever time that is."""
    client = FrontendClient(browser.mode, stack=stack)
    client.sign_in(ALICE.email, ALICE.password)
    with sql_statements() as statements:
        assert client.get("/test/sync").status_code == 200
        assert client.get("/test/async").status_code == 200
    assert statements == []


# What the cache is asked and told


def test_a_verification_asks_once(frontend: FrontendClient, watched: type[WatchedCache]) -> None:
    watched.calls.clear()
    frontend.get("/test/sync")

    assert [(operation, len(keys)) for operation, keys in watched.calls] == [("get_many", 2)]


def test_no_key_tells_a_handle_and_a_prefix_is_ours(
    frontend: FrontendClient, watched: type[WatchedCache]
) -> None:
    frontend.get("/test/sync")
    sessions.revoke_session(frontend.session_handle)

    keys = {key for _, keys in watched.calls for key in keys}
    assert all(key.startswith("supertokens_django.session.ended.") and len(key) < 200 for key in keys)
    assert not any(frontend.session_handle in key for key in keys)


def test_many_ended_sessions_are_written_at_once(alice: str, watched: type[WatchedCache]) -> None:
    handles = [
        sessions.create_new_session_without_request_response(PUBLIC, alice).get_handle() for _ in range(5)
    ]
    for end in (sessions.revoke_all_sessions_for_user, users.delete_user):
        watched.calls.clear()
        end(alice)
        written = [len(keys) for operation, keys in watched.calls if operation == "set_many"]
        assert written == [len(handles)]
        for _ in handles:
            sessions.create_new_session_without_request_response(PUBLIC, alice)


def test_an_entry_lives_as_long_as_an_access_token(
    clock: Clock, frontend: FrontendClient, watched: type[WatchedCache]
) -> None:
    sessions.revoke_session(frontend.session_handle)
    (entry,) = [keys[0] for operation, keys in watched.calls if operation == "set_many"]

    clock.advance(LIFETIME + 59)
    assert cache.get(entry)
    clock.advance(2)
    assert cache.get(entry) is None


def test_sessions_that_had_expired_are_not_listed(
    clock: Clock, frontend: FrontendClient, watched: type[WatchedCache]
) -> None:
    """A clean-up of a million rows must not fill the cache."""
    clock.advance(101 * 24 * 3600)
    watched.calls.clear()

    assert Session.objects.all().delete()[0] == 1

    assert watched.calls == []


def test_asking_the_database_leaves_the_cache_alone(
    frontend: FrontendClient, watched: type[WatchedCache]
) -> None:
    watched.calls.clear()
    with sql_statements() as statements:
        assert frontend.get("/test/checked").status_code == 200

    assert (len(statements), watched.calls) == (1, [])


def test_without_the_option_no_cache_is_asked(frontend: FrontendClient, watched: type[WatchedCache]) -> None:
    watched.calls.clear()
    with supertokens_settings(SESSION={"REVOCATION_CACHE": None}):
        assert_lives(frontend)
        sessions.revoke_session(frontend.session_handle)
        assert frontend.get("/test/sync").status_code == 200

    assert watched.calls == []


class TestAnEventLoop:
    def test_a_backend_with_async_methods_is_asked_without_a_thread(self, clock: Clock, alice: str) -> None:
        with revocation_cache("tests.caches.AsyncCache") as watched:
            browser = FrontendClient("header", stack="asgi")
            browser.post("/test/login", {"userId": alice})
            watched.calls.clear()
            assert browser.get("/test/async").status_code == 200
            assert [operation for operation, _ in watched.calls] == ["aget_many"]

            sessions.revoke_session(browser.session_handle)
            assert_unauthorised_and_cleared(browser.get("/test/async"))

    def test_a_backend_without_them_is_asked_once(
        self, clock: Clock, frontend: FrontendClient, watched: type[WatchedCache]
    ) -> None:
        browser = frontend.clone(stack="asgi")
        watched.calls.clear()
        assert browser.get("/test/async").status_code == 200

        assert [operation for operation, _ in watched.calls] == ["get_many"]


# A cache that cannot be relied on


@pytest.fixture(params=["/test/sync", "/test/async"])
def path(request: pytest.FixtureRequest) -> str:
    value: str = request.param
    return value


class TestDown:
    """The database is asked instead: nothing is let through, nothing fails."""

    def test_a_living_session_passes_and_costs_one_query(
        self, frontend: FrontendClient, watched: type[WatchedCache], stack: Stack, path: str
    ) -> None:
        browser = frontend.clone(stack=stack)
        watched.is_down = True

        with sql_statements() as statements:
            assert browser.get(path).status_code == 200
        assert len(statements) == 1

    def test_an_ended_session_is_refused(
        self, frontend: FrontendClient, watched: type[WatchedCache], stack: Stack, path: str
    ) -> None:
        browser = frontend.clone(stack=stack)
        watched.is_down = True
        sessions.revoke_session(browser.session_handle)

        assert_unauthorised_and_cleared(browser.get(path))

    def test_a_switched_off_user_is_refused(
        self, frontend: FrontendClient, watched: type[WatchedCache], alice: str
    ) -> None:
        model: Any = get_user_model()
        model._default_manager.update(is_active=False)
        watched.is_down = True

        assert_unauthorised_and_cleared(frontend.get("/test/sync"))

    def test_signing_in_and_out_and_refreshing_work(
        self, watched: type[WatchedCache], browser: FrontendClient, alice: str
    ) -> None:
        watched.is_down = True

        assert browser.sign_in(ALICE.email, ALICE.password).status_code == 200
        assert browser.refresh().status_code == 200
        assert browser.sign_out().status_code == 200

    def test_it_is_logged_once_in_a_while(
        self,
        clock: Clock,
        frontend: FrontendClient,
        watched: type[WatchedCache],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        watched.is_down = True
        with caplog.at_level(logging.ERROR, "supertokens_django"):
            for _ in range(50):
                frontend.get("/test/sync")
                clock.advance(2)  # of 100 seconds

        messages = [record.getMessage() for record in caplog.records]
        assert (
            messages
            == [
                "REVOCATION_CACHE does not answer; the database is asked instead: "
                "ConnectionError('the cache is down')"
            ]
            * 2
        )

    def test_it_is_asked_again_when_it_is_back(
        self, clock: Clock, frontend: FrontendClient, watched: type[WatchedCache]
    ) -> None:
        watched.is_down = True
        frontend.get("/test/sync")
        watched.is_down = False

        clock.advance(10)
        with sql_statements() as statements:
            frontend.get("/test/sync")
        assert statements == []

    def test_it_is_left_alone_for_a_moment_after_a_failure(
        self, clock: Clock, frontend: FrontendClient, watched: type[WatchedCache]
    ) -> None:
        """A cache that hangs must not cost every request its time-out."""
        watched.is_down = True
        frontend.get("/test/sync")
        watched.is_down = False
        watched.calls.clear()

        frontend.get("/test/sync")

        assert watched.calls == []

    @pytest.mark.parametrize("loss", ["is_down", "loses_writes"])
    def test_what_ended_meanwhile_stays_refused_when_it_is_back(
        self, clock: Clock, frontend: FrontendClient, watched: type[WatchedCache], loss: str, path: str
    ) -> None:
        clock.advance(1)
        setattr(watched, loss, True)
        sessions.revoke_session(frontend.session_handle)
        setattr(watched, loss, False)
        clock.advance(15)

        assert_unauthorised_and_cleared(frontend.get(path))

    def test_what_could_not_be_written_while_an_earlier_loss_was_told_stays_refused(
        self, clock: Clock, frontend: FrontendClient, watched: type[WatchedCache], alice: str
    ) -> None:
        other = FrontendClient(frontend.mode)

        def begin_and_end_another() -> None:
            clock.advance(1)
            other.post("/test/login", {"userId": alice})
            sessions.revoke_session(other.session_handle)

        watched.loses_writes = True
        sessions.revoke_session(frontend.session_handle)
        clock.advance(15)
        watched.meanwhile = begin_and_end_another
        assert_unauthorised_and_cleared(frontend.get("/test/sync"))
        assert other.is_signed_in
        watched.loses_writes = False
        clock.advance(1)

        assert_unauthorised_and_cleared(other.get("/test/sync"))


class TestEmptied:
    """A restart or a flush takes the list away: older tokens are asked about in the database."""

    def test_an_ended_session_stays_refused(
        self, clock: Clock, frontend: FrontendClient, stack: Stack, path: str
    ) -> None:
        browser = frontend.clone(stack=stack)
        sessions.revoke_session(browser.session_handle)
        clock.advance(10)
        cache.clear()

        assert_unauthorised_and_cleared(browser.clone().get(path))
        assert_unauthorised_and_cleared(browser.clone().get(path))

    def test_a_session_that_began_and_ended_in_the_second_of_the_loss_stays_refused(
        self, clock: Clock, frontend: FrontendClient, path: str
    ) -> None:
        sessions.revoke_session(frontend.session_handle)
        clock.advance(0.4)
        cache.clear()

        assert_unauthorised_and_cleared(frontend.clone().get(path))
        assert_unauthorised_and_cleared(frontend.clone().get(path))

    def test_a_living_session_passes_and_costs_one_query_in_each_process(
        self, clock: Clock, frontend: FrontendClient, path: str
    ) -> None:
        for _ in range(2):
            clock.advance(10)
            cache.clear()
            for expected in (1, 0, 0):
                with sql_statements() as statements:
                    assert frontend.get(path).status_code == 200
                assert len(statements) == expected

    def test_a_session_that_was_seen_alive_then_is_refused_when_it_ends(
        self, clock: Clock, frontend: FrontendClient, path: str
    ) -> None:
        clock.advance(10)
        cache.clear()
        assert frontend.get(path).status_code == 200

        sessions.revoke_session(frontend.session_handle)
        assert_unauthorised_and_cleared(frontend.clone().get(path))
        clock.advance(10)
        cache.clear()
        assert_unauthorised_and_cleared(frontend.clone().get(path))

    def test_what_was_seen_in_a_transaction_is_not_relied_on(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        """Its snapshot may be older than the list."""
        clock.advance(10)
        cache.clear()
        with transaction.atomic(), sql_statements() as statements:
            for _ in range(2):
                assert frontend.get("/test/sync").status_code == 200
        assert len(statements) == 2

    def test_a_list_that_was_tampered_with_vouches_for_nothing(self, frontend: FrontendClient) -> None:
        cache.set("supertokens_django.session.ended.since", "long ago", None)

        with sql_statements() as statements:
            assert frontend.get("/test/sync").status_code == 200
        assert len(statements) == 1


def test_switching_it_on_asks_the_database_about_older_tokens(clock: Clock, alice: str) -> None:
    browser = FrontendClient("header")
    with supertokens_settings(SESSION={"REVOCATION_CACHE": None}):
        browser.post("/test/login", {"userId": alice})
        old = browser.clone()
        sessions.revoke_session(browser.session_handle)
    clock.advance(10)

    assert_unauthorised_and_cleared(old.get("/test/sync"))
