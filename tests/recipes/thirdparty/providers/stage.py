"""A provider on loopback in the manner of a real one, configured as a project configures it."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from supertokens_django.users.models import LoginMethod
from tests.base import Clock, supertokens_settings
from tests.client import FrontendClient, Mode, json_of
from tests.idp.personalities.base import Personality
from tests.idp.provider import IdentityProvider, serving
from tests.idp.records import Account, Recorded, Token
from tests.recipes.thirdparty import dance
from tests.recipes.thirdparty.dance import LOOPBACK

EVERYTHING = "openid email profile user:email account identify users.read"
"""Scopes of an app on a device."""


def callback_of(third_party_id: str) -> str:
    return f"https://acme.com/auth/callback/{third_party_id}"


@contextmanager
def standing(
    personality: type[Personality],
    *,
    client: Mapping[str, Any] | None = None,
    refresh: bool = False,
    **changes: Any,
) -> Iterator[IdentityProvider]:
    """Serve the provider and configure it; ``client`` and ``changes`` are what the project writes besides."""
    third_party_id = changes.get("third_party_id", personality.third_party_id)
    with serving(personality) as idp:
        registered = idp.add_client(redirect_uris=[callback_of(third_party_id)], refresh=refresh)
        entry = idp.settings(registered, **changes)
        own = entry["clients"][0]
        extra = dict(client or {})
        additional = {**own.get("additional_config", {}), **extra.pop("additional_config", {})}
        entry["clients"] = [{**own, **extra, **({"additional_config": additional} if additional else {})}]
        with supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": [entry]}):
            yield idp


def url_of(browser: FrontendClient, third_party_id: str) -> str:
    """The authorisation URL that a frontend is told."""
    answer = dance.authorisation_url(browser, third_party_id, redirect_uri=callback_of(third_party_id))
    return str(json_of(answer)["urlWithQueryParams"])


def sign_in(
    idp: IdentityProvider, account: Account, third_party_id: str = "", mode: Mode = "cookie"
) -> dict[str, Any]:
    """The whole dance in a browser of its own; returns the answer's body."""
    chosen = third_party_id or idp.personality.third_party_id
    response = dance.sign_in(
        FrontendClient(mode), idp, account, third_party_id=chosen, redirect_uri=callback_of(chosen)
    )
    assert response.status_code == 200
    body: dict[str, Any] = json_of(response)
    return body


def tokens_of(idp: IdentityProvider, account: Account, *, client_id: str = "acme") -> dict[str, str]:
    """What the provider has given to an app on a device, which is its client ``client_id``."""
    made = Token(idp.personality.access_token(), None, client_id, account, EVERYTHING, time.time() + 3600)
    idp.tokens[made.access_token] = made
    id_token = {"id_token": idp.id_token(made)} if idp.personality.issues_id_tokens(made.scope) else {}
    return {"access_token": made.access_token, **id_token}


def present(tokens: Mapping[str, Any], third_party_id: str, mode: Mode = "cookie") -> dict[str, Any]:
    """Sign in with tokens of a device."""
    body = {"thirdPartyId": third_party_id, "oAuthTokens": dict(tokens)}
    response = dance.post(FrontendClient(mode), body)
    assert response.status_code == 200
    answer: dict[str, Any] = json_of(response)
    return answer


def welcome(
    third_party_id: str, user_id: str, email: str, clock: Clock, *, verified: bool, is_new: bool = True
) -> dict[str, Any]:
    """The whole answer to a sign-in of the only user there is."""
    own_id = LoginMethod.objects.get().id
    account = {"id": third_party_id, "userId": user_id}
    return {
        "status": "OK",
        "createdNewRecipeUser": is_new,
        "user": {
            "id": own_id,
            "isPrimaryUser": False,
            "tenantIds": ["public"],
            "timeJoined": clock.milliseconds,
            "emails": [email],
            "phoneNumbers": [],
            "thirdParty": [account],
            "webauthn": {"credentialIds": []},
            "loginMethods": [
                {
                    "recipeId": "thirdparty",
                    "recipeUserId": own_id,
                    "tenantIds": ["public"],
                    "timeJoined": clock.milliseconds,
                    "verified": verified,
                    "email": email,
                    "thirdParty": account,
                }
            ],
        },
    }


def refusal(name: str) -> dict[str, str]:
    """The answer where a provider did not do its part."""
    text = f"Signing in with {name} did not work. Please try again or use another way."
    return {"status": "GENERAL_ERROR", "message": text}


NO_EMAIL = {"status": "NO_EMAIL_GIVEN_BY_PROVIDER"}


def seen(request: Recorded) -> dict[str, Any]:
    """What a provider can see of a request, without what ``requests`` adds."""
    names = ("Authorization", "Accept")
    found: dict[str, Any] = {
        "request": f"{request.method} {request.path}",
        **{name: request.headers[name] for name in names if name in request.headers},
    }
    if request.query:
        found["query"] = request.query
    if request.form:
        found["form"] = {name: value for name, value in request.form.items() if name != "code"}
    return found


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
