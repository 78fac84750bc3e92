"""How a room describes its endpoints for the OpenAPI document: typed values, put together at the top of the house.

OpenAPI 3.1.1; schemas are JSON Schema 2020-12.  Paths and methods are not repeated here: they are those of the routes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Schema = dict[str, Any]
"""A JSON Schema; a :class:`Component` may stand wherever a schema may."""

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
MILLISECONDS: Schema = {"type": "integer", "description": "Milliseconds since the epoch."}

Kind = Literal["schemas", "headers", "parameters", "securitySchemes"]


@dataclass(frozen=True, eq=False)
class Component:
    """A part that stands in the document once, under its name, and is referred to from elsewhere."""

    kind: Kind
    name: str
    value: Mapping[str, Any]


def schema(name: str, value: Schema) -> Component:
    """A schema with a name."""
    return Component("schemas", name, value)


def array(items: Schema | Component) -> Schema:
    return {"type": "array", "items": items}


def record(properties: Mapping[str, Any], *, optional: Sequence[str] = ()) -> Schema:
    """A JSON object all of whose ``properties`` are required, but for the ``optional`` ones."""
    found: Schema = {"type": "object", "properties": dict(properties)}
    required = [name for name in properties if name not in optional]
    return {**found, "required": required} if required else found


def header(name: str, description: str, value: Schema = TEXT) -> Component:
    """A header of an answer; ``name`` is that of the component."""
    return Component("headers", name, {"description": description, "schema": value})


def parameter(
    name: str, where: Literal["query", "header", "path"], description: str, value: Schema = TEXT, *, as_: str
) -> Component:
    """A parameter of a request, required in a query or path; ``as_`` is the name of the component."""
    stated = {"name": name, "in": where, "description": description, "schema": value}
    return Component("parameters", as_, {**stated, "required": True} if where != "header" else stated)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One of the answers of an endpoint.  Those of one HTTP status become one response of the document."""

    name: str
    """The schema's name."""
    description: str
    http_status: int = 200
    status: str = ""
    """What the body says under ``status``; "" without such a key."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    """What the body has beside it."""
    optional: Sequence[str] = ()
    headers: Mapping[str, Component] = field(default_factory=dict)
    """By header name."""
    is_open: bool = False
    """The body may have more than ``properties``."""
    is_free: bool = False
    """Body and HTTP status are the project's own business."""
    is_empty: bool = False
    """The body is an empty page, not JSON."""

    @property
    def body(self) -> Component:
        status = {"status": {"const": self.status}} if self.status else {}
        found = record({**status, **self.properties}, optional=self.optional)
        if not found["properties"]:
            found["maxProperties"] = 0
        if self.is_open:
            found["additionalProperties"] = True
        return schema(self.name, {"description": self.description, **found})


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One endpoint.  ``GENERAL_ERROR`` and ``BAD_INPUT`` are added to its answers: guards stand before all of them.

    So are those of its rate limits, where it has some.
    """

    endpoint: str
    """Its name, ``"<recipe>:<verb>"``."""
    summary: str
    description: str = ""
    answers: Sequence[Answer]
    """Empty where nothing is known."""
    parameters: Sequence[Component] = ()
    body: Schema | None = None
    is_form: bool = False
    """Whether the body is a form, not JSON."""
    bad_input: Sequence[str] = ()
    """Texts of the answers to malformed requests, as examples."""
    security: Sequence[Component] = ()
    """Security schemes, one of which is needed."""
    needs_session: bool = True
    """Whether it answers without ``security``."""
    deprecated_paths: Sequence[str] = ()
    """Those of its routes that are there for clients of old."""


GENERAL_ERROR = Answer(
    name="GeneralError",
    description="A guard, gate or service of the project refuses; `message` is a text for the user.",
    status="GENERAL_ERROR",
    properties={"message": TEXT},
)
FIELD_ERROR = Answer(
    name="FieldError",
    description="Some of the form's fields are missing or not good; in the order of the form.",
    status="FIELD_ERROR",
    properties={"formFields": array(record({"id": TEXT, "error": TEXT}))},
)

RETRY_AFTER = header(
    "RetryAfter",
    "Seconds until it is worth while to try again (RFC 9110 §10.2.3).",
    {"type": "integer", "minimum": 1},
)
TOO_MANY_REQUESTS = Answer(
    name="TooManyRequests",
    description="There have been too many tries. A client that sends `rid` or `fdi-version`, as frontend SDKs do, gets "
    "the same with status 200.",
    http_status=429,
    status=GENERAL_ERROR.status,
    properties=GENERAL_ERROR.properties,
    headers={"Retry-After": RETRY_AFTER},
)
LIMITS_UNAVAILABLE = Answer(
    name="LimitsUnavailable",
    description="Tries cannot be counted at the moment. A client that sends `rid` or `fdi-version` gets the same with "
    "status 200.",
    http_status=503,
    status=GENERAL_ERROR.status,
    properties=GENERAL_ERROR.properties,
    headers={"Retry-After": RETRY_AFTER},
)
BAD_INPUT = Answer(
    name="BadInput", description="The request is malformed.", http_status=400, properties={"message": TEXT}
)
