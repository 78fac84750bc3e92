"""The clean-up finds its rows by an index, however many others there are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cleanup.expired import clean_up, make_reset_tokens, make_sessions
from tests.plans import plans, walks_through


@pytest.mark.parametrize("table", ["supertokens_django_session", "supertokens_django_passwordresettoken"])
def test_no_statement_walks_through_a_table(table: str, alice: str) -> None:
    for expired, count in ((timedelta(days=1), 30), (timedelta(days=-1), 600)):
        make_sessions(count, expired=expired, name=str(count))
        make_reset_tokens(alice, count, expired=expired)
    with plans() as found:
        clean_up(batch_size=10)
        clean_up(dry_run=True)
    about = [plan for plan in found if table in plan]
    assert len(about) > 6
    assert [plan for plan in about if walks_through(plan, table)] == []
