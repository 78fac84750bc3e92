"""Staff who act as a user: who may, what it looks like, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import connection
from django.dispatch import Signal
from django.test import Client

from supertokens_django import registry, signals
from supertokens_django.exceptions import BadInputError
from supertokens_django.models import Session, User
from supertokens_django.recipes.session.recipe import SessionRecipe
from supertokens_django.recipes.session.service import SessionService
from supertokens_django.services import session as sessions
from supertokens_django.services import userroles, users
from tests.accounts import django_user_of, make_superuser
from tests.assertions import (
    assert_json,
    assert_session_is_cleared,
    assert_session_is_set,
    assert_session_is_untouched,
    assert_unauthorised_and_cleared,
)
from tests.base import (
    BOB,
    MALLORY,
    PUBLIC,
    TWO_SITES,
    Clock,
    sign_up,
    sql_budget,
    supertokens_settings,
)
from tests.caches import revocation_cache
from tests.client import FrontendClient, Mode, Stack, decode_jwt, json_of, json_of_view

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3600
FORBIDDEN = {"message": "You may not sign in as another user."}
MORE_THAN_YOU = {"message": "This user may do what you may not."}


def permission(codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label="supertokens_django", codename=codename)


def make_staff(user_id: str, *codenames: str, **flags: bool) -> Any:
    """The Django user of ``user_id`` as a member of staff with these permissions."""
    row = django_user_of(user_id)
    for flag, value in {"is_staff": True, **flags}.items():
        setattr(row, flag, value)
    row.save()
    row.user_permissions.set([permission(codename) for codename in codenames])
    return row


@pytest.fixture
def bobs_row(clock: Clock, bob: str) -> Any:
    """Bob works in the support."""
    return make_staff(bob, "impersonate_user", "view_user")


@pytest.fixture
def support(browser: FrontendClient, alice: str, bob: str, bobs_row: Any) -> FrontendClient:
    """Bob's browser, signed in with his own session."""
    browser.post("/test/login", {"userId": bob})
    return browser


@pytest.fixture
def acting(support: FrontendClient, alice: str) -> FrontendClient:
    """Bob's browser, in which he acts as Alice."""
    assert support.post("/test/impersonate", {"userId": alice, "reason": "ticket 17"}).status_code == 200
    return support


def row_of(browser: FrontendClient) -> Session:
    return Session.objects.get(pk=browser.session_handle)


@contextmanager
def heard(*signals_: Signal) -> Iterator[list[tuple[Signal, dict[str, Any]]]]:
    calls: list[tuple[Signal, dict[str, Any]]] = []

    def receiver(signal: Signal, **kwargs: Any) -> None:
        calls.append((signal, {**kwargs, "in_transaction": connection.in_atomic_block}))

    for signal in signals_:
        signal.connect(receiver)
    try:
        yield calls
    finally:
        for signal in signals_:
            signal.disconnect(receiver)


