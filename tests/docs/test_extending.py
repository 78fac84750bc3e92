"""The examples of docs/extending.md, over the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.core import mail
from django.http import HttpRequest

from supertokens_django.services import users
from tests.base import ALICE, BOB, PUBLIC, Clock, sign_up, supertokens_settings
from tests.client import FrontendClient, Mode, json_of, json_of_view
from tests.docs.conftest import ProjectOf
from tests.docs.project import PLAIN_URLS, Project, tables_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project(project_of: ProjectOf) -> Project:
    return project_of("docs/extending.md")


def general_error(text: str) -> dict[str, str]:
    return {"status": "GENERAL_ERROR", "message": text}


class TestInvitationOnly:
    REFUSED = general_error("You need an invitation to sign up.")

    @pytest.fixture(autouse=True)
    def stage(self, project: Project) -> Iterator[None]:
        with project.running(project.settings_with("FLOW_GATES"), ROOT_URLCONF=PLAIN_URLS):
            models = project.load("acme/models.py")
            with tables_of(models):
                self.invitations = models.Invitation.objects
                self.invitations.create(email="Alice@Example.com")
                yield

    def test_who_is_invited_signs_up_once(self, mode: Mode) -> None:
        assert json_of(FrontendClient(mode).sign_up(ALICE.email, ALICE.password))["status"] == "OK"
        assert self.invitations.get().used_at is not None
        users.delete_user(users.get_users_oldest_first(PUBLIC).users[0].id)
        assert json_of(FrontendClient(mode).sign_up(ALICE.email, ALICE.password)) == self.REFUSED

    def test_who_is_not_is_refused(self, mode: Mode) -> None:
        assert json_of(FrontendClient(mode).sign_up(BOB.email, BOB.password)) == self.REFUSED
        assert users.get_user_count() == 0

    def test_who_has_an_account_signs_in(self, mode: Mode) -> None:
        sign_up(BOB)
        assert json_of(FrontendClient(mode).sign_in(BOB.email, BOB.password))["status"] == "OK"

    def test_a_sign_up_that_fails_later_leaves_the_invitation_unused(self, mode: Mode) -> None:
        sign_up(ALICE)
        assert json_of(FrontendClient(mode).sign_up(ALICE.email, ALICE.password))["status"] == "FIELD_ERROR"
        assert self.invitations.get().used_at is None


class _SiteVerify(BaseHTTPRequestHandler):
    """A captcha service: ``solved`` is the solution."""

    def do_POST(self) -> None:
        question = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        right = question == {"secret": ["the secret key of your site"], "response": ["solved"]}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"success": right}).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def captcha_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _SiteVerify)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


class TestCaptcha:
    REFUSED = general_error("Please solve the captcha.")

    def running(self, project: Project, url: str) -> AbstractContextManager[Project]:
        settings = project.settings_with("CAPTCHA_URL")
        return project.running(settings, CAPTCHA_URL=url, ROOT_URLCONF=PLAIN_URLS)

    def answer(self, browser: FrontendClient, path: str, captcha: Any) -> Any:
        fields = {"email": ALICE.email, "password": ALICE.password}
        return json_of(browser.submit_form(path, fields, captcha=captcha))

    def test_only_who_solved_it_comes_in(self, project: Project, captcha_url: str, mode: Mode) -> None:
        browser = FrontendClient(mode)
        with self.running(project, captcha_url):
            for path in ("/signup", "/signin"):
                assert self.answer(browser, path, "guessed") == self.REFUSED
                assert self.answer(browser, path, ["solved"]) == self.REFUSED
                assert self.answer(browser, path, "solved")["status"] == "OK"
            assert json_of(browser.request_reset_token(ALICE.email)) == self.REFUSED
            assert json_of(browser.email_exists(ALICE.email)) == {"status": "OK", "exists": True}

    def test_a_service_that_is_down_lets_nobody_in(self, project: Project, mode: Mode) -> None:
        nobody_listens = "http://127.0.0.1:9/"
        with self.running(project, nobody_listens):
            answer = self.answer(FrontendClient(mode), "/signup", "solved")
        assert answer == general_error("The captcha could not be checked. Please try again.")


class TestTermsOfService:
    @pytest.fixture(autouse=True)
    def stage(self, project: Project) -> Iterator[None]:
        with project.running(project.settings_with("acme.accounts.Accounts"), ROOT_URLCONF=PLAIN_URLS):
            models = project.load("acme/models.py")
            with tables_of(models):
                self.accepted = models.AcceptedTerms.objects
                yield

    @pytest.mark.parametrize("terms", [{}, {"terms": False}, {"terms": "yes"}])
    def test_who_does_not_accept_has_no_account(self, mode: Mode, terms: dict[str, Any]) -> None:
        browser = FrontendClient(mode)
        answer = json_of(browser.sign_up(ALICE.email, ALICE.password, **terms))
        assert answer == general_error("Please accept our terms of service.")
        assert (users.get_user_count(), self.accepted.count(), browser.is_signed_in) == (0, 0, False)

    def test_who_accepts_has_one_and_that_is_kept(self, mode: Mode) -> None:
        browser = FrontendClient(mode)
        assert json_of(browser.sign_up(ALICE.email, ALICE.password, terms=True))["status"] == "OK"
        assert self.accepted.get().user_id == browser.user_id

    def test_sign_in_does_not_ask(self, mode: Mode) -> None:
        sign_up(ALICE)
        assert json_of(FrontendClient(mode).sign_in(ALICE.email, ALICE.password))["status"] == "OK"


def test_the_receiver_warns_of_a_theft(project: Project, clock: Clock, mode: Mode) -> None:
    with project.running(ROOT_URLCONF=PLAIN_URLS):
        browser = FrontendClient(mode)
        browser.sign_up(ALICE.email, ALICE.password)
        thief = browser.clone()
        browser.refresh()
        clock.advance(31)
        assert thief.refresh().status_code == 401
        (warning,) = mail.outbox
    assert (warning.subject, warning.to) == ("Was that you?", [ALICE.email])


def test_the_error_handlers_write_the_answer(project: Project, mode: Mode) -> None:
    with project.running(project.settings_with("ERROR_HANDLERS")):
        response = FrontendClient(mode).sign_out()
        assert (response.status_code, json_of_view(response)) == (401, {"error": "Please sign in."})


def test_an_own_url_answers_in_the_place_of_ours(project: Project, mode: Mode) -> None:
    with project.running():
        browser = FrontendClient(mode)
        answer = json_of_view(browser.sign_up(ALICE.email, ALICE.password))
        assert answer == general_error("Sign-up is closed today.")
        sign_up(ALICE)
        assert json_of(browser.sign_in(ALICE.email, ALICE.password))["status"] == "OK"


class Recorder:
    """Remembers which endpoints it was asked about."""

    asked: list[str]

    def check(self, endpoint: str, request: HttpRequest, data: dict[str, Any]) -> None:
        self.asked.append(endpoint)


class TestOwnRecipe:
    @pytest.fixture(autouse=True)
    def stage(self, project: Project) -> Iterator[None]:
        settings = project.settings_with("acme.profile.recipe.ProfileRecipe")
        with project.running(settings, ROOT_URLCONF=PLAIN_URLS):
            yield

    @pytest.fixture
    def member(self, mode: Mode) -> FrontendClient:
        browser = FrontendClient(mode)
        sign_up(ALICE)
        browser.sign_in(ALICE.email, ALICE.password)
        return browser

    @pytest.mark.parametrize("path", ["/auth/profile", "/auth/public/profile"])
    def test_its_endpoint_answers(self, member: FrontendClient, path: str) -> None:
        answer = json_of(member.get(path))
        assert (answer["status"], list(answer["profile"])) == ("OK", ["joined"])

    def test_its_endpoint_wants_a_session(self, mode: Mode) -> None:
        response = FrontendClient(mode).get("/auth/profile")
        assert (response.status_code, json_of(response)) == (401, {"message": "unauthorised"})

    def test_its_settings_count(self, member: FrontendClient) -> None:
        with supertokens_settings(PROFILE={"SHOW_EMAIL": True}):
            assert json_of(member.get("/auth/profile"))["profile"]["emails"] == [ALICE.email]

    def test_its_claim_is_in_every_new_session(self, member: FrontendClient) -> None:
        assert member.access_token_payload["language"]["v"] == "en"

    def test_guards_are_asked_about_it(self, member: FrontendClient) -> None:
        Recorder.asked = []
        with supertokens_settings(GUARDS=[Recorder]):
            member.get("/auth/profile")
        assert Recorder.asked == ["profile:show"]

    def test_it_does_not_switch_others_on(self, mode: Mode) -> None:
        with supertokens_settings(RECIPES=["acme.profile.recipe.ProfileRecipe"]):
            assert FrontendClient(mode).sign_in(ALICE.email, ALICE.password).status_code == 404
