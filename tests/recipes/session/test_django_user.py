"""``request.user`` and everything of Django that asks it, beside Django's own sessions."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from supertokens_django.services import session as sessions
from tests.assertions import assert_session_is_untouched, assert_view_json
from tests.base import ALICE, TWO_SITES, Clock, sql_budget, sql_statements, supertokens_settings
from tests.client import FrontendClient, Stack
from tests.cookies import CookieJar

NOBODY = {"authenticated": False, "pk": None}


def django_user_of(person: Any) -> Any:
    """The linked row, found by the e-mail address that was copied into it."""
    model: Any = get_user_model()
    return model.objects.get(**{model.get_email_field_name(): person.email})


@pytest.fixture
def alices_row(alice: str) -> Any:
    return django_user_of(ALICE)


def body(response: Any) -> Any:
    return response.json()


class TestRequestUser:
    @pytest.mark.parametrize("path", ["/test/whoami", "/test/whoami-async", "/test/drf/open"])
    def test_it_is_the_linked_user_in_any_view(
        self, frontend: FrontendClient, stack: Stack, path: str, alices_row: Any
    ) -> None:
        response = frontend.clone(stack=stack).get(path)

        assert body(response) == {"authenticated": True, "pk": str(alices_row.pk)}
        assert_session_is_untouched(response)

    @pytest.mark.parametrize("path", ["/test/verified-whoami", "/test/verified-whoami-async"])
    def test_it_is_the_linked_user_in_verified_views(
        self, frontend: FrontendClient, stack: Stack, path: str, alices_row: Any, alice: str
    ) -> None:
        answer = body(frontend.clone(stack=stack).get(path))

        assert (answer["pk"], answer["userId"]) == (str(alices_row.pk), alice)

    @pytest.mark.parametrize("path", ["/test/whoami", "/test/whoami-async", "/test/drf/open"])
    def test_nobody_is_anonymous(self, browser: FrontendClient, stack: Stack, path: str) -> None:
        assert body(FrontendClient(browser.mode, stack=stack).get(path)) == NOBODY

    @pytest.mark.parametrize("path", ["/test/whoami", "/test/whoami-async"])
    def test_an_expired_session_is_anonymous(self, clock: Clock, frontend: FrontendClient, path: str) -> None:
        clock.advance(3601)

        response = frontend.get(path)

        assert (response.status_code, body(response)) == (200, NOBODY)

    def test_it_is_not_loaded_until_it_is_read(self, frontend: FrontendClient) -> None:
        with sql_statements() as statements:
            frontend.get("/test/unverified")
            frontend.get("/test/sync")

        assert statements == []

    def test_it_costs_one_query_however_often_it_is_read(self, frontend: FrontendClient) -> None:
        with sql_budget(1):
            assert body(frontend.get("/test/whoami"))["authenticated"]

    def test_a_deactivated_user_is_anonymous(self, frontend: FrontendClient, alices_row: Any) -> None:
        alices_row.is_active = False
        alices_row.save()

        assert body(frontend.get("/test/whoami")) == NOBODY

    def test_a_deleted_user_is_anonymous(self, frontend: FrontendClient, alices_row: Any) -> None:
        alices_row.delete()

        assert body(frontend.get("/test/whoami")) == NOBODY

    def test_a_session_of_an_unknown_id_is_anonymous(self, browser: FrontendClient) -> None:
        browser.post("/test/login", {"userId": "service-account-17"})

        assert browser.is_signed_in
        assert body(browser.get("/test/whoami")) == NOBODY

    def test_an_unverified_view_has_no_session_attribute_forced_upon_it(
        self, frontend: FrontendClient
    ) -> None:
        assert_view_json(frontend.get("/test/unverified"), {"hasSession": False})


class TestLoginRequired:
    def test_it_lets_a_session_in(self, frontend: FrontendClient, stack: Stack, alices_row: Any) -> None:
        assert body(frontend.clone(stack=stack).get("/test/members"))["pk"] == str(alices_row.pk)

    def test_it_sends_others_to_the_login_page(self, browser: FrontendClient) -> None:
        response = browser.get("/test/members")

        assert response.status_code == 302
        assert response.headers["Location"] == "/test/sign-in-page?next=/test/members"


class TestPermissionRequired:
    def test_it_asks_the_linked_users_permissions(self, frontend: FrontendClient, alices_row: Any) -> None:
        assert frontend.get("/test/permitted").status_code == 403

        alices_row.user_permissions.add(Permission.objects.get(codename="view_group"))

        assert frontend.get("/test/permitted").status_code == 200
        assert FrontendClient(frontend.mode).get("/test/permitted").status_code == 403


class TestRestFramework:
    def test_is_authenticated_lets_a_session_in(
        self, frontend: FrontendClient, stack: Stack, alices_row: Any, alice: str
    ) -> None:
        for method in ("GET", "POST"):
            answer = body(frontend.clone(stack=stack).request(method, "/test/drf/authenticated"))
            assert (answer["pk"], answer["userId"]) == (str(alices_row.pk), alice)

    def test_nobody_is_told_how_to_authenticate(self, browser: FrontendClient) -> None:
        response = browser.get("/test/drf/authenticated")

        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert_session_is_untouched(response)

    def test_an_expired_token_is_a_401_that_the_frontend_answers_with_a_refresh(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        clock.advance(3601)

        response = frontend.get("/test/drf/authenticated")

        assert response.status_code == 401
        assert_session_is_untouched(response)
        frontend.refresh()
        assert frontend.get("/test/drf/authenticated").status_code == 200

    def test_the_status_code_is_that_of_the_settings(self, clock: Clock, frontend: FrontendClient) -> None:
        clock.advance(3601)
        with supertokens_settings(SESSION={"SESSION_EXPIRED_STATUS_CODE": 440}):
            assert frontend.get("/test/drf/authenticated").status_code == 440

    def test_a_cross_site_form_is_refused_where_anti_csrf_is_on(self, alice: str) -> None:
        with supertokens_settings(**TWO_SITES):
            browser = FrontendClient("cookie")
            browser.post("/test/login", {"userId": alice})
            assert browser.post("/test/drf/authenticated").status_code == 200
            response = browser.submit_cross_site_form("/test/drf/authenticated", {"a": "b"}, lax=False)

        assert response.status_code == 401


class TestBesideDjangosOwnSession:
    @pytest.fixture
    def staff(self, acme: None, db: None) -> Any:
        model: Any = get_user_model()
        return model.objects.create_superuser("staff", "staff@example.com", "staff password 1")

    @pytest.fixture
    def admins_browser(self, staff: Any) -> FrontendClient:
        """A browser with Django's own session of a member of staff."""
        django = Client()
        django.force_login(staff)
        browser = FrontendClient("cookie")
        browser.hold_cookie("sessionid", django.cookies["sessionid"].value)
        return browser

    def test_the_admin_works_with_it_alone(self, admins_browser: FrontendClient) -> None:
        assert admins_browser.get("/admin/").status_code == 200

    def test_the_admin_works_with_a_session_of_ours_beside_it(
        self, admins_browser: FrontendClient, alice: str, staff: Any
    ) -> None:
        admins_browser.post("/test/login", {"userId": alice})
        assert admins_browser.is_signed_in

        page: Any = admins_browser.get("/admin/")

        assert page.status_code == 200
        assert page.context["user"].pk == staff.pk

    def test_a_verified_view_has_the_user_of_the_verified_session(
        self, admins_browser: FrontendClient, alice: str, alices_row: Any
    ) -> None:
        admins_browser.post("/test/login", {"userId": alice})

        for path in ("/test/verified-whoami", "/test/verified-whoami-async"):
            assert body(admins_browser.get(path))["pk"] == str(alices_row.pk)

    def test_signing_out_of_ours_leaves_it_alone(self, admins_browser: FrontendClient, alice: str) -> None:
        admins_browser.post("/test/login", {"userId": alice})
        admins_browser.sign_out()

        assert admins_browser.get("/admin/").status_code == 200

    def test_logging_out_of_the_admin_leaves_ours_alone(
        self, admins_browser: FrontendClient, alice: str
    ) -> None:
        admins_browser.post("/test/login", {"userId": alice})
        admins_browser.post("/admin/logout/")

        assert admins_browser.get("/admin/").status_code == 302
        assert admins_browser.get("/test/checked").status_code == 200

    def test_a_session_of_ours_alone_opens_the_admin_to_staff_only(
        self, frontend: FrontendClient, alices_row: Any
    ) -> None:
        assert frontend.get("/admin/").status_code == 302
        alices_row.is_staff = True
        alices_row.save()
        assert frontend.get("/admin/").status_code == 200


