"""Which class speaks to a provider is told by how its id begins."""

from __future__ import annotations

import pytest

from supertokens_django.recipes.thirdparty.configuration import ProviderConfig
from supertokens_django.recipes.thirdparty.providers.base import Provider
from supertokens_django.recipes.thirdparty.providers.catalogue import BUILT_IN, class_of
from supertokens_django.recipes.thirdparty.providers.google import Google, GoogleWorkspaces


@pytest.mark.parametrize("ending", ["", "-2", "-acme", "2"])
@pytest.mark.parametrize("built_in", BUILT_IN, ids=lambda one: one.prefix)
def test_the_beginning_decides(built_in: type[Provider], ending: str) -> None:
    assert class_of(ProviderConfig(built_in.prefix + ending)) is built_in


def test_the_longer_beginning_goes_first() -> None:
    assert class_of(ProviderConfig("google-work")) is Google
    assert class_of(ProviderConfig("google-workspaces-acme")) is GoogleWorkspaces


@pytest.mark.parametrize("third_party_id", ["custom", "my-google", "Google", "git", "x"])
def test_others_are_generic(third_party_id: str) -> None:
    assert class_of(ProviderConfig(third_party_id)) is Provider


def test_a_class_of_the_project_goes_before() -> None:
    class Own(Provider):
        pass

    assert class_of(ProviderConfig("google", provider_class=Own)) is Own
