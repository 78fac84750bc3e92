"""Cookies that come back: SameSite, Secure and Domain against the API's origin and the website's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Tags, register

from supertokens_django.checks import catalogue
from supertokens_django.checks.stage import Stage, is_this_machine, stage_of_the_api
from supertokens_django.http.origins import is_public_suffix, same_site
from supertokens_django.recipes.session.conf import NONE

WHERE = "SUPERTOKENS['SESSION']"


@register(Tags.security)
def check_cookies(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The browser keeps the cookies, and sends them back from the website."""
    found = stage_of_the_api()
    return list(cookie_mistakes(found)) if found else []


def cookie_mistakes(stage: Stage) -> Iterator[CheckMessage]:
    """What keeps the cookies from coming back, or makes them come back too easily."""
    yield from _domain(stage)
    if stage.session.get_token_transfer_method is None:  # else there may be no cookies at all
        yield from _cross_site_without_https(stage)
        yield from _same_site(stage)
        yield from _anti_csrf(stage)
    yield from _secure(stage)


def _domain(stage: Stage) -> Iterator[CheckMessage]:
    chosen = (stage.session.cookie_domain or "").lstrip(".")
    if not chosen or chosen == stage.api_host:
        return
    where = f"{WHERE}['COOKIE_DOMAIN']"
    hint = "Remove it for cookies of this one host, or name the domain that the API shares with other hosts of yours."
    if not stage.api_host.endswith(f".{chosen}"):
        text = f"{where} is {chosen!r}, but the API is at {stage.api_host}: browsers refuse such cookies."
        yield catalogue.DOMAIN_ELSEWHERE.found(text, hint)
    elif is_public_suffix(chosen):
        text = f"{where} is {chosen!r}, below which anybody may have a domain: browsers refuse such cookies."
        yield catalogue.DOMAIN_PUBLIC.found(text, hint)


def _cross_site_without_https(stage: Stage) -> Iterator[CheckMessage]:
    if stage.same_site == "none" and not stage.is_secure:
        reason, cure = _why_without_https(stage)
        text = f"SameSite=None goes with Secure only, so browsers refuse the session cookies: {reason}."
        yield catalogue.CROSS_SITE_HTTP.found(text, cure)


def _why_without_https(stage: Stage) -> tuple[str, str]:
    """What is not as it has to be, and the cure."""
    if stage.schemes[0] == "https":
        return "COOKIE_SECURE is False", "Remove COOKIE_SECURE: the API is https."
    if same_site(stage.api, stage.website):
        return "COOKIE_SAME_SITE is 'none'", "Remove COOKIE_SAME_SITE: API and website are one site."
    if stage.sites[0] == stage.sites[1]:
        return "the API is http and the website https", "Let both be https, or both http."
    return f"{stage.sites[0]} and {stage.sites[1]} are two sites", (
        "Let the API be https, or put both below one domain with one scheme."
    )


def _same_site(stage: Stage) -> Iterator[CheckMessage]:
    chosen = stage.session.cookie_same_site
    if chosen in ("lax", "strict") and not same_site(stage.api, stage.website):
        text = (
            f"{WHERE}['COOKIE_SAME_SITE'] is {chosen!r}, but {stage.api} and {stage.website} are two sites: "
            "the website's requests carry no session."
        )
        yield catalogue.SAME_SITE.found(text, "Remove it: the default follows from the two domains.")


def _anti_csrf(stage: Stage) -> Iterator[CheckMessage]:
    if stage.same_site == "none" and stage.anti_csrf == NONE:
        text = f"{WHERE}['ANTI_CSRF'] is 'NONE', although SameSite=None lets every site send the cookies."
        yield catalogue.ANTI_CSRF.found(text, "Remove it; the default here is 'VIA_CUSTOM_HEADER'.")


def _secure(stage: Stage) -> Iterator[CheckMessage]:
    chosen, scheme = stage.session.cookie_secure, stage.schemes[0]
    where = f"{WHERE}['COOKIE_SECURE']"
    if chosen is False and scheme == "https" and stage.same_site != "none":
        text = f"{where} is False, so the cookies of {stage.api} go over http as well."
        yield catalogue.NOT_SECURE.found(text, "Remove it: the default follows API_DOMAIN.")
    if chosen is True and scheme == "http" and not is_this_machine(stage.api):
        text = f"{where} is True, but browsers refuse Secure cookies from {stage.api}."
        hint = "Write https into API_DOMAIN, where that is what browsers see; else remove COOKIE_SECURE."
        yield catalogue.SECURE_HTTP.found(text, hint)
