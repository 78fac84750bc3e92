"""The mails with a link to choose a password."""

from __future__ import annotations

from typing import Any

from supertokens_django import conf
from supertokens_django.delivery import email
from supertokens_django.delivery.languages import current_request
from supertokens_django.delivery.links import link_to
from supertokens_django.recipes.emailpassword.conf import EmailPasswordConf


def send_reset_password(to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
    """Send ``supertokens_django/email/reset_password``; context names are those of SuperTokens' template input.

    Context: ``user`` (``id``, ``recipe_user_id``, ``email``), ``password_reset_link``, ``tenant_id``, ``app_name``,
    and ``link_lifetime``, which the delivery puts into words ("1 hour").
    """
    email.send("reset_password", to, _context(link, user, tenant_id), tenant_id=tenant_id)


def send_finish_sign_up(to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
    """Send ``supertokens_django/email/finish_sign_up`` to a new user; the context is that of ``reset_password``."""
    email.send("finish_sign_up", to, _context(link, user, tenant_id), tenant_id=tenant_id)


def send_account_exists(to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
    """Send ``supertokens_django/email/account_exists`` to whom a sign-up has found to have an account.

    The context is that of ``reset_password``, and ``sign_in_page``.
    """
    page = link_to(current_request(), "", show="signin")
    context = {**_context(link, user, tenant_id), "sign_in_page": page}
    email.send("account_exists", to, context, tenant_id=tenant_id)


def _context(link: str, user: dict[str, Any], tenant_id: str) -> dict[str, Any]:
    lifetime = conf.section(EmailPasswordConf).password_reset_token_lifetime
    return {"user": user, "password_reset_link": link, "tenant_id": tenant_id, "link_lifetime": lifetime}
