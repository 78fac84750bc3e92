"""The URLs answer where frontends look for them, and the pages have their templates."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import NoReverseMatch, reverse

from supertokens_django import conf
from supertokens_django.checks import catalogue
from supertokens_django.pages.conf import may_be_served


@register(Tags.urls)
def check_urls(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The URLs are mounted where ``API_BASE_PATH`` says."""
    app = conf.parse(conf.AppConf)[0]
    if app is None:
        return []
    expected = f"{app.api_base_path}/session/refresh"
    try:
        actual = reverse("session:refresh")
    except NoReverseMatch:
        hint = f'Add path("{app.api_base_path.lstrip("/")}/", include("supertokens_django.urls")) to the URLconf.'
        return [catalogue.URLS_MISSING.found("supertokens_django.urls is not in the root URLconf.", hint)]
    if actual == expected:
        return []
    mounted = actual.removesuffix("/session/refresh")
    text = f"supertokens_django.urls answer at {actual}, but frontends and cookies expect {expected}."
    hint = f'Mount them at "{app.api_base_path.lstrip("/")}/", or set API_BASE_PATH to {mounted!r}.'
    return [catalogue.URLS_ELSEWHERE.found(text, hint)]


@register(Tags.templates)
def check_templates(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Where the pages are served, their templates are found."""
    try:
        if may_be_served():
            get_template("supertokens_django/pages/signin.html")
    except TemplateDoesNotExist:
        text = "The pages are on, but no engine in TEMPLATES finds supertokens_django/pages/signin.html."
        hint = 'Set "APP_DIRS": True for DjangoTemplates, or SUPERTOKENS["PAGES"] = {"ENABLED": False}.'
        return [catalogue.TEMPLATES.found(text, hint)]
    except ImproperlyConfigured:
        pass  # another check says what is wrong
    return []
