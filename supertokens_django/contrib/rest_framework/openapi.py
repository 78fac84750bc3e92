"""Sessions in the OpenAPI documents that drf-spectacular makes of a project's own API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import ResolvedComponent

from supertokens_django.http.openapi import TEXT, array, record
from supertokens_django.recipes.session.conf import session_conf
from supertokens_django.recipes.session.openapi import ACCESS_BEARER, ACCESS_COOKIE

SCHEMES = {"superTokensCookie": ACCESS_COOKIE, "superTokensBearer": ACCESS_BEARER}

SESSION_ERROR, INVALID_CLAIM, REFUSAL = (
    "SuperTokensSessionError",
    "SuperTokensInvalidClaim",
    "RestFrameworkRefusal",
)
BODIES = {
    # "enum" and not "const": drf-spectacular writes OpenAPI 3.0 unless it is told otherwise.
    SESSION_ERROR: {
        "description": "There is no session, or its access token has to be refreshed.",
        **record({"message": {**TEXT, "enum": ["unauthorised", "try refresh token"]}}),
    },
    INVALID_CLAIM: {
        "description": "The session is valid, but some of its claims are not good enough.",
        **record(
            {
                "message": {**TEXT, "enum": ["invalid claim"]},
                "claimValidationErrors": array(record({"id": TEXT, "reason": {}}, optional=["reason"])),
            }
        ),
    },
    REFUSAL: {"description": "Django REST framework refuses.", **record({"detail": TEXT})},
}


class SuperTokensScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The access token, in a cookie or in a header, wherever ``SuperTokensAuthentication`` or a subclass is used."""

    target_class = "supertokens_django.contrib.rest_framework.authentication.SuperTokensAuthentication"
    match_subclasses = True
    name = list(SCHEMES)

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        """One of the two is enough."""
        return [{name: []} for name in SCHEMES]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        """None beyond those registered here: the caller's would be another one for every subclass, by the same name."""
        for name, scheme in SCHEMES.items():
            component = ResolvedComponent(  # type: ignore[no-untyped-call]
                name=name,
                type=ResolvedComponent.SECURITY_SCHEMA,
                schema=dict(scheme.value),
                object=SuperTokensScheme,
            )
            auto_schema.registry.register_on_missing(component)
        return []


def document_session_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add the answers to a missing, expired or insufficient session to the operations that take one.

    For ``POSTPROCESSING_HOOKS``.  HTTP statuses are those that are set; a response that is documented already stays.
    """
    found = {str(status): names for status, names in _bodies_by_status().items()}
    operations = [
        operation
        for item in result.get("paths", {}).values()
        for operation in item.values()
        if isinstance(operation, dict) and _takes_session(operation)
    ]
    for operation in operations:
        for status, names in found.items():
            operation["responses"].setdefault(status, _response(names))
    if operations:
        schemas = result.setdefault("components", {}).setdefault("schemas", {})
        schemas.update({name: BODIES[name] for names in found.values() for name in names})
        result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result


def _bodies_by_status() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    if session_conf().error_handlers is None:  # else the bodies are the project's own
        found[session_conf().session_expired_status_code] = [SESSION_ERROR]
        found[session_conf().invalid_claim_status_code] = [INVALID_CLAIM]
    for status in (401, 403):
        found.setdefault(status, []).append(REFUSAL)
    return found


def _takes_session(operation: dict[str, Any]) -> bool:
    return any(name in SCHEMES for need in operation.get("security", ()) for name in need)


def _response(names: list[str]) -> dict[str, Any]:
    schemas = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    body = schemas[0] if len(schemas) == 1 else {"oneOf": schemas}
    text = " ".join(str(BODIES[name]["description"]) for name in names)
    return {"description": text, "content": {"application/json": {"schema": body}}}
