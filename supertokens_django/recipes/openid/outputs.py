"""The discovery document on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supertokens_django import conf


def document_to_json(document: Mapping[str, Any], issuer: str) -> dict[str, Any]:
    """The document as ``issuer`` publishes it: what lies below the API's issuer lies below that one."""
    return {"status": "OK", **{name: _moved(value, issuer) for name, value in document.items()}}


def _moved(value: Any, issuer: str) -> Any:
    ours = conf.app().issuer
    is_below = isinstance(value, str) and (value == ours or value.startswith(f"{ours}/"))
    return issuer + value.removeprefix(ours) if is_below else value
