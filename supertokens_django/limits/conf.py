"""Settings of the rate limits."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from supertokens_django import conf
from supertokens_django.conf import NestedProblems, Problem, Section, option
from supertokens_django.limits.rates import parse_rates
from supertokens_django.parsers import boolean, duration, string

IP, ACCOUNT, ACCOUNT_AND_IP = "IP", "ACCOUNT", "ACCOUNT_AND_IP"
SCOPES = (IP, ACCOUNT, ACCOUNT_AND_IP)
"""What tries are counted by."""


class Overrides(dict[str, dict[str, str]]):
    """Endpoint, scope, rates: what the project sets in place of the defaults; "" is no limit."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # never changed, so that it may be a default


def overrides(value: Any) -> Overrides:
    """Accept ``{"<recipe>:<verb>": {"IP": "100/h", "ACCOUNT": None}}``; None in place of a dict lifts all limits."""
    if not isinstance(value, Mapping):
        raise ValueError("must be a dict.")
    problems: list[Problem] = []
    found = Overrides(
        {str(name): _of_endpoint(scopes, f"[{name!r}]", problems) for name, scopes in value.items()}
    )
    if problems:
        raise NestedProblems(problems)
    return found


def _of_endpoint(value: Any, where: str, problems: list[Problem]) -> dict[str, str]:
    if value is None:
        return dict.fromkeys(SCOPES, "")
    if not isinstance(value, Mapping):
        hint = 'For instance {"IP": "100/h", "ACCOUNT": "10/15m"}.'
        problems.append(Problem("invalid", where, "must be a dict, or None for no limit.", hint))
        return {}
    found: dict[str, str] = {}
    for name, rates in value.items():
        if name not in SCOPES:
            nearest = difflib.get_close_matches(str(name).upper(), SCOPES, n=1, cutoff=0.5)
            hint = f"Did you mean {nearest[0]!r}?" if nearest else "Known keys: " + ", ".join(SCOPES) + "."
            problems.append(Problem("unknown", f"{where}[{name!r}]", "is not a known setting.", hint))
            continue
        try:
            found[name] = _rates(rates)
        except ValueError as error:
            hint = "None is no limit."
            problems.append(Problem("invalid", f"{where}[{name!r}]", str(error), hint))
    return found


def _rates(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not value.strip():
        raise ValueError('must be rates such as "5/m" or "10/15m, 100/d", or None.')
    return ", ".join(map(str, parse_rates(value)))


class RateLimitsConf(Section):
    """``SUPERTOKENS["RATE_LIMITS"]``."""

    KEY = "RATE_LIMITS"

    enabled: bool = option(boolean, True, help="Whether tries are counted at all.")
    cache: str = option(
        string, "default", help="Alias in CACHES of the cache that counts; all processes must share it."
    )
    fail_open: bool = option(
        boolean, True, help="While the cache is broken, let everything pass; False: refuse what is limited."
    )
    known_address_lifetime: timedelta = option(
        duration(0),
        timedelta(days=30),
        help="How long an address from which somebody has signed in is known as theirs, and is not locked out by "
        "tries from elsewhere; 0: never.",
    )
    limits: Overrides = option(
        overrides, Overrides(), help="By endpoint, what replaces the default rates; None is no limit."
    )

    def contradictions(self) -> Iterator[Problem]:
        if self.enabled and self.cache not in conf.cache_aliases():
            known = ", ".join(map(repr, conf.cache_aliases()))
            where = f"SUPERTOKENS[{self.KEY!r}]['CACHE']"
            yield Problem(
                "invalid", where, f"names {self.cache!r}, which is not in CACHES.", f"Known: {known}."
            )
