"""Each built-in provider through the wire: where the browser goes, what the provider sees, what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.base import Clock
from tests.client import FrontendClient, Mode
from tests.idp.personalities.active_directory import ActiveDirectory
from tests.idp.personalities.base import Personality
from tests.idp.personalities.bitbucket import Bitbucket
from tests.idp.personalities.boxy_saml import BoxySAML
from tests.idp.personalities.catalogue import BUILT_IN
from tests.idp.personalities.discord import Discord
from tests.idp.personalities.facebook import Facebook
from tests.idp.personalities.github import GitHub
from tests.idp.personalities.gitlab import GitLab
from tests.idp.personalities.google import Google, GoogleWorkspaces
from tests.idp.personalities.linkedin import LinkedIn
from tests.idp.personalities.okta import Okta
from tests.recipes.thirdparty.providers.stage import callback_of, seen, sign_in, standing, url_of, welcome

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

JSON = "application/json"
BEARER = "Bearer <token>"


@dataclass(frozen=True)
class Case:
    """A provider as its documentation has it, and what it is to see of us."""

    personality: type[Personality]
    authorize: str
    """Where the browser begins, without the parameters that all have."""
    more: str
    """What follows these in the URL."""
    asked: tuple[dict[str, Any], ...]
    """The requests for the user."""
    user_id: str = "865"
    is_verified: bool = True
    client: dict[str, Any] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)

    @property
    def third_party_id(self) -> str:
        return self.personality.third_party_id


GITHUB = "application/vnd.github.v3+json"
CASES = (
    Case(
        Google,
        "/o/oauth2/v2/auth",
        "&scope=openid+email&included_grant_scopes=true&access_type=offline",
        ({"request": "GET /v1/userinfo", "Authorization": BEARER, "Accept": JSON},),
    ),
    Case(
        GoogleWorkspaces,
        "/o/oauth2/v2/auth",
        "&scope=openid+email&included_grant_scopes=true&access_type=offline&hd=acme.com",
        ({"request": "GET /v1/userinfo", "Authorization": BEARER, "Accept": JSON},),
        client={"additional_config": {"hd": "acme.com"}},
        account={"hd": "acme.com"},
    ),
    Case(
        GitHub,
        "/login/oauth/authorize",
        "&scope=read%3Auser+user%3Aemail",
        (
            {"request": "GET /user", "Authorization": BEARER, "Accept": GITHUB},
            {"request": "GET /user/emails", "Authorization": BEARER, "Accept": GITHUB},
        ),
    ),
    Case(
        ActiveDirectory,
        "/common/oauth2/v2.0/authorize",
        "&scope=openid+email",
        ({"request": "GET /oidc/userinfo", "Authorization": BEARER, "Accept": JSON},),
        is_verified=False,
    ),
    Case(
        Okta,
        "/oauth2/v1/authorize",
        "&scope=openid+email",
        ({"request": "GET /oauth2/v1/userinfo", "Authorization": BEARER, "Accept": JSON},),
    ),
    Case(
        Facebook,
        "/v12.0/dialog/oauth",
        "&scope=email",
        (
            {
                "request": "GET /me",
                "Accept": JSON,
                "query": {
                    "access_token": "<token>",
                    "fields": "id,first_name,last_name,email",
                    "format": "json",
                },
            },
        ),
        is_verified=False,
    ),
    Case(
        Discord,
        "/oauth2/authorize",
        "&scope=identify+email",
        ({"request": "GET /api/users/@me", "Authorization": BEARER, "Accept": JSON},),
    ),
    Case(
        GitLab,
        "/oauth/authorize",
        "&scope=openid+email",
        ({"request": "GET /oauth/userinfo", "Authorization": BEARER, "Accept": JSON},),
    ),
    Case(
        LinkedIn,
        "/oauth/v2/authorization",
        "&scope=openid+profile+email",
        ({"request": "GET /v2/userinfo", "Authorization": BEARER, "Accept": JSON},),
    ),
    Case(
        Bitbucket,
        "/site/oauth2/authorize",
        "&scope=account+email&audience=api.atlassian.com",
        (
            {"request": "GET /2.0/user", "Authorization": BEARER, "Accept": JSON},
            {"request": "GET /2.0/user/emails", "Authorization": BEARER, "Accept": JSON},
        ),
        user_id="{5b10a2844c20165700ede21g}",
    ),
    Case(
        BoxySAML,
        "/api/oauth/authorize",
        "",
        ({"request": "GET /api/oauth/userinfo", "Authorization": BEARER, "Accept": JSON},),
        is_verified=False,
    ),
)
"""Apple and Twitter, which are different in more, are in files of their own."""


def test_no_provider_is_left_out() -> None:
    elsewhere = {"apple", "twitter"}
    assert {case.third_party_id for case in CASES} | elsewhere == {one.third_party_id for one in BUILT_IN}


@pytest.fixture(params=CASES, ids=lambda case: case.third_party_id)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def test_the_browser_goes_to_the_provider(case: Case) -> None:
    with standing(case.personality, client=case.client) as idp:
        url = url_of(FrontendClient("cookie"), case.third_party_id)
    assert url == (
        f"{idp.base}{case.authorize}?client_id=acme"
        f"&redirect_uri=https%3A%2F%2Facme.com%2Fauth%2Fcallback%2F{case.third_party_id}&response_type=code"
        + case.more
    )


def test_the_user_comes_back_signed_in(case: Case, clock: Clock, mode: Mode) -> None:
    with standing(case.personality, client=case.client) as idp:
        alice = idp.add_account(
            case.user_id, "Alice@Example.com", name="Alice Liddell", verified=True, **case.account
        )
        first = sign_in(idp, alice, mode=mode)
        clock.advance(60)
        second = sign_in(idp, alice, mode=mode)
    clock.advance(-60)
    expected = welcome(
        case.third_party_id, case.user_id, "alice@example.com", clock, verified=case.is_verified
    )
    assert first == expected
    assert second == {**expected, "createdNewRecipeUser": False}


def test_the_provider_is_asked_in_its_manner(case: Case) -> None:
    with standing(case.personality, client=case.client) as idp:
        alice = idp.add_account(case.user_id, "alice@example.com", name="Alice Liddell", **case.account)
        sign_in(idp, alice)
    (exchange,) = idp.asked("token")
    assert seen(exchange) == {
        "request": f"POST {idp.personality.paths.token}",
        "Accept": JSON,
        "form": {
            "client_id": "acme",
            "client_secret": "acme-secret",
            "grant_type": "authorization_code",
            "redirect_uri": callback_of(case.third_party_id),
        },
    }
    (token,) = idp.tokens
    others = [
        seen(one)
        for one in idp.requests
        if one.endpoint not in ("authorize", "token", "discovery", "discovery_of_directory", "jwks")
    ]
    assert _without(others, token) == list(case.asked)


def _without(requests: list[dict[str, Any]], token: str) -> list[dict[str, Any]]:
    """The requests, with a word in the place of the access token."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(item) for name, item in value.items()}
        return value.replace(token, "<token>")

    return [plain(one) for one in requests]


