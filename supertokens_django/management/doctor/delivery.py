"""How mails and text messages leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from supertokens_django import conf
from supertokens_django.checks.delivery import mail_backend
from supertokens_django.delivery.conf import DeliveryConf
from supertokens_django.management.doctor.configuration import shown
from supertokens_django.management.doctor.findings import BROKEN_SETTINGS, cause


@dataclass(frozen=True)
class DeliveryReport:
    """Backends, functions and classes by their dotted paths; None where there is none."""

    mail_backend: str | None = None
    mail_from: str | None = None
    sms_backend: str | None = None
    sms_from: str | None = None
    task: str | None = None
    language: str | None = None
    error: str | None = None


def describe() -> DeliveryReport:
    """What the settings come to."""
    try:
        app, settings = conf.parse(conf.AppConf)[0], conf.parse(DeliveryConf)[0]
    except Exception as error:  # a module of the project's that cannot be imported for reasons of its own
        return DeliveryReport(error=cause(error))
    if app is None or settings is None:
        return DeliveryReport(error=BROKEN_SETTINGS)
    return DeliveryReport(
        mail_backend=mail_backend(),
        mail_from=_sender(settings.from_email) or str(conf.of_project("DEFAULT_FROM_EMAIL")),
        sms_backend=shown(app.sms_backend),
        sms_from=_sender(settings.sms_sender),
        task=shown(settings.task),
        language=shown(settings.language),
    )


def _sender(setting: Any) -> str | None:
    if isinstance(setting, Mapping):
        return f"by tenant: {', '.join(setting)}"
    return None if setting is None else str(shown(setting))
