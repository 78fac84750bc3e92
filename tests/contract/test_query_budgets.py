"""How many SQL statements a request may cost; those that only begin or end transactions are not counted.

Transactions are real here, so what happens on commit is counted too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponseBase

from supertokens_django.recipes.thirdparty import discovery
from supertokens_django.services import emailverification, thirdparty
from supertokens_django.services import session as sessions
from supertokens_django.users.models import LoginMethod, User
from tests.base import ALICE, BOB, Clock, sql_budget, sql_statements, supertokens_settings
from tests.caches import revocation_cache
from tests.client import FrontendClient, Mode, Stack, json_of
from tests.idp.personalities.base import Personality
from tests.idp.provider import IdentityProvider, serving
from tests.recipes.passwordless.device import RECIPES, Device, mailed_code, mailed_link
from tests.recipes.thirdparty.dance import CALLBACK, LOOPBACK, code_of, post, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _keys_exist(clock: Clock, acme: None, alice: str) -> None:
    """Keys are made once in the life of a project, not by the request that is counted."""
    FrontendClient("header").post("/test/login", {"userId": alice})


@pytest.mark.parametrize(
    "path", ["/test/sync", "/test/async", "/test/method", "/test/dispatch", "/test/drf/bare"]
)
def test_a_verified_request_costs_none(frontend: FrontendClient, stack: Stack, path: str) -> None:
    browser = frontend.clone(stack=stack)

    with sql_statements() as statements:
        for _ in range(3):
            assert browser.get(path).status_code == 200
            assert browser.post(path).status_code == 200

    assert statements == []


@pytest.mark.parametrize(
    "path", ["/test/sync", "/test/async", "/test/method", "/test/dispatch", "/test/drf/bare"]
)
def test_asking_the_revocation_cache_costs_none(alice: str, mode: Mode, stack: Stack, path: str) -> None:
    with revocation_cache():
        browser = FrontendClient(mode, stack=stack)
        browser.sign_in(ALICE.email, ALICE.password)
        with sql_statements() as statements:
            for _ in range(3):
                assert browser.get(path).status_code == 200
                assert browser.post(path).status_code == 200
        assert statements == []

        sessions.revoke_session(browser.session_handle)
        with sql_statements() as statements:
            assert browser.get(path).status_code == 401
        assert statements == []


def test_the_revocation_cache_leaves_the_other_budgets_alone(clock: Clock, mode: Mode) -> None:
    clock.advance(86400)
    with revocation_cache():
        browser = FrontendClient(mode)
        with sql_budget(6):
            assert browser.sign_in(ALICE.email, ALICE.password).status_code == 200
        with sql_budget(3):
            assert browser.refresh().status_code == 200
        with sql_budget(2):
            assert browser.sign_out().status_code == 200


def test_the_drf_authentication_costs_the_user_row_alone(frontend: FrontendClient) -> None:
    with sql_budget(1):
        assert frontend.get("/test/drf/authenticated").status_code == 200


@pytest.mark.parametrize("path", ["/test/checked", "/test/checked-async"])
def test_checking_the_database_costs_exactly_one(frontend: FrontendClient, stack: Stack, path: str) -> None:
    browser = frontend.clone(stack=stack)

    with sql_statements() as statements:
        assert browser.get(path).status_code == 200

    assert len(statements) == 1


@pytest.mark.parametrize(
    "path", ["/test/sync", "/test/async", "/test/method", "/test/dispatch", "/test/drf/bare"]
)
def test_a_request_that_needs_a_verified_email_costs_none(
    clock: Clock, alice: str, mode: Mode, stack: Stack, path: str
) -> None:
    recipes = ["emailpassword", "emailverification"]
    with supertokens_settings(RECIPES=recipes, EMAILVERIFICATION={"MODE": "REQUIRED"}):
        browser = FrontendClient(mode, stack=stack)
        browser.sign_in(ALICE.email, ALICE.password)
        with sql_statements() as statements:
            assert browser.get(path).status_code == 403
        assert statements == []

        emailverification.mark_email_verified(alice)
        browser.sign_in(ALICE.email, ALICE.password)
        clock.advance(3000)
        with sql_statements() as statements:
            assert browser.get(path).status_code == 200
            assert browser.post(path).status_code == 200
        assert statements == []


def test_a_refused_request_costs_none(clock: Clock, frontend: FrontendClient) -> None:
    visitor = FrontendClient(frontend.mode)
    with sql_statements() as statements:
        assert visitor.get("/test/sync").status_code == 401
        assert visitor.refresh().status_code == 401
        assert visitor.sign_out().status_code == 401
        clock.advance(3601)
        assert frontend.get("/test/sync").status_code == 401

    assert statements == []


def test_a_refresh_costs_at_most_three(clock: Clock, frontend: FrontendClient, stack: Stack) -> None:
    browser = frontend.clone(stack=stack)
    clock.advance(3600)

    with sql_budget(3):
        assert browser.refresh().status_code == 200


def test_a_refresh_in_the_grace_window_costs_at_most_three(clock: Clock, frontend: FrontendClient) -> None:
    other_tab = frontend.clone()
    frontend.refresh()

    with sql_budget(3):
        assert other_tab.refresh().status_code == 200


@pytest.fixture(params=["no roles", "roles", "verification", "both"])
def _roles(request: pytest.FixtureRequest, acme: None) -> Iterator[None]:
    """With roles each new session carries two claims more, with e-mail verification one."""
    roles = ["userroles"] if request.param in ("roles", "both") else []
    verification = ["emailverification"] if request.param in ("verification", "both") else []
    with supertokens_settings(
        RECIPES=["emailpassword", *roles, *verification], EMAILVERIFICATION={"MODE": "REQUIRED"}
    ):
        yield


@pytest.mark.usefixtures("_roles")
def test_a_sign_in_costs_at_most_six(clock: Clock, browser: FrontendClient, stack: Stack) -> None:
    """A day after the last one, so that the notes of the last activity are written anew."""
    clock.advance(86400)
    visitor = FrontendClient(browser.mode, stack=stack)

    with sql_budget(6):
        assert visitor.sign_in(ALICE.email, ALICE.password).status_code == 200
    assert visitor.is_signed_in


@pytest.mark.usefixtures("_roles")
def test_a_sign_in_of_somebody_with_several_login_methods_costs_no_more(
    clock: Clock, browser: FrontendClient, alice: str, bob: str
) -> None:
    LoginMethod.objects.filter(pk=bob).update(user=alice)
    User.objects.filter(pk=bob).delete()
    clock.advance(86400)

    with sql_budget(6):
        answer = browser.sign_in(BOB.email, BOB.password)
    assert sorted(json_of(answer)["user"]["emails"]) == [ALICE.email, BOB.email]


@pytest.fixture
def provider(acme: None) -> Iterator[IdentityProvider]:
    """A provider with which Alice has signed in before, on the first day."""
    discovery.forget()
    with serving(Personality) as idp:
        client = idp.add_client(redirect_uris=[CALLBACK], refresh=True)
        white = idp.add_account("865", "white@example.com", name="White Rabbit")
        with supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": [idp.settings(client)]}):
            assert sign_in(FrontendClient("header"), idp, white).status_code == 200
            yield idp


@pytest.mark.parametrize(
    ("is_stored", "keeps_tokens", "budget"), [(False, False, 6), (True, False, 6), (False, True, 7)]
)
def test_a_sign_in_with_a_known_provider_account_costs_at_most_six(
    provider: IdentityProvider,
    clock: Clock,
    mode: Mode,
    stack: Stack,
    is_stored: bool,
    keeps_tokens: bool,
    budget: int,
) -> None:
    """Keeping the provider's tokens costs one more."""
    if is_stored:
        settings = provider.settings(next(iter(provider.clients.values())))
        thirdparty.create_or_update_third_party_config("public", settings)
    clock.advance(86400)
    tokens = supertokens_settings(THIRDPARTY={"STORE_TOKENS": keeps_tokens})
    with tokens:
        sign_in(FrontendClient("header"), provider, provider.accounts["865"])
    clock.advance(86400)
    browser = FrontendClient(mode, stack=stack)
    body = {
        "thirdPartyId": "custom",
        "redirectURIInfo": code_of(browser, provider, provider.accounts["865"]),
    }
    with tokens, sql_budget(budget):
        assert json_of(post(browser, body))["createdNewRecipeUser"] is False


