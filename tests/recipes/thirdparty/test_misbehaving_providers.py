"""Providers that are down, slow, lying, huge, or send the browser's data elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from supertokens_django.recipes.thirdparty import discovery
from tests.base import Clock, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.flow.rows import every_row
from tests.idp import faults, lies
from tests.idp.faults import Fault
from tests.idp.lies import Lie
from tests.idp.provider import IdentityProvider
from tests.recipes.thirdparty.dance import authorisation_url, code_of, configured, post, sign_in

pytestmark = pytest.mark.django_db

CALM = {
    "status": "GENERAL_ERROR",
    "message": "Signing in with Custom did not work. Please try again or use another way.",
}
FAULTS = {
    "down": faults.down,
    "server error": faults.server_error,
    "unavailable": faults.unavailable,
    "html": faults.html,
    "huge": faults.huge,
    "deep": faults.deep,
    "a list": faults.a_list,
    "empty": faults.empty,
    "forbidden": faults.forbidden,
    "redirect elsewhere": faults.redirect_elsewhere,
    "slow": faults.slow,
    "silent": faults.silent,
    "null": faults.answers(200, "null"),
    "a text": faults.answers(200, '"access_token"'),
    "an error": faults.oauth_error("server_error"),
    "an error that is no text": faults.answers(400, '{"error": {"a": 1}}'),
    "odd types": faults.answers(
        200, '{"access_token": {"a": 1}, "id_token": 7, "token_type": [], "expires_in": "never"}'
    ),
    "NUL": faults.answers(200, '{"access_token": "a\\u0000b", "sub": "\\u0000", "email": "a@b.de\\u0000"}'),
    "a huge number": faults.answers(200, '{"access_token": "x", "expires_in": 1e400}'),
    "a header in the token": faults.answers(200, '{"access_token": "a\\r\\nx: y"}'),
    "not UTF-8": faults.answers(200, '{"access_token": "\\ud800"}'),
}


@pytest.fixture(autouse=True)
def _impatient(oidc: IdentityProvider) -> Any:
    with supertokens_settings(OUTGOING={"TIMEOUT": 0.3, "DEADLINE": 0.5}):
        yield


def assert_refused(
    browser: FrontendClient, oidc: IdentityProvider, caplog: pytest.LogCaptureFixture, info: dict[str, Any]
) -> None:
    """The user reads a calm text, the project why; nothing is written, and no secret told."""
    before = every_row()
    caplog.clear()
    answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
    assert (answer.status_code, json_of(answer)) == (200, CALM)
    assert every_row() == before
    assert not browser.is_signed_in
    messages = [record.getMessage() for record in caplog.records if record.name == "supertokens_django"]
    assert len(messages) == 1
    assert messages[0].startswith("Third-party login with custom failed: ")
    secrets = [info["redirectURIQueryParams"]["code"], "acme-secret", *oidc.tokens]
    assert [secret for secret in secrets if secret in caplog.text] == []
    assert caplog.records[0].exc_info is None


@pytest.mark.parametrize("endpoint", ["token", "userinfo", "jwks"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_an_endpoint_that_fails_is_answered_calmly(
    oidc: IdentityProvider, caplog: pytest.LogCaptureFixture, endpoint: str, fault: Fault
) -> None:
    browser = FrontendClient("header")
    info = code_of(browser, oidc, oidc.add_account("865", "alice@example.com"))
    if endpoint == "userinfo" and fault in (
        faults.empty,
        FAULTS["a huge number"],
        FAULTS["a header in the token"],
    ):
        pass  # nothing is wrong with an answer that tells nothing: the ID token tells all
    oidc.fail(endpoint, fault)
    if endpoint == "userinfo" and "sub" not in _body_of(fault) and _is_an_object(fault):
        assert json_of(post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info}))["status"] == "OK"
        return
    assert_refused(browser, oidc, caplog, info)


OBJECTS = ("empty", "odd types", "a huge number", "a header in the token", "not UTF-8")


def _is_an_object(fault: Fault) -> bool:
    return any(FAULTS[name] is fault for name in OBJECTS)


def _body_of(fault: Fault) -> str:
    return "sub" if fault is FAULTS["NUL"] else ""


@pytest.mark.parametrize("fault", ["down", "html", "huge", "a list", "slow", "redirect elsewhere"])
def test_without_the_discovery_document_nobody_begins(oidc: IdentityProvider, fault: str) -> None:
    oidc.fail("discovery", FAULTS[fault])
    assert json_of(authorisation_url(FrontendClient("header"))) == CALM
    oidc.heal()
    assert json_of(authorisation_url(FrontendClient("header")))["status"] == "OK"


def test_a_discovery_document_puts_no_script_into_the_browser(oidc: IdentityProvider) -> None:
    script = '{"authorization_endpoint": "javascript:alert(1)"}'
    oidc.fail("discovery", faults.answers(200, script))
    assert json_of(authorisation_url(FrontendClient("header"))) == CALM


@pytest.mark.parametrize("lie", lies.ALL.values(), ids=lies.ALL)
def test_an_id_token_that_lies_is_not_believed(
    oidc: IdentityProvider, caplog: pytest.LogCaptureFixture, lie: Lie
) -> None:
    browser = FrontendClient("header")
    info = code_of(browser, oidc, oidc.add_account("865", "alice@example.com"))
    oidc.lie(lie)
    if lie is lies.no_subject:
        assert json_of(post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info}))["status"] == "OK"
        return  # the user info tells whose it is
    assert_refused(browser, oidc, caplog, info)


def test_two_tokens_must_speak_of_one_user(oidc: IdentityProvider, caplog: pytest.LogCaptureFixture) -> None:
    browser = FrontendClient("header")
    info = code_of(browser, oidc, oidc.add_account("865", "alice@example.com"))
    oidc.fail("userinfo", faults.answers(200, '{"sub": "666", "email": "mallory@example.com"}'))
    assert_refused(browser, oidc, caplog, info)
    assert "different users" in caplog.text


class TestKeys:
    def test_they_are_fetched_once(self, oidc: IdentityProvider) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        for _ in range(3):
            sign_in(FrontendClient("header"), oidc, alice)
        assert (len(oidc.asked("jwks")), len(oidc.asked("discovery"))) == (1, 1)

    @pytest.mark.parametrize("keep_old", [True, False])
    def test_a_new_one_is_fetched_when_it_signs(
        self, oidc: IdentityProvider, clock: Clock, keep_old: bool
    ) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        sign_in(FrontendClient("header"), oidc, alice)
        oidc.rotate_keys(keep_old=keep_old)
        clock.advance(discovery.SHORTEST_PAUSE)
        assert json_of(sign_in(FrontendClient("header"), oidc, alice))["status"] == "OK"
        assert len(oidc.asked("jwks")) == 2

    def test_unknown_ones_are_not_fetched_again_and_again(self, oidc: IdentityProvider, clock: Clock) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        sign_in(FrontendClient("header"), oidc, alice)
        clock.advance(discovery.SHORTEST_PAUSE)
        oidc.lie(lies.with_an_unknown_key_id)
        for _ in range(5):
            assert json_of(sign_in(FrontendClient("header"), oidc, alice)) == CALM
        assert len(oidc.asked("jwks")) == 2

    def test_those_of_an_hour_ago_are_fetched_anew(self, oidc: IdentityProvider, clock: Clock) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        sign_in(FrontendClient("header"), oidc, alice)
        clock.advance(discovery.LIFETIME)
        sign_in(FrontendClient("header"), oidc, alice)
        assert (len(oidc.asked("jwks")), len(oidc.asked("discovery"))) == (2, 2)

    def test_while_the_provider_stumbles_they_are_believed_for_a_day(
        self, oidc: IdentityProvider, clock: Clock
    ) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        sign_in(FrontendClient("header"), oidc, alice)
        for endpoint in ("jwks", "discovery"):
            oidc.fail(endpoint, faults.server_error)
        clock.advance(discovery.LONGEST_LIFETIME - 60)
        assert json_of(sign_in(FrontendClient("header"), oidc, alice))["status"] == "OK"
        clock.advance(60)
        assert json_of(authorisation_url(FrontendClient("header"))) == CALM


class TestTheProject:
    @pytest.mark.parametrize("name", ["validate_id_token_payload", "validate_access_token"])
    def test_it_may_refuse_a_token(
        self, oidc: IdentityProvider, caplog: pytest.LogCaptureFixture, name: str
    ) -> None:
        seen: list[Any] = []

        def refuse(value: Any, config: Any) -> None:
            seen.append((value, config.clients[0].client_id))
            raise ValueError("with a secret in its text")

        client = next(iter(oidc.clients.values()))
        browser = FrontendClient("header")
        with configured(oidc.settings(client, **{name: refuse})):
            info = code_of(browser, oidc, oidc.add_account("865", "alice@example.com"))
            assert_refused(browser, oidc, caplog, info)
        assert "with a secret" not in caplog.text
        ((value, client_id),) = seen
        assert client_id == "acme"
        assert value["sub"] == "865" if name == "validate_id_token_payload" else value in oidc.tokens

    def test_its_provider_class_may_break(
        self, oidc: IdentityProvider, caplog: pytest.LogCaptureFixture
    ) -> None:
        client = next(iter(oidc.clients.values()))
        browser = FrontendClient("header")
        with configured(oidc.settings(client, provider_class="tests.recipes.thirdparty.services.Clumsy")):
            info = code_of(browser, oidc, oidc.add_account("865", "alice@example.com"))
            answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
        assert json_of(answer)["status"] == "GENERAL_ERROR"
        assert "KeyError in " in caplog.text
        assert "services.py" in caplog.text
