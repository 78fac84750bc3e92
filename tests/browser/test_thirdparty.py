"""Signing in with providers by the frontend SDK: the website, the API and the provider are three origins.

The visitor does all of it: follows the link, signs in at the provider, accepts, and is sent back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from supertokens_django.recipes.thirdparty import discovery
from supertokens_django.services import users
from tests.base import supertokens_settings
from tests.browser.conftest import OpenFrontend
from tests.browser.frontend import Frontend
from tests.idp import lies
from tests.idp.personalities.apple import Apple
from tests.idp.personalities.base import Personality
from tests.idp.personalities.github import GitHub
from tests.idp.personalities.google import Google
from tests.idp.provider import IdentityProvider, serving
from tests.idp.records import Account

if TYPE_CHECKING:
    from playwright.sync_api import Page

EMAIL = "alice@example.com"
POST_A_STATE = """([action, target]) => {
    const form = Object.assign(document.createElement("form"), { action, method: "post" });
    const value = btoa(JSON.stringify({ frontendRedirectURI: target }));
    form.append(Object.assign(document.createElement("input"), { name: "state", value }));
    document.body.append(form);
    form.submit();
}"""
PROVIDERS = pytest.mark.parametrize("personality", [Google, GitHub, Apple], ids=lambda one: one.__name__)


@dataclass
class Journey:
    """A visitor on the way to a provider and back."""

    visitor: Frontend
    idp: IdentityProvider
    website: str
    api: str

    @property
    def third_party_id(self) -> str:
        return self.idp.personality.third_party_id

    @property
    def callback(self) -> str:
        return f"{self.website}/auth/callback/{self.third_party_id}"

    def leave(self) -> None:
        """Press the provider's button on the website."""
        wanted = {"thirdPartyId": self.third_party_id, "frontendRedirectURI": self.callback}
        if self.third_party_id == "apple":  # which posts a form, and no website takes one
            wanted["redirectURIOnProviderDashboard"] = f"{self.api}/auth/callback/apple"
        self.visitor.page.goto(self.visitor.call("urlOfProvider", wanted)["url"])

    def decide(self, button: str) -> None:
        """Accept or cancel; the provider sends the visitor back to the website."""
        self.visitor.page.get_by_role("button", name=button).click()
        self.visitor.page.wait_for_url(f"{self.callback}?**")

    def go(self, account: Account, button: str = "Accept") -> None:
        self.leave()
        identify(self.visitor.page, account)
        self.decide(button)

    def arrive(self) -> Any:
        """What the website's callback page does."""
        return self.visitor.call("signInAndUp")

    def arrive_in_vain(self) -> str:
        """The same, where the SDK refuses; gives its words."""
        script = "() => app.signInAndUp().then(() => 'nothing was refused', error => error.message)"
        return str(self.visitor.page.evaluate(script))


def identify(page: Page, account: Account) -> None:
    """Sign in at the provider."""
    page.get_by_label("E-mail or user name").fill(account.login)
    page.get_by_label("Password").fill(account.password)
    page.get_by_role("button", name="Sign in").click()


@contextmanager
def provider(personality: type[Personality], website: str, api: str) -> Iterator[IdentityProvider]:
    discovery.forget()  # a port may come again
    name = personality.third_party_id
    callbacks = [f"{website}/auth/callback/{name}", f"{api}/auth/callback/{name}"]
    with serving(personality) as idp:
        config = idp.settings(idp.add_client(redirect_uris=callbacks))
        with supertokens_settings(
            RECIPES=["emailpassword", "thirdparty"],
            THIRDPARTY={"PROVIDERS": [config]},
            OUTGOING={"ALLOW_PRIVATE_ADDRESSES": ["127.0.0.0/8"], "ALLOW_HTTP": True},
        ):
            yield idp


@pytest.fixture
def journey(visitor: Frontend, website: str, api: str, personality: type[Personality]) -> Iterator[Journey]:
    with provider(personality, website, api) as idp:
        yield Journey(visitor, idp, website, api)


@pytest.fixture
def alice(journey: Journey) -> Account:
    return journey.idp.add_account("865", EMAIL, name="Alice Liddell")


@PROVIDERS
def test_a_visitor_signs_up_and_later_in(
    journey: Journey, alice: Account, open_frontend: OpenFrontend
) -> None:
    journey.go(alice)
    answer = journey.arrive()

    visitor, name = journey.visitor, journey.third_party_id
    assert (answer["status"], answer["createdNewRecipeUser"]) == ("OK", True)
    assert answer["user"]["thirdParty"] == [{"id": name, "userId": "865"}]
    assert (answer["user"]["emails"], answer["user"]["loginMethods"][0]["verified"]) == ([EMAIL], True)
    assert visitor.is_signed_in()
    assert visitor.fetch("/api/me")["body"]["userId"] == answer["user"]["id"]
    apple = ["POST /auth/callback/apple 303"] if name == "apple" else []
    asked = [line for line in visitor.traffic if " /auth/" in line]
    recipe_calls = [line for line in asked if "/session/" not in line and "OPTIONS" not in line]
    assert recipe_calls == ["GET /auth/authorisationurl 200", *apple, "POST /auth/signinup 200"]

    visitor.sign_out()
    phone = Journey(open_frontend(), journey.idp, journey.website, journey.api)
    phone.go(alice)
    again = phone.arrive()
    assert again == {**answer, "createdNewRecipeUser": False}


