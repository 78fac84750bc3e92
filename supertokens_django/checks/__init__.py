"""System checks: every mistake in the settings, with the cure in the hint.

``catalogue`` numbers them, the other modules find them; importing the package registers them.
"""

from __future__ import annotations

from supertokens_django.checks import (
    configuration,
    cookies,
    cors,
    delivery,
    deployment,
    limits,
    middleware,
    packages,
    providers,
    urls,
)
from supertokens_django.checks.catalogue import MISTAKES

__all__ = [
    "MISTAKES",
    "configuration",
    "cookies",
    "cors",
    "delivery",
    "deployment",
    "limits",
    "middleware",
    "packages",
    "providers",
    "urls",
]
