"""What Django mails to ``ADMINS`` when the database fails half-way: nothing that signs anybody in."""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.db import DatabaseError, connection
from django.http import HttpResponseBase
from django.test import Client
from django.views.debug import ExceptionReporter

from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.services import thirdparty
from tests.accounts import make_superuser
from tests.base import ALICE, BOB, supertokens_settings
from tests.client import FrontendClient

PASSWORD = "correct horse battery staple 7"
RESET_TOKEN = "r" * 128


@contextmanager
def failing(pattern: str) -> Iterator[None]:
    """A database that fails at every statement that matches."""

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if re.search(pattern, sql):
            raise DatabaseError("The disk is full")
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield


def report_of(send: Callable[[], HttpResponseBase]) -> str:
    """The error report, with the variables of every frame, about the one error that ``send`` causes."""
    reports: list[str] = []

    def receive(sender: Any, request: Any = None, **kwargs: Any) -> None:
        reports.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_html())

    got_request_exception.connect(receive)
    try:
        assert send().status_code == 500
    finally:
        got_request_exception.disconnect(receive)
    (report,) = reports
    assert "The disk is full" in report
    return html.unescape(report)


def report_of_verb(call: Callable[[], Any]) -> str:
    """The same about an error in a verb of a service; of the frames of our code, as callers answer for their own."""
    try:
        call()
    except Exception:
        kind, error, place = sys.exc_info()
        while place is not None and "/supertokens_django/" not in place.tb_frame.f_code.co_filename:
            place = place.tb_next
        assert place is not None
        return html.unescape(ExceptionReporter(None, kind, error, place).get_traceback_html())
    raise AssertionError("there was no error")


@pytest.fixture
def browser(acme: None, alice: str, mode: Any) -> FrontendClient:
    browser = FrontendClient(mode, raise_request_exception=False)
    browser.sign_in(ALICE.email, ALICE.password)
    return browser


class TestOfTheApi:
    def test_it_has_no_password_of_a_sign_in(self, browser: FrontendClient) -> None:
        with failing("loginidentity"):
            assert PASSWORD not in report_of(lambda: browser.sign_in(ALICE.email, PASSWORD))

    def test_it_has_no_password_of_a_sign_up(self, browser: FrontendClient) -> None:
        with failing("INSERT"):
            assert PASSWORD not in report_of(lambda: browser.sign_up(BOB.email, PASSWORD))

    def test_it_has_no_password_and_no_token_of_a_reset(self, browser: FrontendClient) -> None:
        with failing("passwordresettoken"):
            report = report_of(lambda: browser.reset_password(RESET_TOKEN, PASSWORD))

        assert PASSWORD not in report
        assert RESET_TOKEN not in report

    def test_it_has_no_refresh_token(self, browser: FrontendClient) -> None:
        with failing("supertokens_django_session"):
            report = report_of(browser.refresh)

        assert (browser.refresh_token or "") not in report

    def test_it_has_no_access_token(self, browser: FrontendClient) -> None:
        with failing("supertokens_django_session"):
            report = report_of(browser.sign_out)

        assert (browser.access_token or "") not in report


class TestOfTheProjectsViews:
    def test_it_has_no_access_token_that_was_checked_against_the_database(
        self, browser: FrontendClient
    ) -> None:
        with failing("supertokens_django_session"):
            report = report_of(lambda: browser.get("/test/checked"))

        assert (browser.access_token or "") not in report

    @pytest.mark.parametrize("path", ["/test/sync", "/test/whoami"])
    def test_it_has_no_access_token_whose_key_is_looked_up(self, path: str, browser: FrontendClient) -> None:
        ring.forget()
        with failing("signingkey"):
            report = report_of(lambda: browser.get(path))

        assert (browser.access_token or "") not in report

    def test_it_has_no_refresh_token_where_a_view_refreshes(self, browser: FrontendClient) -> None:
        refresh_token = browser.refresh_token or ""
        bearer = {"authorization": f"Bearer {refresh_token}"}
        with failing("supertokens_django_session"):
            report = report_of(lambda: browser.post("/test/refreshing", headers=bearer))

        assert refresh_token not in report


class TestOfThePages:
    @pytest.fixture
    def form(self, alice: str) -> Iterator[Client]:
        with supertokens_settings(PAGES={"ENABLED": True}):
            yield Client(raise_request_exception=False)

    def test_it_has_no_password(self, form: Client) -> None:
        with failing("loginidentity"):
            report = report_of(
                lambda: form.post("/auth/", {"email": ALICE.email, "password": PASSWORD}, secure=True)
            )

        assert PASSWORD not in report

    def test_it_has_no_new_password(self, form: Client) -> None:
        path = f"/auth/reset-password?token={RESET_TOKEN}"
        with failing("passwordresettoken"):
            assert PASSWORD not in report_of(lambda: form.post(path, {"password": PASSWORD}, secure=True))


class TestOfProviders:
    SECRET = "sesame, open for Acme"
    KEY = "the private key of Acme"

    @pytest.fixture(autouse=True)
    def _recipe(self, acme: None, db: None) -> Iterator[None]:
        with supertokens_settings(RECIPES=["emailpassword", "thirdparty"]):
            yield

    def test_it_has_no_secret_that_staff_store(self) -> None:
        fields = {
            "tenant": "public",
            "third_party_id": "acme-id",
            "clients-TOTAL_FORMS": 1,
            "clients-INITIAL_FORMS": 0,
            "clients-0-client_id": "4711",
            "clients-0-new_secret": self.SECRET,
            "clients-0-new_additional_config": json.dumps({"privateKey": self.KEY}),
        }
        staff = Client(raise_request_exception=False)
        staff.force_login(make_superuser("root@acme.com"))
        with failing("INSERT.*thirdpartyprovider"):
            path = "/admin/supertokens_django/thirdpartyprovider/add/"
            report = report_of(lambda: staff.post(path, fields, secure=True))

        assert self.SECRET not in report
        assert self.KEY not in report

    def test_it_has_no_secret_that_code_stores(self) -> None:
        client = {
            "client_id": "4711",
            "client_secret": self.SECRET,
            "additional_config": {"privateKey": self.KEY},
        }
        config = {"third_party_id": "acme-id", "clients": [client]}
        with failing("INSERT.*thirdpartyprovider"):
            report = report_of_verb(lambda: thirdparty.create_or_update_third_party_config("public", config))

        assert self.SECRET not in report
        assert self.KEY not in report
