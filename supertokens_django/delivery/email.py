"""Mail through Django's mail system, from templates, after the transaction has been committed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from supertokens_django.delivery.languages import current_request
from supertokens_django.delivery.message import Draft
from supertokens_django.delivery.service import delivery

TENANT_OF_ALL = "public"


def send(
    template: str,
    to: str,
    context: Mapping[str, Any],
    *,
    tenant_id: str | None = None,
    language: str | None = None,
    request: HttpRequest | None = None,
) -> None:
    """Send the templates ``supertokens_django/email/<template>_subject.txt``, ``.txt`` and ``.html`` after the commit.

    The context gets ``app_name``, ``website_domain`` and more, see ``docs/delivery.md``; a ``timedelta`` in it becomes
    words.  Without ``tenant_id`` the one in the context is taken, else ``public``.  The language is the one asked for,
    else that of the person (``DELIVERY["LANGUAGE"]``), else that of the request.  Never fails: what goes wrong is
    logged, and told by the signal ``delivery_failed``.
    """
    tenant = tenant_id or str(context.get("tenant_id") or TENANT_OF_ALL)
    delivery.send(
        Draft(
            channel="email",
            template=template,
            to=to,
            context=context,
            tenant_id=tenant,
            language=language,
            request=request or current_request(),
        )
    )
