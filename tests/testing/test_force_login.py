"""``force_login`` and ``logout``: what a project's tests sign their clients in and out with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import mail
from django.test import AsyncClient, Client, RequestFactory
from rest_framework.test import APIClient

from supertokens_django.claims import PrimitiveArrayClaim
from supertokens_django.exceptions import BadInputError, UnknownTenantError
from supertokens_django.recipes.emailpassword.models import Password
from supertokens_django.registry import Recipe
from supertokens_django.services import session as sessions
from supertokens_django.services import users
from supertokens_django.testing import (
    SuperTokensAsyncClient,
    SuperTokensClient,
    SuperTokensClientMixin,
    aforce_login,
    alogout,
    arefresh,
    force_login,
    frozen_time,
    logout,
    refresh,
)
from supertokens_django.testing.sessions import Mode
from tests.accounts import django_user_of
from tests.base import ALICE, PUBLIC, TWO_SITES, supertokens_settings
from tests.testing.conftest import Call

UNAUTHORISED, TRY_REFRESH_TOKEN = {"message": "unauthorised"}, {"message": "try refresh token"}
ROLES = PrimitiveArrayClaim[Any]("st-role", lambda *arguments: ["member"])


class RolesRecipe(Recipe):
    """A recipe whose claim is fetched for every new session."""

    name = "roles"

    def claims(self) -> list[Any]:
        return [ROLES]


def make_django_user(name: str = "carol", **fields: Any) -> AbstractBaseUser:
    manager: Any = get_user_model()._default_manager
    user: AbstractBaseUser = manager.create_user(name, **fields)
    return user


class TestForceLogin:
    @pytest.mark.parametrize("path", ["/test/sync", "/test/async", "/test/checked", "/test/drf/view"])
    def test_the_client_is_signed_in(
        self, any_client: Any, get: Call, mode: Mode, alice: str, path: str
    ) -> None:
        made = force_login(any_client, alice, mode=mode)
        response = get(path)
        assert response.status_code == 200
        assert (response.json()["session"], response.json()["userId"]) == (made.get_handle(), alice)

    @pytest.mark.parametrize("path", ["/test/whoami", "/test/whoami-async", "/test/drf/authenticated"])
    def test_request_user_is_the_django_user(
        self, any_client: Any, get: Call, mode: Mode, alice: str, path: str
    ) -> None:
        force_login(any_client, alice, mode=mode)
        assert get(path).json()["pk"] == str(django_user_of(alice).pk)

    def test_nobody_else_is_signed_in(self, any_client: Any, alice: str) -> None:
        force_login(any_client, alice)
        assert Client().get("/test/sync").json() == UNAUTHORISED

    @pytest.mark.parametrize("anti_csrf", ["VIA_TOKEN", "VIA_CUSTOM_HEADER", "NONE"])
    def test_anti_csrf_is_satisfied(
        self, any_client: Any, post: Call, mode: Mode, alice: str, anti_csrf: str
    ) -> None:
        with supertokens_settings(SESSION={"ANTI_CSRF": anti_csrf}):
            force_login(any_client, alice, mode=mode)
            assert post("/test/sync", content_type="application/json").status_code == 200

    def test_it_works_across_sites_and_with_djangos_csrf_check_on(self, alice: str, mode: Mode) -> None:
        client = Client(enforce_csrf_checks=True)
        with supertokens_settings(**TWO_SITES):
            force_login(client, alice, mode=mode)
            assert client.post("/test/form").status_code == 200

    def test_a_request_factory_carries_the_session_too(self, alice: str, mode: Mode) -> None:
        factory = RequestFactory()
        made = force_login(factory, alice, mode=mode)
        found = sessions.get_session(factory.get("/"))
        assert found is not None
        assert found.get_handle() == made.get_handle()

    def test_the_last_one_counts(self, any_client: Any, get: Call, alice: str, bob: str) -> None:
        force_login(any_client, alice, mode="header")
        force_login(any_client, bob, mode="cookie")
        assert get("/test/sync").json()["userId"] == bob
        force_login(any_client, alice, mode="header")
        assert get("/test/sync").json()["userId"] == alice

    def test_a_header_given_to_a_call_counts_before_that_of_the_client(
        self, any_client: Any, get: Call, alice: str, bob: str
    ) -> None:
        force_login(any_client, alice, mode="header")
        token = force_login(Client(), bob).get_access_token()
        assert get("/test/sync", headers={"authorization": f"Bearer {token}"}).json()["userId"] == bob

    def test_an_unknown_mode_is_refused(self, alice: str) -> None:
        with pytest.raises(ValueError, match="cookie"):
            force_login(Client(), alice, mode="pigeon")  # type: ignore[arg-type]

    def test_outside_of_tests_it_is_refused(self, alice: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(mail, "outbox")
        with pytest.raises(RuntimeError, match="works in tests only"):
            force_login(Client(), alice)
        assert sessions.get_all_session_handles_for_user(alice) == []


class TestWho:
    def test_it_may_be_a_user_of_ours_or_a_login_method(self, alice: str) -> None:
        user = users.get_user(alice)
        assert user is not None
        for who in (user, user.login_methods.get(), alice):
            assert force_login(Client(), who).get_user_id() == alice

    def test_it_may_be_a_django_user(self, alice: str) -> None:
        assert force_login(Client(), django_user_of(alice)).get_user_id() == alice

    def test_an_external_id_is_understood(self, alice: str) -> None:
        users.create_user_id_mapping(alice, "alice-of-old")
        made = [force_login(Client(), who) for who in (alice, "alice-of-old", django_user_of(alice))]
        assert [session.get_user_id() for session in made] == ["alice-of-old"] * 3

    def test_an_id_without_a_user_has_a_session_all_the_same(self) -> None:
        client = Client()
        force_login(client, "a user of somewhere else")
        assert client.get("/test/sync").json()["userId"] == "a user of somewhere else"

    def test_a_django_user_who_never_signed_up_becomes_one_of_ours(self) -> None:
        carol, client = make_django_user(email="Carol@example.com", password="looking glass 2"), Client()
        made = force_login(client, carol)
        assert client.get("/test/whoami").json()["pk"] == str(carol.pk)
        user = users.get_user(made.get_user_id())
        assert user is not None
        assert [method.email for method in user.login_methods.all()] == ["carol@example.com"]
        assert force_login(client, carol).get_user_id() == made.get_user_id()

    def test_it_signs_in_by_its_password_then(self) -> None:
        force_login(Client(), make_django_user(email="carol@example.com", password="looking glass 2"))
        fields = {"email": "carol@example.com", "password": "looking glass 2"}
        form = {"formFields": [{"id": name, "value": value} for name, value in fields.items()]}
        answer = Client().post("/auth/signin", form, content_type="application/json")
        assert answer.json()["status"] == "OK"

    @pytest.mark.parametrize("email", ["", ALICE.email])
    def test_it_may_have_no_address_or_that_of_somebody_else(self, alice: str, email: str) -> None:
        client = Client()
        made = force_login(client, make_django_user(email=email))
        assert made.get_user_id() != alice
        assert client.get("/test/whoami").json()["authenticated"] is True
        assert Password.objects.count() == 2

    def test_it_cannot_be_anything_else(self) -> None:
        with pytest.raises(TypeError, match="not int"):
            force_login(Client(), 7)  # type: ignore[arg-type]


class TestClaims:
    def test_they_are_in_the_access_token(self, any_client: Any, get: Call, alice: str) -> None:
        made = force_login(any_client, alice, claims={"x-plan": "pro"})
        assert get("/test/sync").json()["payload"] == {"x-plan": "pro"}
        assert made.get_access_token_payload()["x-plan"] == "pro"

    def test_they_may_be_claim_objects(self, alice: str) -> None:
        with frozen_time() as clock:
            made = force_login(Client(), alice, claims={ROLES: ["editor"]})
            assert made.get_access_token_payload()["st-role"] == {"v": ["editor"], "t": clock.milliseconds}
        assert made.get_claim_value(ROLES) == ["editor"]

    def test_they_count_before_what_is_fetched_for_new_sessions(self, alice: str) -> None:
        with supertokens_settings(RECIPES=["emailpassword", f"{__name__}.RolesRecipe"]):
            assert force_login(Client(), alice).get_claim_value(ROLES) == ["member"]
            client = Client()
            made = force_login(client, alice, claims={ROLES: ["editor"]})
            assert made.get_claim_value(ROLES) == ["editor"]
            assert client.get("/test/checked").status_code == 200  # the row says the same

    def test_what_is_ours_is_refused(self, alice: str) -> None:
        with pytest.raises(BadInputError, match="protected"):
            force_login(Client(), alice, claims={"sub": "mallory"})

    def test_session_data_stays_on_the_server(self, alice: str) -> None:
        made = force_login(Client(), alice, session_data={"cart": 3})
        assert made.get_session_data_from_database() == {"cart": 3}
        assert "cart" not in made.get_access_token_payload()

    def test_the_tenant_is_the_one_given(self, tenant_acme: str, alice: str) -> None:
        made = force_login(Client(), alice, tenant_id=tenant_acme)
        assert (made.get_tenant_id(), force_login(Client(), alice).get_tenant_id()) == (tenant_acme, PUBLIC)

    def test_an_unknown_tenant_is_refused(self, alice: str) -> None:
        with pytest.raises(UnknownTenantError):
            force_login(Client(), alice, tenant_id="nowhere")


class TestExpiry:
    def test_an_expired_access_token_is_to_be_refreshed(
        self, any_client: Any, get: Call, mode: Mode, alice: str
    ) -> None:
        force_login(any_client, alice, mode=mode, expires_in=-1)
        assert (get("/test/sync").status_code, get("/test/sync").json()) == (401, TRY_REFRESH_TOKEN)

    @staticmethod
    def post(client: Any) -> Any:
        return client.post("/test/sync", content_type="application/json")

    @pytest.mark.parametrize("client_class", [Client, APIClient])
    def test_refreshed_it_is_good_again(self, client_class: Any, mode: Mode, alice: str) -> None:
        client = client_class()
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
            made = force_login(client, alice, mode=mode, expires_in=0)
            with frozen_time() as clock:
                for _ in range(2):
                    clock.advance(3601)
                    assert self.post(client).json() == TRY_REFRESH_TOKEN
                    assert (refresh(client).status_code, self.post(client).status_code) == (200, 200)
        assert client.get("/test/sync").json()["session"] == made.get_handle()

    async def test_an_async_client_refreshes_as_well(self, alice: str, mode: Mode) -> None:
        client = AsyncClient()
        await aforce_login(client, alice, mode=mode, expires_in=-5)
        assert (await client.get("/test/async")).status_code == 401
        assert (await arefresh(client)).status_code == 200
        assert (await client.get("/test/async")).status_code == 200

    def test_a_refresh_that_is_refused_signs_out(self, mode: Mode, alice: str) -> None:
        client = Client()
        force_login(client, alice, mode=mode).revoke_session()
        assert refresh(client).json() == UNAUTHORISED
        assert client.get("/test/sync").json() == UNAUTHORISED

    @pytest.mark.parametrize("seconds", [5, timedelta(seconds=5)])
    def test_it_expires_when_it_is_told_to(self, seconds: Any, alice: str) -> None:
        client = Client()
        with frozen_time() as clock:
            clock.move_to(clock.now.replace(microsecond=0))
            force_login(client, alice, expires_in=seconds)
            clock.advance(5)
            assert client.get("/test/sync").status_code == 200
            clock.advance(0.001)
            assert client.get("/test/sync").json() == TRY_REFRESH_TOKEN

    def test_the_session_given_back_is_the_one_that_is_sent(self, alice: str) -> None:
        client = Client()
        made = force_login(client, alice, expires_in=60)
        assert client.cookies["sAccessToken"].value == made.get_access_token()
        held = made.get_all_session_tokens_dangerously()
        assert client.cookies["sRefreshToken"].value == held["refreshToken"]


class TestLogout:
    def test_it_ends_the_session(self, any_client: Any, get: Call, mode: Mode, alice: str) -> None:
        force_login(any_client, alice, mode=mode)
        logout(any_client)
        assert get("/test/sync").json() == UNAUTHORISED
        assert sessions.get_all_session_handles_for_user(alice) == []

    def test_it_ends_one_that_was_made_over_the_api(self, alice: str) -> None:
        client = Client(headers={"st-auth-mode": "cookie"})
        fields = [{"id": "email", "value": ALICE.email}, {"id": "password", "value": ALICE.password}]
        client.post("/auth/signin", {"formFields": fields}, content_type="application/json")
        assert client.get("/test/sync").status_code == 200
        logout(client)
        assert client.get("/test/sync").json() == UNAUTHORISED
        assert sessions.get_all_session_handles_for_user(alice) == []

    def test_nothing_is_left_on_the_client(self, any_client: Any, mode: Mode, alice: str) -> None:
        before = dict(any_client.defaults), dict(any_client.cookies)
        force_login(any_client, alice, mode=mode)
        logout(any_client)
        assert (any_client.defaults, any_client.cookies) == before

    def test_a_client_that_is_signed_out_stays_so(self, any_client: Any, get: Call) -> None:
        logout(any_client)
        assert get("/test/sync").json() == UNAUTHORISED

    async def test_it_has_an_async_twin(self, alice: str) -> None:
        client = AsyncClient()
        await aforce_login(client, alice)
        await alogout(client)
        assert (await client.get("/test/async")).json() == UNAUTHORISED


class APIClientOfProject(SuperTokensClientMixin, APIClient):  # type: ignore[misc]
    pass


class TestClientClasses:
    @pytest.mark.parametrize("client_class", [SuperTokensClient, APIClientOfProject])
    def test_their_own_force_login_is_ours(self, client_class: Any, alice: str) -> None:
        client = client_class()
        made = client.force_login(django_user_of(alice), claims={"x-plan": "pro"})
        seen = client.get("/test/sync").json()
        assert (seen["session"], seen["payload"]) == (made.get_handle(), {"x-plan": "pro"})
        client.logout()
        assert client.get("/test/sync").json() == UNAUTHORISED

    async def test_the_async_one_too(self, alice: str) -> None:
        client = SuperTokensAsyncClient()
        made = await client.aforce_login(alice, mode="header")
        assert (await client.get("/test/async")).json()["session"] == made.get_handle()
        await client.alogout()
        assert (await client.get("/test/async")).json() == UNAUTHORISED