@pytest.mark.django_db(transaction=True)
class TestDjangosSignals:
    def test_user_logged_in_and_out_are_sent_with_the_linked_user(
        self, alice: str, alices_row: Any, browser: FrontendClient
    ) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        heard: list[tuple[str, Any]] = []

        def on_login(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
            heard.append(("in", user.pk))

        def on_logout(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
            heard.append(("out", user.pk))

        user_logged_in.connect(on_login)
        user_logged_out.connect(on_logout)
        try:
            browser.sign_in(ALICE.email, ALICE.password)
            browser.refresh()
            browser.sign_out()
        finally:
            user_logged_in.disconnect(on_login)
            user_logged_out.disconnect(on_logout)

        assert heard == [("in", alices_row.pk), ("out", alices_row.pk)]

    def test_deactivating_a_user_ends_the_sessions(
        self, frontend: FrontendClient, alices_row: Any, alice: str
    ) -> None:
        alices_row.is_active = False
        alices_row.save()

        assert sessions.get_all_session_handles_for_user(alice) == []
        assert frontend.refresh().status_code == 401


def test_auser_is_the_same_for_the_whole_request(frontend: FrontendClient, alices_row: Any) -> None:
    from django.test import AsyncRequestFactory

    from supertokens_django.middleware import SuperTokensMiddleware

    seen: list[Any] = []

    async def view(request: Any) -> Any:
        from django.http import HttpResponse

        seen.extend([await request.auser(), await request.auser()])
        return HttpResponse()

    async def ask() -> None:
        request = AsyncRequestFactory().get("/", headers={"authorization": f"Bearer {frontend.access_token}"})
        await SuperTokensMiddleware(view)(request)

    async_to_sync(ask)()

    assert [user.pk for user in seen] == [alices_row.pk] * 2
    assert seen[0] is seen[1]


def test_the_jar_of_a_signed_out_browser_is_empty(alice: str) -> None:
    browser = FrontendClient("cookie")
    browser.post("/test/login", {"userId": alice})
    browser.sign_out()

    assert isinstance(browser.jar, CookieJar)
    assert list(browser.jar) == []
