"""Settings of the e-mail and password recipe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from supertokens_django.conf import Section, option
from supertokens_django.parsers import (
    Validate,
    boolean,
    class_path,
    duration,
    optional,
    sequence_of,
    string,
    validate_function,
)


@dataclass(frozen=True)
class FormField:
    """A field of the sign-up form."""

    id: str
    optional: bool = False
    validate: Validate | None = None


def form_field(value: Any) -> FormField:
    if not isinstance(value, dict) or set(value) - {"id", "optional", "validate"}:
        raise ValueError('must be dicts with the keys "id", "optional" and "validate".')
    return FormField(
        string(value.get("id")),
        boolean(value.get("optional", False)),
        optional(validate_function)(value.get("validate")),
    )


class EmailPasswordConf(Section):
    """``SUPERTOKENS["EMAILPASSWORD"]``."""

    KEY = "EMAILPASSWORD"

    form_fields: tuple[FormField, ...] = option(
        sequence_of(form_field), (), help="Further sign-up fields, or own validators of email and password."
    )
    password_reset_token_lifetime: timedelta = option(
        duration(1), timedelta(hours=1), help="How long a password reset link is good."
    )
    revoke_sessions_on_password_reset: bool = option(
        boolean, True, help="Sign the user out everywhere when the password is reset."
    )
    service_class: type | None = option(optional(class_path), None, help="Subclass of EmailPasswordService.")
