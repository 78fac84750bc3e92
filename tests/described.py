"""Every answer of the auth API that a test receives is one that the OpenAPI document describes.

The document leaves objects open, so that clients expect more to come; here a key that it does not name is a failure.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from supertokens_django import conf
from supertokens_django.limits import stage
from supertokens_django.openapi import openapi_document

WHOLE = "urn:document"
TOKEN_HEADERS = ("front-token", "st-access-token", "st-refresh-token", "anti-csrf")


class Description:
    """The responses of a document, by operation and HTTP status."""

    def __init__(self, document: dict[str, Any]) -> None:
        operations = [
            operation
            for item in document["paths"].values()
            for method, operation in item.items()
            if method != "parameters"
        ]
        self.responses = {item["operationId"]: item["responses"] for item in operations}
        whole = Resource.from_contents(
            {"components": closed(document["components"])}, default_specification=DRAFT202012
        )
        self.registry: Any = Registry().with_resource(WHOLE, whole)

    def problems(self, operation_id: str, response: HttpResponseBase) -> list[str]:
        """What is wrong with an answer; nothing, most often."""
        found = self.responses.get(operation_id, {})
        described = found.get(str(response.status_code)) or found.get("default")
        if described is None:
            return [f"the status {response.status_code}"]
        found = [
            f"the header {name}" for name in _tokens(response) if name not in described.get("headers", {})
        ]
        return found if "content" not in described else found + self._of_body(described["content"], response)

    def _of_body(self, described: dict[str, Any], response: HttpResponseBase) -> list[str]:
        media_type = response.headers["Content-Type"].partition(";")[0]
        if media_type not in described:
            return [f"the media type {media_type}"]
        content: bytes = response.content  # type: ignore[attr-defined]
        schema = absolute(described[media_type]["schema"])
        validator = Draft202012Validator(schema, registry=self.registry)
        instance = json.loads(content) if media_type.endswith("json") else content.decode()
        return [error.message for error in validator.iter_errors(instance)]


def closed(tree: Any) -> Any:
    """The same with objects that have the properties named and no other, unless it is said that they may."""
    if isinstance(tree, list):
        return [closed(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    found = {key: closed(value) for key, value in tree.items()}
    if found.get("properties"):
        found.setdefault("additionalProperties", False)
    return found


def absolute(tree: Any) -> Any:
    """The same with references that can be followed from outside of the document."""
    if isinstance(tree, list):
        return [absolute(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    return {key: WHOLE + value if key == "$ref" else absolute(value) for key, value in tree.items()}


def _tokens(response: HttpResponseBase) -> list[str]:
    names = [name for name in TOKEN_HEADERS if name in response.headers]
    return [*names, "Set-Cookie"] if response.cookies else names


_latest: tuple[object, Description | None] = (None, None)


def description() -> Description:
    """That of the settings in force."""
    global _latest
    key, found = _latest
    if found is None or key is not conf.state_key():
        found = _description_of(_Settings())
        _latest = (conf.state_key(), found)
    return found


class _Settings:
    """All that the document depends on.  Many tests have the same, each in an object of its own."""

    def __init__(self) -> None:
        self._kept = settings.SUPERTOKENS  # a function made meanwhile has another address then
        self._text = repr((self._kept, settings.INSTALLED_APPS, settings.ROOT_URLCONF, stage.is_enabled()))

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Settings) and self._text == other._text


@lru_cache(maxsize=128)
def _description_of(_settings: _Settings) -> Description:
    return Description(openapi_document())


def assert_described(method: str, path: str, response: Any) -> None:
    """Compare an answer with the document, where one of our endpoints gave it."""
    # No such path, a host that is not allowed, an exception of the project's own code.
    is_of_django = response.status_code in (400, 404, 500) and response.headers["Content-Type"].startswith(
        "text/html"
    )
    if is_of_django or (endpoints := getattr(response.resolver_match.func, "endpoints", None)) is None:
        return
    for name in (item.name for item in endpoints if item.method == method):  # none for a preflight request
        problems = description().problems(name.replace(":", "."), response)
        answer = f"{response.status_code} {response.content[:500]!r}"
        assert problems == [], f"{method} {path} gave {answer}, which the OpenAPI document does not describe"
