"""Settings of the e-mail verification recipe, under the names that SuperTokens has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

from supertokens_django import conf
from supertokens_django.conf import Problem, Section, option
from supertokens_django.parsers import choice, class_path, duration, function, optional

REQUIRED, OPTIONAL = "REQUIRED", "OPTIONAL"
RECIPE = "emailverification"

GetEmail = Callable[[str], str | Awaitable[str | None] | None]
"""``(recipe_user_id) -> e-mail``, "" for a user without one, None for somebody it does not know."""


class EmailVerificationConf(Section):
    """``SUPERTOKENS["EMAILVERIFICATION"]``."""

    KEY = "EMAILVERIFICATION"

    mode: str | None = option(
        optional(choice(REQUIRED, OPTIONAL)),
        None,
        help="REQUIRED: verified sessions alone pass verify_session; OPTIONAL: the session only says so.",
    )
    email_verification_token_lifetime: timedelta = option(
        duration(), timedelta(days=1), help="How long a verification link works."
    )
    get_email_for_recipe_user_id: GetEmail | None = option(
        optional(function),
        None,
        help='Callable (recipe_user_id) -> e-mail, "" for a user without one, None for one it does not know.',
    )
    service_class: type | None = option(
        optional(class_path), None, help="Subclass of EmailVerificationService."
    )

    def contradictions(self) -> Iterator[Problem]:
        app = conf.parse(conf.AppConf)[0]
        if self.mode is None and app is not None and app.is_enabled(RECIPE):
            where = f"SUPERTOKENS[{self.KEY!r}]['MODE']"
            hint = 'Add "MODE": "REQUIRED" (unverified users pass no verify_session) or "MODE": "OPTIONAL".'
            yield Problem("required", where, "is missing.", hint)


def emailverification_conf() -> EmailVerificationConf:
    return conf.section(EmailVerificationConf)


def is_required() -> bool:
    """Tell whether an unverified user passes no verification of a session."""
    return conf.app().is_enabled(RECIPE) and emailverification_conf().mode == REQUIRED
