"""Rows that somebody holds do not hold the clean-up up."""

from __future__ import annotations

from functools import partial

import pytest

from supertokens_django import db
from supertokens_django.models import Session
from tests.cleanup.expired import deleted, handles, make_sessions
from tests.concurrency.crowd import Caller
from tests.concurrency.test_signing_keys import HeldOpen

pytestmark = pytest.mark.concurrency


def test_they_are_left_for_the_next_run() -> None:
    """Another clean-up would hold them so."""
    names = make_sessions(25)
    held = HeldOpen()
    held.call(partial(hold, names[3:5]))

    cleaner = Caller(partial(deleted, batch_size=2))

    assert cleaner.answer() == {"sessions": 23}
    held.commit()
    assert handles() == names[3:5]
    assert deleted() == {"sessions": 2}


def hold(names: list[str]) -> None:
    assert len(db.locked(Session.objects.filter(pk__in=names))) == len(names)
