"""Which limits hold: what the recipes declare, with what the settings put in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from supertokens_django import conf, registry
from supertokens_django.limits import stage
from supertokens_django.limits.conf import ACCOUNT, ACCOUNT_AND_IP, IP, SCOPES
from supertokens_django.limits.rates import Rate, parse_rates
from supertokens_django.limits.stage import settings
from supertokens_django.registry import Limit


@dataclass(frozen=True)
class Plan:
    """The limits of one endpoint."""

    limit: Limit
    rates: Mapping[str, tuple[Rate, ...]]
    """By scope; a scope without rates is missing."""

    @property
    def longest(self) -> int:
        """The longest period, in seconds."""
        return max(rate.seconds for rates in self.rates.values() for rate in rates)


def plan_of(endpoint: str) -> Plan | None:
    """The limits of an endpoint; None where it has none."""
    return plans().get(endpoint)


def plans() -> Mapping[str, Plan]:
    """The limits in force, by endpoint."""
    global _plans
    if not stage.is_enabled():
        return {}
    key = conf.state_key()
    if _plans[0] is not key:
        _plans = (key, _made())
    return _plans[1]


_plans: tuple[object, Mapping[str, Plan]] = (None, {})


def _made() -> dict[str, Plan]:
    declared = {limit.endpoint: limit for recipe in registry.enabled() for limit in recipe.limits()}
    names = dict.fromkeys([*declared, *settings().limits])
    found = {name: _plan(declared.get(name) or Limit(name)) for name in names}
    return {name: plan for name, plan in found.items() if plan.rates}


def _plan(limit: Limit) -> Plan:
    texts = {**defaults(limit), **settings().limits.get(limit.endpoint, {})}
    usable = SCOPES if limit.account_of is not None else (IP,)
    return Plan(limit, {scope: rates for scope in usable if (rates := parse_rates(texts[scope]))})


def defaults(limit: Limit) -> dict[str, str]:
    """The rates that a recipe declares, by scope."""
    return {IP: limit.ip, ACCOUNT: limit.account, ACCOUNT_AND_IP: limit.account_and_ip}
