"""The OpenAPI document: it says what is there, as the settings have it, and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.checks import run_checks
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings

from supertokens_django import registry, urls
from supertokens_django.conf import AUTOMATIC_RECIPES, BUILT_IN_RECIPES
from supertokens_django.http.endpoint import JsonObject, endpoint, route
from supertokens_django.http.openapi import Answer, Operation, schema
from supertokens_django.http.responses import json_response
from supertokens_django.openapi import openapi_document
from supertokens_django.openapi.parts import Parts
from supertokens_django.recipes.session.outputs import ErrorHandlers
from supertokens_django.registry import Recipe
from tests.base import ONE_SITE, supertokens_settings
from tests.client import json_of

METHODS = ("get", "post")
HOST = {"host": "api.acme.com"}


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method): item[method]
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }


def names(document: dict[str, Any]) -> set[str]:
    return {found["operationId"] for found in operations(document).values()}


def mounted() -> set[tuple[str, str, str]]:
    """Path, method and name of every endpoint that the URLs lead to, with and without a tenant."""
    found = set()
    for resolver in urls.urlpatterns:
        prefix = "/{tenantId}" if "tenant_id" in str(resolver.pattern) else ""
        inner = [pattern for each in getattr(resolver, "url_patterns", ()) for pattern in _flat(each)]
        for pattern in inner:
            for item in getattr(pattern, "endpoints", ()):
                found.add((f"{prefix}/{pattern.path}", item.method.lower(), item.name.replace(":", ".")))
    return found


def _flat(pattern: Any) -> list[Any]:
    inner = getattr(pattern, "url_patterns", None)
    return [pattern] if inner is None else [leaf for each in inner for leaf in _flat(each)]


class TestCompleteness:
    def test_every_mounted_endpoint_is_in_it_and_no_other(self) -> None:
        shared = {f"{prefix}/signup/email/exists" for prefix in ("", "/{tenantId}")}  # of two recipes
        with supertokens_settings(
            RECIPES=[name for name in BUILT_IN_RECIPES if name not in AUTOMATIC_RECIPES]
        ):
            described = {
                (path, method, re.sub(r"\.old\d*$", "", found["operationId"].removesuffix(".in_tenant")))
                for (path, method), found in operations(openapi_document()).items()
            }
        twice = {(path, "get", "passwordless.email_exists") for path in shared}
        assert described == mounted() - twice
        assert len(described) > 20

    def test_every_built_in_endpoint_is_described_by_its_room(self) -> None:
        recipes = list(registry.mountable())
        known = {item.name for recipe in recipes for item in registry.endpoints(recipe)}
        described = [item.endpoint for recipe in recipes for item in registry.operations(recipe)]
        assert sorted(known) == sorted(described)

    def test_every_operation_has_a_name_of_its_own(self) -> None:
        found = [item["operationId"] for item in operations(openapi_document()).values()]
        assert len(found) == len(set(found))

    def test_every_reference_leads_somewhere(self) -> None:
        document = openapi_document()
        found = set(_references(document))
        for reference in found:
            place: Any = document
            for step in reference.removeprefix("#/").split("/"):
                place = place[step]
        components = {
            f"#/components/{kind}/{name}"
            for kind, parts in document["components"].items()
            for name in parts
            if kind not in ("responses", "securitySchemes")
        }
        assert components == found
        schemes = {
            name
            for item in operations(document).values()
            for need in item.get("security", ())
            for name in need
        }
        assert schemes == set(document["components"]["securitySchemes"])

    def test_the_path_of_old_clients_is_deprecated(self) -> None:
        found = operations(openapi_document())
        deprecated = {path for (path, _), item in found.items() if item.get("deprecated")}
        assert deprecated == {"/signup/email/exists", "/{tenantId}/signup/email/exists"}

    def test_views_of_the_project_find_the_answers_to_session_errors(self) -> None:
        responses = openapi_document()["components"]["responses"]
        assert set(responses) == {"Unauthorised", "TryRefreshToken", "InvalidClaim"}


def _references(tree: Any) -> list[str]:
    if isinstance(tree, list):
        return [found for item in tree for found in _references(item)]
    if not isinstance(tree, dict):
        return []
    own = [tree["$ref"]] if "$ref" in tree else list(tree.get("mapping", {}).values())
    return own + [found for value in tree.values() for found in _references(value)]


class TestSettings:
    def test_the_server_is_the_api_at_its_base_path(self) -> None:
        assert openapi_document()["servers"] == [{"url": "https://api.acme.com/auth"}]
        with supertokens_settings(API_GATEWAY_PATH="/gateway", API_BASE_PATH="/login"):
            assert openapi_document()["servers"] == [{"url": "https://api.acme.com/gateway/login"}]

    def test_its_title_is_that_of_the_app(self) -> None:
        with supertokens_settings(APP_NAME="Wonderland"):
            assert openapi_document()["info"]["title"] == "Wonderland: authentication"

    def test_disabled_endpoints_are_left_out(self) -> None:
        before = names(openapi_document())
        with supertokens_settings(DISABLED_ENDPOINTS=["emailpassword:signup", "emailpassword:email_exists"]):
            gone = before - names(openapi_document())
        assert gone == {
            "emailpassword.signup",
            "emailpassword.signup.in_tenant",
            "emailpassword.email_exists",
            "emailpassword.email_exists.old",
            "emailpassword.email_exists.in_tenant",
            "emailpassword.email_exists.old.in_tenant",
        }

    def test_recipes_that_are_off_are_left_out(self) -> None:
        with supertokens_settings(RECIPES=[]):
            found = openapi_document()
        assert {item["tags"][0] for item in operations(found).values()} == {
            "session",
            "jwt",
            "openid",
            "openapi",
        }
        assert "User" not in found["components"]["schemas"]

    def test_http_statuses_are_those_that_are_set(self) -> None:
        statuses = {"SESSION_EXPIRED_STATUS_CODE": 440, "INVALID_CLAIM_STATUS_CODE": 441}
        with supertokens_settings(SESSION=statuses):
            responses = operations(openapi_document())["/signout", "post"]["responses"]
        assert set(responses) == {"200", "400", "440"}

    def test_a_status_that_is_taken_is_shared(self) -> None:
        with supertokens_settings(SESSION={"SESSION_EXPIRED_STATUS_CODE": 400}):
            responses = operations(openapi_document())["/signout", "post"]["responses"]
        assert [part["$ref"].rpartition("/")[2] for part in _schema(responses["400"])["anyOf"]] == [
            "Unauthorised",
            "TryRefreshToken",
            "BadInput",
        ]

    def test_bodies_of_own_error_handlers_are_the_projects_business(self) -> None:
        with supertokens_settings(SESSION={"ERROR_HANDLERS": ErrorHandlers}):
            responses = operations(openapi_document())["/signout", "post"]["responses"]
        assert set(responses) == {"200", "400", "default"}
        assert "content" not in responses["default"]

    def test_form_fields_are_those_that_are_set(self) -> None:
        fields = [{"id": "age"}, {"id": "nickname", "optional": True}]
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": fields}):
            form = _form(openapi_document(), "/signup")
        assert [item["properties"]["id"]["const"] for item in form["items"]["oneOf"]] == [
            "age", "nickname", "password", "email",
        ]  # fmt: skip
        assert [item["contains"]["properties"]["id"]["const"] for item in form["allOf"]] == [
            "age", "password", "email",
        ]  # fmt: skip
        assert form["maxItems"] == 4

    def test_rules_are_told_only_where_they_are_ours(self) -> None:
        def values() -> dict[str, Any]:
            items = _form(openapi_document(), "/signup")["items"]["oneOf"]
            return {item["properties"]["id"]["const"]: item["properties"]["value"] for item in items}

        assert values()["password"]["minLength"] == 8
        assert values()["email"]["format"] == "email"
        own = [{"id": name, "validate": lambda value: None} for name in ("email", "password")]
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": own}):
            assert "minLength" not in values()["password"]
            assert "format" not in values()["email"]


def _schema(response: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = response["content"]["application/json"]["schema"]
    return found


def _form(document: dict[str, Any], path: str) -> dict[str, Any]:
    body = operations(document)[path, "post"]["requestBody"]["content"]["application/json"]["schema"]
    found: dict[str, Any] = body["properties"]["formFields"]
    return found


@endpoint("stamps:collect", "POST")
def collect(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Collect a stamp.

    What happens then is nobody's business.
    """
    return json_response({"status": "OK"})


