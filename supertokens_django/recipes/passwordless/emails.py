"""The mail and the text message with a code, a link, or both."""

from __future__ import annotations

from typing import Any

from supertokens_django.delivery import email, sms

TEMPLATE = "passwordless_login"


def send_email(to: str, context: dict[str, Any]) -> None:
    """Send ``supertokens_django/email/passwordless_login``; context names are those of SuperTokens' template input.

    Context: ``email``, ``user_input_code`` and ``url_with_link_code`` (None where it is not to be sent),
    ``code_lifetime`` in milliseconds, ``pre_auth_session_id``, ``tenant_id``, ``is_first_factor``.
    """
    email.send(TEMPLATE, to, context, tenant_id=context["tenant_id"])


def send_sms(to: str, context: dict[str, Any]) -> None:
    """Send ``supertokens_django/sms/passwordless_login``; the same context, with ``phone_number``."""
    sms.send(TEMPLATE, to, context, tenant_id=context["tenant_id"])
