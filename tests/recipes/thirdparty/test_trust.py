"""How long a provider is believed, and what the project has to say about its tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest

from supertokens_django import clock
from supertokens_django.http.outgoing import OutgoingError
from supertokens_django.recipes.thirdparty import discovery
from tests.client import FrontendClient, json_of
from tests.flow.rows import every_row
from tests.idp import faults, lies
from tests.idp.provider import IdentityProvider
from tests.recipes.thirdparty.dance import authorisation_url, code_of, configured, post, sign_in

pytestmark = pytest.mark.django_db

CALM = {
    "status": "GENERAL_ERROR",
    "message": "Signing in with Custom did not work. Please try again or use another way.",
}


@pytest.fixture
def uptime() -> Iterator[Callable[[float], None]]:
    """Lets seconds pass on the clock that nobody can set."""
    passed = [clock.monotonic()]

    def advance(seconds: float) -> None:
        passed[0] += seconds

    with patch.object(clock, "monotonic", lambda: passed[0]):
        yield advance


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


class TestKeys:
    def test_they_are_fetched_once(self, oidc: IdentityProvider) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        for _ in range(3):
            sign_in(FrontendClient("header"), oidc, alice)
        assert (len(oidc.asked("jwks")), len(oidc.asked("discovery"))) == (1, 1)

    def test_unknown_ones_are_not_fetched_again_and_again(
        self, oidc: IdentityProvider, uptime: Callable[[float], None]
    ) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        sign_in(FrontendClient("header"), oidc, alice)
        uptime(discovery.SHORTEST_PAUSE)
        oidc.lie(lies.with_an_unknown_key_id)
        for _ in range(5):
            assert json_of(sign_in(FrontendClient("header"), oidc, alice)) == CALM
        assert len(oidc.asked("jwks")) == 2

    def test_those_of_an_hour_ago_are_fetched_anew(
        self, oidc: IdentityProvider, uptime: Callable[[float], None]
    ) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        sign_in(FrontendClient("header"), oidc, alice)
        uptime(discovery.LIFETIME + 1)
        sign_in(FrontendClient("header"), oidc, alice)
        assert (len(oidc.asked("jwks")), len(oidc.asked("discovery"))) == (2, 2)

    def test_while_the_provider_stumbles_they_are_believed_for_a_day(
        self, oidc: IdentityProvider, uptime: Callable[[float], None]
    ) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        sign_in(FrontendClient("header"), oidc, alice)
        for endpoint in ("jwks", "discovery"):
            oidc.fail(endpoint, faults.server_error)
        uptime(discovery.LONGEST_LIFETIME - 60)
        assert json_of(sign_in(FrontendClient("header"), oidc, alice))["status"] == "OK"
        uptime(61)
        assert json_of(authorisation_url(FrontendClient("header"))) == CALM

    def test_nobody_waits_again_and_again_for_one_that_is_away(
        self, oidc: IdentityProvider, uptime: Callable[[float], None]
    ) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        sign_in(FrontendClient("header"), oidc, alice)
        for endpoint in ("jwks", "discovery"):
            oidc.fail(endpoint, faults.server_error)
        uptime(discovery.LIFETIME + 1)
        for _ in range(3):
            assert json_of(sign_in(FrontendClient("header"), oidc, alice))["status"] == "OK"
        assert (len(oidc.asked("jwks")), len(oidc.asked("discovery"))) == (2, 2)
        oidc.heal()
        uptime(discovery.PAUSE_AFTER_FAILURE + 1)
        sign_in(FrontendClient("header"), oidc, alice)
        assert (len(oidc.asked("jwks")), len(oidc.asked("discovery"))) == (3, 3)


class TestOneThatNeverAnswered:
    """There is nothing to go on with; yet not every visitor waits for it, nor is it asked by each."""

    def test_it_is_left_alone_for_a_few_seconds(
        self, oidc: IdentityProvider, uptime: Callable[[float], None]
    ) -> None:
        oidc.fail("discovery", faults.server_error)
        assert [json_of(authorisation_url(FrontendClient("header"))) for _ in range(4)] == [CALM] * 4
        assert len(oidc.asked("discovery")) == 1
        uptime(discovery.SHORTEST_PAUSE - 0.1)
        assert json_of(authorisation_url(FrontendClient("header"))) == CALM
        assert len(oidc.asked("discovery")) == 1
        uptime(0.1)
        assert json_of(authorisation_url(FrontendClient("header"))) == CALM
        assert len(oidc.asked("discovery")) == 2

    def test_and_asked_again_then(self, oidc: IdentityProvider, uptime: Callable[[float], None]) -> None:
        oidc.fail("discovery", faults.server_error)
        authorisation_url(FrontendClient("header"))
        oidc.heal()
        assert json_of(authorisation_url(FrontendClient("header"))) == CALM
        uptime(discovery.SHORTEST_PAUSE)
        assert json_of(authorisation_url(FrontendClient("header")))["status"] == "OK"

    def test_so_is_one_that_has_not_answered_for_a_day(
        self, oidc: IdentityProvider, uptime: Callable[[float], None]
    ) -> None:
        authorisation_url(FrontendClient("header"))
        oidc.fail("discovery", faults.server_error)
        uptime(discovery.LONGEST_LIFETIME)
        assert [json_of(authorisation_url(FrontendClient("header"))) for _ in range(3)] == [CALM] * 3
        assert len(oidc.asked("discovery")) == 2

    def test_so_are_its_keys(self, oidc: IdentityProvider, uptime: Callable[[float], None]) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        oidc.fail("jwks", faults.server_error)
        assert [json_of(sign_in(FrontendClient("header"), oidc, alice)) for _ in range(3)] == [CALM] * 3
        assert len(oidc.asked("jwks")) == 1
        oidc.heal()
        uptime(discovery.SHORTEST_PAUSE)
        assert json_of(sign_in(FrontendClient("header"), oidc, alice))["status"] == "OK"

    def test_the_log_says_the_same_each_time(
        self, oidc: IdentityProvider, uptime: Callable[[float], None], caplog: pytest.LogCaptureFixture
    ) -> None:
        oidc.fail("discovery", faults.server_error)
        for _ in range(3):
            authorisation_url(FrontendClient("header"))
        texts = [record.getMessage() for record in caplog.records if record.name == "supertokens_django"]
        assert len(texts) == 3
        assert texts == [texts[0]] * 3

    def test_what_is_remembered_has_a_bound(self, acme: None) -> None:
        """A tenant may write any URL into its provider's row."""
        for number in range(discovery.MOST_ENTRIES + 5):
            with pytest.raises(OutgoingError):
                discovery.document(f"ftp://{number}.example/")
        assert len(discovery._documents._failures) == discovery.MOST_ENTRIES


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
