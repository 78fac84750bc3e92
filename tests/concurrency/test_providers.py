"""Many first sign-ins of one account at a provider: one user, and everybody is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from supertokens_django.models import (
    DjangoUserLink,
    LoginIdentity,
    LoginMethod,
    ProviderTokens,
    Session,
    User,
    VerifiedEmail,
)
from supertokens_django.recipes.thirdparty import discovery
from supertokens_django.services import users
from tests.base import supertokens_settings
from tests.client import FrontendClient, json_of
from tests.concurrency.crowd import at_once
from tests.idp.personalities.base import Personality
from tests.idp.provider import IdentityProvider, serving
from tests.recipes.thirdparty.dance import CALLBACK, LOOPBACK, code_of, post

pytestmark = pytest.mark.concurrency

CROWD = 10

flags: Counter[bool] = Counter()
"""How many of the last crowd were told that they are new, and how many that they are not."""


@pytest.fixture
def idp() -> Iterator[IdentityProvider]:
    discovery.forget()
    with serving(Personality) as idp:
        client = idp.add_client(redirect_uris=[CALLBACK], refresh=True)
        providers = {"PROVIDERS": [idp.settings(client)], "STORE_TOKENS": True}
        # Slow is not what is tested: a crowd may have to wait for the machine.
        outgoing = {**LOOPBACK["OUTGOING"], "TIMEOUT": 30, "DEADLINE": 30}
        with supertokens_settings(**{**LOOPBACK, "OUTGOING": outgoing}, THIRDPARTY=providers):
            yield idp


def sign_in_at_once(idp: IdentityProvider, count: int) -> list[FrontendClient]:
    """Every one has been to the provider already; gives the frontends, all of them signed in."""
    account = idp.accounts["865"]
    frontends = [FrontendClient("header") for _ in range(count)]
    bodies = [
        {"thirdPartyId": "custom", "redirectURIInfo": code_of(frontend, idp, account)}
        for frontend in frontends
    ]
    calls = [partial(post, frontend, body) for frontend, body in zip(frontends, bodies, strict=True)]
    answers = [json_of(answer) for answer in at_once(calls)]
    assert [answer["status"] for answer in answers] == ["OK"] * count
    assert all(frontend.is_signed_in for frontend in frontends)
    flags.clear()
    flags.update(answer["createdNewRecipeUser"] for answer in answers)
    return frontends


def test_they_make_one_user(idp: IdentityProvider) -> None:
    idp.add_account("865", "alice@example.com")

    frontends = sign_in_at_once(idp, CROWD)

    assert len({frontend.user_id for frontend in frontends}) == 1
    assert flags == {True: 1, False: CROWD - 1}
    rows = (User, LoginMethod, VerifiedEmail, DjangoUserLink, get_user_model(), ProviderTokens)
    assert [model._base_manager.count() for model in rows] == [1] * len(rows)
    assert LoginIdentity.objects.count() == 2  # the provider's account and the e-mail
    assert Session.objects.count() == CROWD


def test_an_address_that_changed_is_changed_once(idp: IdentityProvider) -> None:
    account = idp.add_account("865", "alice@example.com")
    sign_in_at_once(idp, 1)
    account.email = "white@example.com"

    sign_in_at_once(idp, CROWD)

    assert LoginMethod.objects.get().email == "white@example.com"
    assert VerifiedEmail.objects.count() == 2


def test_while_the_user_is_deleted_everybody_gets_in_somehow(idp: IdentityProvider) -> None:
    """As the one who is deleted, or as a new one; nothing is left of the first."""
    account = idp.add_account("865", "alice@example.com")
    (first,) = sign_in_at_once(idp, 1)
    frontends = [FrontendClient("header") for _ in range(4)]
    bodies = [
        {"thirdPartyId": "custom", "redirectURIInfo": code_of(frontend, idp, account)}
        for frontend in frontends
    ]
    calls: list[Callable[[], Any]] = [
        partial(post, frontend, body) for frontend, body in zip(frontends, bodies, strict=True)
    ]

    calls.insert(0, partial(users.delete_user, first.user_id))
    answers = at_once(calls)[1:]

    assert [json_of(answer)["status"] for answer in answers] == ["OK"] * 4
    assert not LoginMethod.objects.filter(pk=first.user_id).exists()
    assert LoginMethod.objects.count() <= 1
