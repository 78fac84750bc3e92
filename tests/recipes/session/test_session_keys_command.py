"""``manage.py supertokens_session_keys``, and what the setting behind it does without the command."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from supertokens_django.models import Session
from supertokens_django.recipes.session import key_kind
from tests.assertions import assert_try_refresh_token
from tests.base import Clock, sql_statements, supertokens_settings
from tests.client import FrontendClient
from tests.concurrency.crowd import at_once
from tests.plans import plans, walks_through

STATIC: dict[str, Any] = {"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": False}


def make_sessions(count: int, *, static: bool = False) -> None:
    Session.objects.bulk_create(
        Session(
            handle=f"{'s' if static else 'd'}-{number:05}",
            tenant_id="public",
            recipe_user_id="x",
            expires_at=timezone.now(),
            use_static_key=static,
        )
        for number in range(count)
    )


def run(**options: Any) -> tuple[str, str]:
    """What the command prints, and what it complains of."""
    out, err = StringIO(), StringIO()
    call_command("supertokens_session_keys", stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def to_static(**options: Any) -> tuple[str, str]:
    with supertokens_settings(SESSION=STATIC):
        return run(static=True, **options)


def static_sessions() -> int:
    return Session.objects.filter(use_static_key=True).count()


class TestTheSetting:
    """Switched, each session moves by itself: its frontend refreshes once more, and nobody is signed out."""

    @pytest.mark.parametrize("command", [False, True])
    def test_from_dynamic_to_static_and_back(
        self, clock: Clock, frontend: FrontendClient, command: bool
    ) -> None:
        for settings, kind, options in (
            (STATIC, "s-", {"static": True}),
            ({"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": True}, "d-", {"dynamic": True}),
        ):
            clock.advance(60)
            with supertokens_settings(SESSION=settings):
                if command:
                    assert run(**options) == ("sessions: 1 moved\n", "")
                assert_try_refresh_token(frontend.get("/test/sync"))
                assert frontend.refresh().status_code == 200
                assert frontend.get("/test/checked").status_code == 200
                assert frontend.access_token_header["kid"].startswith(kind)

    def test_a_tab_that_is_late_converges(self, clock: Clock, frontend: FrontendClient) -> None:
        """Its answer within the grace window is of the old kind; the refresh after that is not."""
        other_tab = frontend.clone()
        frontend.refresh()
        with supertokens_settings(SESSION=STATIC):
            for _ in range(2):
                assert other_tab.refresh().status_code == 200
            assert other_tab.get("/test/sync").status_code == 200

    def test_after_the_command_its_first_answer_is_of_the_new_kind(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        other_tab = frontend.clone()
        frontend.refresh()
        with supertokens_settings(SESSION=STATIC):
            to_static()
            assert other_tab.refresh().status_code == 200
            assert other_tab.get("/test/sync").status_code == 200


class TestTheCommand:
    def test_it_moves_every_session_once(self, acme: None, db: None) -> None:
        make_sessions(7)
        make_sessions(2, static=True)

        assert to_static(batch_size=3) == ("sessions: 7 moved\n", "")
        assert static_sessions() == 9
        assert to_static() == ("sessions: 0 moved\n", "")
        assert run(dynamic=True) == ("sessions: 9 moved\n", "")
        assert static_sessions() == 0

    def test_it_goes_on_where_it_was_stopped(self, acme: None, db: None) -> None:
        make_sessions(10)
        first = key_kind.move_batch(4, static=True)
        assert (first.moved, first.last) == (4, "d-00003")

        assert to_static(batch_size=4) == ("sessions: 6 moved\n", "")

    def test_a_rehearsal_moves_none(self, acme: None, db: None) -> None:
        make_sessions(3)

        assert to_static(dry_run=True) == ("sessions: 3 to move\n", "")
        assert static_sessions() == 0

    def test_a_setting_that_says_the_opposite_is_mentioned(self, acme: None, db: None) -> None:
        out, err = run(static=True)

        assert out == "sessions: 0 moved\n"
        assert err == (
            "USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY is True: each session moves back at its next refresh.\n"
        )

    def test_each_batch_costs_two_statements_that_find_their_rows_by_an_index(
        self, acme: None, db: None
    ) -> None:
        make_sessions(300)
        with sql_statements() as statements:
            to_static(batch_size=100)
        assert len(statements) == 3 * 2 + 1

        with plans() as found:
            run(dynamic=True, batch_size=100)
        assert len(found) == 7
        assert [plan for plan in found if walks_through(plan, "supertokens_django_session")] == []

    def test_quiet_it_says_nothing(self, acme: None, db: None) -> None:
        make_sessions(1)

        assert to_static(verbosity=0) == ("", "")

    def test_in_a_terminal_it_shows_a_bar(self, acme: None, db: None) -> None:
        class Terminal(StringIO):
            def isatty(self) -> bool:
                return True

        make_sessions(4)
        out = Terminal()
        with supertokens_settings(SESSION=STATIC):
            call_command("supertokens_session_keys", "--static", "--batch-size", "2", stdout=out)

        half, whole, last = out.getvalue().split("\r")[1:]
        assert half == "█" * 15 + "░" * 15 + " 50 % of 4 sessions"
        assert whole == "█" * 30 + " 100 % of 4 sessions"
        assert last == "\033[Ksessions: 4 moved\n"

    @pytest.mark.parametrize("options", [{}, {"static": True, "batch_size": 0}])
    def test_what_it_cannot_do_it_says(self, acme: None, db: None, options: dict[str, Any]) -> None:
        with pytest.raises(CommandError):
            run(**options)

    def test_one_or_the_other(self, acme: None, db: None) -> None:
        with pytest.raises(CommandError, match="not allowed with"):
            call_command("supertokens_session_keys", "--static", "--dynamic")


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_two_at_once_move_every_session_while_others_refresh(clock: Clock, frontend: FrontendClient) -> None:
    make_sessions(200)
    with supertokens_settings(SESSION=STATIC):
        calls: list[Callable[[], Any]] = [partial(run, static=True, batch_size=10)] * 2
        answers = at_once([*calls, frontend.refresh])

        assert [err for _, err in answers[:2]] == ["", ""]
        assert answers[2].status_code == 200
        assert static_sessions() == 201
        assert frontend.get("/test/checked").status_code == 200
