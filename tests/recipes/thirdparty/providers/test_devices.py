"""Tokens from a device: those of an app of ours sign in, those of another app nobody (a substitution attack)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.base import Clock
from tests.client import Mode
from tests.idp.faults import answers, down
from tests.idp.personalities.active_directory import ActiveDirectory
from tests.idp.personalities.base import Personality
from tests.idp.personalities.bitbucket import Bitbucket
from tests.idp.personalities.boxy_saml import BoxySAML
from tests.idp.personalities.discord import Discord
from tests.idp.personalities.facebook import Facebook
from tests.idp.personalities.github import GitHub
from tests.idp.personalities.gitlab import GitLab
from tests.idp.personalities.google import Google, GoogleWorkspaces
from tests.idp.personalities.linkedin import LinkedIn
from tests.idp.personalities.okta import Okta
from tests.recipes.thirdparty.providers.stage import (
    basic,
    present,
    refusal,
    seen,
    standing,
    tokens_of,
    welcome,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

TELLING = (Google, GoogleWorkspaces, GitHub, Facebook, Discord, GitLab, Okta, LinkedIn)
"""They tell for which client an access token was made."""
WITH_ID_TOKENS = (Google, GoogleWorkspaces, ActiveDirectory, Okta, GitLab)
SILENT = (ActiveDirectory, Bitbucket, BoxySAML)
"""Of their access tokens nobody can tell; for Apple and Twitter see their own files."""


def name_of(personality: type[Personality]) -> str:
    return personality.third_party_id


def refused_by(personality: type[Personality]) -> dict[str, str]:
    """The answer; what is not configured by name has the one that SuperTokens' frontends know."""
    return refusal({"gitlab": "Gitlab"}.get(name_of(personality), personality.name))


@pytest.mark.parametrize("personality", TELLING, ids=name_of)
class TestAccessTokens:
    def test_one_of_our_app_signs_in(self, personality: type[Personality], clock: Clock, mode: Mode) -> None:
        with standing(personality) as idp:
            alice = idp.add_account("865", "alice@example.com")
            tokens = tokens_of(idp, alice)
            answer = present({"access_token": tokens["access_token"]}, name_of(personality), mode)
        is_verified = personality is not Facebook
        assert answer == welcome(
            name_of(personality), "865", "alice@example.com", clock, verified=is_verified
        )

    def test_one_of_another_app_does_not(self, personality: type[Personality]) -> None:
        with standing(personality) as idp:
            idp.add_client("mallory")
            alice = idp.add_account("865", "alice@example.com")
            tokens = tokens_of(idp, alice, client_id="mallory")
            answer = present({"access_token": tokens["access_token"]}, name_of(personality))
        assert answer == refused_by(personality)

    def test_one_that_nobody_gave_does_not(self, personality: type[Personality]) -> None:
        with standing(personality):
            assert present({"access_token": "made-up"}, name_of(personality)) == refused_by(personality)


@pytest.mark.parametrize("personality", WITH_ID_TOKENS, ids=name_of)
class TestIdTokens:
    def test_one_of_our_app_signs_in(self, personality: type[Personality], clock: Clock, mode: Mode) -> None:
        with standing(personality) as idp:
            tokens = tokens_of(idp, idp.add_account("865", "alice@example.com"))
            answer = present({"id_token": tokens["id_token"]}, name_of(personality), mode)
        is_verified = personality is not ActiveDirectory
        assert answer == welcome(
            name_of(personality), "865", "alice@example.com", clock, verified=is_verified
        )

    def test_one_of_another_app_does_not(self, personality: type[Personality]) -> None:
        with standing(personality) as idp:
            idp.add_client("mallory")
            tokens = tokens_of(idp, idp.add_account("865", "alice@example.com"), client_id="mallory")
            assert present(tokens, name_of(personality)) == refused_by(personality)

    def test_an_access_token_of_somebody_else_does_not_go_with_it(
        self, personality: type[Personality]
    ) -> None:
        with standing(personality) as idp:
            own = tokens_of(idp, idp.add_account("666", "mallory@example.com"))
            other = tokens_of(idp, idp.add_account("865", "alice@example.com"))
            mixed = {"id_token": own["id_token"], "access_token": other["access_token"]}
            assert present(mixed, name_of(personality)) == refused_by(personality)


@pytest.mark.parametrize("personality", SILENT, ids=name_of)
class TestAccessTokensOfSilentProviders:
    def test_they_sign_nobody_in(self, personality: type[Personality]) -> None:
        with standing(personality) as idp:
            tokens = tokens_of(idp, idp.add_account("865", "alice@example.com"))
            answer = present({"access_token": tokens["access_token"]}, name_of(personality))
        assert answer == refused_by(personality)

    def test_but_where_the_project_can_tell(self, personality: type[Personality], clock: Clock) -> None:
        asked: list[Any] = []
        with standing(personality, validate_access_token=lambda token, config: asked.append(token)) as idp:
            tokens = tokens_of(idp, idp.add_account("865", "alice@example.com"))
            answer = present({"access_token": tokens["access_token"]}, name_of(personality))
        assert answer["status"] == "OK"
        assert asked == [tokens["access_token"]]


def test_google_is_asked_in_its_manner() -> None:
    with standing(Google) as idp:
        token = tokens_of(idp, idp.add_account("865", "alice@example.com"))["access_token"]
        present({"access_token": token}, "google")
    (check,) = idp.asked("tokeninfo")
    assert seen(check) == {
        "request": "POST /tokeninfo",
        "Accept": "application/json",
        "form": {"access_token": token},
    }


