"""The examples of docs/recipes, over the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jwt
import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.test import RequestFactory
from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from supertokens_django.exceptions import InvalidClaimsError
from supertokens_django.services import emailpassword, emailverification
from supertokens_django.services import jwt as jwts
from supertokens_django.services import session as sessions
from supertokens_django.users.models import LoginMethod
from tests.base import ALICE, BOB, ONE_SITE, PUBLIC, Clock, sign_up, supertokens_settings
from tests.client import FrontendClient, Mode, json_of, json_of_view
from tests.docs.conftest import ProjectOf
from tests.docs.project import PLAIN_URLS, Project
from tests.docs.snippets import snippets_of
from tests.recipes.emailpassword.mailbox import Commit
from tests.websockets.communicator import WebsocketCommunicator

pytestmark = pytest.mark.django_db

urlpatterns: list[URLPattern | URLResolver] = []
"""Filled with the views of a page while a test runs."""


@contextmanager
def serving(project: Project, views: Mapping[str, str], settings: str = "") -> Iterator[None]:
    """The page's views by name, each under the path that is given for it."""
    from django.urls import include

    snippets = [project.settings_with(settings)] if settings else []
    with project.running(*snippets, ROOT_URLCONF=__name__):
        module = project.load("acme/views.py")
        urlpatterns[:] = [
            path("", include(PLAIN_URLS)),
            *(path(url, getattr(module, name)) for url, name in views.items()),
        ]
        yield
        urlpatterns.clear()


def signed_up(mode: Mode) -> FrontendClient:
    browser = FrontendClient(mode, enforce_csrf_checks=True)
    assert json_of(browser.sign_up(ALICE.email, ALICE.password))["status"] == "OK"
    return browser


class TestEmailPassword:
    @pytest.fixture
    def project(self, project_of: ProjectOf) -> Project:
        return project_of("docs/recipes/emailpassword.md")

    def errors(self, response: Any) -> Any:
        return {field["id"]: field["error"] for field in json_of(response)["formFields"]}

    def test_the_rules_are_asked(self, project: Project, mode: Mode) -> None:
        with project.running(project.settings_with("company_email")):
            browser = FrontendClient(mode)
            refused = browser.sign_up(ALICE.email, ALICE.password, nickname="A" * 21)
            assert self.errors(refused) == {
                "email": "Please use your address at acme.com",
                "nickname": "At most 20 characters, please",
            }
            assert json_of(browser.sign_up("alice@acme.com", ALICE.password))["status"] == "OK"

    def test_the_service_keeps_the_nickname(self, project: Project, mode: Mode) -> None:
        with project.running(project.settings_with("acme.accounts.Accounts")):
            FrontendClient(mode).sign_up(ALICE.email, ALICE.password, nickname="Al")
        assert get_user_model().objects.get().first_name == "Al"

    def test_who_has_an_account_can_be_kept_secret(self, project: Project, mode: Mode) -> None:
        with project.running(project.settings_with("DISABLED_ENDPOINTS")):
            browser = FrontendClient(mode)
            assert browser.email_exists(ALICE.email).status_code == 404
            assert browser.sign_up(ALICE.email, ALICE.password).status_code == 404

    @pytest.mark.parametrize(("settings", "status"), [("", 401), ("REVOKE_SESSIONS_ON_PASSWORD_RESET", 200)])
    def test_a_reset_signs_out_or_not(self, project: Project, mode: Mode, settings: str, status: int) -> None:
        with project.running(*([project.settings_with(settings)] if settings else [])):
            browser = signed_up(mode)
            token = emailpassword.create_reset_password_token(PUBLIC, browser.user_id, ALICE.email)
            assert json_of(browser.reset_password(token, BOB.password)) == {"status": "OK"}
            assert browser.refresh().status_code == status


