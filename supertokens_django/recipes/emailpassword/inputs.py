"""Form fields from the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supertokens_django import conf
from supertokens_django.exceptions import BadInputError, FieldError
from supertokens_django.recipes.emailpassword.conf import EmailPasswordConf, FormField
from supertokens_django.recipes.emailpassword.validators import (
    validate_by_django,
    validate_email,
    validate_password_policy,
)
from supertokens_django.users.accounts import normalise_email
from supertokens_django.users.addresses import EMAIL_LENGTH

EMAIL, PASSWORD = "email", "password"


def sign_up_fields() -> tuple[FormField, ...]:
    """The configured fields; password and e-mail are appended where they are missing and are never optional (FDI)."""
    fields = {field.id: field for field in conf.section(EmailPasswordConf).form_fields}
    for name in (PASSWORD, EMAIL):
        fields.setdefault(name, FormField(name))
    return tuple(_completed(field) for field in fields.values())


def sign_in_fields() -> tuple[FormField, ...]:
    """E-mail and password of the sign-up form, the password without a policy."""
    return tuple(
        field if field.id == EMAIL else FormField(PASSWORD)
        for field in sign_up_fields()
        if field.id in (EMAIL, PASSWORD)
    )


def reset_token_fields() -> tuple[FormField, ...]:
    return tuple(field for field in sign_up_fields() if field.id == EMAIL)


def reset_fields() -> tuple[FormField, ...]:
    return tuple(field for field in sign_up_fields() if field.id == PASSWORD)


def password_error(password: Any, tenant_id: str, email: str | None = None) -> str | None:
    """What the password policy says against a password of the user with this e-mail; None when it is good."""
    field = next(field for field in sign_up_fields() if field.id == PASSWORD)
    return _error(field, {PASSWORD: password, EMAIL: email}, tenant_id)


def email_error(email: str, tenant_id: str) -> str | None:
    """What the form says against an e-mail address; None when it is good."""
    field = next(field for field in sign_up_fields() if field.id == EMAIL)
    return _error(field, {EMAIL: email}, tenant_id)


def clean_form(data: dict[str, Any], fields: Sequence[FormField], tenant_id: str) -> dict[str, Any]:
    """Read ``formFields`` and validate them; gives the values by id, fields that were left out are missing.

    Raises:
        BadInputError: the form is malformed.
        FieldError: a value is missing or not good.
    """
    given = _given(data)
    if len(given) > len(fields):
        raise BadInputError("Are you sending too many formFields?")
    values: dict[str, Any] = {}
    for name, value in given:
        values.setdefault(name, value)
    cleaned = {field.id: values[field.id] for field in fields if values.get(field.id, "") not in ("", None)}
    errors = [(field.id, text) for field in fields if (text := _error(field, cleaned, tenant_id))]
    if errors:
        raise FieldError(errors)
    return cleaned


def email_of(data: dict[str, Any]) -> str | None:
    """The stored form of the e-mail address that a form is about, before it is judged; None without one."""
    try:
        return next((normalise_email(value) for name, value in _given(data) if name == EMAIL), None)
    except BadInputError:
        return None


def reset_token(data: dict[str, Any]) -> str:
    """Read ``token``.

    Raises:
        BadInputError: it is missing or no string.
    """
    if (token := data.get("token")) is None:
        raise BadInputError("Please provide the password reset token")
    if not isinstance(token, str):
        raise BadInputError("The password reset token must be a string")
    return token


def exists_email(data: dict[str, Any]) -> str:
    """Read ``email`` from the query.

    Raises:
        BadInputError: it is missing.
    """
    if "email" not in data:
        raise BadInputError("Please provide the email as a GET param")
    return str(data["email"])


def _completed(field: FormField) -> FormField:
    if field.id == EMAIL:
        return FormField(EMAIL, False, field.validate or validate_email)
    if field.id == PASSWORD:
        return FormField(PASSWORD, False, field.validate or validate_password_policy)
    return field


def _given(data: dict[str, Any]) -> list[tuple[str, Any]]:
    given = data.get("formFields", [])
    if given is None:
        raise BadInputError("Missing input param: formFields")
    if not isinstance(given, list):
        raise BadInputError("formFields must be an array")
    return [_pair(item) for item in given]


def _pair(item: Any) -> tuple[str, Any]:
    if not isinstance(item, dict) or not isinstance(item.get("id"), str) or "value" not in item:
        raise BadInputError("All elements of formFields must contain an 'id' and 'value' field")
    name, value = item["id"], item["value"]
    if name in (EMAIL, PASSWORD) and not isinstance(value, str):
        raise BadInputError(f"{name} value must be a string")
    return name, value.strip() if name == EMAIL else value


def _error(field: FormField, values: dict[str, Any], tenant_id: str) -> str | None:
    if field.id not in values:
        return None if field.optional else "Field is not optional"
    if field.validate is None:
        return None
    error = field.validate(values[field.id], tenant_id)
    if field.id == EMAIL and len(normalise_email(values[EMAIL])) > EMAIL_LENGTH:
        return error or validate_email(values[EMAIL], tenant_id)  # whatever a rule of the project's own says
    if field.id == PASSWORD and conf.has_password_validators():
        return error or validate_by_django(values[PASSWORD], values.get(EMAIL))
    return error
