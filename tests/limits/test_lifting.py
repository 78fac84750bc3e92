"""A lock-out can be ended: in the admin, and by code."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from supertokens_django.exceptions import BadInputError
from supertokens_django.limits.service import Lockout
from supertokens_django.services import ratelimits
from tests.accounts import make_superuser
from tests.base import ALICE
from tests.caches import WatchedCache
from tests.client import json_of
from tests.limits.conftest import ELSEWHERE, HOME, VisitorFrom, too_many
from tests.recipes.emailpassword.bodies import WRONG_CREDENTIALS

pytestmark = pytest.mark.django_db


def flood() -> None:
    for n in range(11):
        VisitorFrom(f"192.0.2.{n}").sign_in(ALICE.email, "guess")
    for _ in range(6):
        VisitorFrom(HOME).sign_in(ALICE.email, "guess")


def sign_in(address: str) -> str:
    return str(json_of(VisitorFrom(address).sign_in(ALICE.email, ALICE.password))["status"])


class TestByCode:
    def test_an_account(self, alice: str) -> None:
        flood()
        assert ratelimits.get_lockouts("public", ALICE.email) == [Lockout("emailpassword:signin", 1050)]
        assert sign_in(ELSEWHERE) == "GENERAL_ERROR"

        ratelimits.lift("public", ALICE.email)

        assert ratelimits.get_lockouts("public", ALICE.email) == []
        assert sign_in(ELSEWHERE) == "OK"

    def test_an_account_at_an_address(self, alice: str) -> None:
        for _ in range(6):
            VisitorFrom(HOME).sign_in(ALICE.email, "guess")
        ratelimits.lift("public", ALICE.email)
        assert sign_in(HOME) == "OK"

    def test_after_it_they_are_counted_again(self, alice: str) -> None:
        flood()
        ratelimits.lift("public", ALICE.email)
        answers = [json_of(VisitorFrom(HOME).sign_in(ALICE.email, "guess")) for _ in range(6)]
        assert answers == [WRONG_CREDENTIALS] * 5 + [too_many("2 minutes")]

    def test_an_address(self, alice: str) -> None:
        for n in range(101):
            VisitorFrom(HOME).sign_in(f"user{n}@example.com", "guess")
        assert sign_in(HOME) == "GENERAL_ERROR"
        assert ratelimits.get_lockouts_of_ip_address(HOME) == [Lockout("emailpassword:signin", 4200)]

        ratelimits.lift_ip_address(HOME)

        assert ratelimits.get_lockouts_of_ip_address(HOME) == []
        assert sign_in(HOME) == "OK"

    def test_what_is_no_address(self) -> None:
        with pytest.raises(BadInputError):
            ratelimits.lift_ip_address("home")

    async def test_from_coroutines(self, acme: None) -> None:
        assert await ratelimits.aget_lockouts("public", ALICE.email) == []
        await ratelimits.alift("public", ALICE.email)
        assert await ratelimits.aget_lockouts_of_ip_address(HOME) == []
        await ratelimits.alift_ip_address(HOME)


class TestInTheAdmin:
    @pytest.fixture
    def staff(self) -> Client:
        client = Client()
        client.force_login(make_superuser("root@acme.com"), "django.contrib.auth.backends.ModelBackend")
        return client

    def test_a_button_ends_it(self, alice: str, staff: Client) -> None:
        flood()
        page = reverse("admin:supertokens_django_user_tool", args=[alice, "lift-rate-limits"])
        assert (
            page in staff.get(reverse("admin:supertokens_django_user_change", args=[alice])).content.decode()
        )
        text = f"{ALICE.email} is locked out at emailpassword:signin for 18 minutes more, except from known addresses."
        assert text in staff.get(page).content.decode()
        assert sign_in(ELSEWHERE) == "GENERAL_ERROR"

        done = staff.post(page, follow=True)

        assert "The rate limits were lifted." in done.content.decode()
        assert "At the moment nothing is locked out." in staff.get(page).content.decode()
        assert sign_in(ELSEWHERE) == "OK"

    def test_it_is_written_into_the_log(self, alice: str, staff: Client) -> None:
        staff.post(reverse("admin:supertokens_django_user_tool", args=[alice, "lift-rate-limits"]))
        history = staff.get(reverse("admin:supertokens_django_user_history", args=[alice]))
        assert "Lifted the rate limits." in history.content.decode()

    def test_of_many_users_at_once(self, alice: str, bob: str, staff: Client) -> None:
        flood()
        fields = {"action": "tool_lift-rate-limits", "_selected_action": [alice, bob]}
        page = staff.post(reverse("admin:supertokens_django_user_changelist"), fields, follow=True)
        assert "The rate limits of 2 users were lifted." in page.content.decode()
        assert sign_in(ELSEWHERE) == "OK"

    def test_a_broken_cache_is_told_of(self, alice: str, staff: Client) -> None:
        page = reverse("admin:supertokens_django_user_tool", args=[alice, "lift-rate-limits"])
        with override_settings(CACHES={"default": {"BACKEND": "tests.caches.WatchedCache"}}):
            WatchedCache.is_down = True
            try:
                shown = staff.get(page)
            finally:
                WatchedCache.is_down = False
        assert "The cache that counts the tries cannot be asked." in shown.content.decode()
