"""Calls of third-party login, each for one of the answers that its endpoints give."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from supertokens_django.http.openapi import BAD_INPUT, GENERAL_ERROR
from supertokens_django.recipes.thirdparty import discovery
from tests.accounts import django_user_of
from tests.base import supertokens_settings
from tests.client import FrontendClient
from tests.idp.personalities.base import Personality
from tests.idp.provider import IdentityProvider, serving
from tests.recipes.thirdparty.dance import (
    CALLBACK,
    LOOPBACK,
    authorisation_url,
    code_of,
    post,
    post_form,
    sign_in,
)


@contextmanager
def provider() -> Iterator[IdentityProvider]:
    """A provider that the settings name."""
    discovery.forget()
    with serving(Personality) as idp:
        client = idp.add_client(redirect_uris=[CALLBACK])
        with supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": [idp.settings(client)]}):
            yield idp


def bring(name: str, answer: str, browser: FrontendClient, idp: IdentityProvider) -> Any:
    """Bring an endpoint of third-party login to give this answer."""
    if name == "thirdparty:authorisationurl":
        return authorisation_url(browser)
    if name == "thirdparty:callback_apple":
        state = base64.b64encode(json.dumps({"frontendRedirectURI": CALLBACK}).encode()).decode()
        return post_form(browser, {"state": state, "code": "of Apple"})
    if answer in (GENERAL_ERROR.name, BAD_INPUT.name):
        return post(browser, {})  # a guard answers
    return SIGN_INS.get(answer, _signed_in)(browser, idp)


def _signed_in(browser: FrontendClient, idp: IdentityProvider) -> Any:
    return sign_in(browser, idp, idp.add_account("865", "white@example.com"))


def _without_email(browser: FrontendClient, idp: IdentityProvider) -> Any:
    return sign_in(browser, idp, idp.add_account("865"))


def _switched_off(browser: FrontendClient, idp: IdentityProvider) -> Any:
    _signed_in(browser, idp)
    django_user = django_user_of(browser.user_id)
    django_user.is_active = False
    django_user.save()
    return _signed_in(browser, idp)


def _linking(browser: FrontendClient, idp: IdentityProvider) -> Any:
    info = code_of(FrontendClient("cookie"), idp, idp.add_account("865", "white@example.com"))
    body = {"thirdPartyId": "custom", "redirectURIInfo": info, "shouldTryLinkingWithSessionUser": True}
    return post(browser, body)


SIGN_INS: dict[str, Callable[[FrontendClient, IdentityProvider], Any]] = {
    "NoEmailGiven": _without_email,
    "SignInUpNotAllowed": _switched_off,
    "Unauthorised": _linking,
    "TryRefreshToken": _linking,
}
