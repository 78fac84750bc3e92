"""Guesses that come all at once, through an event loop, each by a connection of its own."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from tests.base import ALICE
from tests.limits.conftest import ELSEWHERE

FORM = {"formFields": [{"id": "email", "value": ALICE.email}, {"id": "password", "value": "guess"}]}


async def guess(number: int) -> str:
    headers = {"x-forwarded-for": f"{ELSEWHERE}:{40_000 + number}", "rid": "emailpassword"}
    answer = await AsyncClient().post("/auth/signin", FORM, "application/json", headers=headers)
    return str(answer.json()["status"])


async def rush() -> Counter[str]:
    return Counter(await asyncio.gather(*map(guess, range(40))))


@pytest.mark.django_db(transaction=True)
def test_no_more_pass_than_one_after_the_other(alice: str) -> None:
    found = async_to_sync(rush)()
    assert set(found) == {"WRONG_CREDENTIALS_ERROR", "GENERAL_ERROR"}
    assert 1 <= found["WRONG_CREDENTIALS_ERROR"] <= 5
