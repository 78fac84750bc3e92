"""What a signed-in client costs a test: little, counted and not timed, so that no slow machine fails it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from supertokens_django.crypto import hashing, jwt
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.recipes.jwt.models import SigningKey
from supertokens_django.testing import create_user, force_login, reused_signing_keys
from supertokens_django.testing.keys import cheap_signing_keys
from tests.accounts import django_user_of
from tests.base import ALICE, sql_budget
from tests.testing.test_force_login import make_django_user

Counted = Callable[[Any, str], list[str]]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Counts the calls of something that stays as it is."""

    def count(where: Any, name: str) -> list[str]:
        calls: list[str] = []
        original = getattr(where, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(where, name, call)
        return calls

    return count


@pytest.fixture
def real_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a project without the pytest plugin: nobody has seen to cheap keys."""
    monkeypatch.setattr(ring, "generate", jwt.generate_private_key)


class TestForceLogin:
    def test_it_takes_one_signature_and_three_statements(
        self, counted: Counted, alice: str, mode: Any
    ) -> None:
        force_login(Client(), alice)  # the first one in a test finds no signing key
        signatures, hashes = counted(jwt, "sign"), counted(hashing, "make")
        with sql_budget(3):
            force_login(Client(), alice, claims={"x-plan": "pro"}, mode=mode)
        assert (len(signatures), len(hashes)) == (1, 0)

    def test_the_first_one_of_a_test_takes_a_row_of_a_key_more(self, alice: str) -> None:
        with sql_budget(3 + 4):
            force_login(Client(), alice)
        assert SigningKey.objects.count() == 1

    def test_a_django_user_costs_a_look_up(self, alice: str) -> None:
        force_login(Client(), alice)
        person = django_user_of(alice)
        with sql_budget(3 + 1):
            force_login(Client(), person)

    def test_who_never_signed_up_costs_the_rows_of_an_account_once(self) -> None:
        force_login(Client(), "somebody")
        carol = make_django_user(email="carol@example.com")
        with sql_budget(3 + 6):
            force_login(Client(), carol)
        with sql_budget(3 + 1):
            force_login(Client(), carol)

    def test_it_needs_no_network(self, alice: str, monkeypatch: pytest.MonkeyPatch) -> None:
        force_login(Client(), alice)  # the connection to the database is open from here on

        def refuse(*args: Any) -> None:
            raise AssertionError("no network in tests")

        monkeypatch.setattr(socket.socket, "connect", refuse)
        client = Client()
        force_login(client, create_user("bob@example.com"))
        assert client.get("/test/sync").status_code == 200


class TestCreateUser:
    def test_without_a_password_nothing_is_hashed(self, counted: Counted) -> None:
        hashes = counted(hashing, "make")
        create_user(ALICE.email)
        assert hashes == []


class TestKeys:
    def test_one_is_made_per_process_and_serves_test_after_test(self, real_keys: None, alice: str) -> None:
        moduli = set()
        for _ in range(3):
            SigningKey.objects.all().delete()
            ring.forget()
            token = force_login(Client(), alice).get_access_token()
            kid = str((jwt.peek(token) or ({}, {}))[0]["kid"])
            key = ring.public_key(kid)
            assert key is not None
            assert jwt.has_signature(token, key)
            moduli.add(key.public_numbers().n)
        assert len(moduli) == 1

    def test_outside_of_the_block_keys_are_made_as_ever(self, real_keys: None) -> None:
        with reused_signing_keys():
            inside = ring.generate(), ring.generate()
        assert inside[0] is inside[1]
        assert ring.generate is jwt.generate_private_key

    def test_several_are_used_in_turn(self) -> None:
        with reused_signing_keys(2):
            one, other, again = ring.generate(), ring.generate(), ring.generate()
        assert one is again
        assert one is not other

    def test_who_sees_to_keys_already_is_not_disturbed(self) -> None:
        with reused_signing_keys(2):
            before = ring.generate
            with cheap_signing_keys():
                assert ring.generate is before

    def test_outside_of_tests_it_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(mail, "outbox")
        with pytest.raises(RuntimeError, match="works in tests only"), reused_signing_keys():
            raise AssertionError("the block was entered")
