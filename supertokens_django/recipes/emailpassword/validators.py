"""What an e-mail address and a password must look like; the texts are those of FDI, and marked for translation."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop as _

from supertokens_django.users.addresses import is_email


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