def test_a_sign_up_with_a_provider_costs_at_most_ten(
    provider: IdentityProvider, browser: FrontendClient
) -> None:
    """One more than with a password: whether the tenant has providers of its own."""
    body = {
        "thirdPartyId": "custom",
        "redirectURIInfo": code_of(browser, provider, provider.add_account("1", "bob@example.com")),
    }
    with sql_budget(10):
        assert json_of(post(browser, body))["createdNewRecipeUser"] is True


@pytest.fixture(params=["code", "link"])
def asked(
    request: pytest.FixtureRequest, mode: Mode, acme: None
) -> Iterator[tuple[Device, Callable[[], HttpResponseBase]]]:
    """A device that has asked for a code for its owner's first sign-in, and what enters the code or opens the link."""
    with supertokens_settings(**RECIPES):
        device = Device(mode)
        device.ask()
        if request.param == "code":
            yield device, lambda: device.type(mailed_code())
        else:
            yield device, lambda: device.open(mailed_link())


def test_a_sign_in_by_a_code_costs_at_most_six(
    clock: Clock, asked: tuple[Device, Callable[[], HttpResponseBase]], stack: Stack
) -> None:
    device, consume = asked
    assert json_of(consume())["createdNewRecipeUser"] is True
    clock.advance(86400)
    device.ask()
    with sql_budget(6):
        answer = consume()
    assert json_of(answer)["createdNewRecipeUser"] is False


