"""Settings of the OpenID recipe."""

from __future__ import annotations

from collections.abc import Iterator

from supertokens_django.conf import Problem, Section, option
from supertokens_django.parsers import class_path, optional
from supertokens_django.recipes.jwt.conf import issuer, issuer_problems


class OpenIdConf(Section):
    """``SUPERTOKENS["OPENID"]``."""

    KEY = "OPENID"

    issuer: str | None = option(
        optional(issuer), None, help="iss of create_jwt, when it differs from API_DOMAIN + API_BASE_PATH."
    )
    service_class: type | None = option(optional(class_path), None, help="Subclass of OpenIdService.")

    def contradictions(self) -> Iterator[Problem]:
        yield from issuer_problems(self.issuer, "SUPERTOKENS['OPENID']['ISSUER']")
