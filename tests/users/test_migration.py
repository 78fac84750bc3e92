"""Rows of before ``0006_user_search`` are listed and found as those of after."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from supertokens_django.services import users
from tests.base import ALICE, BOB, Clock, sign_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("acme")]

APP = "supertokens_django"


def migrate_to(name: str) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([(APP, name)])


def test_nobody_is_lost(clock: Clock) -> None:
    alice = sign_up(ALICE)
    clock.advance(60)
    bob = sign_up(BOB)
    last = MigrationExecutor(connection).loader.graph.leaf_nodes(APP)[0][1]

    migrate_to("0005_session_nature")
    migrate_to(last)

    assert [user.id for user in users.get_users_newest_first("public").users] == [bob, alice]
    found = users.get_users_newest_first("public", query={"email": "example.com"})
    assert [user.id for user in found.users] == [bob, alice]