class TestActing:
    @pytest.mark.parametrize("path", ["/test/impersonate", "/test/impersonate/async"])
    def test_the_browser_has_the_users_session(
        self, support: FrontendClient, stack: Stack, path: str, alice: str
    ) -> None:
        browser = support.clone(stack=stack)

        response = browser.post(path, {"userId": alice})

        assert_session_is_set(response, browser.mode, refresh_expires=row_of(browser).expires_at.timestamp())
        assert browser.user_id == alice
        whoami = json_of_view(browser.get("/test/verified-whoami"))
        assert (whoami["pk"], whoami["userId"]) == (str(django_user_of(alice).pk), alice)

    def test_the_token_names_who_acts(self, acting: FrontendClient, bob: str) -> None:
        assert acting.access_token_payload["act"] == {"sub": bob}
        assert acting.front_token["up"]["act"] == {"sub": bob}

    def test_so_does_the_jwt_for_other_services(self, support: FrontendClient, alice: str, bob: str) -> None:
        with supertokens_settings(SESSION={"JWT": {"ENABLE": True}}):
            support.post("/test/impersonate", {"userId": alice})

        nested = decode_jwt(support.access_token_payload["jwt"])[1]
        assert (nested["sub"], nested["act"]) == (alice, {"sub": bob})

    def test_views_know(self, acting: FrontendClient, alice: str, bob: str) -> None:
        found = sessions.get_session_without_request_response(acting.access_token or "")
        own = sessions.create_new_session_without_request_response(PUBLIC, alice)

        assert found is not None
        assert found.get_actor() == bob
        assert own.get_actor() is None

    def test_it_survives_a_refresh_and_a_change(self, clock: Clock, acting: FrontendClient, bob: str) -> None:
        clock.advance(600)
        assert acting.refresh().status_code == 200
        assert acting.access_token_payload["act"] == {"sub": bob}

        acting.post("/test/sync", {"do": "merge", "update": {"x-seen": 1}})
        assert acting.access_token_payload["act"] == {"sub": bob}

    def test_a_staff_member_without_a_supertokens_user_is_named_by_their_key(self, alice: str) -> None:
        root = make_superuser("root@acme.com")
        browser = FrontendClient("cookie")
        django = Client()
        django.force_login(root)
        browser.hold_cookie("sessionid", django.cookies["sessionid"].value)

        assert browser.post("/test/impersonate", {"userId": alice}).status_code == 200

        assert browser.access_token_payload["act"] == {"sub": f"django:{root.pk}"}

    def test_it_is_kept_who_when_and_why(self, clock: Clock, acting: FrontendClient, bobs_row: Any) -> None:
        row = row_of(acting)

        assert (row.actor, row.reason) == (bobs_row, "ticket 17")
        assert row.created_at.timestamp() == clock.now

    def test_it_is_in_the_admins_log(self, acting: FrontendClient, alice: str, bobs_row: Any) -> None:
        (entry,) = LogEntry.objects.all()

        assert (entry.user_id, entry.object_id, entry.action_flag) == (bobs_row.pk, alice, CHANGE)
        assert entry.get_edited_object() == User.objects.get(pk=alice)
        assert entry.get_change_message() == "Signed in as this user. Reason: ticket 17"

    def test_a_signal_tells_it_after_the_commit(
        self, support: FrontendClient, alice: str, bobs_row: Any
    ) -> None:
        with heard(signals.impersonation_started, signals.session_created) as calls:
            support.post("/test/impersonate", {"userId": alice, "reason": "ticket 17"})

        assert [signal for signal, _ in calls] == [signals.session_created, signals.impersonation_started]
        call = calls[1][1]
        assert call["request"].path == "/test/impersonate"
        assert (call["session_handle"], call["user_id"]) == (support.session_handle, alice)
        assert (call["actor"], call["reason"], call["in_transaction"]) == (bobs_row, "ticket 17", False)

    def test_it_is_no_sign_in_of_the_user(self, clock: Clock, support: FrontendClient, alice: str) -> None:
        before = User.objects.get(pk=alice).last_active_at
        clock.advance(600)
        with heard(user_logged_in, user_logged_out) as calls:
            support.post("/test/impersonate", {"userId": alice})
            support.refresh()
            support.sign_out()

        assert calls == []
        assert User.objects.get(pk=alice).last_active_at == before
        assert django_user_of(alice).last_login is None

    def test_the_user_sees_it_among_their_sessions_and_may_end_it(
        self, acting: FrontendClient, alice: str
    ) -> None:
        assert sessions.get_all_session_handles_for_user(alice) == [acting.session_handle]

        sessions.revoke_all_sessions_for_user(alice)

        assert_unauthorised_and_cleared(acting.refresh())

    def test_a_login_method_and_a_tenant_may_be_named(
        self, support: FrontendClient, tenant_acme: str
    ) -> None:
        mallory = sign_up(MALLORY, tenant_acme)

        support.post("/test/impersonate", {"userId": mallory})

        assert support.access_token_payload["tId"] == tenant_acme
        refused = support.clone().post("/test/impersonate", {"userId": mallory, "tenantId": PUBLIC})
        assert refused.status_code != 200 or json_of(refused)["status"] == "UNKNOWN_USER_ID_ERROR"

    def test_a_mapped_user_is_found_by_either_id(self, support: FrontendClient, alice: str) -> None:
        users.create_user_id_mapping(alice, "alice-of-old")
        for user_id in (alice, "alice-of-old"):
            browser = support.clone()
            assert browser.post("/test/impersonate", {"userId": user_id}).status_code == 200
            assert browser.user_id == "alice-of-old"


