"""The stage of the deliveries: Acme, and nothing left in the outbox of text messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.base import supertokens_settings

LOCMEM = "supertokens_django.delivery.backends.locmem.SmsBackend"


@pytest.fixture(autouse=True)
def stage(acme: None, db: None) -> Iterator[None]:
    with supertokens_settings(SMS_BACKEND=LOCMEM):
        yield