class TestSession:
    VIEWS: Mapping[str, str] = {
        "like": "like",
        "front-page": "front_page",
        "delete-account": "delete_account",
        "plan": "choose_plan",
        "reports": "reports",
        "report": "report",
    }

    @pytest.fixture
    def project(self, project_of: ProjectOf) -> Project:
        return project_of("docs/recipes/session.md")

    @pytest.fixture
    def member(self, project: Project, mode: Mode) -> Iterator[FrontendClient]:
        with serving(project, self.VIEWS):
            yield signed_up(mode)

    def test_the_views_serve_a_member(self, member: FrontendClient) -> None:
        assert json_of_view(member.post("/like")) == {"likedBy": member.user_id}
        assert json_of_view(member.get("/front-page")) == {"signedIn": True}
        assert json_of_view(member.post("/delete-account")) == {"handle": member.session_handle}

    def test_a_visitor_sees_the_front_page_only(self, member: FrontendClient) -> None:
        visitor = FrontendClient(member.mode)
        assert json_of_view(visitor.get("/front-page")) == {"signedIn": False}
        assert json_of(visitor.post("/like")) == {"message": "unauthorised"}

    def test_the_plan_is_in_the_answers_token(self, member: FrontendClient) -> None:
        assert json_of_view(member.post("/plan"))["plan"] == "pro"
        assert member.access_token_payload["plan"] == "pro"

    @pytest.mark.parametrize("path", ["/reports", "/report"])
    def test_the_claim_is_fetched_and_demanded(self, member: FrontendClient, path: str) -> None:
        response = member.get(path)
        reason = {"message": "wrong value", "expectedValue": True, "actualValue": False}
        assert (response.status_code, json_of(response)) == (
            403,
            {"message": "invalid claim", "claimValidationErrors": [{"id": "staff", "reason": reason}]},
        )
        assert member.access_token_payload["staff"]["v"] is False

    @pytest.mark.parametrize("path", ["/reports", "/report"])
    def test_who_has_the_claim_passes(self, member: FrontendClient, path: str) -> None:
        get_user_model().objects.update(is_staff=True)
        assert member.get(path).status_code == 200

    def test_a_function_puts_plan_and_groups_into_every_session(self, project: Project, mode: Mode) -> None:
        with project.running(project.settings_with("acme.payload.payload_of_new_session")):
            browser = signed_up(mode)
            payload = browser.access_token_payload
            assert (payload["plan"], payload["groups"]) == ("free", [])
            get_user_model().objects.get().groups.create(name="authors")
            browser.sign_in(ALICE.email, ALICE.password)
            assert browser.access_token_payload["groups"] == ["authors"]

    def test_the_transfer_method_can_be_fixed(self, project: Project) -> None:
        with project.running(project.settings_with("acme.transfer.cookies_only")):
            response = FrontendClient("header").sign_up(ALICE.email, ALICE.password)
        assert set(response.cookies) == {"sAccessToken", "sRefreshToken"}

    def test_own_exposed_headers_stand_beside_ours(self, project: Project, mode: Mode) -> None:
        with project.running(project.settings_with("x-total-count")):
            response = FrontendClient(mode).request(
                "POST", "/auth/signup", json_body={}, headers={"origin": "https://acme.com"}
            )
        assert response.headers["access-control-expose-headers"] == (
            "x-total-count, front-token, anti-csrf, st-access-token, st-refresh-token"
        )


class _JwksClient:
    """``jwt.PyJWKClient`` without the network."""

    def get_signing_key_from_jwt(self, token: str) -> jwt.PyJWK:
        keys = jwt.PyJWKSet.from_dict(jwts.get_jwks())
        return keys[jwt.get_unverified_header(token)["kid"]]


def test_the_jwt_inside_the_session_is_handed_on(project_of: ProjectOf, mode: Mode) -> None:
    project = project_of("docs/recipes/jwt.md")
    with serving(project, {"token": "token_for_hasura"}, "PROPERTY_NAME_IN_ACCESS_TOKEN_PAYLOAD"):
        browser = signed_up(mode)
        token = json_of_view(browser.get("/token"))["token"]
        assert token == browser.access_token_payload["jwt"]
        key = _JwksClient().get_signing_key_from_jwt(token)
        claims = jwt.decode(token, key, algorithms=["RS256"], issuer="https://tunnel.example/auth")
    assert claims["sub"] == browser.user_id


def test_the_discovery_document_is_the_one_on_the_page(project_of: ProjectOf) -> None:
    import json

    from tests.docs.snippets import snippets_of

    page = "docs/recipes/openid.md"
    (shown,) = (json.loads(snippet.code) for snippet in snippets_of(page) if snippet.language == "json")
    project = project_of(page)
    with project.running():
        assert json_of(FrontendClient().get("/auth/.well-known/openid-configuration")) == shown
    with project.running(project.settings_with("acme.discovery.Discovery")):
        answer = json_of(FrontendClient().get("/auth/.well-known/openid-configuration"))
    assert answer == {**shown, "service_documentation": "https://acme.com/api"}


def test_the_origin_decides_on_the_link_in_the_mail(project_of: ProjectOf) -> None:
    project = project_of("docs/settings.md")
    with project.running(project.settings_with("acme.origins.origin")):
        user_id = sign_up(ALICE)
        link = emailpassword.create_reset_password_link(PUBLIC, user_id, ALICE.email)
    assert link.startswith("https://acme.com/auth/reset-password?token=")