class TestTheTime:
    """It is short, and a refresh does not extend it."""

    def test_it_ends_after_an_hour_however_often_it_is_refreshed(
        self, clock: Clock, acting: FrontendClient
    ) -> None:
        ends = row_of(acting).expires_at
        for _ in range(5):
            clock.advance(600)
            assert acting.refresh().status_code == 200
            assert row_of(acting).expires_at == ends

        clock.advance(601)
        assert_unauthorised_and_cleared(acting.refresh())

    def test_no_access_token_outlives_it(self, clock: Clock, acting: FrontendClient) -> None:
        clock.advance(3000)
        acting.refresh()
        assert acting.access_token_payload["exp"] <= clock.now + 600

        clock.advance(601)
        assert acting.get("/test/sync").status_code == 401

    def test_the_setting_decides(self, clock: Clock, support: FrontendClient, alice: str) -> None:
        with supertokens_settings(SESSION={"IMPERSONATION_LIFETIME": 120}):
            support.post("/test/impersonate", {"userId": alice})

        clock.advance(121)
        assert_unauthorised_and_cleared(support.refresh())


class TestStopping:
    @pytest.mark.parametrize("path", ["/test/stop", "/test/stop/async"])
    def test_it_ends_the_session_and_clears_its_tokens(
        self, acting: FrontendClient, stack: Stack, path: str
    ) -> None:
        browser = acting.clone(stack=stack)
        handle = browser.session_handle

        response = browser.post(path)

        assert json_of_view(response) == {"stopped": True}
        assert_session_is_cleared(response, browser.mode)
        assert not Session.objects.filter(pk=handle).exists()

    def test_signing_out_is_stopping(self, acting: FrontendClient, bobs_row: Any, alice: str) -> None:
        handle = acting.session_handle
        with heard(signals.impersonation_ended) as calls:
            assert_json(acting.sign_out(), 200, {"status": "OK"})

        ((_, call),) = calls
        assert (call["session_handle"], call["user_id"], call["actor"]) == (handle, alice, bobs_row)
        assert call["request"].path == "/auth/signout"

    def test_it_is_logged_and_told(self, acting: FrontendClient, alice: str, bobs_row: Any) -> None:
        with heard(signals.impersonation_ended) as calls:
            acting.post("/test/stop")

        assert [call["reason"] for _, call in calls] == ["ticket 17"]
        entry = LogEntry.objects.order_by("pk").last()
        assert entry is not None
        assert (entry.user_id, entry.object_id) == (bobs_row.pk, alice)
        assert entry.get_change_message() == "Stopped being signed in as this user."

    def test_a_session_of_ones_own_is_left_alone(self, support: FrontendClient) -> None:
        response = support.post("/test/stop")

        assert json_of_view(response) == {"stopped": False}
        assert_session_is_untouched(response)

    def test_nobody_has_nothing_to_stop(self, acme: None) -> None:
        assert json_of_view(FrontendClient().post("/test/stop")) == {"stopped": False}

    def test_ones_own_session_was_not_ended(self, support: FrontendClient, alice: str) -> None:
        own = support.session_handle
        support.post("/test/impersonate", {"userId": alice})
        support.post("/test/stop")

        assert sessions.get_session_information(own) is not None

    def test_logging_out_of_django_stops_it_too(self, alice: str) -> None:
        root = make_superuser("root@acme.com")
        django = Client()
        django.force_login(root)
        browser = FrontendClient("cookie")
        browser.hold_cookie("sessionid", django.cookies["sessionid"].value)
        browser.post("/test/impersonate", {"userId": alice})
        handle = browser.session_handle

        browser.post("/admin/logout/")

        assert not Session.objects.filter(pk=handle).exists()
        assert not browser.is_signed_in


