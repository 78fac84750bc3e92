"""Which issuer a request asks about."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest

from supertokens_django import conf
from supertokens_django.recipes.jwt.conf import SigningKeyConf


def issuer_asked_about(request: HttpRequest) -> str:
    """The API's issuer at its own host, that of the JWTs inside access tokens at any other one.

    Where the two differ in the scheme alone, the scheme of the request decides.

    Raises:
        DisallowedHost: the request names a host that is not in ``ALLOWED_HOSTS``.
    """
    ours, nested = conf.app().issuer, conf.section(SigningKeyConf).jwt
    other = nested.effective_issuer if nested.enable else ours
    if other == ours:
        return ours
    if _host(urlsplit(ours).netloc) != _host(request.get_host()):
        return other
    is_other = _host(urlsplit(other).netloc) == _host(request.get_host())
    return other if is_other and request.scheme == urlsplit(other).scheme else ours


def _host(netloc: str) -> str:
    """Without the ports that go without saying; a proxy may hide from us which of the two it is."""
    return netloc.lower().removesuffix(":443").removesuffix(":80")
