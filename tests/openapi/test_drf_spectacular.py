"""The OpenAPI document of a project's own API: how to send a session, and what comes without a good one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from supertokens_django.contrib.rest_framework.openapi import document_session_errors
from supertokens_django.recipes.session.outputs import ErrorHandlers
from supertokens_django.testing import force_login
from tests.base import supertokens_settings
from tests.docs.snippets import ROOT


@pytest.fixture(autouse=True)
def _host() -> Iterator[None]:
    """The project's API, and drf-spectacular set up as docs/openapi.md says."""
    hooks = [
        "drf_spectacular.hooks.postprocess_schema_enums",
        f"{document_session_errors.__module__}.{document_session_errors.__name__}",
    ]
    schema_class = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
    with override_settings(ROOT_URLCONF="tests.openapi.host", REST_FRAMEWORK=schema_class):
        patched: Any = patched_settings  # what the tests of drf-spectacular itself use
        reset_generator_stats()
        with patched({"POSTPROCESSING_HOOKS": hooks}):
            yield


def document() -> dict[str, Any]:
    """What ``manage.py spectacular --validate --fail-on-warn`` writes."""
    generator: Any = SchemaGenerator
    found: dict[str, Any] = generator(urlconf="tests.openapi.host").get_schema(request=None, public=True)
    validate: Any = validate_schema
    validate(found)
    assert not GENERATOR_STATS
    return found


def responses(found: dict[str, Any], url: str, method: str = "get") -> dict[str, Any]:
    answers: dict[str, Any] = found["paths"][url][method]["responses"]
    return answers


def is_described(found: dict[str, Any], url: str, response: Any) -> bool:
    schema = responses(found, url)[str(response.status_code)]["content"]["application/json"]["schema"]
    whole = Resource.from_contents(found, default_specification=DRAFT202012)
    pointed = {key: _absolute(value) for key, value in schema.items()}
    registry: Any = Registry().with_resource("urn:host", whole)
    return bool(Draft202012Validator(pointed, registry=registry).is_valid(response.json()))


def _absolute(tree: Any) -> Any:
    if isinstance(tree, list):
        return [{"$ref": "urn:host" + item["$ref"]} for item in tree]
    return "urn:host" + tree


class TestSecurity:
    def test_a_session_may_come_in_a_cookie_or_in_a_header(self) -> None:
        found = document()
        assert found["components"]["securitySchemes"] == {
            "superTokensCookie": {"type": "apiKey", "in": "cookie", "name": "sAccessToken"},
            "superTokensBearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        }
        for url in ("/profile", "/own"):
            assert found["paths"][url]["get"]["security"] == [
                {"superTokensCookie": []},
                {"superTokensBearer": []},
            ]

    def test_where_it_is_not_needed_it_says_so(self) -> None:
        found = document()
        assert found["paths"]["/open"]["get"]["security"][-1] == {}
        assert found["paths"]["/stranger"]["get"]["security"] == [{}]


class TestErrors:
    def test_they_are_told_where_a_session_is_taken(self) -> None:
        found = document()
        for url in ("/profile", "/own", "/staff", "/open"):
            assert set(responses(found, url)) == {"200", "401", "403"}
        assert set(responses(found, "/stranger")) == {"200"}

    def test_what_the_project_says_stays(self) -> None:
        assert responses(document(), "/profile", "put")["401"] == {"description": "No."}

    def test_statuses_are_those_that_are_set(self) -> None:
        statuses = {"SESSION_EXPIRED_STATUS_CODE": 440, "INVALID_CLAIM_STATUS_CODE": 441}
        with supertokens_settings(SESSION=statuses):
            found = responses(document(), "/profile")
        assert set(found) == {"200", "401", "403", "440", "441"}
        bodies = {
            status: answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            for status, answer in found.items()
        }
        assert bodies == {
            "200": "Profile",
            "401": "RestFrameworkRefusal",
            "403": "RestFrameworkRefusal",
            "440": "SuperTokensSessionError",
            "441": "SuperTokensInvalidClaim",
        }

    def test_bodies_of_own_error_handlers_are_the_projects_business(self) -> None:
        with supertokens_settings(SESSION={"ERROR_HANDLERS": ErrorHandlers}):
            assert "SuperTokensSessionError" not in document()["components"]["schemas"]

    def test_an_api_without_sessions_stays_as_it_is(self) -> None:
        before = {"openapi": "3.0.3", "paths": {"/": {"get": {"responses": {}}, "parameters": []}}}
        assert document_session_errors(dict(before), generator=None, request=None, public=True) == before

    @pytest.mark.django_db
    def test_the_views_answer_so(self, alice: str) -> None:
        found, client = document(), Client()
        answers = {"/profile": (401, client.get("/profile"))}
        force_login(client, alice)
        answers |= {"/staff": (403, client.get("/staff")), "/picky": (403, client.get("/picky"))}
        force_login(client, alice, expires_in=-1)
        answers |= {"/own": (401, client.get("/own")), "/open": (401, client.get("/open"))}
        for url, (status, response) in answers.items():
            assert response.status_code == status
            assert is_described(found, url, response)


class TestOptional:
    PROGRAM = """
import sys
sys.modules["drf_spectacular"] = None  # not to be imported
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "drf_spectacular" else find(name, package)
import django
django.setup()
from supertokens_django.contrib.rest_framework import SuperTokensAuthentication
print(SuperTokensAuthentication.__name__)
"""

    def test_without_the_package_the_rest_works(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", self.PROGRAM],
            cwd=ROOT,
            env={"DJANGO_SETTINGS_MODULE": "example_project.settings", "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout.strip(), done.stderr) == ("SuperTokensAuthentication", "")
