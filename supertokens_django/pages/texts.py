"""What the pages say about outcomes of the wire, in the visitor's language."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from supertokens_django.exceptions import BadInputError, GeneralError, SuperTokensError
from supertokens_django.recipes.emailpassword.exceptions import ResetPasswordInvalidToken, WrongCredentials
from supertokens_django.recipes.emailverification.exceptions import EmailTaken, EmailVerificationInvalidToken
from supertokens_django.recipes.thirdparty.exceptions import (
    NoEmailGivenByProvider,
    ProviderFailure,
    SignInUpNotAllowed,
    UnknownClientType,
    UnknownProvider,
)

NOTICES: dict[str, Promise] = {
    "code-sent": _("Another message is on its way."),
    "code-ended": _("That code is of no use any more. Have a new one sent."),
    "signed-out": _("You are signed out."),
    "link-sent": _(
        "If there is an account with this e-mail address, a link to choose a new password is on its way. "
        "It may take a few minutes to arrive."
    ),
    "sign-up-sent": _(
        "We have sent a mail to this address. Open the link in it and choose a password to finish signing up."
    ),
    "device-signed-out": _("That device is signed out."),
    "others-signed-out": _("All other devices are signed out."),
    "password-set": _("Your password has been changed. All other devices are signed out."),
    "email-verified": _("Your e-mail address is confirmed."),
    "verification-sent": _("The link is on its way. It may take a few minutes to arrive."),
    "change-sent": _("We have sent a link to the new address. Open it there, and the address is changed."),
    "password-changed": _("Your password has been changed. You can sign in with it now."),
}
"""What a page may be asked to say by ``?notice=``; nothing else is ever shown."""

FIELD_ERRORS: dict[str, Promise] = {
    "Email is invalid": _("Enter a valid e-mail address."),
    "Phone number is invalid": _("Enter a valid phone number, with its country code."),
    "Field is not optional": _("This field is required."),
    "Email is not valid": _("Enter a valid e-mail address."),
    "This email already exists. Please sign in instead.": _(
        "There is already an account with this e-mail address. Sign in instead."
    ),
    "Password must contain at least 8 characters, including a number": _(
        "The password must contain at least 8 characters, including a number."
    ),
    "Password's length must be lesser than 100 characters": _(
        "The password must be shorter than 100 characters."
    ),
    "Password must contain at least one alphabet": _("The password must contain at least one letter."),
    "Password must contain at least one number": _("The password must contain at least one number."),
}
"""FDI's texts in good words; a text of the project's own is shown as it is."""

YOUR_EMAIL_ALREADY = _("This is your e-mail address already.")
NOT_YOUR_PASSWORD = _("This is not your password.")
PASSWORD_POLICY = _("At least 8 characters, with a letter and a number.")


def of_field_error(text: str) -> str:
    return str(FIELD_ERRORS.get(text, text))


def of_error(error: SuperTokensError) -> str:
    """What to say where the whole form was refused."""
    if isinstance(error, ProviderFailure):
        return _of_failure(error.provider_name)
    if isinstance(error, UnknownProvider | UnknownClientType):
        return gettext("This way to sign in is not offered here.")
    if isinstance(error, GeneralError | BadInputError):
        return of_field_error(error.message)
    if isinstance(error, WrongCredentials):
        return gettext("The e-mail address or the password is not right.")
    if isinstance(error, EmailTaken):
        return gettext("There is already an account with this e-mail address.")
    if isinstance(error, EmailVerificationInvalidToken | ResetPasswordInvalidToken):
        return gettext("This link has been used already, or it is too old. Ask for a new one.")
    return gettext("That did not work. Please try again.")


def of_provider_error(error: SuperTokensError, provider: str) -> str:
    """What to say to somebody who comes back from a provider, by the name of the provider."""
    if isinstance(error, NoEmailGivenByProvider):
        text = gettext(
            "%(provider)s has not told us your e-mail address. Allow it there and try again, "
            "or use another way to sign in."
        )
        return text % {"provider": provider}
    if isinstance(error, SignInUpNotAllowed):
        text = gettext("This account cannot be used to sign in. Use another way to sign in, or contact us.")
        return " ".join([text, *re.findall(r"\(ERR_CODE_\d+\)", error.reason)])
    if isinstance(error, ProviderFailure | BadInputError) and not isinstance(error, UnknownProvider):
        return _of_failure(provider)
    return of_error(error)


def _of_failure(provider: str) -> str:
    text = gettext(
        "Signing in with %(provider)s did not work. Please try again or use another way to sign in."
    )
    return text % {"provider": provider}
