"""Between whom the cookies go: the API and the website that the settings name, or another pair."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from supertokens_django import conf
from supertokens_django.conf import AppConf
from supertokens_django.http.origins import top_level_domain
from supertokens_django.parsers import domain, is_local_host
from supertokens_django.recipes.session import conf as session
from supertokens_django.recipes.session.conf import SessionConf

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Stage:
    """An API and a website, with the settings that decide about their cookies."""

    app: AppConf
    session: SessionConf
    website: str

    @property
    def api(self) -> str:
        return self.app.api_domain

    @property
    def is_one_origin(self) -> bool:
        """Tell whether a browser takes both for one, so that CORS is of no concern."""
        return as_browsers_write(self.api) == self.website_origin

    @property
    def website_origin(self) -> str:
        """The header ``Origin`` of the website's requests."""
        return as_browsers_write(self.website)

    @property
    def api_host(self) -> str:
        return host(self.api)

    @property
    def same_site(self) -> str:
        """The SameSite attribute of the cookies."""
        return session.same_site_for(self.api, self.website, self.session)

    @property
    def is_secure(self) -> bool:
        return session.secure_for(self.api, self.session)

    @property
    def anti_csrf(self) -> str:
        return session.anti_csrf_for(self.same_site, self.session)

    @property
    def cookies_are_refused(self) -> bool:
        return session.cookies_are_refused(self.api, self.website, self.session)

    @property
    def sites(self) -> tuple[str, str]:
        """The registrable domains of the API and of the website."""
        return top_level_domain(self.api), top_level_domain(self.website)

    @property
    def schemes(self) -> tuple[str, str]:
        return urlsplit(self.api).scheme, urlsplit(self.website).scheme


def stage(api: str | None = None, website: str | None = None) -> Stage | None:
    """The pair of the settings, or another one.

    None while the settings have mistakes that are reported by themselves, or where a callable ``ORIGIN`` alone knows
    the website.
    """
    app, settings = conf.parse(AppConf)[0], conf.parse(SessionConf)[0]
    if app is None or settings is None:
        return None
    if api is not None:
        app = replace(app, api_domain=domain(api))
    if website is not None:
        app = replace(app, website_domain=domain(website), origin=None)
    found = app.website_domain if callable(app.origin) else app.website_origin(None)
    return None if found in (None, conf.NOWHERE) else Stage(app, settings, str(found))


def stage_of_the_api() -> Stage | None:
    """The pair of the settings; where nobody knows the website without a request, the API for both."""
    found = stage()
    app = conf.parse(AppConf)[0]
    return found or (stage(website=app.api_domain) if app else None)


def host(origin: str) -> str:
    return urlsplit(origin).hostname or ""


def is_local(origin: str) -> bool:
    """Tell whether the origin is localhost or an IPv4 address."""
    return is_local_host(host(origin))


def is_this_machine(origin: str) -> bool:
    """Tell whether browsers trust the origin as they do https, because nothing leaves the machine."""
    name = host(origin)
    return name == "localhost" or name.endswith(".localhost") or name.startswith("127.") or name == "::1"


def as_browsers_write(origin: str) -> str:
    """An origin without the port that its scheme has anyway (RFC 6454 §6.2)."""
    parts = urlsplit(origin)
    is_default = parts.port == DEFAULT_PORTS.get(parts.scheme)
    return origin.removesuffix(f":{parts.port}") if is_default else origin
