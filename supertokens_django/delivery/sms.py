"""Text messages through ``SUPERTOKENS["SMS_BACKEND"]``, from templates, after the transaction has been committed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from supertokens_django.delivery.email import TENANT_OF_ALL
from supertokens_django.delivery.languages import current_request
from supertokens_django.delivery.message import Draft
from supertokens_django.delivery.service import delivery


def send(
    template: str,
    to: str,
    context: Mapping[str, Any],
    *,
    tenant_id: str | None = None,
    language: str | None = None,
    request: HttpRequest | None = None,
) -> None:
    """Send the template ``supertokens_django/sms/<template>.txt`` to a phone number (E.164) after the commit.

    Context, tenant, language and failures are as in :func:`supertokens_django.delivery.email.send`.
    """
    tenant = tenant_id or str(context.get("tenant_id") or TENANT_OF_ALL)
    delivery.send(
        Draft(
            channel="sms",
            template=template,
            to=to,
            context=context,
            tenant_id=tenant,
            language=language,
            request=request or current_request(),
        )
    )
