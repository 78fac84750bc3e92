"""What a frontend says about itself: the FDI version it speaks, the recipe it means."""

from __future__ import annotations

import re

from django.http import HttpRequest

LATEST = (4, 2)
_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})")


def fdi_version(request: HttpRequest) -> tuple[int, int]:
    """The highest version in the ``fdi-version`` header (a comma list is allowed); the latest without one (FDI)."""
    entries = request.headers.get("fdi-version", "").split(",")
    versions = [(int(m[1]), int(m[2])) for entry in entries if (m := _VERSION.fullmatch(entry.strip()))]
    return max(versions, default=LATEST)


def is_frontend(request: HttpRequest) -> bool:
    """Tell whether a frontend SDK is calling, which shows the texts of answers with HTTP status 200 and no others.

    All of them send ``rid`` or ``fdi-version`` with every call to the auth API.
    """
    return "rid" in request.headers or "fdi-version" in request.headers


def uses_new_user_shape(version: tuple[int, int]) -> bool:
    """Tell whether ``user`` lists login methods: FDI 1.18 and 1.19, and from 3.0; 2.x is a branch of 1.17."""
    return (1, 18) <= version < (2, 0) or version >= (3, 0)


def knows_linking_flag(version: tuple[int, int]) -> bool:
    """Tell whether ``shouldTryLinkingWithSessionUser`` is understood; before FDI 3.1 it is not."""
    return version >= (3, 1)
