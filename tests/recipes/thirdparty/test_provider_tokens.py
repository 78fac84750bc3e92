"""``get_provider_tokens``: kept encrypted, refreshed by one of many."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from supertokens_django import clock as app_clock
from supertokens_django.models import ProviderTokens
from supertokens_django.recipes.thirdparty import token_rows
from supertokens_django.recipes.thirdparty.exceptions import (
    ProviderFailure,
    ProviderTokensExpired,
    UnknownProvider,
    UnknownUserId,
)
from supertokens_django.services import thirdparty, users
from tests.base import BOB, Clock, sign_up, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.concurrency.crowd import at_once
from tests.flow.rows import every_row
from tests.idp import faults
from tests.idp.provider import IdentityProvider
from tests.recipes.thirdparty.dance import code_of, post, sign_in
from tests.security.test_error_reports import report_of_verb

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept(oidc: IdentityProvider) -> Iterator[None]:
    with supertokens_settings(THIRDPARTY={"STORE_TOKENS": True}):
        yield


@pytest.fixture
def alice(clock: Clock, oidc: IdentityProvider) -> str:
    browser = FrontendClient("header")
    sign_in(browser, oidc, oidc.add_account("865", "alice@example.com"))
    return browser.user_id


def test_they_are_those_of_the_last_sign_in(oidc: IdentityProvider, alice: str, clock: Clock) -> None:
    sign_in(FrontendClient("header"), oidc, oidc.accounts["865"])
    tokens = thirdparty.get_provider_tokens(alice)
    assert tokens == {
        "access_token": list(oidc.tokens)[-1],
        "scope": "openid email profile",
        "expires_at": app_clock.now() + timedelta(hours=1),
    }


async def test_the_async_twin_gives_the_same(oidc: IdentityProvider) -> None:
    with pytest.raises(UnknownUserId):
        await thirdparty.aget_provider_tokens("nobody")


def test_they_are_not_readable_in_the_database(oidc: IdentityProvider, alice: str) -> None:
    row = ProviderTokens.objects.values().get()
    secrets = [*oidc.tokens, *oidc.refreshable]
    assert len(secrets) == 2
    assert [secret for secret in secrets if secret in str(row)] == []
    assert [secret for secret in secrets if secret in repr(ProviderTokens.objects.get())] == []


def test_without_the_setting_none_are_kept(oidc: IdentityProvider) -> None:
    browser = FrontendClient("header")
    with supertokens_settings(THIRDPARTY={"STORE_TOKENS": False}):
        sign_in(browser, oidc, oidc.add_account("865", "alice@example.com"))
    assert not ProviderTokens.objects.exists()
    assert thirdparty.get_provider_tokens(browser.user_id) is None


@pytest.mark.parametrize("name", ["access_token", "refresh_token", "scope"])
@pytest.mark.parametrize("text", ["\x00", "\ud800", "a\r\nb", "\u00e4"])
def test_no_token_and_no_scope_looks_like_that(oidc: IdentityProvider, name: str, text: str) -> None:
    """No database stores all of these; they are not told apart, as no provider has any reason to send them."""
    account, browser = oidc.add_account("865", "alice@example.com"), FrontendClient("header")
    info = code_of(browser, oidc, account)
    good = oidc.issue(account, "acme", "openid email")
    if name == "access_token":
        good = {"id_token": good["id_token"]}
    before = every_row()
    oidc.fail("token", faults.answers(200, json.dumps({**good, name: text})))
    answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
    assert (answer.status_code, json_of(answer)["status"]) == (200, "GENERAL_ERROR")
    assert every_row() == before


def test_of_a_user_without_a_provider_there_are_none(oidc: IdentityProvider) -> None:
    for user_id in ("nobody", sign_up(BOB)):
        with pytest.raises(UnknownUserId):
            thirdparty.get_provider_tokens(user_id)


def test_they_go_with_the_user(oidc: IdentityProvider, alice: str) -> None:
    users.delete_user(alice)
    assert not ProviderTokens.objects.exists()


class TestRefresh:
    def test_one_that_is_about_to_expire_is_replaced(
        self, oidc: IdentityProvider, alice: str, clock: Clock
    ) -> None:
        before = thirdparty.get_provider_tokens(alice)
        clock.advance(3600 - 61)
        assert thirdparty.get_provider_tokens(alice) == before
        clock.advance(2)

        tokens = thirdparty.get_provider_tokens(alice)

        assert tokens is not None
        assert before is not None
        assert tokens["access_token"] in oidc.tokens
        assert tokens["access_token"] != before["access_token"]
        assert thirdparty.get_provider_tokens(alice) == tokens
        assert [asked.form["grant_type"] for asked in oidc.asked("token")] == [
            "authorization_code",
            "refresh_token",
        ]

    @pytest.mark.parametrize("rotates", [True, False])
    def test_it_works_again_and_again(
        self, oidc: IdentityProvider, alice: str, clock: Clock, rotates: bool
    ) -> None:
        oidc.rotates_refresh_tokens = rotates
        for _ in range(3):
            clock.advance(3600)
            assert thirdparty.get_provider_tokens(alice) is not None
        assert len(oidc.asked("token")) == 4

    def test_a_provider_that_is_down_is_told_and_asked_again(
        self, oidc: IdentityProvider, alice: str, clock: Clock
    ) -> None:
        clock.advance(3600)
        oidc.fail("token", faults.server_error)
        with pytest.raises(ProviderFailure):
            thirdparty.get_provider_tokens(alice)
        oidc.heal()
        assert thirdparty.get_provider_tokens(alice) is not None

    @pytest.mark.parametrize("lifetime", [60, 1, 0, -5])
    def test_one_that_lasts_no_minute_is_given_as_it_came(
        self, oidc: IdentityProvider, alice: str, clock: Clock, lifetime: int
    ) -> None:
        clock.advance(3600)
        short = {"access_token": "brief", "token_type": "Bearer", "expires_in": lifetime}
        oidc.fail("token", faults.answers(200, json.dumps(short)), times=1)
        tokens = thirdparty.get_provider_tokens(alice)
        assert tokens is not None
        assert tokens["access_token"] == "brief"
        assert len(oidc.asked("token")) == 2

    @pytest.mark.parametrize("answer", [{"id_token": "a.b.c"}, {"access_token": "", "id_token": "a.b.c"}])
    def test_an_answer_without_an_access_token_takes_nothing_away(
        self, oidc: IdentityProvider, alice: str, clock: Clock, answer: dict[str, str]
    ) -> None:
        clock.advance(3600)
        oidc.fail("token", faults.answers(200, json.dumps(answer)))
        with pytest.raises(ProviderFailure):
            thirdparty.get_provider_tokens(alice)
        oidc.heal()
        assert thirdparty.get_provider_tokens(alice) is not None

    @pytest.mark.parametrize("new", ["", None, 7])
    def test_without_another_refresh_token_the_old_one_stays(
        self, oidc: IdentityProvider, alice: str, clock: Clock, new: Any
    ) -> None:
        clock.advance(3600)
        answer = {"access_token": "x", "token_type": "Bearer", "expires_in": 3600, "refresh_token": new}
        oidc.fail("token", faults.answers(200, json.dumps(answer)))
        assert thirdparty.get_provider_tokens(alice) is not None
        oidc.heal()
        clock.advance(3600)
        assert thirdparty.get_provider_tokens(alice) is not None

    def test_an_error_report_has_no_secret_of_it(
        self, oidc: IdentityProvider, alice: str, clock: Clock
    ) -> None:
        clock.advance(3600)
        oidc.fail("token", faults.server_error)
        report = report_of_verb(lambda: thirdparty.get_provider_tokens(alice))
        secrets = ["acme-secret", *oidc.refreshable, *oidc.tokens]
        assert [secret for secret in secrets if secret in report] == []

    def test_a_grant_that_was_taken_back_is_over(
        self, oidc: IdentityProvider, alice: str, clock: Clock
    ) -> None:
        clock.advance(3600)
        oidc.fail("token", faults.oauth_error("invalid_grant"))
        with pytest.raises(ProviderTokensExpired):
            thirdparty.get_provider_tokens(alice)

    def test_without_a_refresh_token_the_user_has_to_come_again(
        self, oidc: IdentityProvider, alice: str, clock: Clock
    ) -> None:
        ProviderTokens.objects.update(refresh_token="")
        assert thirdparty.get_provider_tokens(alice) is not None
        clock.advance(3600)
        with pytest.raises(ProviderTokensExpired):
            thirdparty.get_provider_tokens(alice)

    def test_a_lease_of_somebody_who_died_ends(
        self, oidc: IdentityProvider, alice: str, clock: Clock
    ) -> None:
        clock.advance(3600)
        assert token_rows.take_lease(ProviderTokens.objects.get()) is not None
        assert token_rows.take_lease(ProviderTokens.objects.get()) is None
        clock.advance(token_rows.LEASE + timedelta(seconds=1))
        assert thirdparty.get_provider_tokens(alice) is not None

    def test_a_provider_that_is_gone_from_the_settings_is_told(
        self, oidc: IdentityProvider, alice: str, clock: Clock
    ) -> None:
        clock.advance(3600)
        with supertokens_settings(THIRDPARTY={"PROVIDERS": []}), pytest.raises(UnknownProvider):
            thirdparty.get_provider_tokens(alice)
        assert thirdparty.get_provider_tokens(alice) is not None


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def test_one_asks_the_provider_and_all_get_its_answer(self, oidc: IdentityProvider, alice: str) -> None:
        oidc.rotates_refresh_tokens = True  # a refresh token that is used twice is refused
        ProviderTokens.objects.update(expires_at=app_clock.now())

        found = at_once([lambda: thirdparty.get_provider_tokens(alice)] * 6)

        assert len({str(tokens) for tokens in found}) == 1
        assert len(oidc.asked("token")) == 2

    def test_no_lock_is_held_while_the_provider_is_asked(self, oidc: IdentityProvider, alice: str) -> None:
        ProviderTokens.objects.update(expires_at=app_clock.now())
        asked, may_answer = threading.Event(), threading.Event()

        def wait() -> Any:
            asked.set()
            may_answer.wait(10)
            return faults.server_error()

        oidc.fail("token", wait)
        done = threading.Thread(target=_refused, args=(alice,))
        done.start()
        assert asked.wait(10)
        try:
            # Another transaction writes the same row, and users, meanwhile.
            assert ProviderTokens.objects.update(scope="changed") == 1
            sign_in_is_possible = users.get_user(alice)
        finally:
            may_answer.set()
            done.join()
        assert sign_in_is_possible is not None


def _refused(user_id: str) -> None:
    try:
        thirdparty.get_provider_tokens(user_id)
    except ProviderFailure:
        logging.getLogger(__name__).debug("as it should be")
    finally:
        connection.close()