def test_github_is_asked_in_its_manner() -> None:
    with standing(GitHub) as idp:
        token = tokens_of(idp, idp.add_account("865", "alice@example.com"))["access_token"]
        present({"access_token": token}, "github")
    (check,) = idp.asked("check_token")
    assert seen(check) == {
        "request": "POST /applications/acme/token",
        "Accept": "application/vnd.github.v3+json",
        "Authorization": basic("acme", "acme-secret"),
    }


def test_facebook_is_asked_in_its_manner() -> None:
    with standing(Facebook) as idp:
        token = tokens_of(idp, idp.add_account("865", "alice@example.com"))["access_token"]
        present({"access_token": token}, "facebook")
    (check,) = idp.asked("debug_token")
    assert seen(check) == {
        "request": "GET /debug_token",
        "Accept": "application/json",
        "query": {"input_token": token, "access_token": "acme|acme-secret"},
    }


def test_discord_is_asked_in_its_manner() -> None:
    with standing(Discord) as idp:
        token = tokens_of(idp, idp.add_account("865", "alice@example.com"))["access_token"]
        present({"access_token": token}, "discord")
    (check,) = idp.asked("authorization_information")
    assert seen(check) == {
        "request": "GET /api/oauth2/@me",
        "Accept": "application/json",
        "Authorization": f"Bearer {token}",
    }


def test_gitlab_is_asked_in_its_manner() -> None:
    with standing(GitLab) as idp:
        token = tokens_of(idp, idp.add_account("865", "alice@example.com"))["access_token"]
        present({"access_token": token}, "gitlab")
    (check,) = idp.asked("token_info")
    assert seen(check) == {
        "request": "GET /oauth/token/info",
        "Accept": "application/json",
        "Authorization": f"Bearer {token}",
    }


@pytest.mark.parametrize(
    ("personality", "path"),
    [(Okta, "/oauth2/v1/introspect"), (LinkedIn, "/oauth/v2/introspectToken")],
    ids=["okta", "linkedin"],
)
def test_others_are_asked_by_introspection(personality: type[Personality], path: str) -> None:
    with standing(personality) as idp:
        token = tokens_of(idp, idp.add_account("865", "alice@example.com"))["access_token"]
        present({"access_token": token}, name_of(personality))
    (check,) = idp.asked("introspect")
    assert seen(check) == {
        "request": f"POST {path}",
        "Accept": "application/json",
        "form": {"client_id": "acme", "client_secret": "acme-secret", "token": token},
    }


def test_a_client_without_a_secret_cannot_ask_github() -> None:
    with standing(GitHub, client={"client_secret": None}) as idp:
        tokens = tokens_of(idp, idp.add_account("865", "alice@example.com"))
        assert present(tokens, "github") == refusal("GitHub")


@pytest.mark.parametrize(
    ("personality", "endpoint"),
    [
        (Google, "tokeninfo"),
        (GitHub, "check_token"),
        (Facebook, "debug_token"),
        (Discord, "authorization_information"),
        (GitLab, "token_info"),
        (Okta, "introspect"),
        (LinkedIn, "introspect"),
    ],
    ids=["google", "github", "facebook", "discord", "gitlab", "okta", "linkedin"],
)
def test_a_provider_that_does_not_tell_now_signs_nobody_in(
    personality: type[Personality], endpoint: str
) -> None:
    with standing(personality) as idp:
        token = tokens_of(idp, idp.add_account("865", "alice@example.com"))["access_token"]
        idp.fail(endpoint, down)
        assert present({"access_token": token}, name_of(personality)) == refused_by(personality)


def test_the_domain_is_asked_for_here_too() -> None:
    """Google Workspaces: a token for our client, of a user of elsewhere."""
    with standing(GoogleWorkspaces, client={"additional_config": {"hd": "acme.com"}}) as idp:
        tokens = tokens_of(idp, idp.add_account("666", "mallory@gmail.com"))
        refused = refusal("Google Workspaces")
        assert present({"access_token": tokens["access_token"]}, "google-workspaces") == refused
        assert present({"id_token": tokens["id_token"]}, "google-workspaces") == refused


@pytest.mark.parametrize(
    ("personality", "endpoint", "body"),
    [
        (Google, "tokeninfo", '{"aud": "mallory"}'),
        (Facebook, "debug_token", '{"data": {"is_valid": true, "app_id": "mallory"}}'),
        (Facebook, "debug_token", '{"data": {"is_valid": false, "app_id": "acme"}}'),
        (Facebook, "debug_token", '{"data": []}'),
        (Discord, "authorization_information", '{"application": "acme"}'),
        (GitLab, "token_info", '{"application": {"uid": "mallory"}}'),
        (GitLab, "token_info", "[]"),
        (Okta, "introspect", '{"active": false, "client_id": "acme"}'),
        (Okta, "introspect", '{"active": "true", "client_id": "acme"}'),
        (LinkedIn, "introspect", '{"active": true}'),
    ],
)
def test_what_is_told_must_be_that_it_is_ours(
    personality: type[Personality], endpoint: str, body: str
) -> None:
    with standing(personality) as idp:
        token = tokens_of(idp, idp.add_account("865", "alice@example.com"))["access_token"]
        idp.fail(endpoint, answers(200, body))
        assert present({"access_token": token}, name_of(personality)) == refused_by(personality)
