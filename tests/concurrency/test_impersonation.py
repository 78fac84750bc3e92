"""Somebody starts acting as a user at the moment in which they lose the right to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import RequestFactory

from supertokens_django.exceptions import SuperTokensError
from supertokens_django.models import Session
from supertokens_django.services import session as sessions
from tests.accounts import django_user_of
from tests.concurrency.crowd import at_once

ROUNDS = 8


@pytest.fixture
def bobs_row(bob: str) -> Any:
    row = django_user_of(bob)
    row.is_staff = True
    row.save()
    row.user_permissions.add(Permission.objects.get(codename="impersonate_user"))
    return row


def act(actor: Any, user_id: str) -> Callable[[], bool]:
    request: Any = RequestFactory().post("/")
    request.user = actor

    def call() -> bool:
        try:
            sessions.impersonate(request, user_id)
        except SuperTokensError:
            return False
        return True

    return call


def switch(row_of: Any, **flags: bool) -> Callable[[], bool]:
    def call() -> bool:
        with transaction.atomic():
            row = get_user_model()._default_manager.get(pk=row_of.pk)
            for flag, value in flags.items():
                setattr(row, flag, value)
            row.save()
        return True

    return call


def test_nobody_acts_who_is_switched_off_at_that_moment(alice: str, bobs_row: Any) -> None:
    for _ in range(ROUNDS):
        at_once([act(bobs_row, alice), switch(bobs_row, is_active=False), act(bobs_row, alice)])
        assert not Session.objects.filter(actor=bobs_row).exists()
        switch(bobs_row, is_active=True)()


def test_nobody_acts_as_one_who_became_a_superuser_before(alice: str, bobs_row: Any) -> None:
    for _ in range(ROUNDS):
        started, _ = at_once([act(bobs_row, alice), switch(django_user_of(alice), is_superuser=True)])
        assert Session.objects.filter(actor=bobs_row).exists() is started
        assert act(bobs_row, alice)() is False
        switch(django_user_of(alice), is_superuser=False)()
        sessions.revoke_all_sessions_for_user(alice)
