"""The page says which limits there are; here it is compared with the code."""

from __future__ import annotations

from types import SimpleNamespace

from django.core.checks import run_checks

from supertokens_django import registry
from supertokens_django.limits.rates import parse_rates
from supertokens_django.registry import Account
from tests.base import supertokens_settings
from tests.docs.snippets import text_of

PAGE = "docs/rate-limits.md"


def declared() -> dict[str, tuple[str, ...]]:
    limits = [limit for recipe in registry.mountable() for limit in recipe.limits()]
    return {
        limit.endpoint: (
            limit.ip,
            limit.account,
            limit.account_and_ip,
            "failures" if limit.counts_failures else "everything",
        )
        for limit in limits
    }


def test_the_table_is_that_of_the_code() -> None:
    table = text_of(PAGE).partition("## The limits")[2].partition("\n\n`10/15m` is")[0]
    rows = [
        [cell.strip().strip("`") for cell in line.split("|")[1:-1]]
        for line in table.splitlines()
        if line.startswith("| `")
    ]
    assert {name: tuple(cells) for name, *cells in rows} == declared()
    assert len(rows) == len(declared()) >= 6


def test_every_default_is_a_rate() -> None:
    for rates in declared().values():
        for text in rates[:3]:
            assert ", ".join(map(str, parse_rates(text))) == text


def test_every_limit_is_of_an_endpoint_or_of_a_form_of_the_pages() -> None:
    recipes = list(registry.mountable())
    endpoints = {endpoint.name for recipe in recipes for endpoint in registry.endpoints(recipe)}
    assert set(declared()) - endpoints == {"emailpassword:change_password", "emailverification:change_email"}


def test_the_example_of_limits_of_ones_own_works() -> None:
    code = text_of(PAGE).partition("# acme/limits.py\n")[2].partition("```")[0]
    found = SimpleNamespace()
    exec(code, found.__dict__)
    assert found.account_of(None, {"phoneNumber": "+49"}, "public") == Account("public", "+49")
    assert found.account_of(None, {"phoneNumber": 7}, "public") is None
    assert [limit.endpoint for limit in found.LIMITS] == ["voucher:redeem", "voucher:check"]


def test_the_settings_on_the_page_are_right(acme: None) -> None:
    code = text_of(PAGE).partition("# acme/settings.py\n")[2].partition("```")[0]
    found = SimpleNamespace()
    exec(code, found.__dict__)
    found.SUPERTOKENS["RATE_LIMITS"].pop("CACHE")
    with supertokens_settings(**found.SUPERTOKENS):
        assert [str(item.id) for item in run_checks() if "RATE_LIMITS" in item.msg] == []
