"""What an e-mail address and a password must look like; the texts are those of FDI, and marked for translation."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop as _

EMAIL_LENGTH = 254
"""Characters of the longest address that mail systems take (RFC 5321) and Django's user model has room for."""

_ATOM = r'[^<>()\[\]\\.,;:\s@"\x00-\x1f\x7f]+'
_LOCAL = rf'(?:{_ATOM}(?:\.{_ATOM})*|"[^\x00-\x1f\x7f]+")'
_DOMAIN = r"(?:\[[0-9]{1,3}(?:\.[0-9]{1,3}){3}\]|(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]{2,})"
_EMAIL = re.compile(rf"{_LOCAL}@{_DOMAIN}")


def is_email(value: Any) -> bool:
    """Tell whether the address has the form that FDI asks for and fits into its column."""
    # Lower case may be longer: İ is two characters in it.
    return (
        isinstance(value, str) and len(value.lower()) <= EMAIL_LENGTH and _EMAIL.fullmatch(value) is not None
    )


def validate_email(value: Any, tenant_id: str) -> str | None:
    return None if is_email(value) else _("Email is not valid")


def validate_password_policy(value: Any, tenant_id: str) -> str | None:
    """SuperTokens' default policy."""
    if not isinstance(value, str):
        return "Development bug: Please make sure the password field yields a string"
    if len(value) < 8:
        return _("Password must contain at least 8 characters, including a number")
    if len(value) >= 100:
        return _("Password's length must be lesser than 100 characters")
    if re.fullmatch(r".*[A-Za-z].*", value) is None:
        return _("Password must contain at least one alphabet")
    if re.fullmatch(r".*[0-9].*", value) is None:
        return _("Password must contain at least one number")
    return None


def validate_by_django(value: str, email: str | None) -> str | None:
    """The project's ``AUTH_PASSWORD_VALIDATORS``, their messages in one text; they may compare it with the e-mail."""
    user = get_user_model()()
    setattr(user, user.get_email_field_name(), email or "")
    try:
        validate_password(value, user)
    except ValidationError as error:
        return " ".join(error.messages)
    return None
