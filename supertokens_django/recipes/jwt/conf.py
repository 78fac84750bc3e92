"""Settings of signing keys and of the JWT recipe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from supertokens_django import conf
from supertokens_django.conf import Problem, Section, nested, option
from supertokens_django.parsers import boolean, class_path, domain, duration, optional, path_prefix, string


def issuer(value: Any) -> str:
    """Normalise to domain and path without a trailing slash."""
    path = urlsplit(f"//{string(value).strip().rpartition('://')[2]}").path
    return domain(value) + path_prefix(path)


def issuer_problems(issuer: str | None, where: str) -> Iterator[Problem]:
    """What is wrong with an issuer of the project's own: discovery looks for the document below its path."""
    app, _ = conf.parse(conf.AppConf)
    if issuer and app and urlsplit(issuer).path != app.full_api_base_path:
        yield Problem(
            "contradiction",
            where,
            "The path of the issuer URL must be equal to the apiBasePath. The default value is /auth",
            f"Its path has to be {app.full_api_base_path or '/'!r}.",
        )


class NestedJwtConf(Section):
    """``SUPERTOKENS["SESSION"]["JWT"]``: a JWT for other services inside every access token."""

    enable: bool = option(boolean, False, help="Put a JWT of the user and the claims into the access token.")
    issuer: str | None = option(
        optional(issuer), None, help="iss of that JWT, when it differs from API_DOMAIN + API_BASE_PATH."
    )
    property_name_in_access_token_payload: str = option(
        string, "jwt", help="The claim of the access token that holds it."
    )

    @property
    def effective_issuer(self) -> str:
        return self.issuer or conf.app().issuer


class SigningKeyConf(Section):
    """The part of ``SESSION`` that decides how long keys live; the session recipe adds the rest."""

    KEY = "SESSION"

    access_token_lifetime: timedelta = option(
        duration(1), timedelta(hours=1), help="How long an access token is accepted."
    )
    signing_key_rotation_interval: timedelta = option(
        duration(3600),
        timedelta(hours=168),
        help="How long a dynamic key signs before the next one takes over.",
    )
    jwt: NestedJwtConf = option(
        nested(NestedJwtConf),
        nested(NestedJwtConf)({}),
        help="A JWT for other services inside the access token.",
    )

    def contradictions(self) -> Iterator[Problem]:
        yield from issuer_problems(self.jwt.issuer, "SUPERTOKENS['SESSION']['JWT']['ISSUER']")

    @cached_property
    def verification_period(self) -> int:
        """How long after it was made a dynamic key is accepted, in milliseconds (FDI)."""
        period = self.signing_key_rotation_interval + 2 * self.access_token_lifetime
        return int(period.total_seconds() * 1000)


class JwtConf(Section):
    """``SUPERTOKENS["JWT"]``."""

    KEY = "JWT"

    jwt_validity_seconds: timedelta = option(
        duration(1),
        timedelta(seconds=3_153_600_000),
        help="Default validity of create_jwt, in seconds (100 years).",
    )
    service_class: type | None = option(optional(class_path), None, help="Subclass of JwtService.")
