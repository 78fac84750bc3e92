"""The mail with a password reset link."""

from __future__ import annotations

from typing import Any

from supertokens_django import conf
from supertokens_django.delivery import email
from supertokens_django.recipes.emailpassword.conf import EmailPasswordConf


def send_reset_password(to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
    """Send ``supertokens_django/email/reset_password``; context names are those of SuperTokens' template input.

    Context: ``user`` (``id``, ``recipe_user_id``, ``email``), ``password_reset_link``, ``tenant_id``, ``app_name``,
    and ``link_lifetime``, which the delivery puts into words ("1 hour").
    """
    lifetime = conf.section(EmailPasswordConf).password_reset_token_lifetime
    context = {"user": user, "password_reset_link": link, "tenant_id": tenant_id, "link_lifetime": lifetime}
    email.send("reset_password", to, context, tenant_id=tenant_id)
