"""From a draft to words: the templates, and what they know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.template import TemplateDoesNotExist
from django.template.loader import select_template
from django.utils.safestring import SafeString, mark_safe

from supertokens_django import conf
from supertokens_django.delivery import lifetimes
from supertokens_django.delivery.message import Channel, Draft

TENANT = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
"""IDs that may name a folder of templates.  Others get the templates of all tenants."""
FOLDER = "supertokens_django"


def candidates(channel: Channel, name: str, tenant_id: str) -> list[str]:
    """Where a template is looked for: the tenant's own, then that of all."""
    general = f"{FOLDER}/{channel}/{name}"
    return [f"{FOLDER}/{tenant_id}/{channel}/{name}", general] if TENANT.fullmatch(tenant_id) else [general]


def render(draft: Draft, name: str, values: Mapping[str, Any]) -> str:
    """One template of a draft.

    Raises:
        TemplateDoesNotExist: nobody has it.
    """
    template = select_template(candidates(draft.channel, name, draft.tenant_id))
    known = values if name.endswith(".html") else _unescaped(values)
    return str(template.render(dict(known)))


def render_if_any(draft: Draft, name: str, values: Mapping[str, Any]) -> str:
    """The same; "" where nobody has it."""
    try:
        select_template(candidates(draft.channel, name, draft.tenant_id))
    except TemplateDoesNotExist:
        return ""
    return render(draft, name, values)


def context(draft: Draft) -> dict[str, Any]:
    """What every template knows, and what the recipe tells.  A ``timedelta`` is told in words."""
    app = conf.app()
    # A callable ORIGIN decides by the request; without one it is not asked.
    is_known = draft.request is not None or not callable(app.origin)
    website = app.website_origin(draft.request) if is_known else app.website_domain or ""
    website = "" if website == conf.NOWHERE else website
    values = {
        "app_name": app.app_name,
        "website_domain": website,
        "website_host": urlsplit(website).hostname or "",
        "tenant_id": draft.tenant_id,
        "language": draft.language,
        "base_template": select_template(candidates("email", "base.html", draft.tenant_id)).template.name,
    }
    told = {
        name: _in_words(draft, value) if isinstance(value, timedelta) else value
        for name, value in draft.context.items()
    }
    if isinstance(milliseconds := told.get("code_lifetime"), int):
        told["code_lifetime_in_words"] = _in_words(draft, timedelta(milliseconds=milliseconds))
    if draft.template == "passwordless_login" and not (
        told.get("user_input_code") or told.get("url_with_link_code")
    ):
        raise ValueError("There is neither a code nor a link to be sent.")
    return {**values, **told}


def _in_words(draft: Draft, lifetime: timedelta) -> str:
    """Number and unit stay on one line of a mail; in an SMS that blank would more than halve what fits into one."""
    words = lifetimes.in_words(lifetime)
    return words if draft.channel == "sms" else words.replace(" ", "\N{NO-BREAK SPACE}")


def _unescaped(value: Any) -> Any:
    """Texts as they are: a text part and an SMS are no HTML, and a link has no ``&amp;`` there."""
    if isinstance(value, Mapping):
        return {name: _unescaped(inner) for name, inner in value.items()}
    return mark_safe(value) if isinstance(value, str) and not isinstance(value, SafeString) else value  # noqa: S308
