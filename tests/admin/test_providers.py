"""Providers of tenants in the admin: stored by the service, their secrets written and never read."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.test import Client, override_settings
from django.utils import translation

from supertokens_django.crypto import secrets
from supertokens_django.recipes.thirdparty.configuration import ClientConfig
from supertokens_django.recipes.thirdparty.models import ThirdPartyProvider, ThirdPartyProviderClient
from supertokens_django.services import thirdparty
from supertokens_django.users.models import LoginMethod
from tests.admin.conftest import Operator, rows
from tests.admin.test_roles import html
from tests.base import PUBLIC, sql_statements, supertokens_settings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recipe_is_on")]

LIST = "/admin/supertokens_django/thirdpartyprovider/"
SECRET, KEY = "the secret of the client", "the private key"
APPLE = {"keyId": "K1", "teamId": "T1", "privateKey": KEY}


@pytest.fixture
def recipe_is_on(acme: None) -> Any:
    with supertokens_settings(RECIPES=["emailpassword", "thirdparty"]):
        yield


@pytest.fixture
def google(recipe_is_on: None, db: None) -> ThirdPartyProvider:
    """A stored provider with two clients, both with a secret."""
    clients = [
        {"client_id": "web-id", "client_type": "web", "client_secret": SECRET, "scope": ["openid", "email"]},
        {"client_id": "ios-id", "client_type": "ios", "client_secret": "another", "additional_config": APPLE},
    ]
    config = {"third_party_id": "google", "name": "Google", "clients": clients}
    thirdparty.create_or_update_third_party_config(PUBLIC, config)
    return ThirdPartyProvider.objects.get()


def stored(tenant_id: str = PUBLIC) -> dict[str, ClientConfig]:
    (config,) = thirdparty.list_third_party_configs(tenant_id)
    return {client.client_type or "": client for client in config.clients}


def page_of(provider: ThirdPartyProvider) -> str:
    return f"{LIST}{provider.pk}/change/"


def form(*clients: dict[str, Any], initial: int = 0, **provider: Any) -> dict[str, Any]:
    """What the page sends; each of ``clients`` by the names of its fields."""
    fields = {"tenant": PUBLIC, "third_party_id": "google", **provider}
    fields |= {"clients-TOTAL_FORMS": len(clients), "clients-INITIAL_FORMS": initial}
    for position, client in enumerate(clients):
        fields |= {f"clients-{position}-{name}": value for name, value in client.items()}
    return fields


def as_it_is(provider: ThirdPartyProvider) -> list[dict[str, Any]]:
    """The clients as the form shows them."""
    return [
        {
            "id": row.pk,
            "provider": provider.pk,
            "client_type": row.client_type,
            "client_id": row.client_id,
            "scope": " ".join(row.scope or ()),
            "force_pkce": "unknown",
        }
        for row in ThirdPartyProviderClient.objects.order_by("pk")
    ]


def logged() -> list[tuple[str, int, str]]:
    return [
        (entry.object_repr, entry.action_flag, entry.get_change_message())
        for entry in LogEntry.objects.order_by("pk")
    ]


class TestAdding:
    def test_it_is_stored_for_the_tenant(self, superuser: Client, tenant_acme: str) -> None:
        client = {"client_id": "4711", "new_secret": SECRET, "scope": "openid  email", "force_pkce": "true"}
        answer = superuser.post(f"{LIST}add/", form(client, tenant=tenant_acme, name="Acme's Google"))

        assert answer.status_code == 302
        (config,) = thirdparty.list_third_party_configs(tenant_acme)
        assert (config.third_party_id, config.name) == ("google", "Acme's Google")
        assert config.clients == (
            ClientConfig(client_id="4711", client_secret=SECRET, scope=("openid", "email"), force_pkce=True),
        )
        assert thirdparty.list_third_party_configs(PUBLIC) == []
        assert logged() == [("google (acme)", ADDITION, "Added. Added client of a provider “4711”.")]

    def test_everything_that_can_be_stored(self, superuser: Client) -> None:
        client = {"client_id": "4711", "new_additional_config": '{"hd": "acme.com"}', "client_type": "web"}
        superuser.post(
            f"{LIST}add/",
            form(
                client,
                third_party_id="acme-id",
                oidc_discovery_endpoint="https://id.acme.com/.well-known/openid-configuration",
                token_endpoint="https://id.acme.com/token",
                authorization_endpoint_query_params='{"prompt": "login", "x": null}',
                user_info_map='{"from_user_info_api": {"user_id": "data.id"}}',
                require_email="false",
            ),
        )
        (config,) = thirdparty.list_third_party_configs(PUBLIC)
        assert config.token_endpoint == "https://id.acme.com/token"
        assert config.oidc_discovery_endpoint == "https://id.acme.com/.well-known/openid-configuration"
        assert config.authorization_endpoint_query_params == {"prompt": "login", "x": None}
        assert config.user_info_map.from_user_info_api.user_id == "data.id"
        assert config.require_email is False
        assert config.clients[0].additional_config == {"hd": "acme.com"}

    @pytest.mark.parametrize(
        ("changes", "field", "text"),
        [
            ({"third_party_id": "with blanks"}, "third_party_id", "ASCII, without blanks and colons"),
            ({"third_party_id": ""}, "third_party_id", "This field is required"),
            ({"token_endpoint": "nonsense"}, "token_endpoint", "must be a URL such as"),
            ({"jwks_uri": "javascript:alert(1)"}, "jwks_uri", "must be a URL such as"),
            ({"user_info_map": '{"from_api": {}}'}, "user_info_map", "is not a known setting"),
            ({"user_info_map": "{"}, "user_info_map", "Enter a valid JSON"),
            (
                {"token_endpoint_body_params": '["a"]'},
                "token_endpoint_body_params",
                "must be a dict of strings",
            ),
        ],
    )
    def test_a_mistake_is_told_at_its_field(
        self, superuser: Client, changes: dict[str, Any], field: str, text: str
    ) -> None:
        page = html(superuser.post(f"{LIST}add/", form({"client_id": "x"}, **changes)))
        assert text in errors_at(page, f"field-{field}")
        assert ThirdPartyProvider.objects.count() == 0
        assert logged() == []

    @pytest.mark.parametrize(
        ("third_party_id", "client", "field", "text"),
        [
            ("google", {"client_id": "", "client_type": "web"}, "client_id", "This field is required"),
            ("google", {"new_additional_config": "[1]"}, "new_additional_config", "must be a dict"),
            ("apple", {}, "new_additional_config", "keyId must be a non-empty string"),
            (
                "google-workspaces",
                {"new_additional_config": '{"hd": 1}'},
                "new_additional_config",
                "hd must be",
            ),
            (
                "google",
                {"new_secret": "x", "clear_secret": "on"},
                "new_secret",
                "Either write a new one, or have it forgotten.",
            ),
        ],
    )
    def test_a_mistake_of_a_client_is_told_at_its_field(
        self, superuser: Client, third_party_id: str, client: dict[str, str], field: str, text: str
    ) -> None:
        given = {"client_id": "x", **client}
        page = html(superuser.post(f"{LIST}add/", form(given, third_party_id=third_party_id)))
        assert text in errors_at(page, f"field-{field}")
        assert ThirdPartyProvider.objects.count() == 0

    def test_there_is_one_of_each_id(self, superuser: Client, google: ThirdPartyProvider) -> None:
        page = html(superuser.post(f"{LIST}add/", form({"client_id": "x"})))
        assert "already exists" in page
        assert stored()["web"].client_id == "web-id"

    def test_two_clients_have_two_types(self, superuser: Client) -> None:
        page = html(superuser.post(f"{LIST}add/", form({"client_id": "x"}, {"client_id": "y"})))
        assert "errorlist" in page
        assert ThirdPartyProvider.objects.count() == 0


def errors_at(page: str, css_class: str) -> str:
    """The lists of errors in the rows of a field."""
    parts = [part.split("</div>\n")[0] for part in page.split(css_class)[1:]]
    return " ".join(part.split("errorlist", 1)[1].split("</ul>")[0] for part in parts if "errorlist" in part)


class TestChanging:
    def test_secrets_are_shown_nowhere(self, superuser: Client, google: ThirdPartyProvider) -> None:
        for path in (LIST, page_of(google), f"{LIST}{google.pk}/delete/", f"{LIST}{google.pk}/history/"):
            page = html(superuser.get(path))
            assert SECRET not in page
            assert KEY not in page
            assert ThirdPartyProviderClient.objects.order_by("pk")[0].client_secret not in page
        page = html(superuser.get(page_of(google)))
        assert "Stored. Leave it empty to keep it." in page
        assert "Stored: keyId, teamId, privateKey." in page

    def test_what_is_left_empty_stays(self, superuser: Client, google: ThirdPartyProvider) -> None:
        web, ios = as_it_is(google)
        answer = superuser.post(page_of(google), form({**web, "client_id": "new"}, ios, initial=2, name="G"))
        assert answer.status_code == 302
        assert stored() == {
            "web": ClientConfig("new", SECRET, "web", ("openid", "email")),
            "ios": ClientConfig("ios-id", "another", "ios", additional_config=APPLE),
        }
        assert logged() == [
            ("google (public)", CHANGE, "Changed Name. Changed Client ID for client of a provider “web”.")
        ]

    def test_a_new_secret_takes_the_place_of_the_old(
        self, superuser: Client, google: ThirdPartyProvider
    ) -> None:
        web, ios = as_it_is(google)
        ios = {**ios, "new_additional_config": '{"keyId": "K2"}'}
        superuser.post(page_of(google), form({**web, "new_secret": "n3w"}, ios, initial=2))
        assert stored()["web"].client_secret == "n3w"
        assert stored()["ios"].additional_config == {"keyId": "K2"}
        assert "n3w" not in logged()[0][2]
        assert "K2" not in logged()[0][2]

    def test_a_secret_is_forgotten_when_that_is_said(
        self, superuser: Client, google: ThirdPartyProvider
    ) -> None:
        web, ios = as_it_is(google)
        ios = {**ios, "clear_additional_config": "on"}
        superuser.post(page_of(google), form({**web, "clear_secret": "on"}, ios, initial=2))
        assert stored()["web"].client_secret is None
        assert stored()["ios"].additional_config == {}
        assert stored()["ios"].client_secret == "another"

    def test_a_client_keeps_its_secret_under_another_type(
        self, superuser: Client, google: ThirdPartyProvider
    ) -> None:
        web, ios = as_it_is(google)
        superuser.post(page_of(google), form({**web, "client_type": "browser"}, ios, initial=2))
        assert stored()["browser"].client_secret == SECRET

    def test_a_client_is_taken_away_and_another_added(
        self, superuser: Client, google: ThirdPartyProvider
    ) -> None:
        web, ios = as_it_is(google)
        added = {"client_id": "tv-id", "client_type": "tv"}
        superuser.post(page_of(google), form({**web, "DELETE": "on"}, ios, added, initial=2, name="Google"))
        assert set(stored()) == {"ios", "tv"}
        text = "Deleted client of a provider “web”. Added client of a provider “tv”."
        assert logged()[0][2] == text

    def test_the_id_stays(self, superuser: Client, google: ThirdPartyProvider, tenant_acme: str) -> None:
        sent = form(*as_it_is(google), initial=2, third_party_id="other", tenant=tenant_acme)
        superuser.post(page_of(google), sent)
        assert [config.third_party_id for config in thirdparty.list_third_party_configs(PUBLIC)] == ["google"]
        assert thirdparty.list_third_party_configs(tenant_acme) == []

    def test_a_refused_form_shows_no_secret_either(
        self, superuser: Client, google: ThirdPartyProvider
    ) -> None:
        web, ios = as_it_is(google)
        sent = form({**web, "new_secret": "n3w", "client_id": ""}, ios, initial=2)
        page = html(superuser.post(page_of(google), sent))
        assert "This field is required" in page
        assert "n3w" not in page

    def test_a_secret_that_cannot_be_read_any_more_is_asked_for(
        self, superuser: Client, google: ThirdPartyProvider
    ) -> None:
        web, ios = as_it_is(google)
        client = ThirdPartyProviderClient.objects.get(client_type="web")
        with override_settings(SECRET_KEY="one that is lost, and was long enough for everything"):
            client.client_secret = secrets.encrypt(SECRET)
        client.save()
        lost = "It was encrypted under another SECRET_KEY. Enter it anew, or have it forgotten."
        assert lost in html(superuser.get(page_of(google)))
        page = html(superuser.post(page_of(google), form(web, ios, initial=2)))
        assert lost in errors_at(page, "field-new_secret")
        superuser.post(page_of(google), form({**web, "new_secret": "n3w"}, ios, initial=2))
        assert stored()["web"].client_secret == "n3w"

    def test_it_is_deleted(self, superuser: Client, google: ThirdPartyProvider) -> None:
        superuser.post(f"{LIST}{google.pk}/delete/", {"post": "yes"})
        assert thirdparty.list_third_party_configs(PUBLIC) == []
        assert ThirdPartyProviderClient.objects.count() == 0
        assert logged() == [("google (public)", DELETION, "")]


class TestPermissions:
    def test_without_them_nothing_is_shown(self, operator: Operator, google: ThirdPartyProvider) -> None:
        client = operator("view_user")
        for path in (LIST, page_of(google), f"{LIST}add/"):
            assert client.get(path).status_code == 403

    def test_who_may_look_changes_nothing(self, operator: Operator, google: ThirdPartyProvider) -> None:
        client = operator("view_thirdpartyprovider")
        page = html(client.get(page_of(google)))
        assert "web-id" in page
        assert "openid email" in page
        assert "keyId, teamId, privateKey" in page
        assert SECRET not in page
        assert KEY not in page
        assert "<textarea" not in page
        sent = form(*as_it_is(google), initial=2, name="Mallory's")
        assert client.post(page_of(google), sent).status_code == 403
        assert client.post(f"{LIST}add/", form({"client_id": "x"}, third_party_id="x")).status_code == 403
        assert client.post(f"{LIST}{google.pk}/delete/", {"post": "yes"}).status_code == 403
        assert thirdparty.list_third_party_configs(PUBLIC)[0].name == "Google"

    def test_each_is_enough_for_its_work(self, operator: Operator, google: ThirdPartyProvider) -> None:
        client = operator("view_thirdpartyprovider", "change_thirdpartyprovider")
        client.post(page_of(google), form(*as_it_is(google), initial=2, name="Changed"))
        assert thirdparty.list_third_party_configs(PUBLIC)[0].name == "Changed"
        assert stored()["web"].client_secret == SECRET
        assert client.post(f"{LIST}{google.pk}/delete/", {"post": "yes"}).status_code == 403


class TestList:
    def test_it_names_tenant_provider_and_clients(
        self, superuser: Client, google: ThirdPartyProvider, tenant_acme: str
    ) -> None:
        config = {"third_party_id": "github", "clients": [{"client_id": "x"}]}
        thirdparty.create_or_update_third_party_config(tenant_acme, config)
        assert rows(html(superuser.get(LIST))) == [
            ["github", "acme", "-", "1"],
            ["google", "public", "Google", "2"],
        ]
        assert [row[1] for row in rows(html(superuser.get(LIST, {"q": " ACME "})))] == ["acme"]

    def test_it_costs_the_same_for_one_and_for_many(
        self, superuser: Client, google: ThirdPartyProvider
    ) -> None:
        superuser.get(LIST)
        for number in range(40):
            config = {"third_party_id": f"oidc-{number}", "clients": [{"client_id": "x"}]}
            thirdparty.create_or_update_third_party_config(PUBLIC, config)
        with sql_statements() as statements:
            assert len(rows(html(superuser.get(LIST)))) == 41
        assert len(statements) == 4, "\n".join(statements)

    def test_it_is_in_the_menu_while_the_recipe_is_on(self, superuser: Client) -> None:
        assert LIST in html(superuser.get("/admin/"))
        with supertokens_settings(RECIPES=["emailpassword"]):
            assert LIST not in html(superuser.get("/admin/"))


def test_the_page_of_a_user_names_accounts_at_providers(superuser: Client) -> None:
    method, _ = thirdparty.manually_create_or_update_user(PUBLIC, "google", "865", "alice@example.com", True)
    page = html(superuser.get(f"/admin/supertokens_django/user/{method.user.pk}/change/"))
    assert "google: 865" in page
    found = rows(html(superuser.get("/admin/supertokens_django/user/", {"q": "google"})))
    assert len(found) == LoginMethod.objects.count() == 1
    assert len(rows(html(superuser.get("/admin/supertokens_django/user/", {"recipe": "thirdparty"})))) == 1


def test_it_speaks_german(superuser: Client, google: ThirdPartyProvider) -> None:
    with translation.override("de"):
        page = html(superuser.get(page_of(google)))
    assert "Gespeichert. Leer lassen, um es zu behalten." in page
    assert "Client-Geheimnis" in page
