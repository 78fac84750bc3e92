"""``POST /signinup`` with the code that a provider's redirect has brought."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from supertokens_django.exceptions import GeneralError
from supertokens_django.flow.attempt import Attempt
from supertokens_django.flow.gates import Gate
from supertokens_django.models import VerifiedEmail
from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.services import session as sessions
from supertokens_django.services import users
from supertokens_django.users.accounts import AccountInfo
from supertokens_django.users.models import LoginMethod, User
from tests.accounts import django_user_of
from tests.base import ALICE, Clock, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.flow.rows import every_row
from tests.idp.provider import IdentityProvider
from tests.recipes.thirdparty.dance import (
    CALLBACK,
    authorisation_url,
    code_of,
    configured,
    post,
    sign_in,
)

pytestmark = pytest.mark.django_db


def test_the_first_time_makes_an_account_and_a_session(
    oidc: IdentityProvider, browser: FrontendClient, clock: Clock
) -> None:
    alice = oidc.add_account("865", "Alice@Example.com", name="Alice Liddell")

    answer = sign_in(browser, oidc, alice)

    user_id = LoginMethod.objects.get().id
    assert json_of(answer) == {
        "status": "OK",
        "createdNewRecipeUser": True,
        "user": {
            "id": user_id,
            "isPrimaryUser": False,
            "tenantIds": ["public"],
            "timeJoined": clock.milliseconds,
            "emails": ["alice@example.com"],
            "phoneNumbers": [],
            "thirdParty": [{"id": "custom", "userId": "865"}],
            "webauthn": {"credentialIds": []},
            "loginMethods": [
                {
                    "recipeId": "thirdparty",
                    "recipeUserId": user_id,
                    "tenantIds": ["public"],
                    "timeJoined": clock.milliseconds,
                    "verified": True,
                    "email": "alice@example.com",
                    "thirdParty": {"id": "custom", "userId": "865"},
                }
            ],
        },
    }
    assert browser.is_signed_in
    assert browser.user_id == user_id


@pytest.mark.parametrize("fdi", ["1.17", "2.0"])
def test_old_clients_get_the_old_shape(
    oidc: IdentityProvider, browser: FrontendClient, clock: Clock, fdi: str
) -> None:
    browser.fdi_version = fdi
    answer = sign_in(browser, oidc, oidc.add_account("865", "alice@example.com"))

    assert json_of(answer) == {
        "status": "OK",
        "createdNewUser": True,
        "user": {
            "id": browser.user_id,
            "timeJoined": clock.milliseconds,
            "email": "alice@example.com",
            "thirdParty": {"id": "custom", "userId": "865"},
        },
    }


@pytest.mark.parametrize("fdi", ["1.18", "1.19", "3.0", "3.1,4.0,4.1"])
def test_new_clients_get_the_new_shape(oidc: IdentityProvider, browser: FrontendClient, fdi: str) -> None:
    browser.fdi_version = fdi
    answer = json_of(sign_in(browser, oidc, oidc.add_account("865", "alice@example.com")))
    assert set(answer) == {"status", "createdNewRecipeUser", "user"}
    assert answer["user"]["thirdParty"] == [{"id": "custom", "userId": "865"}]


def test_the_second_time_signs_the_same_user_in(oidc: IdentityProvider, browser: FrontendClient) -> None:
    alice = oidc.add_account("865", "alice@example.com")
    first = json_of(sign_in(browser, oidc, alice))

    again = json_of(sign_in(FrontendClient(browser.mode), oidc, alice))

    assert again == {**first, "createdNewRecipeUser": False}
    assert User.objects.count() == 1


def test_a_provider_without_openid_connect_will_do(oauth2: IdentityProvider, browser: FrontendClient) -> None:
    client = next(iter(oauth2.clients.values()))
    with configured(
        oauth2.settings(client, clients=[{**oauth2.personality.client_settings(client), "scope": ["email"]}])
    ):
        answer = json_of(sign_in(browser, oauth2, oauth2.add_account("865", "alice@example.com")))
    assert answer["user"]["emails"] == ["alice@example.com"]
    assert answer["user"]["loginMethods"][0]["verified"] is True


def test_a_public_client_uses_pkce(oidc: IdentityProvider, browser: FrontendClient) -> None:
    client = oidc.add_client("public", secret=None, redirect_uris=[CALLBACK])
    with configured(oidc.settings(client)):
        answer = sign_in(browser, oidc, oidc.add_account("865", "alice@example.com"))
    assert json_of(answer)["status"] == "OK"
    (asked,) = oidc.asked("token")
    assert len(asked.form["code_verifier"]) == 64
    assert "client_secret" not in asked.form


def test_the_token_request_is_that_of_the_interface(oidc: IdentityProvider, browser: FrontendClient) -> None:
    client = next(iter(oidc.clients.values()))
    changes = {"audience": "acme-api", "grant_type": "authorization_code"}
    with configured(oidc.settings(client, token_endpoint_body_params=changes)):
        info = code_of(browser, oidc, oidc.add_account("865", "alice@example.com"))
        post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
    (asked,) = oidc.asked("token")
    assert asked.form == {
        "client_id": "acme",
        "client_secret": "acme-secret",
        "grant_type": "authorization_code",
        "redirect_uri": CALLBACK,
        "code": info["redirectURIQueryParams"]["code"],
        "audience": "acme-api",
    }


def test_two_accounts_of_a_provider_may_have_one_address(oidc: IdentityProvider) -> None:
    first, second = oidc.add_account("1", "alice@example.com"), oidc.add_account("2", "of-2@example.com")
    answers = [json_of(sign_in(FrontendClient("header"), oidc, first))]
    first.email, second.email = "of-1@example.com", "alice@example.com"
    answers.append(json_of(sign_in(FrontendClient("header"), oidc, second)))
    assert [answer["createdNewRecipeUser"] for answer in answers] == [True, True]
    found = users.list_users_by_account_info("public", AccountInfo(email="alice@example.com"))
    assert [user.id for user in found] == [answer["user"]["id"] for answer in answers]
    info = AccountInfo(third_party_id="custom", third_party_user_id="2")
    assert [user.id for user in users.list_users_by_account_info("public", info)] == [
        answers[1]["user"]["id"]
    ]


def test_one_account_in_two_tenants_is_two_users(oidc: IdentityProvider) -> None:
    Tenant.objects.create(id="acme")
    alice = oidc.add_account("865", "alice@example.com")
    client = next(iter(oidc.clients.values()))
    everywhere = oidc.settings(client, include_in_non_public_tenants_by_default=True)
    with configured(everywhere):
        here, there = FrontendClient("header"), FrontendClient("header")
        first = json_of(sign_in(here, oidc, alice))
        second = json_of(sign_in(there, oidc, alice, tenant="acme"))
    assert second["createdNewRecipeUser"] is True
    assert second["user"]["tenantIds"] == ["acme"]
    assert first["user"]["id"] != second["user"]["id"]
    assert there.access_token_payload["tId"] == "acme"


class TestEmail:
    def test_without_one_nobody_gets_in(self, oidc: IdentityProvider, browser: FrontendClient) -> None:
        answer = sign_in(browser, oidc, oidc.add_account("865"))
        assert (answer.status_code, json_of(answer)) == (200, {"status": "NO_EMAIL_GIVEN_BY_PROVIDER"})
        assert not browser.is_signed_in
        assert User.objects.count() == 0

    def test_where_none_is_required_one_is_made_up(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        client = next(iter(oidc.clients.values()))
        with configured(oidc.settings(client, require_email=False)):
            user = json_of(sign_in(browser, oidc, oidc.add_account("CustomId")))["user"]
        assert user["emails"] == ["customid.custom@stfakeemail.supertokens.com"]
        assert user["thirdParty"] == [{"id": "custom", "userId": "CustomId"}]
        assert [method["verified"] for method in user["loginMethods"]] == [True]

    def test_the_project_may_make_up_another_one(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        client = next(iter(oidc.clients.values()))
        make = {
            "require_email": False,
            "generate_fake_email": lambda tenant, user_id: f"{user_id}@{tenant}.acme.com",
        }
        with configured(oidc.settings(client, **make)):
            user = json_of(sign_in(browser, oidc, oidc.add_account("865")))["user"]
        assert user["emails"] == ["865@public.acme.com"]

    def test_what_the_provider_has_not_verified_is_not_verified(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        alice = oidc.add_account("865", "alice@example.com", verified=False)
        user = json_of(sign_in(browser, oidc, alice))["user"]
        assert user["loginMethods"][0]["verified"] is False
        assert not VerifiedEmail.objects.exists()

        alice.verified = True
        assert json_of(sign_in(browser, oidc, alice))["user"]["loginMethods"][0]["verified"] is True
        alice.verified = False
        assert json_of(sign_in(browser, oidc, alice))["user"]["loginMethods"][0]["verified"] is True

    def test_one_that_changes_at_the_provider_changes_here(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        user_id = json_of(sign_in(browser, oidc, alice))["user"]["id"]
        alice.email, alice.verified = "White@Example.com", False

        user = json_of(sign_in(browser, oidc, alice))["user"]

        assert (user["id"], user["emails"]) == (user_id, ["white@example.com"])
        assert user["loginMethods"][0]["verified"] is False
        assert django_user_of(user_id).email == "white@example.com"
        found = [
            users.list_users_by_account_info("public", AccountInfo(email=email))
            for email in ("alice@example.com", "white@example.com")
        ]
        assert [[user.id for user in each] for each in found] == [[], [user_id]]

    @pytest.mark.parametrize("email", ["none", "a@" + "x" * 255, "a\x00@example.com", "a\n@example.com"])
    def test_what_is_no_address_is_refused(
        self, oidc: IdentityProvider, browser: FrontendClient, email: str
    ) -> None:
        before = every_row()
        answer = sign_in(browser, oidc, oidc.add_account("865", email))
        assert json_of(answer)["status"] == "GENERAL_ERROR"
        assert every_row() == before


class TestDjangoUser:
    def test_it_gets_the_names_that_the_provider_tells(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        sign_in(browser, oidc, oidc.add_account("865", "alice@example.com", name="Alice Liddell"))
        django_user = django_user_of(browser.user_id)
        assert django_user.email == "alice@example.com"
        assert (django_user.first_name, django_user.last_name) == ("Alice", "Liddell")
        assert not django_user.has_usable_password()

    def test_the_projects_function_sees_all_that_was_told(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        seen: list[Any] = []

        def fields(user: User, login_method: LoginMethod) -> dict[str, Any]:
            seen.append(login_method.third_party_profile)
            return {}

        with supertokens_settings(DJANGO_USER={"FIELDS": fields}):
            sign_in(browser, oidc, oidc.add_account("865", "alice@example.com", name="Alice Liddell"))
        (profile,) = seen
        assert (profile["first_name"], profile["last_name"]) == ("Alice", "Liddell")
        assert set(profile["raw_user_info"]) == {"from_id_token_payload", "from_user_info_api"}
        assert profile["raw_user_info"]["from_user_info_api"]["sub"] == "865"
        assert profile["raw_user_info"]["from_id_token_payload"]["iss"] == oidc.base

    def test_one_that_is_switched_off_lets_nobody_in(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        sign_in(browser, oidc, alice)
        get_user_model()._default_manager.update(is_active=False)
        before = every_row()

        answer = sign_in(FrontendClient(browser.mode), oidc, alice)

        reason = (
            "Cannot sign in / up due to security reasons. Please try a different login method or contact support. "
            "(ERR_CODE_004)"
        )
        assert json_of(answer) == {"status": "SIGN_IN_UP_NOT_ALLOWED", "reason": reason}
        assert every_row() == before


class Closed(Gate):
    """Lets nobody in who is told to stay out."""

    def check(self, attempt: Attempt, request: HttpRequest) -> None:
        closed.append(
            (attempt.factor_id, attempt.is_sign_up, attempt.email, attempt.account_info.third_party_id)
        )
        if attempt.email == "mallory@example.com":
            raise GeneralError("Members only")


closed: list[Any] = []


class TestRefusals:
    def test_a_gate_refuses_before_anything_is_made(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        before = every_row()
        closed.clear()
        with supertokens_settings(FLOW_GATES=[f"{__name__}.Closed"]):
            answer = sign_in(browser, oidc, oidc.add_account("666", "Mallory@example.com"))
            assert json_of(answer) == {"status": "GENERAL_ERROR", "message": "Members only"}
            assert every_row() == before
            alice = oidc.add_account("865", "alice@example.com")
            for _ in range(2):
                assert json_of(sign_in(browser, oidc, alice))["status"] == "OK"
        assert closed == [
            ("thirdparty", True, "mallory@example.com", "custom"),
            ("thirdparty", True, "alice@example.com", "custom"),
            ("thirdparty", False, "alice@example.com", "custom"),
        ]

    def test_a_service_may_refuse_in_the_transaction(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        before = every_row()
        with supertokens_settings(THIRDPARTY={"SERVICE_CLASS": "tests.recipes.thirdparty.services.Refusing"}):
            answer = sign_in(
                browser, oidc, oidc.add_account("865", "alice@example.com", name="Alice Liddell")
            )
        assert json_of(answer) == {"status": "GENERAL_ERROR", "message": "Not you, Alice"}
        assert not browser.is_signed_in
        assert every_row() == before

    def test_cancelling_at_the_provider_is_answered_calmly(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        begun = json_of(authorisation_url(browser))
        back = oidc.authorize(begun["urlWithQueryParams"], oidc.add_account("865", "a@b.de"), consent=False)
        assert back.params["error"] == "access_denied"
        info = {"redirectURIOnProviderDashboard": CALLBACK, "redirectURIQueryParams": back.params}
        answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
        assert json_of(answer)["status"] == "GENERAL_ERROR"


class TestSession:
    def test_a_session_is_replaced(self, oidc: IdentityProvider, browser: FrontendClient, alice: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        user_id = json_of(sign_in(browser, oidc, oidc.add_account("865", "white@example.com")))["user"]["id"]
        assert browser.user_id == user_id != alice

    def test_asking_to_link_without_a_session_is_401(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        info = code_of(browser, oidc, oidc.add_account("865", "white@example.com"))
        body = {"thirdPartyId": "custom", "redirectURIInfo": info, "shouldTryLinkingWithSessionUser": True}
        assert post(browser, body).status_code == 401

    def test_an_expired_session_is_told_before_the_code_is_used_up(
        self, oidc: IdentityProvider, browser: FrontendClient, clock: Clock, alice: str
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        browser.fdi_version = "1.19"  # considers a session wherever there is one
        clock.advance(3601)
        info = code_of(browser, oidc, oidc.add_account("865", "white@example.com"))
        body = {"thirdPartyId": "custom", "redirectURIInfo": info}

        answer = post(browser, body)
        assert (answer.status_code, json_of(answer)) == (401, {"message": "try refresh token"})
        assert oidc.asked("token") == []

        browser.refresh()
        assert json_of(post(browser, body))["status"] == "OK"

    def test_signing_in_again_makes_one_more_session(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        alice = oidc.add_account("865", "alice@example.com")
        for _ in range(2):
            sign_in(FrontendClient(browser.mode), oidc, alice)
        assert len(sessions.get_all_session_handles_for_user(LoginMethod.objects.get().id)) == 2


class TestBadInput:
    INFO = {"redirectURIOnProviderDashboard": CALLBACK, "redirectURIQueryParams": {"code": "x"}}

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (None, "Please provide a JSON input"),
            ({}, "Please provide the thirdPartyId in request body"),
            ({"thirdPartyId": 7}, "Please provide the thirdPartyId in request body"),
            (
                {"thirdPartyId": "custom"},
                "Please provide one of redirectURIInfo or oAuthTokens in the request body",
            ),
            (
                {"thirdPartyId": "custom", "redirectURIInfo": {}},
                "Please provide the redirectURIOnProviderDashboard in request body",
            ),
            ({"thirdPartyId": "custom", "redirectURIInfo": []}, "redirectURIInfo must be an object"),
            (
                {"thirdPartyId": "custom", "redirectURIInfo": {"redirectURIOnProviderDashboard": CALLBACK}},
                "Please provide the redirectURIQueryParams in request body",
            ),
            (
                {"thirdPartyId": "custom", "redirectURIInfo": {**INFO, "redirectURIQueryParams": {}}},
                "Please provide the code in redirectURIQueryParams",
            ),
            (
                {"thirdPartyId": "custom", "redirectURIInfo": {**INFO, "pkceCodeVerifier": 7}},
                "pkceCodeVerifier must be a string",
            ),
            ({"thirdPartyId": "custom", "clientType": 7, "oAuthTokens": {}}, "clientType must be a string"),
            ({"thirdPartyId": "custom", "oAuthTokens": "x"}, "oAuthTokens must be an object"),
            (
                {"thirdPartyId": "custom", "oAuthTokens": {}},
                "Please provide an access_token or an id_token in oAuthTokens",
            ),
            ({"thirdPartyId": "custom", "oAuthTokens": {"id_token": 7}}, "id_token must be a string"),
            (
                {"thirdPartyId": "google", "redirectURIInfo": INFO},
                "the provider google could not be found in the configuration",
            ),
        ],
    )
    def test_it_is_400_with_a_text(
        self, oidc: IdentityProvider, browser: FrontendClient, body: Any, message: str
    ) -> None:
        answer = browser.request(
            "POST",
            "/auth/signinup",
            body=json.dumps(body).encode(),
            headers={"rid": "thirdparty"},
        )
        assert (answer.status_code, json_of(answer)) == (400, {"message": message})

    @pytest.mark.parametrize("body", [b"", b"not JSON"])
    def test_what_is_no_json_counts_as_an_empty_object(
        self, oidc: IdentityProvider, browser: FrontendClient, body: bytes
    ) -> None:
        answer = browser.request("POST", "/auth/signinup", body=body)
        assert json_of(answer) == {"message": "Please provide the thirdPartyId in request body"}

    def test_a_code_is_good_once(self, oidc: IdentityProvider, browser: FrontendClient) -> None:
        info = code_of(browser, oidc, oidc.add_account("865", "alice@example.com"))
        body = {"thirdPartyId": "custom", "redirectURIInfo": info}
        assert [json_of(post(browser, body))["status"] for _ in range(2)] == ["OK", "GENERAL_ERROR"]

    def test_the_code_of_another_client_is_refused(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        mallorys = oidc.add_client("mallory", redirect_uris=[CALLBACK])
        with configured(oidc.settings(mallorys)):
            info = code_of(browser, oidc, oidc.add_account("865", "alice@example.com"))
        answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
        assert json_of(answer)["status"] == "GENERAL_ERROR"
        assert User.objects.count() == 0

    def test_a_code_without_its_verifier_is_refused(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        client = next(iter(oidc.clients.values()))
        forced = [{**oidc.personality.client_settings(client), "force_pkce": True}]
        with configured(oidc.settings(client, clients=forced)):
            info = code_of(browser, oidc, oidc.add_account("865", "alice@example.com"))
            body = {"thirdPartyId": "custom", "redirectURIInfo": {**info, "pkceCodeVerifier": "x" * 64}}
            assert json_of(post(browser, body))["status"] == "GENERAL_ERROR"
