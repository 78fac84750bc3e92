"""What the system checks say about passwordless login and e-mail verification."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from supertokens_django import conf
from supertokens_django.recipes.emailverification.conf import EmailVerificationConf
from supertokens_django.recipes.passwordless.conf import PasswordlessConf
from tests.checks.messages import numbers, the_only
from tests.checks.test_cors_and_cookies import project
from tests.checks.test_delivery import TWILIO
from tests.checks.test_deployment import PROXIED

CODES = {**PROXIED, **TWILIO, "RECIPES": ["passwordless"]}
VERIFYING = {**PROXIED, "RECIPES": ["emailpassword", "emailverification"]}


class TestPasswordless:
    @pytest.mark.parametrize("method", ["PHONE", "EMAIL_OR_PHONE"])
    def test_a_missing_package_is_told_with_its_extra(
        self, monkeypatch: pytest.MonkeyPatch, method: str
    ) -> None:
        monkeypatch.setitem(sys.modules, "phonenumbers", None)  # as import sees a package that is not there
        with project({**CODES, "PASSWORDLESS": {"CONTACT_METHOD": method}}):
            assert the_only() == (
                "supertokens_django.E006",
                "SUPERTOKENS['PASSWORDLESS']['CONTACT_METHOD'] needs the package phonenumbers, "
                "which is not installed.",
                'pip install "supertokens-django[passwordless]"',
            )

    def test_addresses_need_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "phonenumbers", None)
        with project({**CODES, "PASSWORDLESS": {"CONTACT_METHOD": "EMAIL"}}):
            assert numbers() == []

    @pytest.mark.parametrize("method", ["PHONE", "EMAIL_OR_PHONE"])
    def test_numbers_need_somebody_who_texts(self, method: str) -> None:
        with project({**PROXIED, "RECIPES": ["passwordless"], "PASSWORDLESS": {"CONTACT_METHOD": method}}):
            id_, text, _ = the_only()
        assert id_ == "supertokens_django.W081"
        assert text == "passwordless sends text messages, and SUPERTOKENS['SMS_BACKEND'] is not set."

    def test_addresses_do_not(self) -> None:
        with project({**PROXIED, "RECIPES": ["passwordless"], "PASSWORDLESS": {"CONTACT_METHOD": "EMAIL"}}):
            assert numbers() == []

    @pytest.mark.parametrize("name", ["CONTACT_METHOD", "FLOW_TYPE"])
    @pytest.mark.parametrize("value", ["PIGEON", "", None, 7, ["EMAIL"]])
    def test_what_there_is_not_is_told(self, name: str, value: Any) -> None:
        with project({**CODES, "PASSWORDLESS": {name: value}}):
            assert numbers() == ["E003"]
            with pytest.raises(ImproperlyConfigured, match=name):
                conf.section(PasswordlessConf)

    @pytest.mark.parametrize("value", [0, -1, timedelta(0), "soon"])
    def test_codes_live_for_some_time(self, value: Any) -> None:
        with project({**CODES, "PASSWORDLESS": {"CODE_LIFETIME": value}}):
            assert numbers() == ["E003"]

    @pytest.mark.parametrize("value", [0, -1, "five", 2.5])
    def test_there_is_one_try_at_least(self, value: Any) -> None:
        with project({**CODES, "PASSWORDLESS": {"MAX_CODE_INPUT_ATTEMPTS": value}}):
            assert numbers() == ["E003"]


class TestVerification:
    def test_the_mode_has_to_be_said(self) -> None:
        with project(VERIFYING):
            id_, text, hint = the_only()
        assert (id_, text) == (
            "supertokens_django.E001",
            "SUPERTOKENS['EMAILVERIFICATION']['MODE'] is missing.",
        )
        assert '"MODE": "REQUIRED"' in hint
        assert '"MODE": "OPTIONAL"' in hint

    def test_a_mode_that_there_is_not_is_told(self) -> None:
        with project({**VERIFYING, "EMAILVERIFICATION": {"MODE": "sometimes"}}):
            assert numbers() == ["E003"]
            with pytest.raises(ImproperlyConfigured, match="MODE"):
                conf.section(EmailVerificationConf)

    @pytest.mark.parametrize("value", [0, -1, "soon"])
    def test_links_live_for_some_time(self, value: Any) -> None:
        mode = {"MODE": "OPTIONAL", "EMAIL_VERIFICATION_TOKEN_LIFETIME": value}
        with project({**VERIFYING, "EMAILVERIFICATION": mode}):
            assert numbers() == ["E003"]

    @pytest.mark.parametrize("mode", ["REQUIRED", "OPTIONAL"])
    def test_a_good_one_has_no_message(self, mode: str) -> None:
        with project({**VERIFYING, "EMAILVERIFICATION": {"MODE": mode}}):
            assert numbers() == []

    def test_who_does_not_verify_says_nothing(self) -> None:
        with project(PROXIED):
            assert numbers() == []

    @pytest.mark.parametrize("endpoint", ["emailverification:token", "emailverification:verify"])
    def test_what_is_demanded_must_be_possible(self, endpoint: str) -> None:
        required: dict[str, Any] = {**VERIFYING, "DISABLED_ENDPOINTS": [endpoint]}
        with project({**required, "EMAILVERIFICATION": {"MODE": "REQUIRED"}}):
            id_, text, hint = the_only()
        assert (id_, text) == (
            "supertokens_django.W041",
            f"EMAILVERIFICATION['MODE'] is REQUIRED, and {endpoint} is in DISABLED_ENDPOINTS.",
        )
        assert "Enable it" in hint
        with project({**required, "EMAILVERIFICATION": {"MODE": "OPTIONAL"}}):
            assert numbers() == []