urlpatterns = route("stamps", collect)
STAMP = schema("Stamp", {"type": "string"})


def operations_of_stamps() -> list[Operation]:
    answer = Answer(name="Collected", description="Yours.", status="OK", properties={"stamp": STAMP})
    return [Operation(endpoint="stamps:collect", summary="Collect", answers=[answer])]


class Stamps(Recipe):
    name = "stamps"
    urls = __name__


class DescribedStamps(Stamps):
    openapi = "tests.openapi.stamps"


class TestOwnRecipes:
    def test_one_without_a_description_is_named(self) -> None:
        with supertokens_settings(RECIPES=[f"{__name__}.Stamps"]):
            found = operations(openapi_document())["/stamps", "post"]
        assert (found["operationId"], found["summary"]) == ("stamps.collect", "Collect a stamp.")
        assert found["responses"] == {"default": {"description": "Not described."}}

    def test_one_with_a_description_is_described(self) -> None:
        with supertokens_settings(RECIPES=[f"{__name__}.DescribedStamps"]):
            document = openapi_document()
        assert operations(document)["/stamps", "post"]["summary"] == "Collect"
        assert document["components"]["schemas"]["Stamp"] == {"type": "string"}

    def test_two_parts_cannot_have_one_name(self) -> None:
        parts = Parts()
        parts.put([STAMP, STAMP, schema("Stamp", {"type": "string"})])
        with pytest.raises(ValueError, match="'Stamp'"):
            parts.put(schema("Stamp", {"type": "integer"}))


class TestServing:
    def test_it_is_served_to_anybody_from_any_origin(self) -> None:
        response = Client(headers=HOST).get("/auth/openapi.json")  # no database is open here
        assert (response.status_code, json_of(response)) == (200, openapi_document())
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in response.headers

    def test_it_follows_the_settings(self) -> None:
        client = Client(headers=HOST)
        before = json_of(client.get("/auth/openapi.json"))
        with supertokens_settings(APP_NAME="Wonderland"):
            assert json_of(client.get("/auth/openapi.json"))["info"]["title"] == "Wonderland: authentication"
        assert json_of(client.get("/auth/openapi.json")) == before

    def test_it_is_about_the_whole_api_and_not_about_a_tenant(self) -> None:
        assert Client(headers=HOST).get("/auth/acme/openapi.json").status_code == 404

    def test_it_can_be_switched_off(self) -> None:
        with supertokens_settings(DISABLED_ENDPOINTS=["openapi:document"]):
            assert Client(headers=HOST).get("/auth/openapi.json").status_code == 404
            with override_settings(CORS_ALLOWED_ORIGINS=["https://acme.com"]):
                assert run_checks() == []
            assert "openapi.document" not in names(openapi_document())

    def test_it_tells_no_secret(self) -> None:
        with supertokens_settings(**ONE_SITE):
            text = json.dumps(openapi_document())
        for secret in ('version": "0.', "SECRET", "Traceback", "/home/", "tests."):
            assert secret not in text