@PROVIDERS
def test_who_cancels_is_back_on_the_website_and_can_try_again(journey: Journey, alice: Account) -> None:
    journey.go(alice, "Cancel")

    error = "user_cancelled_authorize" if journey.third_party_id == "apple" else "access_denied"
    assert journey.arrive_in_vain() == f"Auth provider responded with error: {error}"
    assert not journey.visitor.is_signed_in()
    assert users.get_user_count() == 0

    journey.leave()  # the provider remembers who this is
    journey.decide("Accept")
    assert journey.arrive()["status"] == "OK"


@PROVIDERS
def test_nobody_is_signed_in_with_a_link_of_somebody_elses(
    journey: Journey, alice: Account, open_frontend: OpenFrontend
) -> None:
    """Login CSRF: Mallory sends Alice a link back from the provider with a code of her own account."""
    mallory = Journey(open_frontend(), journey.idp, journey.website, journey.api)
    mallory.go(journey.idp.add_account("666", "mallory@example.com"))
    link = mallory.visitor.page.url

    journey.visitor.page.goto(link)
    assert journey.arrive_in_vain() == "No valid auth state present in session storage"
    journey.leave()
    journey.visitor.page.goto(link)
    assert journey.arrive_in_vain() == (
        "Auth state verification failed. The auth provider responded with an invalid state"
    )
    assert not journey.visitor.is_signed_in()
    assert journey.idp.asked("token") == []


@PROVIDERS
def test_a_code_that_was_used_is_refused_calmly(journey: Journey, alice: Account) -> None:
    journey.go(alice)
    assert journey.arrive()["status"] == "OK"
    journey.visitor.sign_out()

    answer = journey.arrive()

    assert (answer["status"], "did not work" in answer["message"]) == ("GENERAL_ERROR", True)
    assert not journey.visitor.is_signed_in()


@pytest.mark.parametrize("personality", [GitHub])
def test_a_private_address_is_found_by_the_second_request(journey: Journey) -> None:
    others = [{"email": "old@example.com", "primary": False, "verified": True, "visibility": None}]
    journey.go(journey.idp.add_account("865", EMAIL, private_email=True, emails=others))

    assert journey.arrive()["user"]["emails"] == [EMAIL]


@PROVIDERS
def test_an_address_that_is_not_verified_there_is_not_verified_here(journey: Journey) -> None:
    journey.go(journey.idp.add_account("865", EMAIL, verified=False))

    (method,) = journey.arrive()["user"]["loginMethods"]
    assert (method["email"], method["verified"]) == (EMAIL, False)


@pytest.mark.parametrize("personality", [Google, Apple])
def test_an_id_token_that_lies_signs_nobody_in(journey: Journey, alice: Account) -> None:
    journey.leave()
    identify(journey.visitor.page, alice)
    journey.decide("Cancel")

    for lie in ("wrong issuer", "unsigned", "expired", "wrong audience", "another key"):
        journey.idp.lie(lies.ALL[lie])
        journey.leave()
        journey.decide("Accept")
        assert (lie, journey.arrive()["status"]) == (lie, "GENERAL_ERROR")

    assert not journey.visitor.is_signed_in()
    assert users.get_user_count() == 0


@pytest.mark.parametrize("personality", [Apple])
def test_apples_form_comes_by_a_button_where_scripts_are_off(
    journey: Journey, alice: Account, open_frontend: OpenFrontend
) -> None:
    journey.leave()
    address = journey.visitor.page.url
    browser = journey.visitor.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as without_scripts:
        page = without_scripts.new_page()
        page.goto(address)
        identify(page, alice)
        page.get_by_role("button", name="Accept").click()
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(f"{journey.callback}?**")
        journey.visitor.page.goto(page.url)
    assert journey.arrive()["status"] == "OK"


@pytest.mark.parametrize("personality", [Apple])
def test_apples_form_leads_nowhere_but_to_the_website(journey: Journey) -> None:
    """A page of Mallory's posts it, with a state of her own."""
    page, here = journey.visitor.page, f"{journey.api}/auth/callback/apple"
    for target in ("https://evil.example/auth/callback/apple", here, "javascript:alert(1)"):
        page.goto(journey.website)
        page.evaluate(POST_A_STATE, [here, target])
        page.wait_for_url(here)
        assert json.loads(page.inner_text("body")).keys() == {"message"}


@pytest.mark.parametrize("personality", [Apple])
def test_who_the_user_is_comes_along_once(journey: Journey, alice: Account) -> None:
    journey.go(alice)
    first = parse_qs(urlsplit(journey.visitor.page.url).query)
    assert journey.arrive()["status"] == "OK"
    journey.visitor.sign_out()
    journey.leave()
    journey.decide("Accept")
    second = parse_qs(urlsplit(journey.visitor.page.url).query)

    assert (set(first), set(second)) == ({"code", "state", "user"}, {"code", "state"})
    assert json.loads(first["user"][0]) == {"email": EMAIL}
    assert journey.arrive()["createdNewRecipeUser"] is False
