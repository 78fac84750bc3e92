"""What the rooms say about their endpoints, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from supertokens_django import conf, registry
from supertokens_django.http import fdi
from supertokens_django.http.endpoint import Endpoint, EndpointPattern, is_enabled
from supertokens_django.http.openapi import Answer, Operation, parameter
from supertokens_django.openapi.outputs import response_of, responses_of
from supertokens_django.openapi.parts import Parts
from supertokens_django.recipes.session.openapi import invalid_claim, try_refresh_token, unauthorised

PATH = "openapi.json"
"""Where the document is served, below the API base path."""
OPENAPI_VERSION = "3.1.1"
DESCRIPTION = (
    "SuperTokens' Frontend Driver Interface, versions 1.16 to {version}. Outcomes that a frontend can act on are 200 "
    "with a `status`. Another method than the ones here is answered 404, and so is a disabled endpoint."
)
TENANT = parameter(
    "tenantId",
    "path",
    "The tenant; upper and lower case are the same.",
    {"type": "string", "pattern": "^[a-zA-Z0-9-]+$", "examples": ["public"]},
    as_="Tenant",
)

DOCUMENT = Operation(
    endpoint="openapi:document",
    summary="This document",
    answers=[
        Answer(
            name="OpenApiDocument",
            description="OpenAPI 3.1.",
            properties={
                "openapi": {"type": "string"},
                "info": {"type": "object"},
                "paths": {"type": "object"},
            },
            is_open=True,
        )
    ],
)


def openapi_document() -> dict[str, Any]:
    """The document: JSON in Python's types, made anew at every call.

    It has the endpoints that are on, the form fields and HTTP statuses that are set, and those of the project's own
    recipes.
    """
    app, parts = conf.app(), Parts()
    version = ".".join(map(str, fdi.LATEST))
    paths = dict(_paths(parts))
    shared = {answer.name: response_of([answer], parts) for answer in _answers_of_views()}
    return {
        "openapi": OPENAPI_VERSION,
        "info": {
            "title": f"{app.app_name}: authentication",
            "description": DESCRIPTION.format(version=version),
            "version": version,
        },
        "servers": [{"url": app.issuer}],
        "paths": paths,
        "components": {**parts.by_kind(), "responses": shared},
    }


def _answers_of_views() -> list[Answer]:
    """What the project's own views answer to session errors, to be referred to by their documents."""
    return [unauthorised(), try_refresh_token(), invalid_claim()]


def _paths(parts: Parts) -> Iterator[tuple[str, dict[str, Any]]]:
    recipes = list(registry.mountable())
    described = {item.endpoint: item for recipe in recipes for item in registry.operations(recipe)}
    for path, endpoints in _routes(recipes):
        operations = {
            item.method.lower(): _operation(described.get(item.name) or _undescribed(item), path, parts)
            for item in endpoints
        }
        yield f"/{path}", operations
        below_tenant = {method: _in_tenant(operation) for method, operation in operations.items()}
        yield f"/{{tenantId}}/{path}", {"parameters": [parts.put(TENANT)], **below_tenant}
    if is_enabled(DOCUMENT.endpoint):
        yield f"/{PATH}", {"get": _operation(DOCUMENT, PATH, parts)}


def _routes(recipes: Sequence[registry.Recipe]) -> Iterator[tuple[str, list[Endpoint]]]:
    """Every path with the endpoints that are on; what a recipe mounts without our decorator is not described."""
    patterns = [pattern for recipe in recipes for pattern in registry.patterns(recipe)]
    known: dict[str, dict[str, Endpoint]] = {}
    for pattern in patterns:
        for endpoint in pattern.endpoints if isinstance(pattern, EndpointPattern) else ():
            if (
                endpoint.is_enabled
            ):  # of a path that recipes share, one is described: their answers are the same
                known.setdefault(pattern.path, {}).setdefault(endpoint.method, endpoint)
    for path, endpoints in known.items():
        yield path, list(endpoints.values())


def _undescribed(endpoint: Endpoint) -> Operation:
    """An endpoint of the project whose recipe names no description."""
    summary = (endpoint.__doc__ or endpoint.name).strip().splitlines()[0]
    return Operation(endpoint=endpoint.name, summary=summary, answers=[])


def _in_tenant(operation: dict[str, Any]) -> dict[str, Any]:
    """The same below a tenant's segment."""
    malformed = {"description": "The tenant's id is malformed."}
    return {
        **operation,
        "operationId": f"{operation['operationId']}.in_tenant",
        "responses": {**operation["responses"], "404": malformed},
    }


def _operation(operation: Operation, path: str, parts: Parts) -> dict[str, Any]:
    is_deprecated = path in operation.deprecated_paths
    recipe, _, verb = operation.endpoint.partition(":")
    found: dict[str, Any] = {
        "operationId": f"{recipe}.{verb}{_suffix(operation, path)}",
        "tags": [recipe],
        "summary": operation.summary,
    }
    if operation.description:
        found["description"] = operation.description
    if is_deprecated:
        found["deprecated"] = True
    if operation.parameters:
        found["parameters"] = parts.put(operation.parameters)
    if operation.body is not None:
        found["requestBody"] = {"required": True, "content": _content(operation, parts)}
    if operation.security:
        names = [parts.put(scheme, by_name=True) for scheme in operation.security]
        found["security"] = [*([] if operation.needs_session else [{}]), *({name: []} for name in names)]
    return {**found, "responses": responses_of(operation, parts)}


def _content(operation: Operation, parts: Parts) -> dict[str, Any]:
    media_type = "application/x-www-form-urlencoded" if operation.is_form else "application/json"
    return {media_type: {"schema": parts.put(operation.body)}}


def _suffix(operation: Operation, path: str) -> str:
    """What tells the operations of an endpoint's paths apart."""
    if path not in operation.deprecated_paths:
        return ""
    number = list(operation.deprecated_paths).index(path)
    return f".old{number + 1}" if number else ".old"
