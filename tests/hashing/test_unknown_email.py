"""Signing in with an unknown e-mail costs as much as with a wrong password."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import override_settings

from supertokens_django.services import emailpassword
from tests.base import ALICE, BOB, MALLORY
from tests.client import FrontendClient, json_of
from tests.hashing.hashers import CountingHasher
from tests.recipes.emailpassword.bodies import WRONG_CREDENTIALS

pytestmark = pytest.mark.django_db

FAKE = "mallory@stfakeemail.supertokens.com"


class TestNumberOfHashes:
    @pytest.fixture(autouse=True)
    def counted(self, acme: None) -> Iterator[None]:
        with override_settings(PASSWORD_HASHERS=["tests.hashing.hashers.CountingHasher"]):
            yield

    @pytest.fixture
    def count(self, counted: None, visitor: FrontendClient) -> Callable[..., int]:
        emailpassword.sign_up("public", ALICE.email, ALICE.password)

        def count(email: str, password: str, **where: Any) -> int:
            def refused() -> None:
                assert json_of(visitor.sign_in(email, password, **where)) == WRONG_CREDENTIALS

            return CountingHasher.count(refused)

        return count

    def test_it_is_one_for_a_wrong_password(self, count: Callable[..., int]) -> None:
        assert count(ALICE.email, BOB.password) == 1

    @pytest.mark.parametrize("email", [MALLORY.email, "ALICE@example.org"])
    def test_it_is_one_for_an_unknown_email(self, email: str, count: Callable[..., int]) -> None:
        assert count(email, BOB.password) == 1

    def test_for_a_fake_address_it_does_not_tell_whether_there_is_one(
        self, count: Callable[..., int]
    ) -> None:
        before = count(FAKE, BOB.password)
        emailpassword.sign_up("public", FAKE, ALICE.password)
        assert (count(FAKE, BOB.password), count(FAKE, ALICE.password)) == (before, before)

    def test_it_is_one_for_a_switched_off_user(self, count: Callable[..., int]) -> None:
        get_user_model().objects.update(is_active=False)
        assert (count(ALICE.email, ALICE.password), count(ALICE.email, BOB.password)) == (1, 1)

    def test_it_is_one_for_a_user_of_another_tenant(
        self, count: Callable[..., int], tenant_acme: str
    ) -> None:
        assert count(ALICE.email, ALICE.password, tenant=tenant_acme) == 1

    @pytest.mark.parametrize("password", ["x", "x" * 5_000])
    def test_it_is_one_whatever_the_length_of_the_password(
        self, password: str, count: Callable[..., int]
    ) -> None:
        assert (count(ALICE.email, password), count(MALLORY.email, password)) == (1, 1)

    def test_it_is_one_for_the_right_password(
        self, count: Callable[..., int], visitor: FrontendClient
    ) -> None:
        assert CountingHasher.count(visitor.sign_in, ALICE.email, ALICE.password) == 1

    def test_it_is_one_for_a_sign_up(self, count: Callable[..., int], visitor: FrontendClient) -> None:
        assert CountingHasher.count(visitor.sign_up, BOB.email, BOB.password) == 1


@override_settings(PASSWORD_HASHERS=["tests.hashing.hashers.SlowArgon2"])
def test_on_the_clock_both_take_about_as_long(visitor: FrontendClient) -> None:
    emailpassword.sign_up("public", ALICE.email, ALICE.password)
    known, unknown = [], []
    for _ in range(7):
        known.append(seconds(visitor, ALICE.email))
        unknown.append(seconds(visitor, MALLORY.email))
    ratio = statistics.median(unknown) / statistics.median(known)
    assert 0.6 < ratio < 1.6


def seconds(visitor: FrontendClient, email: str) -> float:
    started = time.process_time()
    assert json_of(visitor.sign_in(email, "not the password")) == WRONG_CREDENTIALS
    return time.process_time() - started
