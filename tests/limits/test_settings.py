"""``SUPERTOKENS["RATE_LIMITS"]``: what it accepts, and what is said about mistakes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from supertokens_django import conf
from supertokens_django.limits.conf import RateLimitsConf
from supertokens_django.limits.plans import plans
from supertokens_django.limits.rates import Rate, parse_rates
from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient

LIMITS = "SUPERTOKENS['RATE_LIMITS']['LIMITS']"
SIGN_IN = f"{LIMITS}['emailpassword:signin']"


def problems(**options: Any) -> list[tuple[str, str, str | None]]:
    with supertokens_settings(RATE_LIMITS=options):
        return [(item.path, item.message, item.hint) for item in conf.parse(RateLimitsConf)[1]]


def of_sign_in(value: Any) -> list[tuple[str, str, str | None]]:
    return problems(LIMITS={"emailpassword:signin": value})


def test_as_shipped() -> None:
    with supertokens_settings(RATE_LIMITS={"ENABLED": True}):
        found = conf.section(RateLimitsConf)
    assert (found.enabled, found.cache, found.fail_open, found.limits) == (True, "default", True, {})
    assert found.known_address_lifetime == timedelta(days=30)


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("5/m", [Rate(5, 60)]),
        ("10/15m", [Rate(10, 900)]),
        (" 10 / 15 m , 100/d", [Rate(10, 900), Rate(100, 86400)]),
        ("1/s", [Rate(1, 1)]),
        ("3/2h", [Rate(3, 7200)]),
        ("", []),
    ],
)
def test_rates(text: str, rates: list[Rate]) -> None:
    assert list(parse_rates(text)) == rates


@pytest.mark.parametrize("text", ["5/m", "10/15m, 100/d", "3/36h", "1/90s"])
def test_rates_are_written_as_they_are_read(text: str) -> None:
    assert ", ".join(map(str, parse_rates(text))) == text


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "5 per minute",
            """must be rates such as "5/m" or "10/15m, 100/d" (units: s, m, h, d); '5 per minute' is none.""",
        ),
        ("5/m, ", """must be rates such as "5/m" or "10/15m, 100/d" (units: s, m, h, d); '' is none."""),
        ("5/M", """must be rates such as "5/m" or "10/15m, 100/d" (units: s, m, h, d); '5/M' is none."""),
        ("٥/m", """must be rates such as "5/m" or "10/15m, 100/d" (units: s, m, h, d); '٥/m' is none."""),
        ("0/m", "must allow from 1 to 1000000 tries; '0/m' allows 0."),
        ("5/0m", "must have a period from one second to 31 days; that of '5/0m' is 0 seconds."),
        ("5/32d", "must have a period from one second to 31 days; that of '5/32d' is 2764800 seconds."),
        (5, 'must be rates such as "5/m" or "10/15m, 100/d", or None.'),
        ("", 'must be rates such as "5/m" or "10/15m, 100/d", or None.'),
        (False, 'must be rates such as "5/m" or "10/15m, 100/d", or None.'),
    ],
)
def test_a_mistake_in_a_rate_is_told_at_its_place(value: Any, message: str) -> None:
    assert of_sign_in({"IP": value}) == [(f"{SIGN_IN}['IP']", message, "None is no limit.")]


def test_every_mistake_is_told() -> None:
    found = problems(
        CACHE="reddis",
        FAIL_OPEN="no",
        LIMITS={"emailpassword:signin": {"ip": "5/m", "ACCOUNT": "x"}, "emailpassword:signup": "5/m"},
    )
    assert [path for path, _, _ in found] == [
        "SUPERTOKENS['RATE_LIMITS']['FAIL_OPEN']",
        f"{SIGN_IN}['ip']",
        f"{SIGN_IN}['ACCOUNT']",
        f"{LIMITS}['emailpassword:signup']",
    ]
    assert found[1] == (f"{SIGN_IN}['ip']", "is not a known setting.", "Did you mean 'IP'?")
    assert found[3][1:] == (
        "must be a dict, or None for no limit.",
        'For instance {"IP": "100/h", "ACCOUNT": "10/15m"}.',
    )


def test_an_unknown_cache_is_a_mistake() -> None:
    assert problems(ENABLED=True, CACHE="reddis") == [
        (
            "SUPERTOKENS['RATE_LIMITS']['CACHE']",
            "names 'reddis', which is not in CACHES.",
            "Known: 'default'.",
        )
    ]


@pytest.mark.parametrize("value", [7, "x", ["emailpassword:signin"]])
def test_limits_are_a_dict(value: Any) -> None:
    assert [(path, text) for path, text, _ in problems(LIMITS=value)] == [(LIMITS, "must be a dict.")]


@pytest.mark.django_db
def test_a_mistake_stops_the_first_use(acme: None) -> None:
    with (
        supertokens_settings(
            RATE_LIMITS={"ENABLED": True, "LIMITS": {"emailpassword:signin": {"IP": "often"}}}
        ),
        pytest.raises(ImproperlyConfigured, match=r"\['emailpassword:signin'\]\['IP'\]"),
    ):
        FrontendClient("header").sign_in(ALICE.email, ALICE.password)


def in_force(endpoint: str, **limits: Any) -> dict[str, str]:
    with supertokens_settings(RATE_LIMITS={"ENABLED": True, "LIMITS": limits.get("limits", {})}):
        plan = plans().get(endpoint)
        return {scope: ", ".join(map(str, rates)) for scope, rates in plan.rates.items()} if plan else {}


class TestInForce:
    SHIPPED: dict[str, str] = {"IP": "100/h", "ACCOUNT": "10/15m", "ACCOUNT_AND_IP": "5/m, 20/h"}

    def test_as_shipped(self, acme: None) -> None:
        assert in_force("emailpassword:signin") == self.SHIPPED

    def test_what_is_not_named_stays(self, acme: None) -> None:
        changed = in_force("emailpassword:signin", limits={"emailpassword:signin": {"ACCOUNT": "100/d"}})
        assert changed == {**self.SHIPPED, "ACCOUNT": "100/d"}

    def test_none_takes_one_away(self, acme: None) -> None:
        changed = in_force("emailpassword:signin", limits={"emailpassword:signin": {"IP": None}})
        assert changed == {name: text for name, text in self.SHIPPED.items() if name != "IP"}

    def test_none_takes_all_away(self, acme: None) -> None:
        assert in_force("emailpassword:signin", limits={"emailpassword:signin": None}) == {}

    def test_an_endpoint_without_accounts_is_limited_by_address_alone(self, acme: None) -> None:
        limits = {"session:refresh": {"IP": "5/m", "ACCOUNT": "5/m"}}
        assert in_force("session:refresh", limits=limits) == {"IP": "5/m"}
