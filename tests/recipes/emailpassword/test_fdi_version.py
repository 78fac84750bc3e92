"""What the ``fdi-version`` header changes: the shape of ``user``."""

from __future__ import annotations

from typing import Any

import pytest

from tests.base import ALICE, Clock
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import flat_user, form, user_with_login_methods

pytestmark = pytest.mark.django_db

FLAT = ["1.16", "1.17", "2.0", "2.1", "1.17,2.0", "2.0,1.19", "1.18, 1.19, 2.0", "2.0,"]
WITH_LOGIN_METHODS = [
    None,
    "",
    "1.18",
    "1.19",
    "1.17,1.18",
    "3.0",
    "3.1",
    "4.0",
    "4.1",
    "4.2",
    "3.1,4.0,4.1",
    "4.1,4.0,3.1",
    "2.0,3.0",
    "3.0, 2.0",
    "1.16,1.17,1.18,1.19,2.0,3.0,3.1,4.0,4.1,4.2",
]


def answer(visitor: FrontendClient, path: str, version: str | None) -> Any:
    credentials = form(password=ALICE.password, email=ALICE.email)
    headers = {"fdi-version": version}
    return json_of(
        visitor.call_recipe("POST", path, rid="emailpassword", json_body=credentials, headers=headers)
    )


@pytest.mark.parametrize("path", ["/auth/signup", "/auth/signin"])
class TestUserShape:
    @pytest.fixture(autouse=True)
    def alice_joins(self, path: str, acme: None, clock: Clock) -> None:
        clock.advance(0.987)
        self.joined = clock.milliseconds
        if path == "/auth/signin":
            FrontendClient("header").sign_up(ALICE.email, ALICE.password)

    @pytest.mark.parametrize("version", FLAT)
    def test_it_is_flat_before_1_18_and_in_2_x(
        self, version: str, path: str, visitor: FrontendClient
    ) -> None:
        body = answer(visitor, path, version)
        # Frontends expect tenantIds here although older backends never sent it; either is right.
        assert body["user"].pop("tenantIds", ["public"]) == ["public"]
        assert body == {"status": "OK", "user": flat_user(visitor.user_id, ALICE.email, self.joined)}

    @pytest.mark.parametrize("version", WITH_LOGIN_METHODS)
    def test_it_lists_login_methods_from_1_18_and_from_3_0(
        self, version: str | None, path: str, visitor: FrontendClient
    ) -> None:
        body = answer(visitor, path, version)
        user = user_with_login_methods(visitor.user_id, ALICE.email, self.joined)
        assert body == {"status": "OK", "user": user}

    @pytest.mark.parametrize(
        "version", ["latest", "3", "3.0.1", "-1.0", "9" * 5000 + ".0", "٣.٠", ",,,", "1e3.0"]
    )
    def test_it_survives_a_version_that_is_none(
        self, version: str, path: str, visitor: FrontendClient
    ) -> None:
        assert answer(visitor, path, version.encode().decode("latin-1"))["status"] == "OK"
