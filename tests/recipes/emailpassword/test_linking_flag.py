"""``shouldTryLinkingWithSessionUser``: what sign-up and sign-in do about a session that is there already."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from supertokens_django.services import session
from tests.base import ALICE, BOB, Clock
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import form

pytestmark = pytest.mark.django_db

KNOWN = ["3.1", "4.0", "4.2", None]
UNKNOWN = ["1.17", "1.18", "2.0", "3.0"]
PATHS = {"/auth/signup": BOB, "/auth/signin": ALICE}
paths = pytest.mark.parametrize("path", list(PATHS))


def post(browser: FrontendClient, path: str, version: str | None, **extra: Any) -> tuple[int, Any]:
    person = PATHS[path.replace("/auth/acme/", "/auth/")]
    body = {**form(password=person.password, email=person.email), **extra}
    headers = {"fdi-version": version}
    response = browser.call_recipe("POST", path, rid="emailpassword", json_body=body, headers=headers)
    return response.status_code, json_of(response)


@paths
@pytest.mark.parametrize("version", KNOWN)
class TestTrue:
    def test_it_needs_a_session(
        self, version: str | None, path: str, browser: FrontendClient, alice: str
    ) -> None:
        answer = post(browser, path, version, shouldTryLinkingWithSessionUser=True)
        assert answer == (401, {"message": "unauthorised"})
        assert not browser.is_signed_in

    def test_it_needs_a_session_that_is_not_expired(
        self, version: str | None, path: str, clock: Clock, browser: FrontendClient, alice: str
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        clock.advance(timedelta(hours=2))
        answer = post(browser, path, version, shouldTryLinkingWithSessionUser=True)
        assert answer == (401, {"message": "try refresh token"})

    def test_it_is_refused_while_accounts_are_not_linked(
        self, version: str | None, path: str, browser: FrontendClient, alice: str
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        handle = browser.session_handle
        status, body = post(browser, path, version, shouldTryLinkingWithSessionUser=True)
        assert status == 400
        assert list(body) == ["message"]
        assert "shouldDoAutomaticAccountLinking returned false" in body["message"]
        assert "shouldTryLinkingWithSessionUser is true" in body["message"]
        assert browser.session_handle == handle


@paths
@pytest.mark.parametrize("version", KNOWN)
@pytest.mark.parametrize("flag", [{}, {"shouldTryLinkingWithSessionUser": False}])
class TestFalseOrAbsent:
    def test_it_needs_no_session(
        self, flag: dict[str, bool], version: str | None, path: str, browser: FrontendClient, alice: str
    ) -> None:
        assert post(browser, path, version, **flag)[1]["status"] == "OK"

    def test_it_does_not_even_read_the_session(
        self,
        flag: dict[str, bool],
        version: str | None,
        path: str,
        clock: Clock,
        browser: FrontendClient,
        alice: str,
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        handle = browser.session_handle
        clock.advance(timedelta(hours=2))
        assert post(browser, path, version, **flag)[1]["status"] == "OK"
        assert browser.session_handle != handle

    def test_the_session_before_lives_on(
        self, flag: dict[str, bool], version: str | None, path: str, browser: FrontendClient, alice: str
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        handle = browser.session_handle
        post(browser, path, version, **flag)
        assert session.get_session_information(handle) is not None


@paths
@pytest.mark.parametrize("version", UNKNOWN)
class TestBeforeFdi31:
    @pytest.mark.parametrize("flag", [{}, {"shouldTryLinkingWithSessionUser": True}])
    def test_the_flag_is_not_known(
        self, flag: dict[str, bool], version: str, path: str, browser: FrontendClient, alice: str
    ) -> None:
        assert post(browser, path, version, **flag)[1]["status"] == "OK"

    def test_a_session_is_replaced_by_a_new_one(
        self, version: str, path: str, browser: FrontendClient, alice: str
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        handle = browser.session_handle
        status, body = post(browser, path, version)
        assert (status, body["status"], browser.user_id) == (200, "OK", body["user"]["id"])
        assert browser.session_handle != handle

    def test_an_expired_access_token_is_to_be_refreshed_first(
        self, version: str, path: str, clock: Clock, browser: FrontendClient, alice: str
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        clock.advance(timedelta(hours=2))
        assert post(browser, path, version) == (401, {"message": "try refresh token"})

    def test_the_tenant_of_the_session_replaces_that_of_the_url(
        self, version: str, path: str, browser: FrontendClient, alice: str, tenant_acme: str
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        acme_path = path.replace("/auth/", f"/auth/{tenant_acme}/")
        assert post(browser, acme_path, version)[1]["status"] == "OK"
        assert browser.access_token_payload["tId"] == "public"


@paths
@pytest.mark.parametrize("flag", ["true", 1, 0, [], {}, None, "", [True]])
def test_a_flag_that_is_no_boolean_never_breaks_it(
    flag: Any, path: str, browser: FrontendClient, alice: str
) -> None:
    status, _ = post(browser, path, "4.2", shouldTryLinkingWithSessionUser=flag)
    assert status in (200, 400, 401)
