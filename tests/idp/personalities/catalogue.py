"""All personalities."""

from __future__ import annotations

from tests.idp.personalities.active_directory import ActiveDirectory
from tests.idp.personalities.apple import Apple
from tests.idp.personalities.base import OAuth2, Personality
from tests.idp.personalities.bitbucket import Bitbucket
from tests.idp.personalities.boxy_saml import BoxySAML
from tests.idp.personalities.discord import Discord
from tests.idp.personalities.facebook import Facebook
from tests.idp.personalities.github import GitHub
from tests.idp.personalities.gitlab import GitLab
from tests.idp.personalities.google import Google, GoogleWorkspaces
from tests.idp.personalities.linkedin import LinkedIn
from tests.idp.personalities.okta import Okta
from tests.idp.personalities.twitter import Twitter

BUILT_IN: tuple[type[Personality], ...] = (
    ActiveDirectory, Apple, Bitbucket, BoxySAML, Discord, Facebook, GitHub, GitLab, Google, GoogleWorkspaces,
    LinkedIn, Okta, Twitter,
)  # fmt: skip
"""Those that the project knows by name."""

ALL = (Personality, OAuth2, *BUILT_IN)
