"""How cookies, anti-CSRF and CORS are decided between an API and a website, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from corsheaders.middleware import CorsMiddleware
from corsheaders.signals import check_request_enabled

from supertokens_django import conf
from supertokens_django.checks.cookies import cookie_mistakes
from supertokens_django.checks.cors import cors_mistakes, lets_in
from supertokens_django.checks.middleware import place_of
from supertokens_django.checks.stage import Stage, is_local, stage
from supertokens_django.http.origins import same_site
from supertokens_django.management.doctor.findings import BROKEN_SETTINGS, Finding, cause, finding_of
from supertokens_django.pages.conf import PagesConf


@dataclass(frozen=True)
class Decision:
    """What was decided about ``name``, and why, in plain words."""

    name: str
    value: str
    reason: str


@dataclass(frozen=True)
class Decisions:
    """All about one pair of origins; none where ``unknown`` says why not."""

    api: str | None
    website: str | None
    decisions: list[Decision] = field(default_factory=list)
    mistakes: list[Finding] = field(default_factory=list)
    unknown: str | None = None


def decide(api: str | None = None, website: str | None = None) -> Decisions:
    """The decisions for the pair in the settings, or for another one."""
    try:
        return _decide(api, website)
    except Exception as error:  # a module that cannot be imported, or a list of the project's that is none
        return Decisions(api, website, unknown=cause(error))


def _decide(api: str | None, website: str | None) -> Decisions:
    found = stage(api, website)
    if found is None:
        app = conf.parse(conf.AppConf)[0]
        is_callable = app is not None and callable(app.origin)
        unknown = (
            "ORIGIN is a callable, so each request has its own website. Name one by --website."
            if is_callable
            else BROKEN_SETTINGS
        )
        return Decisions(app.api_domain if app else None, None, unknown=unknown)
    mistakes = [finding_of(message) for message in (*cookie_mistakes(found), *cors_mistakes(found))]
    return Decisions(found.api, found.website, list(_decisions(found)), mistakes)


def _decisions(stage: Stage) -> Iterator[Decision]:
    yield _site(stage)
    yield _cookies(stage)
    yield _same_site(stage)
    yield _secure(stage)
    yield _domain(stage)
    path = f"{stage.app.full_api_base_path}/session/refresh"
    yield Decision(
        "refresh cookie's path", path, "API_GATEWAY_PATH and API_BASE_PATH; no other request carries it."
    )
    yield _anti_csrf(stage)
    yield _tokens(stage)
    yield _cors(stage)
    yield _pages(stage)
    yield Decision("issuer", stage.app.issuer, "API_DOMAIN, API_GATEWAY_PATH and API_BASE_PATH.")


def _site(stage: Stage) -> Decision:
    (api, website), (scheme, other_scheme) = stage.sites, stage.schemes
    if api != website:
        return Decision(
            "site", "cross-site", f"By the public suffix list, {api} and {website} are two sites."
        )
    if scheme != other_scheme:
        return Decision("site", "cross-site", f"The API is {scheme}, the website {other_scheme}.")
    if is_local(stage.api):
        reason = f"Localhost and IPv4 addresses count as one site, whatever the port, and both are {scheme}."
    else:
        reason = f"By the public suffix list, both belong to {api}, and both are {scheme}."
    return Decision("site", "same site", reason)


def _cookies(stage: Stage) -> Decision:
    if stage.cookies_are_refused:
        reason = "SameSite=none needs https; a sign-in that asks for cookies is answered 500."
        return Decision("cookie sessions", "refused", reason)
    if stage.same_site == "none" and not stage.is_secure:
        return Decision(
            "cookie sessions", "doubtful", "Browsers drop cookies with SameSite=none that are not Secure."
        )
    if stage.same_site != "none" and not same_site(stage.api, stage.website):
        reason = f"SameSite={stage.same_site} keeps cookies from the requests of another site."
        return Decision("cookie sessions", "fail", reason)
    if stage.same_site == "none" and not same_site(stage.api, stage.website):
        reason = (
            "Browsers that block cookies of other sites, Safari among them, keep no session. "
            "Below one domain, or with tokens in headers, it works everywhere."
        )
        return Decision("cookie sessions", "depend on the browser", reason)
    return Decision("cookie sessions", "work", "Browsers send the cookies with the website's requests.")


def _same_site(stage: Stage) -> Decision:
    if stage.session.cookie_same_site is not None:
        reason = "COOKIE_SAME_SITE says so."
    elif stage.same_site == "lax":
        reason = "The website is on the same site, so no other needs to send the cookies."
    else:
        reason = "The website is on another site, and has to send the cookies all the same."
    return Decision("SameSite", stage.same_site, reason)


def _secure(stage: Stage) -> Decision:
    chosen = stage.session.cookie_secure is not None
    reason = "COOKIE_SECURE says so." if chosen else f"The API is {stage.schemes[0]}."
    return Decision("Secure", "yes" if stage.is_secure else "no", reason)


def _domain(stage: Stage) -> Decision:
    chosen = stage.session.cookie_domain
    if chosen is None:
        return Decision(
            "cookie domain", "none", f"COOKIE_DOMAIN is not set: {stage.api_host} alone gets the cookies."
        )
    reason = f"COOKIE_DOMAIN says so: {chosen.lstrip('.')} and all hosts below it get the cookies."
    return Decision("cookie domain", chosen, reason)


def _anti_csrf(stage: Stage) -> Decision:
    if stage.session.anti_csrf is not None:
        reason = "ANTI_CSRF says so."
    elif stage.same_site == "none":
        reason = "SameSite=none: every site can send the cookies, but only the website the header rid."
    else:
        reason = f"SameSite={stage.same_site}: other sites cannot send the cookies with a POST."
    return Decision("anti-CSRF", stage.anti_csrf, reason)


def _tokens(stage: Stage) -> Decision:
    if stage.session.get_token_transfer_method is not None:
        return Decision("tokens", "as a function says", "GET_TOKEN_TRANSFER_METHOD decides for each request.")
    reason = "The client asks by the header st-auth-mode; one that asks for nothing gets headers."
    return Decision("tokens", "cookie or header", reason)


def _cors(stage: Stage) -> Decision:
    if stage.is_one_origin:
        return Decision("CORS", "not needed", "API and website are one origin.")
    if place_of(CorsMiddleware) is None:
        return Decision(
            "CORS", "missing", "Scheme, host or port differ, and CorsMiddleware is not in MIDDLEWARE."
        )
    if check_request_enabled.receivers:
        return Decision("CORS", "decided per request", "Receivers of check_request_enabled are asked.")
    if not lets_in(stage.website_origin):
        return Decision("CORS", "refuses", f"{stage.website_origin} is not in CORS_ALLOWED_ORIGINS.")
    if next(cors_mistakes(stage), None) is not None:
        return Decision(
            "CORS", "incomplete", "It lets the website in, but not all that it sends; see the findings."
        )
    return Decision("CORS", "works", "It lets in the website, its credentials and its headers.")


def _pages(stage: Stage) -> Decision:
    settings = conf.parse(PagesConf)[0]
    if settings is not None and settings.enabled is not None:
        return Decision("pages", "on" if settings.enabled else "off", 'PAGES["ENABLED"] says so.')
    if stage.api == stage.website:
        return Decision("pages", "on", "API_DOMAIN is the website's origin as well.")
    return Decision("pages", "off", "The website has an origin of its own, and pages of its own.")
