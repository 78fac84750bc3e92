"""What the Django user is called: first and last name from where each provider tells them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.base import supertokens_settings
from tests.idp.personalities.active_directory import ActiveDirectory
from tests.idp.personalities.base import Personality
from tests.idp.personalities.bitbucket import Bitbucket
from tests.idp.personalities.boxy_saml import BoxySAML
from tests.idp.personalities.discord import Discord
from tests.idp.personalities.facebook import Facebook
from tests.idp.personalities.github import GitHub
from tests.idp.personalities.gitlab import GitLab
from tests.idp.personalities.google import Google
from tests.idp.personalities.linkedin import LinkedIn
from tests.idp.personalities.okta import Okta
from tests.idp.personalities.twitter import Twitter
from tests.recipes.thirdparty.providers.stage import sign_in, standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

PROFILE = {"scope": ["openid", "email", "profile"]}
WITH_SCOPE = (Google, ActiveDirectory, Okta, GitLab)
"""They tell the name to those who ask for it by the scope ``profile``."""
BY_THEMSELVES = (GitHub, Facebook, Discord, LinkedIn, Bitbucket, BoxySAML, Twitter)

profiles: list[Any] = []


def fields(user: Any, login_method: Any) -> dict[str, Any]:
    """A project's ``DJANGO_USER["FIELDS"]``."""
    profiles.append(login_method.third_party_profile)
    return {"last_name": "of the hook"}


def names() -> tuple[str, str]:
    user = get_user_model().objects.get()
    return user.first_name, user.last_name


@pytest.mark.parametrize("personality", WITH_SCOPE, ids=lambda one: one.third_party_id)
def test_the_scope_brings_the_name(personality: type[Personality]) -> None:
    with standing(personality, client=PROFILE) as idp:
        sign_in(idp, idp.add_account("865", "alice@example.com", name="Alice Liddell"))
    assert names() == ("Alice", "Liddell")


@pytest.mark.parametrize("personality", WITH_SCOPE, ids=lambda one: one.third_party_id)
def test_without_the_scope_there_is_no_name(personality: type[Personality]) -> None:
    with standing(personality) as idp:
        sign_in(idp, idp.add_account("865", "alice@example.com", name="Alice Liddell"))
    assert names() == ("", "")


@pytest.mark.parametrize("personality", BY_THEMSELVES, ids=lambda one: one.third_party_id)
def test_the_name_comes_by_itself(personality: type[Personality]) -> None:
    with standing(personality) as idp:
        sign_in(idp, idp.add_account("865", "alice@example.com", name="Alice Pleasance Liddell"))
    assert names() == ("Alice", "Pleasance Liddell")


@pytest.mark.parametrize("personality", BY_THEMSELVES, ids=lambda one: one.third_party_id)
def test_there_may_be_no_name(personality: type[Personality]) -> None:
    with standing(personality) as idp:
        sign_in(idp, idp.add_account("865", "alice@example.com"))
    assert names() == ("", "")


def test_the_hook_of_the_project_finds_all_that_was_told() -> None:
    profiles.clear()
    with standing(GitHub) as idp, supertokens_settings(DJANGO_USER={"FIELDS": f"{__name__}.fields"}):
        sign_in(idp, idp.add_account("865", "alice@example.com", name="Alice Liddell"))
    assert names() == ("Alice", "of the hook")
    (profile,) = profiles
    told = profile["raw_user_info"]["from_user_info_api"]
    assert (profile["first_name"], profile["last_name"]) == ("Alice", "Liddell")
    assert profile["raw_user_info"]["from_id_token_payload"] == {}
    assert (told["login"], told["id"], told["email"]) == ("octocat", 865, None)
    assert told["emails"] == [
        {"email": "alice@example.com", "primary": True, "verified": True, "visibility": "private"}
    ]