class TestWhoMay:
    @pytest.mark.parametrize(
        "flags", [{"is_staff": False}, {"is_active": False}], ids=["no staff", "switched off"]
    )
    def test_nobody_but_active_staff(
        self, support: FrontendClient, alice: str, bobs_row: Any, flags: dict[str, bool]
    ) -> None:
        type(bobs_row)._default_manager.filter(pk=bobs_row.pk).update(**flags)

        assert_json(support.post("/test/impersonate", {"userId": alice}), 403, FORBIDDEN)

    def test_nobody_without_the_permission(self, support: FrontendClient, alice: str, bobs_row: Any) -> None:
        bobs_row.user_permissions.set([permission("view_user")])

        assert_json(support.post("/test/impersonate", {"userId": alice}), 403, FORBIDDEN)

    @pytest.mark.parametrize("visits", [False, True])
    def test_no_visitor(self, mode: Mode, alice: str, visits: bool) -> None:
        browser = FrontendClient(mode)
        if visits:
            browser.post("/test/visit", {})

        assert_json(browser.post("/test/impersonate", {"userId": alice}), 403, FORBIDDEN)

    def test_who_may_not_learns_nothing_about_user_ids(self, frontend: FrontendClient, bob: str) -> None:
        answers = [frontend.post("/test/impersonate", {"userId": user_id}) for user_id in (bob, "nobody")]

        assert [json_of(answer) for answer in answers] == [FORBIDDEN, FORBIDDEN]

    def test_the_permission_may_come_by_a_group(
        self, support: FrontendClient, alice: str, bobs_row: Any
    ) -> None:
        bobs_row.user_permissions.clear()
        group = Group.objects.create(name="support")
        group.permissions.set([permission("impersonate_user")])
        bobs_row.groups.add(group)

        assert support.post("/test/impersonate", {"userId": alice}).status_code == 200

    def test_nobody_acts_as_themselves(self, support: FrontendClient, bob: str) -> None:
        response = support.post("/test/impersonate", {"userId": bob})

        assert_json(response, 403, {"message": "You are this user yourself."})

    def test_an_unknown_user_is_told_of(self, support: FrontendClient) -> None:
        for user_id in ("nobody", "", "x" * 500):
            response = support.post("/test/impersonate", {"userId": user_id})
            assert_json(response, 200, {"status": "UNKNOWN_USER_ID_ERROR"})

    def test_an_anonymous_visitor_is_no_user(self, support: FrontendClient) -> None:
        visitor = FrontendClient("header")
        visitor.post("/test/visit", {})

        response = support.post("/test/impersonate", {"userId": visitor.user_id})

        assert_json(response, 200, {"status": "UNKNOWN_USER_ID_ERROR"})

    def test_a_user_who_is_switched_off_is_not_acted_as(self, support: FrontendClient, alice: str) -> None:
        get_user_model()._default_manager.filter(pk=django_user_of(alice).pk).update(**{"is_active": False})

        response = support.post("/test/impersonate", {"userId": alice})

        assert_json(response, 403, {"message": "This user is switched off."})

    def test_a_superuser_is_acted_as_by_superusers_only(
        self, support: FrontendClient, alice: str, bobs_row: Any
    ) -> None:
        make_staff(alice, is_superuser=True)
        assert_json(support.post("/test/impersonate", {"userId": alice}), 403, MORE_THAN_YOU)

        bobs_row.is_superuser = True
        bobs_row.save()
        assert support.post("/test/impersonate", {"userId": alice}).status_code == 200

    def test_nobody_gains_a_permission(self, support: FrontendClient, alice: str, bobs_row: Any) -> None:
        make_staff(alice, "view_user", "delete_user", is_staff=False)
        assert_json(support.post("/test/impersonate", {"userId": alice}), 403, MORE_THAN_YOU)

        bobs_row.user_permissions.add(permission("delete_user"))
        assert support.post("/test/impersonate", {"userId": alice}).status_code == 200

    def test_permissions_of_groups_count_alike(self, support: FrontendClient, alice: str) -> None:
        group = Group.objects.create(name="bosses")
        group.permissions.set([permission("change_user")])
        django_user_of(alice).groups.add(group)

        assert_json(support.post("/test/impersonate", {"userId": alice}), 403, MORE_THAN_YOU)

    def test_what_recipes_let_a_user_do_counts_too(
        self, support: FrontendClient, alice: str, bob: str, bobs_row: Any
    ) -> None:
        powers = {alice: {"role:editor"}}
        with supertokens_settings(RECIPES=["emailpassword", f"{__name__}.Powerful"]):
            Powerful.given = powers
            assert_json(support.post("/test/impersonate", {"userId": alice}), 403, MORE_THAN_YOU)

            powers[bob] = {"role:editor", "role:boss"}
            assert support.post("/test/impersonate", {"userId": alice}).status_code == 200

    def test_roles_and_their_permissions_count(
        self, support: FrontendClient, alice: str, bob: str, bobs_row: Any
    ) -> None:
        with supertokens_settings(RECIPES=["emailpassword", "userroles"]):
            userroles.create_new_role_or_add_permissions("editor", ["write"])
            userroles.add_role_to_user(PUBLIC, alice, "editor")
            assert_json(support.post("/test/impersonate", {"userId": alice}), 403, MORE_THAN_YOU)

            with supertokens_settings(SESSION={"SERVICE_CLASS": Lenient}):
                assert support.clone().post("/test/impersonate", {"userId": alice}).status_code == 200

            userroles.add_role_to_user(PUBLIC, bob, "editor")
            assert support.post("/test/impersonate", {"userId": alice}).status_code == 200
            assert support.access_token_payload["st-role"]["v"] == ["editor"]

            userroles.remove_user_role(PUBLIC, bob, "editor")
            assert_unauthorised_and_cleared(support.refresh())

    def test_the_rule_is_asked_about_the_rows_as_they_are(
        self, support: FrontendClient, alice: str, bobs_row: Any
    ) -> None:
        """Not about what a request has loaded before."""
        request = RequestOf(bobs_row)
        make_staff(alice, is_superuser=True)

        with pytest.raises(Exception, match="may do what you may not"):
            sessions.impersonate(request, alice)


