"""What the system checks say about providers of third-party login."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.base import ONE_SITE
from tests.checks.messages import found, numbers, the_only
from tests.checks.test_cors_and_cookies import project

CLIENT: dict[str, Any] = {"client_id": "acme", "client_secret": "sesame"}
CUSTOM: dict[str, Any] = {
    "third_party_id": "custom",
    "oidc_discovery_endpoint": "https://id.example/.well-known/openid-configuration",
    "clients": [CLIENT],
}
AT = "SUPERTOKENS['THIRDPARTY']['PROVIDERS'][0]"


@contextmanager
def with_providers(*providers: Any, value: Any = None, **supertokens: Any) -> Iterator[None]:
    """A project with these providers, or whatever stands in their place."""
    chosen = {"RECIPES": ["thirdparty"], "THIRDPARTY": {"PROVIDERS": value or list(providers)}}
    with project({**ONE_SITE, **chosen, **supertokens}):
        yield


def test_a_complete_one_has_no_message() -> None:
    with with_providers(CUSTOM):
        assert numbers() == []


@pytest.mark.parametrize(
    ("change", "number", "text"),
    [
        ({"clients": [{}]}, "E001", "['clients'][0]['client_id'] is missing."),
        ({"thirdPartyId": "x"}, "E002", "['thirdPartyId'] is not a known setting."),
        (
            {"clients": [{**CLIENT, "clientSecret": "sesame"}]},
            "E002",
            "['clients'][0]['clientSecret'] is not a known setting.",
        ),
        (
            {"user_info_map": {"from_user_info_api": {"userId": "id"}}},
            "E002",
            "['user_info_map']['from_user_info_api']['userId'] is not a known setting.",
        ),
        ({"clients": "sesame"}, "E003", "['clients'] must be a list."),
        (
            {"clients": [CLIENT, CLIENT]},
            "E003",
            "['clients'][1]['client_type'] is missing: there are several clients.",
        ),
        (
            {"clients": [{**CLIENT, "client_type": "web"}] * 2},
            "E003",
            "['clients'][1]['client_type'] is that of another client, too.",
        ),
        (
            {"clients": [{**CLIENT, "scope": "openid"}]},
            "E003",
            "['clients'][0]['scope'] must be a list of strings.",
        ),
        (
            {"clients": [{**CLIENT, "client_secret": 7}]},
            "E003",
            "['clients'][0]['client_secret'] must be a non-empty string, a callable, or a reference such as "
            '{"env": "NAME"}.',
        ),
        (
            {"clients": [{**CLIENT, "force_pkce": "yes"}]},
            "E003",
            "['clients'][0]['force_pkce'] must be True or False.",
        ),
        (
            {"clients": [{**CLIENT, "additional_config": []}]},
            "E003",
            "['clients'][0]['additional_config'] must be a dict.",
        ),
        (
            {"token_endpoint": "id.example/token"},
            "E003",
            "['token_endpoint'] must be a URL such as 'https://provider.example/authorize'.",
        ),
        (
            {"user_info_endpoint_headers": {"x": 7}},
            "E003",
            "['user_info_endpoint_headers'] must be a dict of strings; None takes a parameter away.",
        ),
        (
            {"third_party_id": "x" * 29},
            "E003",
            "['third_party_id'] must have at most 28 characters: ASCII, without blanks and colons.",
        ),
        ({"require_email": 1}, "E003", "['require_email'] must be True or False."),
        (
            {"validate_access_token": "tests.nowhere"},
            "E004",
            "['validate_access_token'] names 'tests.nowhere', which cannot be imported "
            '(Module "tests" does not define a "nowhere" attribute/class).',
        ),
        ({"provider_class": "builtins.dict"}, "E003", "['provider_class'] must be a subclass of Provider."),
        (
            {
                "oidc_discovery_endpoint": None,
                "authorization_endpoint": "https://id.example/a",
                "user_info_endpoint": "https://id.example/u",
            },
            "E095",
            "['token_endpoint'] is missing.",
        ),
        (
            {"clients": [{"client_id": "4398792-abc"}]},
            "W096",
            "['clients'][0]['client_id'] is a client that SuperTokens has registered for trying out.",
        ),
        (
            {"clients": [{"client_id": "467101b197249757c71f"}]},
            "W096",
            "['clients'][0]['client_id'] is a client that SuperTokens has registered for trying out.",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(change: dict[str, Any], number: str, text: str) -> None:
    with with_providers({**CUSTOM, **change}):
        id, message, _ = the_only()
    assert (id, message) == (f"supertokens_django.{number}", AT + text)
    assert "sesame" not in message


def test_all_of_them_are_told_at_once() -> None:
    with with_providers({**CUSTOM, "clients": [{"scope": 7}], "name": 7}):
        assert numbers() == ["E001", "E003", "E003"]


def test_a_key_in_the_spelling_of_the_interface_is_recognised() -> None:
    with with_providers({**CUSTOM, "tokenEndpoint": "https://id.example"}):
        assert the_only()[2] == "Did you mean 'token_endpoint'?"


def test_no_two_may_have_one_id() -> None:
    with with_providers(CUSTOM, CUSTOM):
        _, text, _ = the_only()
    where = "SUPERTOKENS['THIRDPARTY']['PROVIDERS'][1]['third_party_id']"
    assert text == f"{where} is 'custom', as that of another provider."


@pytest.mark.parametrize("value", [{"google": {}}, "google", 7])
def test_they_are_a_list(value: Any) -> None:
    with with_providers(value=value):
        id, text, _ = the_only()
    # No value is quoted: a secret may stand at the wrong place.
    assert (id, text) == (
        "supertokens_django.E003",
        "SUPERTOKENS['THIRDPARTY']['PROVIDERS'] cannot have this value.",
    )


@pytest.mark.parametrize(
    ("third_party_id", "website", "is_refused"),
    [
        ("custom", "https://acme.com", False),
        ("custom", "http://localhost:3000", False),
        ("custom", "http://127.0.0.1:3000", False),
        ("custom", "http://acme.com", True),
        ("apple", "https://acme.com", False),
        ("apple", "http://localhost:3000", True),
        ("apple", "https://localhost:3000", True),
        ("apple", "http://acme.com", True),
    ],
)
def test_a_callback_that_the_provider_refuses_is_told(
    third_party_id: str, website: str, is_refused: bool
) -> None:
    keys = {"keyId": "k", "teamId": "t", "privateKey": {"env": "APPLE_KEY"}}
    config = {**CUSTOM, "third_party_id": third_party_id, "clients": [{**CLIENT, "additional_config": keys}]}
    with with_providers(config, WEBSITE_DOMAIN=website):
        messages = [message.msg for message in found() if str(message.id).endswith("W097")]
    callback = f"{website}/auth/callback/{third_party_id}"
    assert messages == ([f"{AT} sends nobody back to {callback}."] if is_refused else [])


@pytest.mark.parametrize("value", [None, ""])
def test_an_environment_variable_that_is_not_set_is_told(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.setenv("ACME_ID", "acme")
    monkeypatch.delenv("ACME_SECRET", raising=False)
    if value is not None:
        monkeypatch.setenv("ACME_SECRET", value)
    client = {"client_id": {"env": "ACME_ID"}, "client_secret": {"env": "ACME_SECRET"}}
    with with_providers({**CUSTOM, "clients": [client]}):
        assert the_only() == (
            "supertokens_django.W098",
            f"{AT}['clients'][0]['client_secret'] is the environment variable ACME_SECRET, which is not set.",
            "Set it where the project runs.",
        )
        at_deployment = [message for message in found(deploy=True) if str(message.id).endswith("W098")]
        assert len(at_deployment) == 1
        monkeypatch.setenv("ACME_SECRET", "sesame")
        assert numbers() == []


@pytest.mark.parametrize("module", ["authlib", "requests"])
def test_a_missing_package_is_told_with_its_extra(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # as import sees a package that is not there
    with with_providers(CUSTOM):
        assert the_only() == (
            "supertokens_django.E006",
            f"'thirdparty' in SUPERTOKENS['RECIPES'] needs the package {module}, which is not installed.",
            'pip install "supertokens-django[thirdparty]"',
        )


def test_while_the_recipe_is_off_nothing_is_looked_for() -> None:
    with with_providers({**CUSTOM, "oidc_discovery_endpoint": None}, RECIPES=["emailpassword"]):
        assert numbers() == []
