"""JSON responses in the form that FDI asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

EXPOSE_HEADERS = "Access-Control-Expose-Headers"


def json_response(body: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """Compact JSON, UTF-8 and not ASCII-escaped (FDI)."""
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return HttpResponse(text.encode(), content_type="application/json; charset=utf-8", status=status)


def add_headers(response: HttpResponse, headers: Mapping[str, str]) -> None:
    """Add headers that scripts of another origin may read (CORS)."""
    for name, value in headers.items():
        response[name] = value
        exposed = response.get(EXPOSE_HEADERS)
        response[EXPOSE_HEADERS] = f"{exposed},{name}" if exposed else name
