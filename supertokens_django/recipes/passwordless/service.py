"""Sign-in without a password, by a code or a link that was sent.  Subclass point of the recipe."""

from __future__ import annotations

from typing import Any

from supertokens_django.recipes.passwordless import emails
from supertokens_django.recipes.passwordless.conf import PasswordlessConf
from supertokens_django.recipes.passwordless.sign_in_verbs import SignInVerbs
from supertokens_django.registry import lazy_service


class PasswordlessService(SignInVerbs):
    """The verbs of the recipe; subclass it and name it in ``SUPERTOKENS["PASSWORDLESS"]["SERVICE_CLASS"]``.

    A verb may refuse with ``GeneralError("text for the user")``.
    """

    def send_email(self, to: str, context: dict[str, Any]) -> None:
        """Hand the mail with code and link to the delivery; override it to send by other means."""
        emails.send_email(to, context)

    def send_sms(self, to: str, context: dict[str, Any]) -> None:
        """Hand the text message with code and link to the delivery; override it to send by other means."""
        emails.send_sms(to, context)


passwordless: PasswordlessService = lazy_service(PasswordlessService, PasswordlessConf)