class Lenient(SessionService):
    """Editors are customers here."""

    def powers_of(self, tenant_id: str, user_id: str) -> set[str]:
        return super().powers_of(tenant_id, user_id) - {"role:editor", "permission:write"}


class Powerful(registry.Recipe):
    """A recipe of the project's own with roles of its own."""

    name = "powerful"
    given: dict[str, set[str]] = {}

    def powers(self, tenant_id: str, user_id: str) -> set[str]:
        return self.given.get(user_id, set())


def RequestOf(user: Any) -> Any:
    from django.test import RequestFactory

    request: Any = RequestFactory().post("/")
    request.user = user
    return request


class TestNesting:
    def test_who_acts_as_somebody_cannot_act_as_a_third(
        self, acting: FrontendClient, alice: str, clock: Clock
    ) -> None:
        """Alice has the permission herself; Bob must not go on as her."""
        mallory = sign_up(MALLORY)
        make_staff(alice, "impersonate_user")

        response = acting.post("/test/impersonate", {"userId": mallory})

        assert_json(response, 403, {"message": "You act as another user already."})
        assert acting.user_id == alice

    def test_a_session_of_djangos_own_may_start_the_next_one(self, alice: str, bob: str) -> None:
        """In the admin one is there in person, whatever the website's session says."""
        root = make_superuser("root@acme.com")
        admin = Client()
        admin.force_login(root)
        first = admin.post(
            f"/admin/supertokens_django/user/{alice}/impersonate/", {"reason": ""}, secure=True
        )
        second = admin.post(f"/admin/supertokens_django/user/{bob}/impersonate/", {"reason": ""}, secure=True)

        assert (first.status_code, second.status_code) == (302, 302)
        assert decode_jwt(second.cookies["sAccessToken"].value)[1]["act"] == {"sub": f"django:{root.pk}"}


class TestAfterADemotion:
    """Asked again at every refresh, and at once where the account is switched off."""

    def refuses(self, acting: FrontendClient) -> None:
        handle = acting.session_handle
        with heard(signals.impersonation_ended) as calls:
            assert_unauthorised_and_cleared(acting.refresh())
        assert not Session.objects.filter(pk=handle).exists()
        assert len(calls) == 1

    def test_without_the_permission(self, acting: FrontendClient, bobs_row: Any) -> None:
        bobs_row.user_permissions.clear()
        self.refuses(acting)

    def test_no_staff_any_more(self, acting: FrontendClient, bobs_row: Any) -> None:
        bobs_row.is_staff = False
        bobs_row.save()
        self.refuses(acting)

    def test_switched_off_without_a_signal(self, acting: FrontendClient, bobs_row: Any) -> None:
        type(bobs_row)._default_manager.filter(pk=bobs_row.pk).update(is_active=False)
        self.refuses(acting)

    def test_the_user_was_promoted(self, acting: FrontendClient, alice: str) -> None:
        make_staff(alice, is_superuser=True)
        self.refuses(acting)

    def test_it_is_logged_as_stopped(self, acting: FrontendClient, bobs_row: Any) -> None:
        bobs_row.user_permissions.clear()
        acting.refresh()

        entry = LogEntry.objects.order_by("pk").last()
        assert entry is not None
        assert entry.get_change_message() == "Stopped being signed in as this user."

    @pytest.mark.parametrize("end", ["switch off", "delete"])
    def test_an_actor_who_is_switched_off_or_deleted_is_out_at_once(
        self, acting: FrontendClient, bobs_row: Any, end: str
    ) -> None:
        with revocation_cache():
            assert acting.get("/test/sync").status_code == 200
            if end == "delete":
                bobs_row.delete()
            else:
                bobs_row.is_active = False
                bobs_row.save()

            assert_unauthorised_and_cleared(acting.get("/test/sync"))
        assert not Session.objects.filter(actor__isnull=False).exists()

    def test_who_is_signed_out_everywhere_is_out_there_too(
        self, acting: FrontendClient, bob: str, alice: str
    ) -> None:
        """An account of the staff was taken over, say."""
        assert acting.session_handle not in sessions.get_all_session_handles_for_user(bob)

        assert acting.session_handle in sessions.revoke_all_sessions_for_user(bob)

        assert_unauthorised_and_cleared(acting.refresh())

    def test_in_the_grace_period_it_is_asked_too(self, acting: FrontendClient, bobs_row: Any) -> None:
        other_tab = acting.clone()
        acting.refresh()
        bobs_row.user_permissions.clear()

        assert_unauthorised_and_cleared(other_tab.refresh())