def test_the_stage_is_that_of_the_other_tests() -> None:
    from tests.docs.project import QUICKSTART

    with supertokens_settings(**ONE_SITE):
        pass
    shared = {key: value for key, value in ONE_SITE.items() if key in QUICKSTART["SUPERTOKENS"]}
    assert QUICKSTART["SUPERTOKENS"].items() >= shared.items()


class TestAnonymousSessions:
    VIEWS: Mapping[str, str] = {"cart": "add_to_cart", "checkout": "checkout"}

    @pytest.fixture
    def project(self, project_of: ProjectOf) -> Project:
        return project_of("docs/recipes/session-anonymous.md")

    def add(self, browser: FrontendClient, article: str) -> Any:
        form = "application/x-www-form-urlencoded"
        response = browser.request("POST", "/cart", body=f"article={article}".encode(), content_type=form)
        return json_of_view(response)

    def test_the_cart_stays_and_becomes_the_users(self, project: Project, mode: Mode) -> None:
        with serving(project, self.VIEWS):
            browser = FrontendClient(mode, enforce_csrf_checks=True)
            assert self.add(browser, "hat") == {"cart": ["hat"], "signedIn": False}
            assert browser.post("/checkout").status_code == 403

            browser.sign_up(ALICE.email, ALICE.password)

            assert self.add(browser, "watch") == {"cart": ["hat", "watch"], "signedIn": True}
            assert json_of_view(browser.post("/checkout")) == {"buyer": browser.user_id}

    def test_the_receiver_moves_what_is_kept_elsewhere(
        self, project: Project, mode: Mode, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with serving(project, self.VIEWS):
            project.load("acme/receivers.py")
            browser = FrontendClient(mode)
            self.add(browser, "hat")
            cache.set(f"cart:{browser.user_id}", ["hat"])
            with django_capture_on_commit_callbacks(execute=True):
                browser.sign_up(ALICE.email, ALICE.password)
            assert cache.get(f"cart:{browser.user_id}") == ["hat"]

    def test_the_service_refuses_them_everywhere(self, project: Project, mode: Mode) -> None:
        with (
            serving(project, self.VIEWS),
            supertokens_settings(SESSION={"SERVICE_CLASS": "acme.sessions.Sessions"}),
        ):
            browser = FrontendClient(mode)
            self.add(browser, "hat")
            assert browser.post("/cart").status_code == 403


class TestSigningInAsAUser:
    VIEWS: Mapping[str, str] = {"as": "sign_in_as", "back": "back", "password": "change_password"}

    @pytest.fixture
    def project(self, project_of: ProjectOf) -> Project:
        return project_of("docs/recipes/session-impersonation.md")

    def post(self, browser: FrontendClient, path: str, **fields: str) -> Any:
        body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
        return browser.request("POST", path, body=body, content_type="application/x-www-form-urlencoded")

    def test_staff_goes_and_comes_back(self, project: Project, mode: Mode) -> None:
        with serving(project, self.VIEWS):
            alice = sign_up(ALICE)
            browser = FrontendClient(mode, enforce_csrf_checks=True)
            browser.sign_up(BOB.email, BOB.password)
            assert self.post(browser, "/as", user_id=alice, ticket="17").status_code == 403
            get_user_model().objects.filter(email=BOB.email).update(is_staff=True, is_superuser=True)

            assert json_of_view(self.post(browser, "/as", user_id=alice, ticket="17")) == {"userId": alice}
            assert browser.user_id == alice
            assert self.post(browser, "/password", password="x").status_code == 403
            assert json_of_view(self.post(browser, "/back")) == {"stopped": True}
            assert not browser.is_signed_in

    def test_the_user_in_person_may_change_the_password(self, project: Project, mode: Mode) -> None:
        with serving(project, self.VIEWS):
            browser = signed_up(mode)
            assert json_of_view(self.post(browser, "/password", password="x")) == {"status": "OK"}
            assert get_user_model().objects.get().check_password("x")


@pytest.mark.django_db(transaction=True)
async def test_the_chat_of_the_websocket_page(project_of: ProjectOf) -> None:
    project = await sync_to_async(project_of)("docs/recipes/session-websockets.md")
    with project.running():
        browser = await sync_to_async(signed_up)("header")
        application = project.load("acme/asgi.py").application
        headers = [(b"authorization", f"Bearer {browser.access_token}".encode())]
        stranger = WebsocketCommunicator(application, "/ws/chat")
        assert await stranger.connect(timeout=10) == (False, 4401)
        client = WebsocketCommunicator(application, "/ws/chat", headers)
        assert await client.connect(timeout=10) == (True, None)
        await client.send_json_to({"text": "hello"})
        said = await client.receive_json_from(timeout=10)
        assert said == {"from": browser.user_id, "staff": False, "text": "hello"}

        await sessions.arevoke_session(browser.session_handle)
        await client.send_json_to({"kind": "payment"})
        assert (await client.receive_output(timeout=10))["code"] == 4401
        await client.disconnect()


class TestEmailVerification:
    PAGE = "docs/recipes/emailverification.md"

    def test_views_say_who_may_come(self, project_of: ProjectOf, mode: Mode, clock: Clock) -> None:
        project = project_of(self.PAGE)
        first = next(iter(project.snippets_of_settings()))
        views = {"welcome": "welcome", "payout": "payout"}
        with serving(project, views, '"EMAILVERIFICATION": {"MODE": "REQUIRED"},'):
            assert '"MODE": "REQUIRED"' in first.code
            browser = signed_up(mode)
            assert json_of_view(browser.get("/welcome")) == {"isVerified": False}
            refused = browser.get("/payout")
            (shown,) = [s.code for s in snippets_of(self.PAGE) if s.language == "json"]
            assert (refused.status_code, json_of(refused)) == (403, json.loads(shown))
            emailverification.mark_email_verified(browser.user_id)
            clock.advance(11)
            assert browser.get("/payout").status_code == 200
            assert json_of_view(browser.get("/welcome")) == {"isVerified": True}

    def test_the_view_of_rest_framework(self, project_of: ProjectOf, clock: Clock) -> None:
        project = project_of(self.PAGE)
        with project.running(project.settings_with('"EMAILVERIFICATION": {"MODE": "REQUIRED"},')):
            view = project.load("acme/api.py").Orders.as_view()
            browser = signed_up("header")
            request = RequestFactory().get("/", headers={"authorization": f"Bearer {browser.access_token}"})
            with pytest.raises(InvalidClaimsError):
                view(request)

    def test_an_address_is_changed(
        self, project_of: ProjectOf, django_capture_on_commit_callbacks: Commit
    ) -> None:
        project = project_of(self.PAGE)
        with project.running(project.settings_with('"EMAILVERIFICATION": {"MODE": "REQUIRED"},')):
            view = project.load("acme/profile.py").change_email
            user_id = sign_up(ALICE)
            emailverification.mark_email_verified(user_id)
            made = sessions.create_new_session_without_request_response(PUBLIC, user_id)
            form = {"old": ALICE.email, "password": ALICE.password, "new": BOB.email}
            bearer = {"authorization": f"Bearer {made.get_access_token()}"}
            with django_capture_on_commit_callbacks(execute=True):
                response = view(RequestFactory().post("/", form, headers=bearer))
            assert json_of_view(response) == {"status": "OK"}
            assert [message.to for message in mail.outbox] == [[BOB.email]]

    def test_a_stolen_session_and_a_password_of_their_own_take_no_account(
        self, project_of: ProjectOf, django_capture_on_commit_callbacks: Commit
    ) -> None:
        project, new = project_of(self.PAGE), "rabbit@example.com"
        with project.running(project.settings_with('"EMAILVERIFICATION": {"MODE": "REQUIRED"},')):
            view = project.load("acme/profile.py").change_email
            victim, thief = sign_up(ALICE), sign_up(BOB)
            emailverification.mark_email_verified(victim)
            stolen = sessions.create_new_session_without_request_response(PUBLIC, victim)
            form = {"old": BOB.email, "password": BOB.password, "new": new}
            with django_capture_on_commit_callbacks(execute=True):
                view(
                    RequestFactory().post(
                        "/", form, headers={"authorization": f"Bearer {stolen.get_access_token()}"}
                    )
                )
            token = re.findall(r"token=([\w-]+)", str(mail.outbox[-1].body))[0]
            emailverification.verify_email_using_token(PUBLIC, token)
            emails = LoginMethod.objects.values_list("user_id", "email")
            assert dict(emails) == {victim: ALICE.email, thief: new}

    def test_users_of_the_project_s_own(self, project_of: ProjectOf) -> None:
        project = project_of(self.PAGE)
        with project.running(project.settings_with("GET_EMAIL_FOR_RECIPE_USER_ID")):
            assert emailverification.get_email_for_recipe_user_id("robot-1") == "robots@acme.com"
            assert emailverification.is_email_verified("robot-2")
            assert not emailverification.is_email_verified("robot-1")
