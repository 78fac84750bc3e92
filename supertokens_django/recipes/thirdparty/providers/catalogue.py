"""Which class speaks to which provider: chosen by how the third party id begins, so ``google-2`` is a Google."""

from __future__ import annotations

from typing import cast

from supertokens_django.recipes.thirdparty.configuration import ProviderConfig
from supertokens_django.recipes.thirdparty.providers.active_directory import ActiveDirectory
from supertokens_django.recipes.thirdparty.providers.apple import Apple
from supertokens_django.recipes.thirdparty.providers.base import Provider
from supertokens_django.recipes.thirdparty.providers.bitbucket import Bitbucket
from supertokens_django.recipes.thirdparty.providers.boxy_saml import BoxySAML
from supertokens_django.recipes.thirdparty.providers.discord import Discord
from supertokens_django.recipes.thirdparty.providers.facebook import Facebook
from supertokens_django.recipes.thirdparty.providers.github import GitHub
from supertokens_django.recipes.thirdparty.providers.gitlab import GitLab
from supertokens_django.recipes.thirdparty.providers.google import Google, GoogleWorkspaces
from supertokens_django.recipes.thirdparty.providers.linkedin import LinkedIn
from supertokens_django.recipes.thirdparty.providers.okta import Okta
from supertokens_django.recipes.thirdparty.providers.twitter import Twitter

BUILT_IN: tuple[type[Provider], ...] = (
    ActiveDirectory, Apple, Bitbucket, Discord, Facebook, GitHub, GitLab, GoogleWorkspaces, Google, Okta, LinkedIn,
    Twitter, BoxySAML,
)  # fmt: skip
"""In the order in which they are asked; one whose prefix begins with that of another stands before it."""


def class_of(config: ProviderConfig) -> type[Provider]:
    """The class for a provider: the project's own, a built-in one, else the generic one."""
    if config.provider_class is not None:
        return cast(type[Provider], config.provider_class)
    found = (cls for cls in BUILT_IN if config.third_party_id.startswith(cls.prefix))
    return next(found, Provider)
