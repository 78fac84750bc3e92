"""The clean-up beside everything else, and beside itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from supertokens_django.models import PasswordResetToken, Session
from tests.base import ALICE
from tests.cleanup.expired import clean_up, deleted, handles, make_reset_tokens, make_sessions
from tests.client import FrontendClient
from tests.concurrency.crowd import at_once

pytestmark = pytest.mark.concurrency


def test_several_at_once_delete_every_row_once(alice: str) -> None:
    make_sessions(300)
    make_reset_tokens(alice, 100)

    found = at_once([partial(deleted, batch_size=10)] * 4)

    assert sum(each.get("sessions", 0) for each in found) == 300
    assert sum(each.get("password reset tokens", 0) for each in found) == 100
    assert (Session.objects.count(), PasswordResetToken.objects.count()) == (0, 0)


def test_nobody_who_signs_in_or_refreshes_meanwhile_notices(alice: str) -> None:
    devices = [FrontendClient("header") for _ in range(6)]
    for device in devices:
        device.sign_in(ALICE.email, ALICE.password)
    make_sessions(300)
    make_reset_tokens(alice, 100)
    visitors = [FrontendClient("header") for _ in range(4)]

    calls: list[Callable[[], Any]] = [device.refresh for device in devices]
    calls += [partial(visitor.sign_in, ALICE.email, ALICE.password) for visitor in visitors]
    calls += [partial(FrontendClient("header").request_reset_token, ALICE.email) for _ in range(2)]
    calls += [partial(clean_up, batch_size=10)] * 2

    answers = at_once(calls)

    assert [answer.status_code for answer in answers[:-2]] == [200] * (len(calls) - 2)
    assert handles() == sorted(device.session_handle for device in [*devices, *visitors])
    for device in [*devices, *visitors]:
        assert device.get("/test/checked").status_code == 200
