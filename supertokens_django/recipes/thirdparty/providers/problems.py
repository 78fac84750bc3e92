"""What a project may have got wrong in ``additional_config``; nothing is asked or resolved to find it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from supertokens_django.conf import Problem
from supertokens_django.recipes.thirdparty.configuration import ClientConfig

WHERE = "['additional_config']"


def misspelt(client: ClientConfig, known: Sequence[str]) -> Iterator[Problem]:
    """Keys that are nearly one of those that the provider knows; others may be for the project's own functions."""
    by_lower_case = {name.lower(): name for name in known}
    for name in client.additional_config:
        if name in known:
            continue
        plain = name.lower().replace("_", "")
        nearest = difflib.get_close_matches(plain, by_lower_case, n=1, cutoff=0.7)
        if nearest and by_lower_case[nearest[0]] not in client.additional_config:
            hint = f"Did you mean {by_lower_case[nearest[0]]!r}?"
            yield Problem("unknown", f"{WHERE}[{name!r}]", "is not known to the provider.", hint)


def missing(client: ClientConfig, required: Sequence[str]) -> Iterator[Problem]:
    """Keys without which the provider cannot be asked."""
    for name in required:
        value = client.additional_config.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            yield Problem("required", f"{WHERE}[{name!r}]", "is missing.")
        elif not (isinstance(value, str) or callable(value) or isinstance(value, dict)):
            yield Problem(
                "invalid", f"{WHERE}[{name!r}]", "must be a non-empty string, or a reference to one."
            )
