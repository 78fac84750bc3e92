"""A Django user that is switched off keeps no session, however it was done."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.accounts import django_user_of
from tests.assertions import UNAUTHORISED, assert_everything_is_cleared, assert_json
from tests.base import Clock
from tests.client import FrontendClient


def switch_off(user_id: str) -> None:
    """As an action in an admin of the project's does it: by an UPDATE, of which Django tells nobody."""
    model: Any = get_user_model()
    model.objects.filter(pk=django_user_of(user_id).pk).update(is_active=False)


def test_it_cannot_be_refreshed(clock: Clock, frontend: FrontendClient, alice: str) -> None:
    switch_off(alice)

    response = frontend.refresh()

    assert_json(response, 401, UNAUTHORISED)
    assert_everything_is_cleared(response)


def test_it_is_refused_where_the_database_is_asked(frontend: FrontendClient, alice: str) -> None:
    assert frontend.get("/test/checked").status_code == 200
    switch_off(alice)

    response = frontend.get("/test/checked")

    assert_json(response, 401, UNAUTHORISED)
    assert_everything_is_cleared(response)


def test_the_sessions_of_others_go_on(frontend: FrontendClient, bob: str) -> None:
    switch_off(bob)

    assert frontend.refresh().status_code == 200
    assert frontend.get("/test/checked").status_code == 200


@pytest.mark.usefixtures("alice")
def test_a_session_of_an_id_without_a_django_user_goes_on(browser: FrontendClient) -> None:
    browser.post("/test/login", {"userId": "service-account-17"})

    assert browser.refresh().status_code == 200
    assert browser.get("/test/checked").status_code == 200
