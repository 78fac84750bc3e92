"""Mails of the e-mail verification recipe."""

from __future__ import annotations

from typing import Any

from supertokens_django.delivery import email
from supertokens_django.recipes.emailverification.conf import emailverification_conf


def send_verification(to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
    """Send ``supertokens_django/email/verify_email``; context names are those of SuperTokens' template input.

    Context: ``user`` (``id``, ``recipe_user_id``, ``email``), ``email_verify_link``, ``tenant_id``, ``app_name``,
    and ``link_lifetime``, which the delivery puts into words ("1 day").
    """
    lifetime = emailverification_conf().email_verification_token_lifetime
    context = {"user": user, "email_verify_link": link, "tenant_id": tenant_id, "link_lifetime": lifetime}
    email.send("verify_email", to, context, tenant_id=tenant_id)


def send_changed(to: str, new_email: str, user: dict[str, Any], tenant_id: str) -> None:
    """Send ``supertokens_django/email/email_changed`` to the address that was the user's until now.

    Context: ``user`` (``id``, ``recipe_user_id``, ``email``), ``old_email``, ``new_email``, ``tenant_id``,
    ``app_name``.
    """
    context = {"user": user, "old_email": to, "new_email": new_email, "tenant_id": tenant_id}
    email.send("email_changed", to, context, tenant_id=tenant_id)
