"""What ``manage.py supertokens_doctor`` and the system checks keep to themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks import run_checks

from supertokens_django import conf
from supertokens_django.conf import Section, option
from supertokens_django.parsers import string
from supertokens_django.services import jwt
from tests.base import ONE_SITE, Clock, supertokens_settings
from tests.doctor.output import consult
from tests.doctor.test_doctor import deployed


@pytest.fixture
def vault() -> Iterator[None]:
    """A recipe of the project has a section with secrets, while the test runs."""

    class VaultConf(Section):
        KEY = "VAULT"

        token: str = option(string, help="What opens the vault of this recipe.", secret=True)
        spare: str | None = option(string, None, help="What opens it when the other is lost.", secret=True)

    yield
    conf.SECTIONS.pop(VaultConf.KEY)


@pytest.mark.django_db
class TestSecrets:
    @pytest.mark.parametrize("token", ["open sesame", ["open sesame"]])
    def test_they_are_masked(self, vault: None, token: object) -> None:
        with supertokens_settings(VAULT={"TOKEN": token}):
            text, _ = consult()
            as_json, _ = consult("--json")

        assert "  VAULT\n  * TOKEN = ********\n    SPARE = None\n" in text
        assert "sesame" not in text + as_json

    @pytest.mark.parametrize("options", [{"auth_token": "open sesame"}, "open sesame"])
    def test_so_are_those_of_a_gateway(self, options: object) -> None:
        backend = "supertokens_django.delivery.backends.twilio.SmsBackend"
        with supertokens_settings(SMS_BACKEND=backend, SMS_BACKEND_OPTIONS=options):
            text, _ = consult()
            as_json, _ = consult("--json")

        assert "  * SMS_BACKEND_OPTIONS = ********\n" in text
        assert "sesame" not in text + as_json

    def test_values_of_unknown_keys_are_not_told(self) -> None:
        with supertokens_settings(SESSION={"VAULT_TOKEN": "open sesame"}):
            text, code = consult()

        assert "  * VAULT_TOKEN: WRONG: is not a known setting.\n" in text
        assert "sesame" not in text
        assert code == 1

    @pytest.mark.parametrize(
        "setting",
        [
            {"SESSION": {"REVOCATION_CACHE": "redis://:open/sesame@cache.acme.com/0"}},
            {"GUARDS": ["x://a:sesame@b.c"]},
        ],
    )
    def test_passwords_in_urls_at_the_wrong_place_are_not_told(self, setting: dict[str, Any]) -> None:
        with supertokens_settings(**setting):
            text, code = consult()
            as_json, _ = consult("--json")
            told = "\n".join(message.msg for message in run_checks(tags=["security"]))

        assert "********" in text
        assert "********" in told
        assert "sesame" not in text + as_json + told
        assert code == 1

    def test_nor_those_in_errors(self) -> None:
        with supertokens_settings(GUARDS=["tests.doctor.unreachable.Guard"]):
            text, code = consult()
            as_json, _ = consult("--json")

        assert "cannot reach redis://********@cache.acme.com:6379/0" in " ".join(text.split())
        assert "sesame" not in text + as_json
        assert code == 1

    def test_neither_secret_key_nor_private_keys_are_told(self, clock: Clock) -> None:
        with deployed(ONE_SITE, SECRET_KEY="sesame " * 12):
            jwt.get_signing_kid()
            text, _ = consult()
            as_json, _ = consult("--json")

        assert "sesame" not in text + as_json
        assert "PRIVATE KEY" not in text + as_json
