"""``manage.py supertokens_cleanup``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from supertokens_django.models import EmailVerificationToken, PasswordResetToken, Session, SigningKey, User
from supertokens_django.registry import Expired, Recipe
from supertokens_django.services import emailpassword, jwt, session
from supertokens_django.signals import session_revoked
from tests.base import ALICE, PUBLIC, Clock, sql_statements, supertokens_settings
from tests.cleanup.expired import clean_up, deleted, handles, make_reset_tokens, make_sessions
from tests.client import FrontendClient, json_of

HOUR, DAY, WEEK = 3600, 86400, 7 * 86400
SESSION_LIFETIME = 100 * DAY
SEVERAL = "sessions: {0} {2}\ne-mail verification tokens: 0 {2}\npassword reset tokens: {1} {2}\n"


class TestSessions:
    def test_it_deletes_those_that_have_expired(self, frontend: FrontendClient) -> None:
        make_sessions(3)
        assert deleted() == {"sessions": 3}
        assert handles() == [frontend.session_handle]
        assert frontend.get("/test/checked").status_code == 200

    def test_it_leaves_them_for_an_hour_because_clocks_differ(self) -> None:
        make_sessions(1, expired=timedelta(minutes=59), name="recent")
        make_sessions(1, expired=timedelta(minutes=61), name="older")
        clean_up()
        assert handles() == ["recent-00000"]

    def test_one_that_was_refreshed_in_its_last_second_lives_on(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        clock.advance(SESSION_LIFETIME - 1)
        assert frontend.refresh().status_code == 200
        clock.advance(2 * HOUR)
        clean_up()
        assert frontend.refresh().status_code == 200

    def test_a_replaced_refresh_token_still_gives_its_successor(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        other_tab = frontend.clone()
        frontend.refresh()
        clock.advance(20)
        clean_up()
        assert other_tab.refresh().status_code == 200

    def test_nobody_is_told_of_them(self, django_capture_on_commit_callbacks: Any) -> None:
        heard: list[Any] = []

        def receiver(session_handles: list[str], **kwargs: Any) -> None:
            heard.append(session_handles)

        make_sessions(2)
        session_revoked.connect(receiver)
        with django_capture_on_commit_callbacks(execute=True):
            clean_up()
        session_revoked.disconnect(receiver)
        assert (heard, handles()) == ([], [])


class TestResetTokens:
    def test_it_deletes_those_that_have_expired(self, clock: Clock, alice: str) -> None:
        make_reset_tokens(alice, 3)
        token = emailpassword.create_reset_password_token(PUBLIC, alice, ALICE.email)
        assert deleted() == {"password reset tokens": 3}
        answer = FrontendClient("header").reset_password(token, "password 2")
        assert json_of(answer) == {"status": "OK"}

    def test_expired_verification_tokens_are_deleted(self, alice: str) -> None:
        now = timezone.now()
        for seconds in (-2 * HOUR, -HOUR - 1, 60):
            EmailVerificationToken.objects.create(
                token_hash=f"{seconds}",
                tenant_id="public",
                user_id=alice,
                email="alice@example.com",
                expires_at=now + timedelta(seconds=seconds),
            )
        assert deleted() == {"e-mail verification tokens": 2}
        assert EmailVerificationToken.objects.get().pk == "60"


class TestSigningKeys:
    def test_it_deletes_those_that_verify_no_more(self, clock: Clock, alice: str) -> None:
        browser = FrontendClient("header")
        browser.post("/test/login", {"userId": alice})
        first = browser.access_token_header["kid"]
        clock.advance(WEEK)
        browser.refresh()
        second = browser.access_token_header["kid"]

        clean_up()
        assert dynamic_keys() == [first, second]
        clock.advance(4 * HOUR)
        assert deleted() == {"signing keys": 1}
        assert dynamic_keys() == [second]
        assert browser.refresh().status_code == 200
        assert browser.get("/test/checked").status_code == 200

    def test_every_access_token_that_was_good_is_still_good(self, clock: Clock, alice: str) -> None:
        """The last token of a key lives longest: two lifetimes after the next key has taken over."""
        browser = FrontendClient("header")
        browser.post("/test/login", {"userId": alice})
        clock.advance(WEEK - 61)
        browser.refresh()
        clock.advance(HOUR * 0.94)
        clean_up()
        assert browser.get("/test/sync").status_code == 200

    def test_it_keeps_the_newest_for_the_next_one_to_follow(self, clock: Clock, alice: str) -> None:
        browser = FrontendClient("header")
        browser.post("/test/login", {"userId": alice})
        (kid,) = dynamic_keys()
        clock.advance(10 * WEEK)
        clean_up()
        assert dynamic_keys() == [kid]
        browser.refresh()
        clean_up()
        assert dynamic_keys() == [browser.access_token_header["kid"]]
        assert SigningKey.objects.get(kid=dynamic_keys()[0]).predecessor == kid

    def test_static_ones_stay(self, clock: Clock) -> None:
        with supertokens_settings(SESSION={"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": False}):
            made = session.create_new_session_without_request_response(PUBLIC, "somebody")
        clock.advance(520 * WEEK)
        clean_up()
        assert SigningKey.objects.filter(kind=SigningKey.Kind.STATIC).count() == 1
        assert made.get_user_id() == "somebody"

    def test_a_key_that_was_ended_goes_whatever_its_kind(self, clock: Clock) -> None:
        ended = [jwt.get_signing_kid(), jwt.get_signing_kid(static=True)]
        for kid in ended:
            jwt.retire_signing_key(kid, now=True)
        kept = {jwt.get_signing_kid(), jwt.get_signing_kid(static=True)}
        clean_up()
        assert SigningKey.objects.count() == 4
        clock.advance(2 * HOUR)

        assert deleted() == {"signing keys": 2}
        assert set(SigningKey.objects.values_list("kid", flat=True)) == kept
        assert {jwt.get_signing_kid(), jwt.get_signing_kid(static=True)} == kept

    def test_a_static_key_that_was_retired_alone_stays(self, clock: Clock) -> None:
        kid = jwt.get_signing_kid(static=True)
        jwt.retire_signing_key(kid)
        clock.advance(520 * WEEK)
        clean_up()
        assert SigningKey.objects.filter(kid=kid).exists()


def dynamic_keys() -> list[str]:
    rows = SigningKey.objects.filter(kind=SigningKey.Kind.DYNAMIC).order_by("created_at")
    return list(rows.values_list("kid", flat=True))


class TestBounds:
    def test_it_works_in_batches(self) -> None:
        make_sessions(25)
        with sql_statements() as statements:
            assert deleted(batch_size=10) == {"sessions": 25}
        assert handles() == []
        deletes = [text for text in statements if text.startswith("DELETE") and "_session" in text]
        assert len(deletes) == 3

    def test_a_limit_holds_for_all_kinds_together(self, alice: str) -> None:
        make_sessions(5)
        make_reset_tokens(alice, 5)
        text = clean_up(limit=7, batch_size=2)
        assert SEVERAL.format(5, 2, "deleted") in text
        assert text.endswith("Stopped at the limit; the rest is for the next run.\n")
        assert (Session.objects.count(), PasswordResetToken.objects.count()) == (0, 3)

    def test_it_stops_when_its_time_is_over(self, clock: Clock) -> None:
        User.objects.bulk_create(User(time_joined=timezone.now() - timedelta(days=1)) for _ in range(10))
        Slow.clock = clock
        with supertokens_settings(RECIPES=["tests.cleanup.test_command.Slow"]):
            text = clean_up(max_seconds=5, batch_size=1)
        assert "slow things: 3 deleted\n" in text
        assert text.endswith("Stopped after 5 seconds; the rest is for the next run.\n")
        assert User.objects.count() == 7

    @pytest.mark.parametrize(
        "wrong", [{"batch_size": 0}, {"limit": 0}, {"batch_size": -1}, {"max_seconds": -1}]
    )
    def test_bounds_that_are_none_are_refused(self, wrong: dict[str, int]) -> None:
        with pytest.raises(CommandError):
            clean_up(**wrong)

    def test_a_dry_run_counts_and_deletes_nothing(self, alice: str) -> None:
        make_sessions(3)
        make_reset_tokens(alice, 2)
        assert SEVERAL.format(3, 2, "to delete") in clean_up(dry_run=True)
        assert (Session.objects.count(), PasswordResetToken.objects.count()) == (3, 2)

    def test_a_dry_run_counts_no_further_than_the_limit(self) -> None:
        make_sessions(5)
        assert "sessions: 2 to delete\n" in clean_up(dry_run=True, limit=2)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class TestOutput:
    def test_there_is_a_bar_in_a_terminal(self) -> None:
        make_sessions(25)
        terminal = Terminal()
        call_command("supertokens_cleanup", stdout=terminal, batch_size=10)
        assert "40 % of 25 sessions" in terminal.getvalue()
        assert "\r\033[Ksessions: 25 deleted\n" in terminal.getvalue()

    def test_there_is_none_elsewhere(self) -> None:
        make_sessions(25)
        assert "\r" not in clean_up(batch_size=10)

    def test_it_can_be_quiet(self) -> None:
        make_sessions(1)
        assert clean_up(verbosity=0) == ""
        assert handles() == []


class Diary(Recipe):
    """A recipe of the project, whose rows expire too: here, users who joined long ago."""

    name = "diary"

    def expired(self) -> Sequence[Expired]:
        def rows(before: datetime) -> Any:
            return User.objects.filter(time_joined__lt=before)

        return (Expired("diary entries", rows, "time_joined"),)


class Slow(Diary):
    """One that needs a second to find its rows, and another one to hold them."""

    name = "slow"
    clock: Clock

    def expired(self) -> Sequence[Expired]:
        (diary,) = super().expired()

        def rows(before: datetime) -> Any:
            self.clock.advance(1)
            return diary.rows(before)

        return (Expired("slow things", rows, diary.field),)


def test_recipes_of_the_project_say_what_they_want_deleted(clock: Clock, alice: str) -> None:
    clock.advance(DAY)
    with supertokens_settings(RECIPES=["emailpassword", "tests.cleanup.test_command.Diary"]):
        assert deleted() == {"diary entries": 1}
    assert User.objects.count() == 0


def test_what_recipes_that_are_switched_off_have_left_is_deleted_too(alice: str) -> None:
    make_reset_tokens(alice, 2)
    with supertokens_settings(RECIPES=[]):
        assert deleted() == {"password reset tokens": 2}
