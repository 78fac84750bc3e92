"""``manage.py supertokens_send_test``: shows that mails and text messages arrive, and how they look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from supertokens_django import conf
from supertokens_django.checks.delivery import mail_backend
from supertokens_django.delivery import languages
from supertokens_django.delivery.conf import DeliveryConf
from supertokens_django.delivery.exceptions import DeliveryError
from supertokens_django.delivery.message import Draft, Message
from supertokens_django.exceptions import UnknownTenantError
from supertokens_django.recipes.multitenancy.service import require_tenant
from supertokens_django.services import delivery

DEFAULTS = {"email": "reset_password", "sms": "passwordless_login"}
PHONE_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
"""E.164."""


class Command(BaseCommand):
    help = (
        "Send a message with made-up contents by the configured way, and say what became of it. "
        "Its code and its link sign nobody in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("channel", choices=list(DEFAULTS), help="By mail, or as a text message.")
        parser.add_argument("to", help="E-mail address, or phone number such as +4915112345678.")
        parser.add_argument("--template", help="Which message (default: reset_password, passwordless_login).")
        parser.add_argument("--tenant", default="public", help="As whom (default: public).")
        parser.add_argument("--language", help="In which language (default: LANGUAGE_CODE).")
        parser.add_argument(
            "--task", action="store_true", help='Hand it to DELIVERY["TASK"] instead of sending it at once.'
        )

    def handle(self, *args: Any, **options: Any) -> None:
        draft = _draft(options)
        if options["task"] and conf.section(DeliveryConf).task is None:
            raise CommandError("SUPERTOKENS['DELIVERY']['TASK'] is not set.")
        try:
            message = delivery.send_now(draft, by_task=options["task"])
        except DeliveryError as error:
            raise CommandError(f"Not sent. {error}") from None
        self.stdout.write(_said(message, "Handed over" if options["task"] else "Sent"))


def _draft(options: Mapping[str, Any]) -> Draft:
    channel, to, language = options["channel"], options["to"], options["language"]
    if language is not None and languages.supported(language) is None:
        raise CommandError(f"LANGUAGES has no {language!r}.")
    try:
        tenant_id = require_tenant(options["tenant"])
    except UnknownTenantError as error:
        raise CommandError(error.message) from error
    if channel == "sms":
        if not PHONE_NUMBER.fullmatch(to):
            raise CommandError(f"{to!r} is no phone number such as +4915112345678.")
    else:
        try:
            validate_email(to)
        except ValidationError as error:
            raise CommandError(f"{to!r} is no e-mail address.") from error
    return Draft(
        channel=channel,
        template=options["template"] or DEFAULTS[channel],
        to=to,
        context=_made_up(to),
        tenant_id=tenant_id,
        language=language,
    )


def _made_up(to: str) -> dict[str, Any]:
    """Something for every template of the package."""
    app = conf.app()
    base = f"{app.website_domain or app.api_domain}{app.website_base_path}"
    user = {"id": "a-test", "recipe_user_id": "a-test", "email": to}
    return {
        "user": user,
        "email": to,
        "phone_number": to,
        "old_email": to,
        "new_email": "new@example.com",
        "password_reset_link": f"{base}/reset-password?token=this-is-a-test&tenantId=public",
        "email_verify_link": f"{base}/verify-email?token=this-is-a-test&tenantId=public",
        "sign_in_page": f"{base}/?show=signin",
        "link_lifetime": timedelta(hours=1),
        "user_input_code": "123456",
        "url_with_link_code": f"{base}/verify?preAuthSessionId=a-test&tenantId=public#this-is-a-test",
        "code_lifetime": 900_000,
        "pre_auth_session_id": "a-test",
        "is_first_factor": True,
    }


def _said(message: Message, done: str) -> str:
    if message.channel == "email":
        backend = mail_backend()
        sender = message.sender or conf.of_project("DEFAULT_FROM_EMAIL")
    else:
        found = conf.app().sms_backend
        backend = f"{found.__module__}.{found.__qualname__}" if found else "nothing"
        sender = message.sender or "the backend's own sender"
    return (
        f"{done}: {message.template!r} of tenant {message.tenant_id!r} in {message.language!r} "
        f"to {message.to}, from {sender}, by {backend}."
    )
