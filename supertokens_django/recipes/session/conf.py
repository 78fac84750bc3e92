"""Settings of sessions, under the names that supertokens-python and the core have for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest

from supertokens_django import conf
from supertokens_django.conf import Problem, option
from supertokens_django.http.origins import same_site, top_level_domain
from supertokens_django.parsers import (
    boolean,
    choice,
    class_path,
    duration,
    function,
    imported,
    integer,
    is_ipv4,
    number,
    optional,
    string,
)
from supertokens_django.recipes.jwt.conf import SigningKeyConf
from supertokens_django.recipes.session.tokens import PROTECTED_PROPS

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")

VIA_TOKEN, VIA_CUSTOM_HEADER, NONE = "VIA_TOKEN", "VIA_CUSTOM_HEADER", "NONE"

RESERVED_CLAIMS = (*PROTECTED_PROPS, "iss", "aud", "nbf", "jti", "stt")
"""Ours, those of RFC 7519 §4.1, and the one that marks tokens of the OAuth2 provider."""


def cookie_domain(value: Any) -> str:
    """Normalise a cookie domain: no scheme, port or path; one leading dot stays, except for localhost and IPv4."""
    text = value.strip().lower() if isinstance(value, str) else ""
    bare = text.lstrip(".")
    try:
        host = (urlsplit(bare if "://" in bare else f"http://{bare}").hostname or "").lstrip(".")
    except ValueError:
        host = ""
    if not _HOST.fullmatch(host) or not text.isprintable():  # urlsplit drops line breaks
        raise ValueError("Please provide a valid session_scope")
    keeps_dot = text.startswith(".") and host != "localhost" and not is_ipv4(host)
    return f".{host}" if keeps_dot else host


def older_cookie_domain(value: Any) -> str:
    """Like :func:`cookie_domain`; "" stands for cookies without a domain."""
    return "" if isinstance(value, str) and not value.strip() else cookie_domain(value)


def error_handlers(value: Any) -> Any:
    """Accept an instance or subclass of ErrorHandlers, or its dotted path."""
    loaded = imported(value)
    handlers = loaded() if isinstance(loaded, type) else loaded
    if not hasattr(handlers, "on_unauthorised"):
        raise ValueError("must be an ErrorHandlers instance, a subclass, or its dotted path.")
    return handlers


def same_site_value(value: Any) -> str:
    try:
        return str(choice("lax", "strict", "none")(value))
    except ValueError as error:
        raise ValueError("Input should be 'lax', 'strict' or 'none'") from error


class SessionConf(SigningKeyConf):
    """``SUPERTOKENS["SESSION"]``."""

    KEY = "SESSION"

    access_token_lifetime_jitter: float = option(
        number(0, 0.25), 0.05, help="Share by which lifetimes are shortened at random, to spread refreshes."
    )
    refresh_token_lifetime: timedelta = option(
        duration(1), timedelta(days=100), help="How long a session lives without a refresh."
    )
    refresh_token_rotation_grace_period: timedelta = option(
        duration(0, 300),
        timedelta(seconds=30),
        help="How long a replaced refresh token still gives its successor.",
    )
    cookie_domain: str | None = option(
        optional(cookie_domain), None, help="Domain of the cookies; None: this host."
    )
    older_cookie_domain: str | None = option(
        optional(older_cookie_domain), None, help='COOKIE_DOMAIN of before a change; "" for none.'
    )
    cookie_secure: bool | None = option(
        optional(boolean), None, help="None: exactly when API_DOMAIN is https."
    )
    cookie_same_site: str | None = option(
        optional(same_site_value), None, help="None: lax on one site, none across sites."
    )
    anti_csrf: str | None = option(
        optional(choice(VIA_TOKEN, VIA_CUSTOM_HEADER, NONE)),
        None,
        help="None: VIA_CUSTOM_HEADER when SameSite is none.",
    )
    session_expired_status_code: int = option(
        integer(400, 599), 401, help="HTTP status without a usable session."
    )
    invalid_claim_status_code: int = option(integer(400, 599), 403, help="HTTP status of a failed claim.")
    get_token_transfer_method: Callable[..., str] | None = option(
        optional(function), None, help="Callable (request, for_create_new_session) -> cookie, header or any."
    )
    error_handlers: Any = option(
        optional(error_handlers), None, help="ErrorHandlers: own responses to session errors."
    )
    use_dynamic_access_token_signing_key: bool = option(
        boolean, True, help="Sign with rotating keys, or with one that stays."
    )
    expose_access_token_to_frontend_in_cookie_based_auth: bool = option(
        boolean, False, help="Also send the access token as st-access-token in cookie mode."
    )
    access_token_payload: Callable[..., Any] | None = option(
        optional(function),
        None,
        help="Callable (user_id, recipe_user_id, tenant_id, access_token_payload) -> dict for new sessions.",
    )
    impersonation_lifetime: timedelta = option(
        duration(60),
        timedelta(hours=1),
        help="How long a session lasts in which staff act as a user; no refresh extends it.",
    )
    revocation_cache: str | None = option(
        optional(string),
        None,
        help="Alias in CACHES of a shared cache that every verification asks; None: off.",
    )
    jwks_refresh_interval_sec: int = option(
        integer(1, 31_536_000), 14400, help="Accepted for compatibility; keys are in this database."
    )
    service_class: type | None = option(optional(class_path), None, help="Subclass of SessionService.")

    def contradictions(self) -> Iterator[Problem]:
        yield from super().contradictions()
        name = self.jwt.property_name_in_access_token_payload
        if name in RESERVED_CLAIMS or name.startswith("st-"):
            yield Problem(
                "invalid",
                "SUPERTOKENS['SESSION']['JWT']['PROPERTY_NAME_IN_ACCESS_TOKEN_PAYLOAD']",
                f"is {name!r}, a claim that has a meaning of its own.",
                "Choose another name; the default is 'jwt'.",
            )
        if self.session_expired_status_code == self.invalid_claim_status_code:
            yield Problem(
                "contradiction",
                "SUPERTOKENS['SESSION']",
                "SESSION_EXPIRED_STATUS_CODE and INVALID_CLAIM_STATUS_CODE must be different.",
                "Frontends tell the two cases apart by them; the defaults are 401 and 403.",
            )
        aliases = conf.cache_aliases()
        if self.revocation_cache is not None and self.revocation_cache not in aliases:
            yield Problem(
                "invalid",
                "SUPERTOKENS['SESSION']['REVOCATION_CACHE']",
                f"names {self.revocation_cache!r}, which is not in CACHES.",
                "Known aliases: " + ", ".join(repr(alias) for alias in aliases) + ".",
            )


def session_conf() -> SessionConf:
    return conf.section(SessionConf)


def is_cookie_secure() -> bool:
    return secure_for(conf.app().api_domain, session_conf())


def cookie_same_site(request: HttpRequest | None) -> str:
    """The SameSite attribute for this request: ``ORIGIN`` may give every request another website."""
    chosen = session_conf().cookie_same_site
    if chosen is not None:
        return chosen
    app = conf.app()
    return same_site_for(app.api_domain, app.website_origin(request), session_conf())


def anti_csrf_mode(request: HttpRequest | None) -> str:
    """``VIA_TOKEN``, ``VIA_CUSTOM_HEADER`` or ``NONE`` for this request (FDI)."""
    chosen = session_conf().anti_csrf
    return anti_csrf_for(cookie_same_site(request), session_conf()) if chosen is None else chosen


# The same decisions for any pair of origins


def secure_for(api: str, settings: SessionConf) -> bool:
    """Tell whether cookies of the API at this origin are Secure."""
    return api.startswith("https") if settings.cookie_secure is None else settings.cookie_secure


def same_site_for(api: str, website: str, settings: SessionConf) -> str:
    """The SameSite attribute between an API and a website."""
    if settings.cookie_same_site is not None:
        return settings.cookie_same_site
    return "lax" if same_site(api, website) else "none"


def anti_csrf_for(cookie_same_site: str, settings: SessionConf) -> str:
    """``VIA_TOKEN``, ``VIA_CUSTOM_HEADER`` or ``NONE`` beside this SameSite attribute (FDI)."""
    if settings.anti_csrf is not None:
        return settings.anti_csrf
    return VIA_CUSTOM_HEADER if cookie_same_site == "none" else NONE


def cookies_are_refused(api: str, website: str, settings: SessionConf) -> bool:
    """Tell whether a sign-in that asks for cookies fails, as no browser would send them back (FDI).

    Between hosts that are all localhost or IPv4 addresses it is left to the browser.
    """
    if same_site_for(api, website, settings) != "none" or secure_for(api, settings):
        return False
    return any(top_level_domain(side) != "localhost" for side in (api, website))
