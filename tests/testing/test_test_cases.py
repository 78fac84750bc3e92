"""The helpers in Django's own test cases: what one test leaves behind, the next must not stumble over."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, TestCase, TransactionTestCase, override_settings

from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.recipes.jwt.models import SigningKey
from supertokens_django.services import session as sessions
from supertokens_django.testing import (
    SuperTokensAsyncClient,
    SuperTokensClient,
    create_user,
    force_login,
    frozen_time,
    refresh,
)
from tests.base import ALICE, ONE_SITE

ACME = override_settings(ROOT_URLCONF="tests.urls", SUPERTOKENS={**settings.SUPERTOKENS, **ONE_SITE})


def published_keys() -> list[str]:
    return [key["kid"] for key in Client().get("/auth/jwt/jwks.json").json()["keys"]]


class Life:
    """Run twice by each of the cases below, in the order of their names."""

    client: Any

    def live(self) -> None:
        user = create_user(ALICE.email)
        made = self.client.force_login(user)
        assert self.client.get("/test/sync").json()["userId"] == user.id
        assert self.client.get("/test/checked").status_code == 200
        assert SigningKey.objects.filter(pk__in=published_keys()).count() == 2
        assert sessions.get_all_session_handles_for_user(user.id) == [made.get_handle()]

    def test_1(self) -> None:
        self.live()

    def test_2(self) -> None:
        self.live()


@ACME
class InTestCase(Life, TestCase):
    client_class = SuperTokensClient


@ACME
class InTransactionTestCase(Life, TransactionTestCase):
    client_class = SuperTokensClient


@ACME
class SetUpOnce(TestCase):
    """A session made for the whole class."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.user = create_user(ALICE.email)  # type: ignore[attr-defined]
        cls.signed_in = Client()  # type: ignore[attr-defined]
        force_login(cls.signed_in, cls.user)  # type: ignore[attr-defined]

    def visit(self) -> None:
        client: Client = self.signed_in  # type: ignore[attr-defined]
        assert client.get("/test/checked").status_code == 200
        assert refresh(client).status_code == 200

    def test_1(self) -> None:
        self.visit()

    def test_2(self) -> None:
        self.visit()


@ACME
class InAsyncTests(TestCase):
    async_client_class = SuperTokensAsyncClient

    async def test_1(self) -> None:
        client = self.async_client
        await client.aforce_login(await self.alice(), mode="header")  # type: ignore[call-arg,arg-type]
        assert (await client.get("/test/async")).status_code == 200

    test_2 = test_1

    @staticmethod
    async def alice() -> str:
        from supertokens_django.testing import acreate_user

        return (await acreate_user(ALICE.email)).id


@ACME
class WithAClock(TestCase):
    def test_it_can_be_entered_for_the_test(self) -> None:
        clock = self.enterContext(frozen_time())
        force_login(self.client, create_user(ALICE.email))
        clock.advance(3601)
        assert self.client.get("/test/sync").status_code == 401


class TestStaleKeys:
    """The keys in memory are those of the table, whatever a test did to it."""

    @pytest.mark.django_db(transaction=True)
    def test_an_emptied_database_leaves_none(self, acme: None) -> None:
        force_login(Client(), create_user(ALICE.email))
        (old,) = SigningKey.objects.values_list("kid", flat=True)
        assert ring.knows(old)
        call_command("flush", interactive=False, verbosity=0)
        assert not ring.knows(old)
        assert old not in published_keys()
        client = Client()
        force_login(client, create_user(ALICE.email))
        assert client.get("/test/sync").status_code == 200
        ring.forget()  # as another process
        assert client.get("/test/sync").status_code == 200