def test_a_sign_up_by_a_code_costs_at_most_eleven(
    asked: tuple[Device, Callable[[], HttpResponseBase]],
) -> None:
    """Three more than with a password, for the code, its end and the proof of the address; but no password's row."""
    _device, consume = asked
    with sql_budget(11):
        answer = consume()
    assert json_of(answer)["createdNewRecipeUser"] is True


@pytest.mark.usefixtures("_roles")
def test_a_sign_up_costs_at_most_nine(browser: FrontendClient, stack: Stack) -> None:
    visitor = FrontendClient(browser.mode, stack=stack)

    with sql_budget(9):
        assert visitor.sign_up(BOB.email, BOB.password).status_code == 200
    assert visitor.is_signed_in


def test_a_sign_out_costs_at_most_two(frontend: FrontendClient, stack: Stack) -> None:
    browser = frontend.clone(stack=stack)

    with sql_budget(2):
        assert browser.sign_out().status_code == 200


def test_anti_csrf_costs_nothing_more(clock: Clock, alice: str) -> None:
    browser = FrontendClient("cookie")
    with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
        browser.post("/test/login", {"userId": alice})
        with sql_statements() as statements:
            assert browser.post("/test/sync").status_code == 200
        assert statements == []
        with sql_budget(3):
            assert browser.refresh().status_code == 200


def test_the_key_endpoint_and_discovery_are_cheap(browser: FrontendClient) -> None:
    browser.get("/auth/jwt/jwks.json")
    with sql_budget(1):
        assert browser.get("/auth/jwt/jwks.json").status_code == 200
    with sql_statements() as statements:
        assert browser.get("/auth/.well-known/openid-configuration").status_code == 200
    assert statements == []