class TestWhatIsClosed:
    def test_a_view_for_the_user_in_person(self, acting: FrontendClient) -> None:
        refusal = {"id": "act", "reason": {"message": "not while somebody else acts as the user"}}
        assert_json(
            acting.get("/test/personal"),
            403,
            {"message": "invalid claim", "claimValidationErrors": [refusal]},
        )

    def test_the_admin(self, acting: FrontendClient, alice: str) -> None:
        """What is done there would be logged as done by Alice."""
        make_staff(alice, "view_user")
        browser = acting.clone()
        assert browser.get("/admin/").status_code == 302

        own = FrontendClient(browser.mode)
        own.post("/test/login", {"userId": alice})
        assert own.get("/admin/").status_code == 200

    def test_an_ordinary_session_of_the_same_user(self, acting: FrontendClient, alice: str, bob: str) -> None:
        """A view that makes the session anew would let the actor keep it for a hundred days."""
        response = acting.post("/test/login/again", {"userId": alice})
        assert_json(response, 403, {"message": "Not while somebody else acts as the user."})
        assert_session_is_untouched(response)

        assert acting.post("/test/login/again", {"userId": bob}).status_code == 200

    def test_linking_and_older_frontends(self, acting: FrontendClient, alice: str) -> None:
        """The session of a request takes part in a sign-in before FDI 3.1; not one that somebody else uses."""
        sign_up(MALLORY)
        browser = acting.clone()
        browser.fdi_version = "1.17"

        assert browser.sign_in(MALLORY.email, MALLORY.password).status_code == 200

        assert browser.user_id != alice
        assert "act" not in browser.access_token_payload

    def test_a_sign_in_takes_nothing_over(self, acting: FrontendClient, alice: str) -> None:
        sessions.update_session_data_in_database(acting.session_handle, {"secret": 1})
        acting.sign_in(BOB.email, BOB.password)

        assert row_of(acting).session_data == {}


FORGED = {"sub": "root"}


