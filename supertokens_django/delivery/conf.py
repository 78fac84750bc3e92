"""Settings of the delivery: who mails and texts come from, in which language, and whether a task sends them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parseaddr
from typing import Any

from supertokens_django.conf import Section, option
from supertokens_django.parsers import Parser, class_path, function, optional, string


def by_tenant(parse: Parser) -> Parser:
    """Accept one value, a dict of them by tenant ID, or a callable ``(tenant_id) -> value`` (or its dotted path)."""

    def parse_any(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {string(tenant).strip().lower(): parse(inner) for tenant, inner in value.items()}
        if callable(value) or (isinstance(value, str) and "." in value and not set("@ +<") & set(value)):
            return function(value)
        return parse(value)

    return parse_any


def one_line(value: Any) -> str:
    """Accept a text that can stand in a header."""
    if "\n" in string(value) or "\r" in value:
        raise ValueError("must be a text of one line.")
    return str(value)


def sender_address(value: Any) -> str:
    """Accept an e-mail address, with or without a name before it."""
    address = parseaddr(one_line(value))[1]
    if not all(address.partition("@")):
        raise ValueError("must be an e-mail address such as 'Acme <hello@acme.com>', or a callable.")
    return str(value)


class DeliveryConf(Section):
    """``SUPERTOKENS["DELIVERY"]``; the backend of text messages is ``SUPERTOKENS["SMS_BACKEND"]``."""

    KEY = "DELIVERY"

    from_email: Any = option(
        optional(by_tenant(sender_address)),
        None,
        help="Who mails come from: for all tenants, by tenant, or a callable (tenant_id) -> address. "
        "Without one Django's DEFAULT_FROM_EMAIL.",
    )
    sms_sender: Any = option(
        optional(by_tenant(one_line)),
        None,
        help="Who text messages come from, a number or a name: for all tenants, by tenant, or a callable. "
        "Without one the backend's own.",
    )
    language: Callable[..., Any] | None = option(
        optional(function),
        None,
        help="Callable (draft) -> the language code of the person it is for, or None: that of the request.",
    )
    task: Callable[..., Any] | None = option(
        optional(function),
        None,
        help="Callable (message) that has services.delivery.perform(message) called later, by a worker. "
        "Without one messages leave when the transaction is committed.",
    )
    service_class: type | None = option(optional(class_path), None, help="Subclass of DeliveryService.")


def for_tenant(setting: Any, tenant_id: str) -> str | None:
    """What a setting that may differ by tenant says about one of them."""
    if isinstance(setting, Mapping):
        found = setting.get(tenant_id)
    else:
        found = setting(tenant_id) if callable(setting) else setting
    return None if found is None else str(found)
