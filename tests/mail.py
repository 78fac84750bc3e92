"""Django's mail settings, which have other names from Django 6.1 on."""

from __future__ import annotations

from typing import Any

import django


def mail_settings(backend: str) -> dict[str, Any]:
    """The settings that send mail by the backend with this dotted path."""
    if django.VERSION < (6, 1):
        return {"EMAIL_BACKEND": backend}
    return {"MAILERS": {"default": {"BACKEND": backend}}}