class TestAForgedActor:
    def test_not_by_the_payload_of_a_new_session(self, frontend: FrontendClient, alice: str) -> None:
        frontend.post("/test/login", {"userId": alice, "payload": {"act": FORGED, "x-a": 1}})

        assert "act" not in frontend.access_token_payload
        assert "act" not in row_of(frontend).access_token_payload
        assert frontend.access_token_payload["x-a"] == 1

    def test_not_by_the_function_for_new_sessions(self, frontend: FrontendClient, alice: str) -> None:
        with supertokens_settings(SESSION={"ACCESS_TOKEN_PAYLOAD": lambda *args: {"act": FORGED}}):
            frontend.post("/test/login", {"userId": alice})

        assert "act" not in frontend.access_token_payload

    def test_not_by_a_claim(self, frontend: FrontendClient, alice: str) -> None:
        from supertokens_django.claims import PrimitiveClaim

        found = sessions.get_session_without_request_response(frontend.access_token or "")
        assert found is not None
        claim: PrimitiveClaim[str] = PrimitiveClaim("act", lambda *args: "root")
        for change in (
            lambda: found.fetch_and_set_claim(claim),
            lambda: found.set_claim_value(claim, "root"),
            lambda: found.remove_claim(claim),
            lambda: sessions.set_claim_value(found.get_handle(), claim, "root"),
        ):
            with pytest.raises(BadInputError, match="protected field"):
                change()
        found.assert_claims([])
        assert "act" not in found.get_access_token_payload()

    @pytest.mark.parametrize("update", [{"act": FORGED}, {"act": None}, {"x-a": 1, "act": None}])
    def test_not_by_a_merge_and_it_is_not_removed_by_one(
        self, acting: FrontendClient, update: dict[str, Any], bob: str
    ) -> None:
        response = acting.post("/test/sync", {"do": "merge", "update": update})
        assert_json(response, 400, {"message": "The user payload contains protected field"})
        with pytest.raises(BadInputError, match="protected field"):
            sessions.merge_into_access_token_payload(acting.session_handle, update)

        acting.refresh()
        assert acting.access_token_payload["act"] == {"sub": bob}

    def test_not_by_what_was_stored_before_it_was_ours(self, frontend: FrontendClient) -> None:
        Session.objects.update(access_token_payload={"act": FORGED, "st-anonymous": {"v": True}})
        frontend.refresh()

        assert not {"act", "st-anonymous"} & set(frontend.access_token_payload)

    def test_a_copied_payload_gives_no_actor(self, acting: FrontendClient, alice: str) -> None:
        payload = acting.access_token_payload
        made = sessions.create_new_session_without_request_response(PUBLIC, alice, payload)

        assert made.get_actor() is None


class TestCrossSite:
    def test_a_get_starts_nothing(self, support: FrontendClient, alice: str) -> None:
        response = support.get(f"/test/impersonate/form?user={alice}")

        assert_json(response, 403, {"message": "Impersonation is started by POST."})
        assert_session_is_untouched(response)

    @pytest.mark.parametrize("lax", [True, False])
    def test_a_form_of_another_site_starts_nothing(
        self, clock: Clock, alice: str, bob: str, bobs_row: Any, mode: Mode, lax: bool
    ) -> None:
        support = FrontendClient(mode, enforce_csrf_checks=True)
        support.post("/test/login", {"userId": bob})

        response = support.submit_cross_site_form("/test/impersonate/form", {"user": alice}, lax=lax)

        assert response.status_code == 403
        assert not Session.objects.filter(actor__isnull=False).exists()

    def test_nor_where_cookies_come_along_by_design(
        self, clock: Clock, alice: str, bob: str, bobs_row: Any
    ) -> None:
        with supertokens_settings(**TWO_SITES):
            support = FrontendClient("cookie", enforce_csrf_checks=True)
            support.post("/test/login", {"userId": bob})
            response = support.submit_cross_site_form("/test/impersonate/form", {"user": alice}, lax=False)

        assert response.status_code == 403
        assert not Session.objects.filter(actor__isnull=False).exists()


class TestBadInput:
    @pytest.mark.parametrize("reason", ["x" * 256, "a\x00b", "\ud800"])
    def test_a_reason_that_cannot_be_stored(self, alice: str, bobs_row: Any, reason: str) -> None:
        with pytest.raises(BadInputError):
            sessions.impersonate(RequestOf(bobs_row), alice, reason)
        assert not LogEntry.objects.exists()

    def test_a_reason_of_any_language_is_kept(self, support: FrontendClient, alice: str) -> None:
        support.post("/test/impersonate", {"userId": alice, "reason": "Störung ☎ 電話"})

        assert row_of(support).reason == "Störung ☎ 電話"


def test_tokens_go_out_by_cookie_where_the_client_does_not_say(alice: str, bobs_row: Any, bob: str) -> None:
    phone = FrontendClient("header")
    phone.post("/test/login", {"userId": bob})

    response: Any = phone.post("/test/impersonate", {"userId": alice}, headers={"st-auth-mode": None})

    assert decode_jwt(response.cookies["sAccessToken"].value)[1]["sub"] == alice


def test_an_ordinary_refresh_costs_no_more(clock: Clock, frontend: FrontendClient) -> None:
    with sql_budget(3):
        frontend.refresh()


def test_the_manifest_has_no_powers_by_itself() -> None:
    assert set(SessionRecipe().powers(PUBLIC, "anybody")) == set()
