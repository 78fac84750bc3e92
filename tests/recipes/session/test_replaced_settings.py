"""Settings that are replaced while everything runs: by a test, by a test server, by a script."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from http.client import HTTPConnection, HTTPResponse
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.http import HttpRequest
from pytest_django.live_server_helper import LiveServer

from supertokens_django.exceptions import GeneralError
from tests.assertions import CookieRules, assert_session_is_set
from tests.base import ALICE, Clock, supertokens_settings
from tests.client import FrontendClient

EXISTS = f"/auth/emailpassword/email/exists?email={ALICE.email}"


class TestReplacedAtRunTime:
    """A change holds from the next request on, in clients and servers that already run."""

    def test_every_option_that_shows_on_the_wire(self, clock: Clock, alice: str) -> None:
        browser = FrontendClient("cookie")
        assert_session_is_set(browser.post("/test/login", {"userId": alice}), "cookie")
        for domain in (".acme.com", "acme.com"):
            with supertokens_settings(SESSION={"COOKIE_DOMAIN": domain, "ANTI_CSRF": "VIA_TOKEN"}):
                response = browser.post("/test/login", {"userId": alice})
                assert_session_is_set(response, "cookie", rules=CookieRules(domain=domain), anti_csrf=True)
        assert_session_is_set(browser.post("/test/login", {"userId": alice}), "cookie")

    def test_the_status_code(self, browser: FrontendClient) -> None:
        for status in (401, 440, 419, 401):
            with supertokens_settings(SESSION={"SESSION_EXPIRED_STATUS_CODE": status}):
                assert browser.get("/test/sync").status_code == status

    def test_without_any_signal_that_settings_have_changed(self, alice: str) -> None:
        """As a test server or a script does it: the dict is replaced, and nobody is told."""
        from django.conf import settings

        browser, before = FrontendClient("cookie"), settings.SUPERTOKENS
        settings.SUPERTOKENS = {**before, "SESSION": {"SESSION_EXPIRED_STATUS_CODE": 440}}
        try:
            assert browser.get("/test/sync").status_code == 440
        finally:
            settings.SUPERTOKENS = before
        assert browser.get("/test/sync").status_code == 401


class Closed:
    """A guard that lets nobody in."""

    def check(self, endpoint: str, request: HttpRequest, data: dict[str, Any]) -> None:
        raise GeneralError("closed")


class Answer:
    """What a server has answered over a real connection."""

    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.status
        self.cookies = response.headers.get_all("set-cookie") or []
        self.front_token = response.headers["front-token"]
        body = response.read()
        self.json: Any = json.loads(body) if "json" in response.headers["content-type"] else None


@pytest.mark.django_db(transaction=True)
class TestInARunningServer:
    """A server with threads, and settings that are replaced in the process that it runs in."""

    @pytest.fixture(autouse=True)
    def server(self, acme: None, live_server: LiveServer) -> None:
        self.address = urlsplit(live_server.url).netloc

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        connection = HTTPConnection(self.address, timeout=20)
        try:
            connection.request(method, path, json.dumps(body or {}), {"st-auth-mode": "cookie", **headers})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def sign_up(self, email: str) -> Answer:
        form = [{"id": "email", "value": email}, {"id": "password", "value": ALICE.password}]
        return self.send("POST", "/auth/signup", {"formFields": form})

    def test_each_change_holds_from_the_next_request_on(self) -> None:
        changes: list[tuple[AbstractContextManager[Any], Callable[[], Any], Any]] = [
            (
                supertokens_settings(SESSION={"SESSION_EXPIRED_STATUS_CODE": 440}),
                lambda: self.send("GET", "/test/sync").status,
                (401, 440),
            ),
            (
                supertokens_settings(DISABLED_ENDPOINTS=["emailpassword:email_exists"]),
                lambda: self.send("GET", EXISTS).status,
                (200, 404),
            ),
            (supertokens_settings(RECIPES=[]), lambda: self.send("GET", EXISTS).status, (200, 404)),
            (
                supertokens_settings(GUARDS=[Closed]),
                lambda: self.send("GET", EXISTS).json["status"],
                ("OK", "GENERAL_ERROR"),
            ),
            (
                supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": [{"id": "nickname"}]}),
                lambda: len(self.send("POST", "/auth/signup").json["formFields"]),
                (2, 3),
            ),
            (
                supertokens_settings(
                    API_BASE_PATH="/auth", OPENID={"ISSUER": None}, API_DOMAIN="https://b.io"
                ),
                lambda: self.send("GET", "/auth/.well-known/openid-configuration").json["issuer"],
                ("https://api.acme.com/auth", "https://b.io/auth"),
            ),
        ]
        for change, look, (before, after) in changes:
            for _ in range(2):
                assert look() == before
                with change:
                    assert look() == after
            assert look() == before

    def test_cookies_follow(self) -> None:
        for number, domain in enumerate(("acme.com", ".acme.com", "api.acme.com", "acme.com")):
            with supertokens_settings(SESSION={"COOKIE_DOMAIN": domain}):
                cookies = self.sign_up(f"user{number}@example.com").cookies
            assert len(cookies) == 2
            assert all(f"domain={domain.lower()};" in cookie.lower() for cookie in cookies)

    def test_changes_under_load_mix_nothing_up(self) -> None:
        """While others ask all the time, every answer is of one of the two settings, and the next one of the new."""
        statuses, is_over = {401, 440}, Event()

        def ask() -> set[int]:
            seen = set()
            while not is_over.is_set():
                seen.add(self.send("GET", "/test/sync").status)
            connections.close_all()
            return seen

        with ThreadPoolExecutor(4) as crowd:
            asked = [crowd.submit(ask) for _ in range(4)]
            try:
                for status in [440, 401] * 15:
                    with supertokens_settings(SESSION={"SESSION_EXPIRED_STATUS_CODE": status}):
                        assert self.send("GET", "/test/sync").status == status
            finally:
                is_over.set()
        assert all(future.result() <= statuses for future in asked)
