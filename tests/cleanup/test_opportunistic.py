"""``CLEANUP = {"OPPORTUNISTIC": True}``: expired rows go without a cron job, and no request notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from supertokens_django.cleanup.receivers import opportunity
from supertokens_django.models import PasswordResetToken, Session
from supertokens_django.registry import Expired, Recipe
from supertokens_django.services import session
from tests.base import ALICE, PUBLIC, Clock, sql_budget, supertokens_settings
from tests.cleanup.expired import handles, make_reset_tokens, make_sessions
from tests.client import FrontendClient

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = 60


@pytest.fixture(autouse=True)
def _a_process_that_has_just_started(clock: Clock, _stage: None) -> None:
    opportunity.forget()


@pytest.fixture
def switched_on() -> Iterator[None]:
    with supertokens_settings(CLEANUP={"OPPORTUNISTIC": True, "INTERVAL": timedelta(minutes=5)}):
        yield


def test_it_is_off_unless_asked_for(frontend: FrontendClient) -> None:
    make_sessions(1)
    frontend.refresh()
    assert "old-00000" in handles()


@pytest.mark.usefixtures("switched_on")
class TestSwitchedOn:
    def test_a_sign_in_deletes_what_has_expired(self, alice: str) -> None:
        make_sessions(3)
        make_reset_tokens(alice, 2)
        browser = FrontendClient("header")
        browser.sign_in(ALICE.email, ALICE.password)
        assert handles() == [browser.session_handle]
        assert PasswordResetToken.objects.count() == 0

    def test_a_refresh_does(self, clock: Clock, frontend: FrontendClient) -> None:
        clock.advance(10 * MINUTE)
        make_sessions(3)
        frontend.refresh()
        assert handles() == [frontend.session_handle]

    def test_a_verified_request_does_not(self, clock: Clock, frontend: FrontendClient) -> None:
        clock.advance(10 * MINUTE)
        make_sessions(3)
        frontend.get("/test/checked")
        assert Session.objects.count() == 4

    def test_it_waits_for_the_interval(self, clock: Clock, frontend: FrontendClient) -> None:
        make_sessions(1)
        clock.advance(5 * MINUTE - 1)
        frontend.refresh()
        assert Session.objects.count() == 2
        clock.advance(1)
        frontend.refresh()
        assert Session.objects.count() == 1

    def test_it_goes_on_after_the_clock_was_set_back(self, clock: Clock, frontend: FrontendClient) -> None:
        clock.advance(-86400)
        make_sessions(1)
        frontend.refresh()
        assert Session.objects.count() == 1

    def test_it_deletes_no_more_than_a_batch(self, alice: str) -> None:
        make_sessions(5)
        with supertokens_settings(CLEANUP={"BATCH_SIZE": 2}):
            session.create_new_session_without_request_response(PUBLIC, alice)
        assert Session.objects.count() == 3 + 1

    def test_it_begins_after_the_commit(self, alice: str) -> None:
        make_sessions(1)
        with transaction.atomic():
            session.create_new_session_without_request_response(PUBLIC, alice)
            assert Session.objects.count() == 2
        assert Session.objects.count() == 1

    def test_nothing_begins_when_the_transaction_is_undone(self, alice: str) -> None:
        make_sessions(1)
        with transaction.atomic():
            session.create_new_session_without_request_response(PUBLIC, alice)
            transaction.set_rollback(True)
        assert handles() == ["old-00000"]

    def test_the_other_requests_cost_what_they_always_cost(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        clock.advance(10 * MINUTE)
        frontend.refresh()
        clock.advance(MINUTE)
        with sql_budget(3):
            assert frontend.refresh().status_code == 200


class Broken(Recipe):
    """A recipe of the project whose table is not there."""

    name = "broken"

    def expired(self) -> Sequence[Expired]:
        def rows(before: datetime) -> Any:
            raise DatabaseError("no such table")

        return (Expired("things", rows),)


@pytest.mark.usefixtures("switched_on")
def test_a_failure_is_logged_and_the_request_is_answered(
    clock: Clock, frontend: FrontendClient, caplog: pytest.LogCaptureFixture
) -> None:
    clock.advance(10 * MINUTE)
    with supertokens_settings(RECIPES=["emailpassword", "tests.cleanup.test_opportunistic.Broken"]):
        assert frontend.refresh().status_code == 200
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("supertokens_django", "WARNING")
    assert record.getMessage() == "Expired rows could not be deleted; the next batch tries again."
