"""Providers of third-party login: what is missing, and what a provider will refuse."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.checks import CheckMessage, Tags, register

from supertokens_django import conf
from supertokens_django.checks import catalogue
from supertokens_django.checks.configuration import KINDS
from supertokens_django.parsers import is_local_host
from supertokens_django.recipes.thirdparty.conf import WHERE, ThirdPartyConf
from supertokens_django.recipes.thirdparty.configuration import ClientConfig, ProviderConfig
from supertokens_django.recipes.thirdparty.providers.catalogue import class_of

DEVELOPMENT_PREFIX = "4398792-"
DEVELOPMENT_CLIENTS = (
    "1060725074195-kmeum4crr01uirfl2op9kd5acmi9jutn.apps.googleusercontent.com",
    "467101b197249757c71f",
)
"""Clients that SuperTokens registered for trying its own software out."""


@register(Tags.security)
def check_providers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What a provider of the settings lacks, and what its class finds wrong with its clients."""
    found: list[CheckMessage] = []
    for where, config in _providers():
        found += _incomplete(where, config)
        for client_where, client in _clients(where, config):
            found += [
                KINDS[problem.kind].found(f"{client_where}{problem.path} {problem.message}", problem.hint)
                for problem in class_of(config).problems(config, client)
            ]
            found += _development(client_where, client)
    return found


@register(Tags.security)
def check_callbacks(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Providers send browsers back by https, but for a developer's own machine."""
    app = conf.parse(conf.AppConf)[0]
    if app is None or callable(app.origin):
        return []
    website = app.website_origin(None)
    is_http, is_local = website.startswith("http:"), is_local_host(urlsplit(website).hostname or "")
    return [
        catalogue.CALLBACK.found(
            f"{where} sends nobody back to {website}{app.website_base_path}/callback/{config.third_party_id}.",
            _cure(config),
        )
        for where, config in _providers()
        if (is_http and not is_local) or (_is_apple(config) and (is_http or is_local))
    ]


@register(Tags.security)
def check_environment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The environment variables that credentials name are set: without one, signing in fails at the first visitor."""
    return [
        catalogue.ENVIRONMENT.found(
            f"{where}[{name!r}] is the environment variable {value['env']}, which is not set.",
            "Set it where the project runs.",
        )
        for provider_where, config in _providers()
        for where, client in _clients(provider_where, config)
        for name, value in {**vars(client), **client.additional_config}.items()
        if isinstance(value, Mapping) and set(value) == {"env"} and not os.environ.get(value["env"])
    ]


def _providers() -> Iterator[tuple[str, ProviderConfig]]:
    """The providers of the settings with their places; none while the recipe is off, or what they say is wrong."""
    app = conf.parse(conf.AppConf)[0]
    section, problems = conf.parse(ThirdPartyConf)
    if app is None or section is None or problems or not app.is_enabled("thirdparty"):
        return
    for position, config in enumerate(section.providers):
        yield f"{WHERE}[{position}]", config


def _clients(where: str, config: ProviderConfig) -> Iterator[tuple[str, ClientConfig]]:
    for position, client in enumerate(config.clients):
        yield f"{where}['clients'][{position}]", client


def _incomplete(where: str, config: ProviderConfig) -> Iterator[CheckMessage]:
    """A provider that nothing is known of has to say where its endpoints are."""
    cls = class_of(config)
    if cls.prefix:
        return  # what depends on a client is for its class to find
    complete = cls.complete(config)
    if complete.oidc_discovery_endpoint:
        return
    for name in ("authorization_endpoint", "token_endpoint", "user_info_endpoint"):
        if not getattr(complete, name):
            hint = "Add it, or the oidc_discovery_endpoint of a provider that knows OpenID Connect."
            yield catalogue.INCOMPLETE.found(f"{where}[{name!r}] is missing.", hint)


def _development(where: str, client: ClientConfig) -> Iterator[CheckMessage]:
    name = client.client_id
    if isinstance(name, str) and (name.startswith(DEVELOPMENT_PREFIX) or name in DEVELOPMENT_CLIENTS):
        text = f"{where}['client_id'] is a client that SuperTokens has registered for trying out."
        yield catalogue.DEVELOPMENT_CLIENT.found(text, "Register a client of your own with the provider.")


def _is_apple(config: ProviderConfig) -> bool:
    return config.third_party_id.startswith("apple")


def _cure(config: ProviderConfig) -> str:
    if _is_apple(config):
        return "Apple wants https and a domain; localhost will not do. Use a domain of your own, or a tunnel."
    return "Use https in WEBSITE_DOMAIN; providers take http for localhost only."
