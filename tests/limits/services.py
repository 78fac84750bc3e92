"""Services and guards of a project, for the tests beside this file."""

from __future__ import annotations

from typing import Any

from django.core import mail
from django.http import HttpRequest

from supertokens_django.exceptions import GeneralError
from supertokens_django.recipes.emailpassword.service import EmailPasswordService


class Clumsy(EmailPasswordService):
    def send_email(self, to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
        raise KeyError("mailing list")


class Refusing(EmailPasswordService):
    def request_password_reset(self, tenant_id: str, email: str, request: HttpRequest | None = None) -> None:
        raise GeneralError("Call us instead.")


def outbox(message: dict[str, Any]) -> None:
    mail.outbox.append({message["template"]: message["to"]})  # type: ignore[arg-type]
