"""Providers that are stored for a tenant, and how they meet those of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from supertokens_django.exceptions import BadInputError, UnknownTenantError
from supertokens_django.models import ThirdPartyProvider, ThirdPartyProviderClient
from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.recipes.thirdparty.configuration import UserFields, UserInfoMap
from supertokens_django.services import thirdparty
from tests.base import supertokens_settings
from tests.client import FrontendClient, json_of
from tests.idp.provider import IdentityProvider
from tests.recipes.thirdparty.dance import LOOPBACK, sign_in

pytestmark = pytest.mark.django_db

SECRETS = ["sesame", "BEGIN PRIVATE"]


def check(value: Any, config: Any) -> None:
    """A function of the settings."""


STATIC: dict[str, Any] = {
    "third_party_id": "custom",
    "name": "Of the settings",
    "authorization_endpoint": "https://id.example/authorize",
    "token_endpoint": "https://id.example/token",
    "user_info_map": {"from_user_info_api": {"user_id": "id", "email": "mail"}},
    "require_email": False,
    "validate_access_token": check,
    "clients": [
        {"client_id": "static-web", "client_secret": "x", "client_type": "web"},
        {"client_id": "static-ios", "client_type": "ios"},
    ],
}
OTHER: dict[str, Any] = {
    **STATIC,
    "third_party_id": "other",
    "include_in_non_public_tenants_by_default": True,
}
STORED: dict[str, Any] = {
    "third_party_id": " custom ",
    "token_endpoint": "https://id.example/other-token",
    "authorization_endpoint_query_params": {"a": "b", "c": None},
    "user_info_map": {"from_user_info_api": {"email": "e.mail"}, "from_id_token_payload": {"user_id": "oid"}},
    "require_email": True,
    "clients": [
        {
            "client_id": "stored-web",
            "client_secret": "sesame",
            "client_type": "web",
            "scope": ["email"],
            "force_pkce": True,
            "additional_config": {"privateKey": "BEGIN PRIVATE", "n": 7},
        },
        {"client_id": "stored-android", "client_type": "android"},
    ],
}


@pytest.fixture(autouse=True)
def _stage(acme: None) -> Iterator[None]:
    Tenant.objects.create(id="acme")
    with supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": [STATIC, OTHER]}):
        yield


def ids(tenant_id: str) -> list[str]:
    return [config.third_party_id for config in thirdparty.list_provider_configs(tenant_id)]


class TestWhichThereAre:
    def test_without_stored_ones_public_has_all_of_the_settings(self) -> None:
        assert ids("public") == ["custom", "other"]

    def test_and_another_tenant_those_that_are_meant_for_it(self) -> None:
        assert ids("acme") == ["other"]

    @pytest.mark.parametrize("tenant_id", ["public", "acme"])
    def test_with_stored_ones_there_are_no_others(self, tenant_id: str) -> None:
        thirdparty.create_or_update_third_party_config(tenant_id, {**STORED, "third_party_id": "third"})
        assert ids(tenant_id) == ["third"]
        assert ids({"public": "acme", "acme": "public"}[tenant_id]) != ["third"]

    def test_deleting_the_last_one_brings_the_others_back(self) -> None:
        thirdparty.create_or_update_third_party_config("public", STORED)
        assert ids("public") == ["custom"]
        assert thirdparty.delete_third_party_config("public", "custom") is True
        assert thirdparty.delete_third_party_config("public", "custom") is False
        assert ids("public") == ["custom", "other"]

    def test_they_go_with_their_tenant(self) -> None:
        thirdparty.create_or_update_third_party_config("acme", STORED)
        Tenant.objects.get(id="acme").delete()
        assert not ThirdPartyProviderClient.objects.exists()

    @pytest.mark.parametrize(
        "call",
        [
            lambda: thirdparty.list_provider_configs("nobody"),
            lambda: thirdparty.list_third_party_configs("nobody"),
            lambda: thirdparty.get_provider("nobody", "custom"),
            lambda: thirdparty.create_or_update_third_party_config("nobody", STORED),
            lambda: thirdparty.delete_third_party_config("nobody", "custom"),
        ],
    )
    def test_an_unknown_tenant_is_told(self, call: Any) -> None:
        with pytest.raises(UnknownTenantError):
            call()


class TestMerging:
    @pytest.fixture
    def merged(self) -> Any:
        assert thirdparty.create_or_update_third_party_config("public", STORED) is True
        (config,) = thirdparty.list_provider_configs("public")
        return config

    def test_what_is_stored_counts_where_it_says_something(self, merged: Any) -> None:
        assert (merged.name, merged.authorization_endpoint) == (
            "Of the settings",
            STATIC["authorization_endpoint"],
        )
        assert merged.token_endpoint == "https://id.example/other-token"
        assert merged.authorization_endpoint_query_params == {"a": "b", "c": None}

    def test_the_user_info_map_is_completed_leaf_by_leaf(self, merged: Any) -> None:
        assert merged.user_info_map == UserInfoMap(UserFields("oid"), UserFields("id", "e.mail"))

    def test_clients_take_the_place_of_those_of_their_type(self, merged: Any) -> None:
        assert [(client.client_type, client.client_id) for client in merged.clients] == [
            ("web", "stored-web"),
            ("ios", "static-ios"),
            ("android", "stored-android"),
        ]

    def test_require_email_and_code_come_from_the_settings(self, merged: Any) -> None:
        assert (merged.require_email, merged.validate_access_token) == (False, check)

    def test_one_that_the_settings_do_not_know_stands_alone(self) -> None:
        thirdparty.create_or_update_third_party_config("public", {**STORED, "third_party_id": "third"})
        (config,) = thirdparty.list_provider_configs("public")
        assert (config.name, config.require_email, len(config.clients)) == (None, True, 2)
        provider = thirdparty.get_provider("public", "third", "web")
        assert provider is not None
        assert provider.display_name == "third"
        assert provider.config.user_info_map == UserInfoMap(
            UserFields("oid", "email", "email_verified"), UserFields("sub", "e.mail", "email_verified")
        )


class TestStoring:
    def test_it_comes_out_as_it_went_in(self) -> None:
        thirdparty.create_or_update_third_party_config("acme", STORED)
        (config,) = thirdparty.list_third_party_configs("acme")
        web, android = config.clients
        assert (web.client_secret, web.scope, web.force_pkce) == ("sesame", ("email",), True)
        assert web.additional_config == {"privateKey": "BEGIN PRIVATE", "n": 7}
        assert (android.client_secret, android.scope, android.force_pkce) == (None, None, None)
        assert config.require_email is True
        # And what comes out may go in again.
        assert thirdparty.create_or_update_third_party_config("acme", config) is False
        assert thirdparty.list_third_party_configs("acme") == [config]

    def test_secrets_are_not_readable(self) -> None:
        thirdparty.create_or_update_third_party_config("acme", STORED)
        rows = [*ThirdPartyProvider.objects.values(), *ThirdPartyProviderClient.objects.values()]
        (config,) = thirdparty.list_third_party_configs("acme")
        shown = f"{rows} {config!r} {thirdparty.get_provider('acme', 'custom', 'web')!r}"
        assert [secret for secret in SECRETS if secret in shown] == []

    def test_storing_it_again_replaces_it(self) -> None:
        thirdparty.create_or_update_third_party_config("acme", STORED)
        small = {"third_party_id": "custom", "clients": [{"client_id": "x"}]}
        assert thirdparty.create_or_update_third_party_config("acme", small) is False
        (config,) = thirdparty.list_third_party_configs("acme")
        assert (config.token_endpoint, [client.client_id for client in config.clients]) == (None, ["x"])

    async def test_the_async_twins_do_the_same(self) -> None:
        assert await thirdparty.acreate_or_update_third_party_config("acme", STORED) is True
        assert [config.third_party_id for config in await thirdparty.alist_provider_configs("acme")] == [
            "custom"
        ]
        assert len(await thirdparty.alist_third_party_configs("acme")) == 1
        provider = await thirdparty.aget_provider("acme", "custom", "web")
        assert provider is not None
        assert len(await thirdparty.alist_providers("acme", "web")) == 1
        assert await thirdparty.adelete_third_party_config("acme", "custom") is True

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            ({"third_party_id": ""}, "config['third_party_id']: must be a non-empty string."),
            ({"third_party_id": " "}, "config['third_party_id']: must be a non-empty string."),
            (
                {"clients": [{"client_id": None}]},
                "config['clients'][0]['client_id']: must be a non-empty string, ",
            ),
            (
                {"clients": [{"client_id": "x"}, {"client_id": "y"}]},
                "config['clients'][1]['client_type']: is missing: there are several clients.",
            ),
            (
                {"clients": [{"client_id": "x", "client_type": "a"}, {"client_id": "y", "client_type": "a"}]},
                "config['clients'][1]['client_type']: is that of another client, too.",
            ),
            (
                {"clients": [{"client_id": "x", "scope": ["a", None]}]},
                "config['clients'][0]['scope']: must be a list of strings.",
            ),
            (
                {"validate_access_token": check},
                "validate_access_token can be configured in the settings only",
            ),
            (
                {
                    "third_party_id": "apple",
                    "clients": [{"client_id": "x", "additional_config": {"keyId": "k"}}],
                },
                "config['clients'][0]['additional_config']['teamId'] must be a non-empty string",
            ),
            (
                {
                    "third_party_id": "google-workspaces",
                    "clients": [{"client_id": "x", "additional_config": {"hd": ""}}],
                },
                "config['clients'][0]['additional_config']['hd'] must be a non-empty string",
            ),
            (
                {
                    "third_party_id": "boxy-saml",
                    "clients": [{"client_id": "x", "additional_config": {"boxyURL": 7}}],
                },
                "config['clients'][0]['additional_config']['boxyURL'] must be a non-empty string",
            ),
        ],
    )
    def test_what_the_core_refuses_is_refused(self, change: dict[str, Any], text: str) -> None:
        with pytest.raises(BadInputError) as refused:
            thirdparty.create_or_update_third_party_config("acme", {**STORED, **change})
        assert refused.value.message.startswith(text)
        assert "sesame" not in refused.value.message
        assert not ThirdPartyProvider.objects.exists()

    @pytest.mark.parametrize("config", [{}, [], None, 7])
    def test_so_is_what_is_none(self, config: Any) -> None:
        with pytest.raises(BadInputError):
            thirdparty.create_or_update_third_party_config("acme", config)


def test_somebody_signs_in_with_a_stored_one(oidc: IdentityProvider, browser: FrontendClient) -> None:
    settings = oidc.settings(next(iter(oidc.clients.values())))
    with supertokens_settings(THIRDPARTY={"PROVIDERS": []}):
        thirdparty.create_or_update_third_party_config("acme", settings)
        answer = sign_in(browser, oidc, oidc.add_account("865", "alice@example.com"), tenant="acme")
    assert json_of(answer)["status"] == "OK"


class TestButtons:
    def test_those_without_the_client_are_left_out(self) -> None:
        assert thirdparty.list_providers("public") == []
        found = thirdparty.list_providers("public", "web")
        assert [(provider.third_party_id, provider.display_name) for provider in found] == [
            ("custom", "Of the settings"),
            ("other", "Of the settings"),
        ]


class TestManually:
    def test_it_makes_a_user_and_updates_it(self) -> None:
        method, is_new = thirdparty.manually_create_or_update_user("public", "custom", "865", "A@b.de", False)
        assert (method.email, is_new) == ("a@b.de", True)
        again, is_new = thirdparty.manually_create_or_update_user("public", "custom", "865", "c@d.de", True)
        assert (again.pk, again.email, is_new) == (method.pk, "c@d.de", False)

    async def test_the_async_twin_does_too(self) -> None:
        args = ("public", "custom", "865", "a@b.de", True)
        assert (await thirdparty.amanually_create_or_update_user(*args))[1] is True

    @pytest.mark.parametrize(
        "args",
        [
            ("", "865", "a@b.de"),
            ("x" * 29, "865", "a@b.de"),
            ("custom", "", "a@b.de"),
            ("custom", "8" * 257, "a@b.de"),
            ("custom", "8\x00", "a@b.de"),
            ("custom", "865", ""),
            ("custom", "865", "a" * 256),
            ("custom", "865", "a\x00@b.de"),
        ],
    )
    def test_what_no_database_stores_is_refused(self, args: tuple[str, str, str]) -> None:
        with pytest.raises(BadInputError):
            thirdparty.manually_create_or_update_user("public", *args, True)
        with pytest.raises(UnknownTenantError):
            thirdparty.manually_create_or_update_user("nobody", "custom", "865", "a@b.de", True)
