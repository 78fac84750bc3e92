"""Whether mails and text messages can leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Tags, register
from django.core.exceptions import ImproperlyConfigured

from supertokens_django import conf, registry
from supertokens_django.checks import catalogue
from supertokens_django.delivery import secrets
from supertokens_django.delivery.conf import DeliveryConf
from supertokens_django.delivery.service import sms_backend

BACKENDS = "supertokens_django.delivery.backends"
MAIL_OF_DEVELOPMENT = tuple(
    f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy", "filebased", "locmem")
)
SMS_OF_DEVELOPMENT = tuple(f"{BACKENDS}.{name}" for name in ("console", "file", "locmem"))


@register(Tags.security)
def check_sms_backend(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The SMS backend takes its options, and is there where it is needed."""
    app = conf.parse(conf.AppConf)[0]
    if app is None:
        return []
    if app.sms_backend is None:
        return list(_missing())
    if not callable(getattr(app.sms_backend, "send_messages", None)):
        text = "SUPERTOKENS['SMS_BACKEND'] names a class without send_messages(messages)."
        return [catalogue.SMS_BROKEN.found(text, f"Derive it from {BACKENDS}.base.BaseSmsBackend.")]
    try:
        sms_backend()
    except Exception as error:
        options = [value for value in (app.sms_backend_options or {}).values() if isinstance(value, str)]
        text = f"SUPERTOKENS['SMS_BACKEND'] cannot be made: {secrets.summary(error, options)}"
        return [catalogue.SMS_BROKEN.found(text, "Correct SUPERTOKENS['SMS_BACKEND_OPTIONS'].")]
    return []


def _missing() -> Iterator[CheckMessage]:
    if needers := _recipes_that_use("sms"):
        text = f"{', '.join(needers)} sends text messages, and SUPERTOKENS['SMS_BACKEND'] is not set."
        hint = f"Name one: {BACKENDS}.twilio.SmsBackend for instance, {BACKENDS}.console.SmsBackend in development."
        yield catalogue.SMS_MISSING.found(text, hint)


@register(Tags.security, deploy=True)
def check_gateways(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What is sent arrives, and comes from somebody."""
    return [*_mail(), *_text_messages()]


def _mail() -> Iterator[CheckMessage]:
    if not _recipes_that_use("email"):
        return
    backend = mail_backend()
    if backend in MAIL_OF_DEVELOPMENT:
        text = f"{backend} sends no mail, so that nobody can reset a password."
        yield catalogue.MAIL_BACKEND.found(text, "Name a backend that sends, SMTP for instance.")
    delivery = conf.parse(DeliveryConf)[0]
    # A dict of tenants says nothing about those that it does not name.
    has_sender = delivery is not None and delivery.from_email and not isinstance(delivery.from_email, dict)
    if conf.of_project("DEFAULT_FROM_EMAIL") == "webmaster@localhost" and not has_sender:
        text = "DEFAULT_FROM_EMAIL is not set: mails come from webmaster@localhost, and are taken for spam."
        yield catalogue.MAIL_SENDER.found(text, 'DEFAULT_FROM_EMAIL = "Acme <hello@acme.com>"')


def _text_messages() -> Iterator[CheckMessage]:
    app = conf.parse(conf.AppConf)[0]
    backend = app.sms_backend if app else None
    if backend and backend.__module__ in SMS_OF_DEVELOPMENT and _recipes_that_use("sms"):
        text = f"{backend.__module__}.{backend.__qualname__} sends nothing."
        yield catalogue.SMS_DEVELOPMENT.found(
            text, "Name a backend that sends, Twilio or the webhook for instance."
        )


def mail_backend() -> str:
    """The backend that mails are sent by; it has another setting from Django 6.1 on."""
    mailers = conf.of_project("MAILERS")
    if mailers:
        return str(mailers.get("default", {}).get("BACKEND", ""))
    return str(conf.of_project("EMAIL_BACKEND", ""))


def _recipes_that_use(channel: str) -> list[str]:
    """The enabled recipes that reach users by it."""
    try:
        return [recipe.name for recipe in registry.enabled() if channel in recipe.channels()]
    except ImproperlyConfigured:
        return []  # what is wrong with the settings is reported by itself
