"""Mail through Django's mail system, from templates, after the transaction has been committed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from supertokens_django import conf, db

logger = logging.getLogger("supertokens_django")


def send(template: str, to: str, context: Mapping[str, Any]) -> None:
    """Render ``supertokens_django/email/<template>_subject.txt``, ``.txt`` and ``.html``, and send after the commit.

    The context gets ``app_name`` and ``website_domain`` as well.  A mail server that fails is logged: whether an
    account exists must not be read from it.
    """
    values = {"app_name": conf.app().app_name, "website_domain": conf.app().website_domain, **context}
    base = f"supertokens_django/email/{template}"
    subject = " ".join(render_to_string(f"{base}_subject.txt", values).split())
    message = EmailMultiAlternatives(subject, render_to_string(f"{base}.txt", values), to=[to])
    message.attach_alternative(render_to_string(f"{base}.html", values), "text/html")
    db.on_commit(lambda: _deliver(message, template))


def _deliver(message: EmailMultiAlternatives, template: str) -> None:
    try:
        message.send()
    except Exception:
        logger.exception("The mail %r could not be sent.", template)