def test_an_email_that_is_not_verified_is_taken_as_such(case: Case, clock: Clock) -> None:
    with standing(case.personality, client=case.client) as idp:
        alice = idp.add_account(case.user_id, "alice@example.com", verified=False, **case.account)
        answer = sign_in(idp, alice)
    assert answer == welcome(case.third_party_id, case.user_id, "alice@example.com", clock, verified=False)


def test_a_user_without_an_email_is_not_signed_in(case: Case) -> None:
    with standing(case.personality, client=case.client) as idp:
        answer = sign_in(idp, idp.add_account(case.user_id, None, name="Alice Liddell", **case.account))
    assert answer == {"status": "NO_EMAIL_GIVEN_BY_PROVIDER"}


def test_a_user_without_an_email_gets_one_where_none_is_required(case: Case, clock: Clock) -> None:
    with standing(case.personality, client=case.client, require_email=False) as idp:
        answer = sign_in(idp, idp.add_account("865", None, **case.account))
    email = f"865.{case.third_party_id}@stfakeemail.supertokens.com"
    assert answer == welcome(case.third_party_id, "865", email, clock, verified=True)


def test_an_email_that_changes_there_changes_here(case: Case, clock: Clock) -> None:
    with standing(case.personality, client=case.client) as idp:
        alice = idp.add_account(case.user_id, "alice@example.com", **case.account)
        sign_in(idp, alice)
        alice.email = "liddell@example.com"
        answer = sign_in(idp, alice)
    expected = welcome(
        case.third_party_id,
        case.user_id,
        "liddell@example.com",
        clock,
        verified=case.is_verified,
        is_new=False,
    )
    assert answer == expected
