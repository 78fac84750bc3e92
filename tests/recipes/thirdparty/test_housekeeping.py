"""What is kept of providers: encrypted anew, deleted in time, never told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from supertokens_django import clock as app_clock
from supertokens_django.models import ProviderTokens
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.recipes.thirdparty.exceptions import ProviderTokensExpired
from supertokens_django.services import thirdparty, users
from supertokens_django.users.models import LoginMethod
from tests.base import Clock, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.doctor.output import consult
from tests.idp.provider import IdentityProvider
from tests.recipes.thirdparty.dance import authorisation_url, post, sign_in

pytestmark = pytest.mark.django_db

OLD = settings.SECRET_KEY
NEW = "another secret key of at least fifty characters ####"
STORED = {
    "third_party_id": "stored",
    "clients": [{"client_id": "x", "client_secret": "sesame", "additional_config": {"keyId": "tahini"}}],
}


@pytest.fixture
def alice(clock: Clock, oidc: IdentityProvider) -> Iterator[str]:
    """Signed in by the provider, whose tokens are kept."""
    with supertokens_settings(THIRDPARTY={"STORE_TOKENS": True}):
        browser = FrontendClient("header")
        sign_in(browser, oidc, oidc.add_account("865", "alice@example.com"))
        thirdparty.create_or_update_third_party_config("public", STORED)
        yield browser.user_id


def test_a_new_secret_key_reads_what_is_encrypted_anew(alice: str) -> None:
    before = thirdparty.get_provider_tokens(alice)
    said = StringIO()
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        ring.forget()
        call_command("supertokens_reencrypt", stdout=said)
    assert said.getvalue().splitlines() == [
        "signing keys: 1 encrypted anew",
        "secrets of providers' clients: 1 encrypted anew",
        "further configurations of providers' clients: 1 encrypted anew",
        "access tokens of providers: 1 encrypted anew",
        "refresh tokens of providers: 1 encrypted anew",
    ]
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        assert thirdparty.get_provider_tokens(alice) == before
        (config,) = thirdparty.list_third_party_configs("public")
        assert config.clients[0].client_secret == "sesame"
        assert config.clients[0].additional_config == {"keyId": "tahini"}
    ring.forget()


def test_what_no_secret_key_reads_is_missed_where_it_is_needed(
    alice: str, caplog: pytest.LogCaptureFixture
) -> None:
    endpoints = {"authorization_endpoint": "https://id.example/a", "token_endpoint": "https://id.example/t"}
    thirdparty.create_or_update_third_party_config("public", {**STORED, **endpoints})
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        ring.forget()
        with pytest.raises(ProviderTokensExpired):
            thirdparty.get_provider_tokens(alice)
        assert [provider.third_party_id for provider in thirdparty.list_providers("public")] == ["stored"]
        begun = authorisation_url(FrontendClient("header"), "stored")
        info = {"redirectURIOnProviderDashboard": "https://acme.com", "redirectURIQueryParams": {"code": "x"}}
        ended = post(FrontendClient("header"), {"thirdPartyId": "stored", "redirectURIInfo": info})
    ring.forget()
    assert [json_of(answer)["status"] for answer in (begun, ended)] == ["OK", "GENERAL_ERROR"]
    assert "encrypted under another SECRET_KEY" in caplog.text


def test_without_the_recipe_its_packages_are_not_imported() -> None:
    """They take longer to import than all the rest."""
    code = (
        "import sys, django; django.setup(); from supertokens_django import services, urls; "
        "print([name for name in ('authlib', 'requests', 'urllib3') if name in sys.modules])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "example_project.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_tokens_that_nobody_can_use_any_more_are_cleaned_up(alice: str, clock: Clock) -> None:
    clock.advance(timedelta(days=1))
    call_command("supertokens_cleanup", stdout=StringIO())
    assert ProviderTokens.objects.count() == 1  # it can be refreshed
    ProviderTokens.objects.update(refresh_token="")
    call_command("supertokens_cleanup", stdout=StringIO())
    assert ProviderTokens.objects.count() == 0


def test_those_without_an_end_stay(alice: str, clock: Clock) -> None:
    ProviderTokens.objects.update(refresh_token="", expires_at=None)
    clock.advance(timedelta(days=1))
    call_command("supertokens_cleanup", stdout=StringIO())
    assert ProviderTokens.objects.count() == 1
    assert thirdparty.get_provider_tokens(alice) is not None


def test_the_doctor_tells_no_secret_of_a_provider(oidc: IdentityProvider) -> None:
    text, _ = consult()
    as_json, _ = consult("--json")
    assert "PROVIDERS = ********" in text
    assert "acme-secret" not in text + as_json


def test_a_user_is_found_by_the_provider(alice: str) -> None:
    for query in ({"provider": "custom"}, {"email": "alice"}):
        found = users.get_users_newest_first("public", query=query)
        assert [user.id for user in found.users] == [alice]
    assert users.get_user_count(["thirdparty"]) == 1
    assert app_clock.now() >= LoginMethod.objects.get().time_joined
