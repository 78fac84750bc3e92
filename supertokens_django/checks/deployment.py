"""What is good enough for development and not for production: ``check --deploy``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import hashers
from django.core.checks import CheckMessage, Tags, register
from django.http.request import validate_host

from supertokens_django import conf
from supertokens_django.checks import catalogue
from supertokens_django.checks.stage import Stage, stage_of_the_api
from supertokens_django.crypto import hashing
from supertokens_django.http.conf import OutgoingConf

FEWEST_ITERATIONS, FEWEST_ROUNDS, LEAST_MEMORY = 600_000, 10, 7168
"""Of PBKDF2, of bcrypt, and of Argon2 in KiB (OWASP, Password Storage Cheat Sheet)."""
BROKEN_HASHERS = ("md5", "unsalted_md5", "sha1", "unsalted_sha1", "crypt")


@register(Tags.security, deploy=True)
def check_https(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Tokens and passwords go over https, and Django knows it."""
    found = stage_of_the_api()
    return [*_http(found), *_proxy(found), *_hosts(found)] if found else []


def _http(stage: Stage) -> Iterator[CheckMessage]:
    sides = [(stage.api, "API_DOMAIN"), (stage.website, "WEBSITE_DOMAIN")]
    for value, name in sides[: 1 if stage.is_one_origin else 2]:
        if value.startswith("http:"):
            text = f"{name} is {value}: passwords and session tokens can be read on their way."
            yield catalogue.HTTP.found(text, "Serve it by https, and write https into the setting.")


def _proxy(stage: Stage) -> Iterator[CheckMessage]:
    is_behind_one = (
        stage.app.trusted_proxy_count > 0
        or stage.app.api_gateway_path
        or conf.of_project("USE_X_FORWARDED_HOST")
        or conf.of_project("USE_X_FORWARDED_PORT")
    )
    # With a redirect to https and without the header, no request would ever arrive: the server tells the scheme.
    knows = conf.of_project("SECURE_PROXY_SSL_HEADER") or conf.of_project("SECURE_SSL_REDIRECT")
    if is_behind_one and not knows and stage.api.startswith("https:"):
        text = "API_DOMAIN is https behind a proxy, and SECURE_PROXY_SSL_HEADER is not set: Django sees http."
        hint = (
            "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https'), if the proxy always sets or strips that "
            "header. If your WSGI or ASGI server tells the scheme itself, silence this check."
        )
        yield catalogue.PROXY.found(text, hint)


def _hosts(stage: Stage) -> Iterator[CheckMessage]:
    allowed = conf.of_project("ALLOWED_HOSTS")
    host = f"[{stage.api_host}]" if ":" in stage.api_host else stage.api_host  # IPv6, as Django compares it
    if not allowed or validate_host(host, allowed):
        return  # Django's own check speaks of an empty list
    if stage.api in conf.of_project("CSRF_TRUSTED_ORIGINS"):
        return  # the proxy sends another host, and the project has seen to it
    text = f"ALLOWED_HOSTS does not name {host}, the host of API_DOMAIN: Django answers 400."
    hint = (
        f"Add {host!r} to ALLOWED_HOSTS. Where a proxy sends another Host, forms are refused (CSRF) unless "
        f"CSRF_TRUSTED_ORIGINS has {stage.api!r}."
    )
    yield catalogue.HOSTS.found(text, hint)


@register(Tags.security, deploy=True)
def check_outgoing(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What the app asks of others' servers is not a way into the project's own network, nor readable by anybody."""
    found = conf.parse(OutgoingConf)[0]
    if found is None:
        return []  # another check says so
    told = []
    if found.allow_http is True:
        text = (
            "OUTGOING allows http: codes, tokens and client secrets can be read on their way to a provider."
        )
        told.append(catalogue.OUTGOING.found(text, 'Remove "ALLOW_HTTP".'))
    if found.allow_private_addresses is True:
        text = "OUTGOING allows every private address: a provider's URLs may lead into the network of this server."
        hint = 'Name the networks that are needed: "ALLOW_PRIVATE_ADDRESSES": ["10.1.0.0/16"].'
        told.append(catalogue.OUTGOING.found(text, hint))
    return told


@register(Tags.security, deploy=True)
def check_hashing(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """New passwords are hashed so that a stolen table takes long to guess."""
    try:
        hasher = hashing.preferred_hasher()
    except (ImportError, ValueError):
        return []  # another check says so
    weakness = _weakness(hasher)
    if not _has_passwords() or weakness is None:
        return []
    text = f"{type(hasher).__name__}, the first of PASSWORD_HASHERS, {weakness}."
    hint = (
        "Put 'django.contrib.auth.hashers.Argon2PasswordHasher' first, and keep the others below it: "
        "each password is hashed anew when its owner signs in."
    )
    return [catalogue.HASHER.found(text, hint)]


def _weakness(hasher: hashers.BasePasswordHasher) -> str | None:
    if hasher.algorithm in BROKEN_HASHERS:
        return "gives hashes that are guessed by the billion"
    for name, (algorithms, least) in COSTS.items():
        cost = getattr(hasher, name, None)
        if str(hasher.algorithm).startswith(algorithms) and isinstance(cost, int) and cost < least:
            return f"has {name} = {cost}, and {least} are the least"
    return None


COSTS = {
    "iterations": ("pbkdf2", FEWEST_ITERATIONS),
    "rounds": ("bcrypt", FEWEST_ROUNDS),
    "memory_cost": ("argon2", LEAST_MEMORY),
}
"""What makes guessing expensive, by algorithm."""


def _has_passwords() -> bool:
    app = conf.parse(conf.AppConf)[0]
    return app is not None and "emailpassword" in app.enabled_recipes
