"""What the endpoints are sent, in clean values."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _

from supertokens_django import conf
from supertokens_django.exceptions import BadInputError, GeneralError
from supertokens_django.recipes.passwordless import codes
from supertokens_django.recipes.passwordless.conf import EMAIL, PHONE, PasswordlessConf
from supertokens_django.recipes.passwordless.credentials import Credentials
from supertokens_django.users import phone
from supertokens_django.users.accounts import AccountInfo, normalise_email
from supertokens_django.users.addresses import is_email, is_storable

INVALID_EMAIL, INVALID_PHONE_NUMBER = _("Email is invalid"), _("Phone number is invalid")
EXACTLY_ONE = "Please provide exactly one of email or phoneNumber"
ONE_OF = "Please provide one of (linkCode) or (deviceId+userInputCode) and not both"
BOTH = "Please provide both deviceId and userInputCode"
NO_EMAIL = f'Please provide an email since you have set the contactMethod to "{EMAIL}"'
NO_PHONE_NUMBER = f'Please provide a phoneNumber since you have set the contactMethod to "{PHONE}"'


def contact(data: dict[str, Any], tenant_id: str) -> AccountInfo:
    """Read ``email`` or ``phoneNumber``, in its stored form.

    Raises:
        BadInputError: there are both or none, or one that the settings do not want.
        GeneralError: it is not good.
    """
    email, number = text(data, "email"), text(data, "phoneNumber")
    if (email is None) == (number is None):
        raise BadInputError(EXACTLY_ONE)
    settings = conf.section(PasswordlessConf)
    if email is None and not settings.takes_phone_numbers:
        raise BadInputError(NO_EMAIL)
    if number is None and not settings.takes_emails:
        raise BadInputError(NO_PHONE_NUMBER)
    if email is not None:
        return _checked(AccountInfo(email=normalise_email(email)), email_error(email.strip(), tenant_id))
    found = (number or "").strip()
    return _checked(AccountInfo(phone_number=phone.normalise(found)), phone_number_error(found, tenant_id))


def identifier(data: dict[str, Any]) -> str | None:
    """Whom a code is asked for, before it is judged: the contact in its stored form; None without."""
    try:
        email, number = text(data, "email"), text(data, "phoneNumber")
        if email is not None:
            return normalise_email(email)
        if number is not None and conf.section(PasswordlessConf).takes_phone_numbers:
            return phone.normalise(number)
    except BadInputError:
        pass
    return None


def device_key(data: dict[str, Any]) -> str | None:
    """The device on which another code is asked for, as it is stored; None where none is named."""
    try:
        device_id = text(data, "deviceId")
        return None if device_id is None else codes.pre_auth_session_id_of(device_id)
    except BadInputError:
        return None


def email_error(email: str, tenant_id: str) -> str | None:
    """What the rule for addresses says against one; None when it is good."""
    own = conf.section(PasswordlessConf).validate_email_address
    error = own(email, tenant_id) if own else (None if is_email(email) else INVALID_EMAIL)
    # Whatever a rule of the project's own says, it has to fit, and to be somebody's.
    return error or (None if is_storable(normalise_email(email)) else INVALID_EMAIL)


def phone_number_error(number: str, tenant_id: str) -> str | None:
    """What the rule for phone numbers says against one; None when it is good."""
    own = conf.section(PasswordlessConf).validate_phone_number
    error = own(number, tenant_id) if own else (None if phone.is_valid(number) else INVALID_PHONE_NUMBER)
    return error or (None if phone.is_storable(phone.normalise(number)) else INVALID_PHONE_NUMBER)


def device(data: dict[str, Any]) -> tuple[str, str]:
    """Read ``preAuthSessionId`` and ``deviceId``.

    Raises:
        BadInputError: one of them is missing.
    """
    return needed(data, "preAuthSessionId"), needed(data, "deviceId")


def credentials(data: dict[str, Any]) -> Credentials:
    """Read ``preAuthSessionId``, with ``deviceId`` and ``userInputCode`` or with ``linkCode``.

    Raises:
        BadInputError: something is missing, or too much.
    """
    key = needed(data, "preAuthSessionId")
    device_id, code, link = (text(data, name) for name in ("deviceId", "userInputCode", "linkCode"))
    if link is not None:
        if device_id is not None or code is not None:
            raise BadInputError(ONE_OF)
        return Credentials(key, link_code=link)
    if device_id is None and code is None:
        raise BadInputError(ONE_OF)
    if device_id is None or code is None:
        raise BadInputError(BOTH)
    return Credentials(key, code.strip(), device_id)


def exists_email(data: dict[str, Any]) -> str:
    """Read ``email`` from the query.

    Raises:
        BadInputError: it is missing.
    """
    if "email" not in data:
        raise BadInputError("Please provide the email as a GET param")
    return normalise_email(str(data["email"]))


def exists_phone_number(data: dict[str, Any]) -> str:
    """Read ``phoneNumber`` from the query.

    Raises:
        BadInputError: it is missing.
    """
    if "phoneNumber" not in data:
        raise BadInputError("Please provide the phoneNumber as a GET param")
    found = str(data["phoneNumber"])
    # Where people sign in by e-mail alone, the package may be missing.
    is_readable = conf.section(PasswordlessConf).takes_phone_numbers or phone.is_installed()
    return phone.normalise(found) if is_readable else found.strip()


def needed(data: dict[str, Any], name: str) -> str:
    found = text(data, name)
    if found is None:
        raise BadInputError(f"Please provide {name}")
    return found


def text(data: dict[str, Any], name: str) -> str | None:
    """A string of the body; None where it is missing or null.

    Raises:
        BadInputError: it is something else.
    """
    found = data.get(name)
    if found is not None and not isinstance(found, str):
        raise BadInputError(f"The {name} must be a string")
    return found


def _checked(info: AccountInfo, error: str | None) -> AccountInfo:
    if error is not None:
        raise GeneralError(error)
    return info
