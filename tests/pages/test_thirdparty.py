"""Signing in with a provider on the pages: buttons, the way there and back, and whatever may go wrong on it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.template.loader import select_template
from django.test import override_settings

import supertokens_django
from supertokens_django.exceptions import GeneralError
from supertokens_django.pages.dances import LIFETIME, MOST
from supertokens_django.pages.marks import MARKS
from supertokens_django.pages.thirdparty import Button
from supertokens_django.recipes.thirdparty import discovery
from supertokens_django.recipes.thirdparty.providers.catalogue import BUILT_IN
from supertokens_django.services import session, thirdparty
from supertokens_django.users.models import LoginMethod, User
from tests.base import ALICE, BOB, Clock, sign_up, sql_budget, supertokens_settings
from tests.idp.faults import down
from tests.idp.personalities.base import Personality
from tests.idp.provider import IdentityProvider, serving
from tests.idp.records import Account
from tests.pages.visiting import ORIGIN, Page, Visitor, attributes_of, text_of
from tests.recipes.thirdparty.dance import LOOPBACK

pytestmark = pytest.mark.django_db

CALLBACK = f"{ORIGIN}/auth/callback/custom"
OVER = "This sign-in is over, or it was begun in another browser. Please begin again."
MARK_TEMPLATES = (
    Path(supertokens_django.__file__).parent / "templates" / "supertokens_django" / "pages" / "marks"
)
FAILED = "Signing in with Custom did not work. Please try again or use another way to sign in."


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    discovery.forget()


@pytest.fixture
def idp(one_origin: None) -> Iterator[IdentityProvider]:
    with serving(Personality) as idp:
        client = idp.add_client(redirect_uris=[CALLBACK])
        with supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": [idp.settings(client)]}):
            yield idp


@pytest.fixture
def alice_there(idp: IdentityProvider) -> Account:
    """Alice's account at the provider."""
    return idp.add_account("865", ALICE.email, name="Alice Liddell")


def choose(visitor: Visitor, page: Page, third_party_id: str = "custom", path: str | None = None) -> Page:
    """Press the button of a provider."""
    token = attributes_of(page.all("input", name="csrfmiddlewaretoken")[0])["value"]
    return visitor.post(path or page.path, {"csrfmiddlewaretoken": token, "thirdPartyId": third_party_id})


def target_of(page: Page) -> str:
    """Where the page goes on to by itself; its link leads there as well."""
    (refresh,) = [
        attributes_of(item)["content"] for item in page.all("meta") if "http-equiv" in attributes_of(item)
    ]
    assert refresh.startswith("0; url=")
    target = refresh.removeprefix("0; url=")
    assert target in page.links.values()
    return target


def cookies_of(visitor: Visitor) -> list[str]:
    """The names of the cookies of sign-ins that have begun."""
    return [cookie.name for cookie in visitor.jar if "sThirdParty" in cookie.name]


def to_provider(visitor: Visitor, path: str = "/auth/") -> str:
    return target_of(choose(visitor, visitor.open(path)))


def back(visitor: Visitor, idp: IdentityProvider, url: str, account: Account, **options: Any) -> str:
    """Be at the provider; gives the path and query to which it sends the browser."""
    parts = urlsplit(idp.authorize(url, account, **options).url)
    return f"{parts.path}?{parts.query}"


def sign_in(visitor: Visitor, idp: IdentityProvider, account: Account, path: str = "/auth/") -> Page:
    return visitor.open(back(visitor, idp, to_provider(visitor, path), account))


class TestButtons:
    def test_each_provider_has_one(self, visitor: Visitor, idp: IdentityProvider) -> None:
        page = visitor.open("/auth/")
        (button,) = page.all("button", name="thirdPartyId")
        assert (text_of(button), attributes_of(button)["value"]) == ("Continue with Custom", "custom")
        assert page.label("email") == "E-mail"
        assert "Continue with Custom" in visitor.open("/auth/?show=signup").response.content.decode()

    def test_several_stand_in_the_order_of_the_settings(self, visitor: Visitor) -> None:
        client = {"client_id": "x", "client_secret": "y"}
        providers = [
            {"third_party_id": "github", "name": "GitHub", "clients": [client]},
            {"third_party_id": "google", "name": "Google", "clients": [client]},
            {"third_party_id": "none-yet", "clients": []},
        ]
        with supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": providers}), sql_budget(1):
            page = visitor.open("/auth/")
        found = [text_of(item) for item in page.all("button", name="thirdPartyId")]
        assert found == ["Continue with GitHub", "Continue with Google"]

    def test_a_site_may_have_providers_alone(self, visitor: Visitor, idp: IdentityProvider) -> None:
        with supertokens_settings(RECIPES=["thirdparty"]):
            for path in ("/auth/", "/auth/?show=signup"):
                page = visitor.open(path)
                assert page.heading == "Sign in"
                assert page.all("input", name="email") == []
                assert page.links == {}
                assert "The first time you sign in, your account is created." in text_of(page.one("main"))

    def test_a_site_may_have_passwords_alone(self, visitor: Visitor, idp: IdentityProvider) -> None:
        with supertokens_settings(RECIPES=["emailpassword"]):
            page = visitor.open("/auth/")
            assert page.all("button", name="thirdPartyId") == []
            assert visitor.open("/auth/callback/custom").status == 404

    def test_a_site_that_offers_nothing_says_so(self, visitor: Visitor) -> None:
        with supertokens_settings(RECIPES=["thirdparty"]):
            assert "There is no way to sign in here" in text_of(visitor.open("/auth/").one("main"))
        with supertokens_settings(RECIPES=["thirdparty"], DISABLED_ENDPOINTS=["thirdparty:signinup"]):
            assert visitor.open("/auth/").status == 404

    def test_a_tenant_has_its_own(self, visitor: Visitor, idp: IdentityProvider, tenant_acme: str) -> None:
        assert visitor.open("/auth/?tenantId=acme").all("button", name="thirdPartyId") == []
        config = {"third_party_id": "acme-oidc", "name": "Acme's own", "clients": [{"client_id": "x"}]}
        thirdparty.create_or_update_third_party_config("acme", config)
        page = visitor.open("/auth/?tenantId=acme")
        assert [text_of(item) for item in page.all("button", name="thirdPartyId")] == [
            "Continue with Acme's own"
        ]
        assert visitor.open("/auth/?tenantId=nowhere").all("button", name="thirdPartyId") == []

    @pytest.mark.parametrize("third_party_id", [*MARKS, "google-2", "saml", "../../x"])
    def test_each_has_a_mark(self, third_party_id: str) -> None:
        wanted = next((mark for mark in MARKS if third_party_id.startswith(mark)), "provider")
        text = (MARK_TEMPLATES / f"{wanted}.html").read_text()
        assert select_template(Button(third_party_id, "One").mark).render() == text
        assert "style=" not in text  # content policies refuse it

    def test_every_built_in_provider_has_a_mark(self) -> None:
        assert sorted(MARKS) == sorted(provider.prefix for provider in BUILT_IN)

    def test_the_mark_is_on_the_button(self, visitor: Visitor) -> None:
        provider = {"third_party_id": "google", "name": "One", "clients": [{"client_id": "x"}]}
        with supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": [provider]}):
            page = visitor.open("/auth/")
        text = (MARK_TEMPLATES / "google.html").read_text()
        assert f"{text}<span>Continue with One</span>" in page.response.content.decode()

    def test_of_several_clients_the_pages_use_the_one_that_the_settings_name(
        self, visitor: Visitor, idp: IdentityProvider
    ) -> None:
        clients = [{"client_id": "a", "client_type": "web"}, {"client_id": "b", "client_type": "ios"}]
        providers = [{**idp.settings(idp.clients["acme"]), "clients": clients}]
        with supertokens_settings(THIRDPARTY={"PROVIDERS": providers}):
            assert visitor.open("/auth/").all("button", name="thirdPartyId") == []
            with supertokens_settings(PAGES={"CLIENT_TYPE": "ios"}):
                query = parse_qs(urlsplit(to_provider(visitor)).query)
        assert query["client_id"] == ["b"]
        assert "code_challenge" in query


class TestDance:
    def test_the_first_time_makes_an_account(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        page = sign_in(visitor, idp, alice_there, "/auth/?next=/protected/")
        assert (page.status, page.response["Location"]) == (302, "/protected/")
        assert visitor.is_signed_in
        method = LoginMethod.objects.get()
        assert (method.third_party_id, method.third_party_user_id) == ("custom", "865")
        assert method.email == ALICE.email
        assert cookies_of(visitor) == []

    def test_the_second_time_signs_in(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        sign_in(visitor, idp, alice_there)
        sign_in(Visitor(), idp, alice_there)
        assert User.objects.count() == 1
        assert len(session.get_all_session_handles_for_user(User.objects.get().id)) == 2

    def test_what_is_sent_to_the_provider(self, visitor: Visitor, idp: IdentityProvider) -> None:
        query = parse_qs(urlsplit(to_provider(visitor)).query)
        assert query["redirect_uri"] == [CALLBACK]
        assert query["client_id"] == ["acme"]
        assert len(query["state"][0]) > 40
        assert len(query["nonce"][0]) > 20

    def test_the_cookie_is_bound_to_this_host_and_of_no_use_to_scripts(
        self, visitor: Visitor, idp: IdentityProvider
    ) -> None:
        page = choose(visitor, visitor.open("/auth/"))
        (cookie,) = [one for name, one in page.response.cookies.items() if "sThirdParty" in name]
        assert cookie.key.startswith("__Host-sThirdParty_")
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", LIFETIME)

    def test_a_tenant_of_its_own(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account, tenant_acme: str
    ) -> None:
        provider = {**idp.settings(idp.clients["acme"]), "include_in_non_public_tenants_by_default": True}
        with supertokens_settings(THIRDPARTY={"PROVIDERS": [provider]}):
            sign_in(visitor, idp, alice_there, "/auth/?tenantId=acme&next=/protected/")
        user = User.objects.get()
        assert [item.tenant_id for item in LoginMethod.objects.get().identities.all()] == ["acme"] * 2
        assert session.get_all_session_handles_for_user(user.id, tenant_id="acme")

    def test_several_tabs_at_once(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        first = to_provider(visitor, "/auth/?next=/first")
        second = to_provider(visitor, "/auth/?next=/second")
        assert visitor.open(back(visitor, idp, first, alice_there)).response["Location"] == "/first"
        assert visitor.open(back(visitor, idp, second, alice_there)).response["Location"] == "/second"

    def test_a_very_long_path_to_return_to_is_forgotten_rather_than_the_sign_in(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        """Browsers keep no cookie of more than 4096 bytes (RFC 6265, 6.1)."""
        path = "/" + "".join(secrets.token_hex(2000))
        page = choose(visitor, visitor.open(f"/auth/?next={path}"), path=f"/auth/?next={path}")
        (cookie,) = [one for name, one in page.response.cookies.items() if "sThirdParty" in name]
        assert len(cookie.key) + len(cookie.value) < 4096
        there = back(visitor, idp, target_of(page), alice_there)
        assert visitor.open(there).response["Location"] == "/protected/"

    def test_a_session_of_another_tenant_takes_no_part(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account, tenant_acme: str
    ) -> None:
        """Whatever a browser says of itself: the provider has spoken for one tenant only."""
        provider = {**idp.settings(idp.clients["acme"]), "include_in_non_public_tenants_by_default": True}
        with supertokens_settings(THIRDPARTY={"PROVIDERS": [provider]}):
            sign_in(visitor, idp, alice_there)
            first = User.objects.get()
            there = back(visitor, idp, to_provider(visitor, "/auth/?tenantId=acme"), alice_there)
            old = Visitor(headers={"fdi-version": "3.0"})
            old.jar = visitor.jar
            assert old.open(there).status == 302
        assert User.objects.exclude(pk=first.pk).get().login_methods.get().identities.filter(tenant_id="acme")

    def test_of_very_many_tabs_the_oldest_is_forgotten(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account, clock: Clock
    ) -> None:
        urls = []
        for _ in range(MOST + 1):
            clock.advance(1)
            urls.append(to_provider(visitor))
        assert len(cookies_of(visitor)) == MOST
        assert reason(visitor.open(back(visitor, idp, urls[0], alice_there))) == OVER
        assert visitor.open(back(visitor, idp, urls[1], alice_there)).status == 302

    def test_where_session_cookies_are_strict_a_page_leads_on(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        """A redirect would be the provider's doing, and such cookies would not be sent."""
        with supertokens_settings(SESSION={"COOKIE_SAME_SITE": "strict"}):
            page = sign_in(visitor, idp, alice_there, "/auth/?next=/protected/")
        assert (page.status, target_of(page)) == (200, "/protected/")
        assert visitor.is_signed_in

    def test_a_form_post_comes_on_to_the_page(self, visitor: Visitor, idp: IdentityProvider) -> None:
        """As Apple has it: a form of another site, which takes no cookie along that is ``SameSite=Lax``."""
        account = idp.add_account("865", ALICE.email)
        form_post = {"response_mode": "form_post"}
        client = idp.add_client("apples", redirect_uris=[f"{ORIGIN}/auth/callback/apple"])
        provider = idp.settings(client, third_party_id="apple", authorization_endpoint_query_params=form_post)
        with supertokens_settings(THIRDPARTY={"PROVIDERS": [provider]}):
            url = target_of(choose(visitor, visitor.open("/auth/?next=/protected/"), "apple"))
            params = idp.authorize(url, account).params
            stranger = Visitor()
            posted = stranger.post("/auth/callback/apple", params, origin="https://appleid.apple.com")
            assert posted.status == 303
            location = urlsplit(posted.response["Location"])
            assert f"{location.scheme}://{location.netloc}{location.path}" == f"{ORIGIN}/auth/callback/apple"
            page = visitor.open(f"{location.path}?{location.query}")
        assert (page.status, page.response["Location"]) == (302, "/protected/")
        assert visitor.is_signed_in
        assert not stranger.is_signed_in

    def test_pages_at_another_path_than_the_api(self, idp: IdentityProvider, alice_there: Account) -> None:
        idp.add_client("two", redirect_uris=[f"{ORIGIN}/account/callback/custom"])
        providers = {"PROVIDERS": [idp.settings(idp.clients["two"])]}
        paths = {"API_BASE_PATH": "/api/auth", "WEBSITE_BASE_PATH": "/account"}
        visitor = Visitor()
        with (
            override_settings(ROOT_URLCONF="tests.pages.urls_of_two_paths"),
            supertokens_settings(**paths, THIRDPARTY=providers),
        ):
            assert sign_in(visitor, idp, alice_there, "/account/?next=/here").response["Location"] == "/here"


def reason(page: Page) -> str:
    """Why somebody is not signed in, told on a page that is not one of an error."""
    assert (page.status, page.heading) == (200, "You are not signed in")
    assert page.links["Back to sign-in"].startswith("/auth/")
    (text,) = page.status_messages
    return text


class TestAccount:
    def test_it_shows_the_accounts_at_providers(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        sign_in(visitor, idp, alice_there)
        page = visitor.open("/auth/account")
        section = page.one("section", aria_labelledby="connected")
        assert "Connected accounts" in text_of(section)
        assert f"Custom {ALICE.email}" in text_of(section)
        assert page.all("input", name="current_password") == []
        assert "change your password" not in text_of(page.one("main"))

    def test_a_provider_that_is_gone_is_named_by_its_id(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        sign_in(visitor, idp, alice_there)
        with supertokens_settings(THIRDPARTY={"PROVIDERS": []}):
            page = visitor.open("/auth/account")
        assert f"custom {ALICE.email}" in text_of(page.one("section", aria_labelledby="connected"))

    def test_an_address_that_was_made_up_is_not_shown(self, visitor: Visitor, idp: IdentityProvider) -> None:
        providers = [{**idp.settings(idp.clients["acme"]), "require_email": False}]
        with supertokens_settings(THIRDPARTY={"PROVIDERS": providers}):
            sign_in(visitor, idp, idp.add_account("bird-1", None))
            page = visitor.open("/auth/account")
            assert "stfakeemail" not in page.response.content.decode()
            assert text_of(page.all("span", class_="st-visitor-name")[0]) == "custom: bird-1"
            assert "stfakeemail" not in visitor.open("/auth/").response.content.decode()

    def test_others_have_no_such_section(self, visitor: Visitor, idp: IdentityProvider) -> None:
        sign_up(BOB)
        page = visitor.open("/auth/")
        token = attributes_of(page.all("input", name="csrfmiddlewaretoken")[0])["value"]
        visitor.post("/auth/", {"csrfmiddlewaretoken": token, "email": BOB.email, "password": BOB.password})
        assert visitor.is_signed_in
        assert visitor.open("/auth/account").all("section", aria_labelledby="connected") == []


class TestMishaps:
    def test_cancelled_at_the_provider(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        url = to_provider(visitor, "/auth/?next=/protected/")
        page = visitor.open(back(visitor, idp, url, alice_there, consent=False))
        assert reason(page) == "It was cancelled at Custom."
        assert page.links["Back to sign-in"] == "/auth/?next=%2Fprotected%2F"
        assert not visitor.is_signed_in

    def test_another_error_of_the_provider(self, visitor: Visitor, idp: IdentityProvider) -> None:
        state = parse_qs(urlsplit(to_provider(visitor)).query)["state"][0]
        query = urlencode({"state": state, "error": "server_error", "error_description": "<b>Pay here</b>"})
        page = visitor.open(f"/auth/callback/custom?{query}")
        assert reason(page) == FAILED
        assert "Pay here" not in page.response.content.decode()

    def test_a_tampered_state(self, visitor: Visitor, idp: IdentityProvider, alice_there: Account) -> None:
        path = back(visitor, idp, to_provider(visitor), alice_there)
        for changed in (path.replace("state=", "state=x"), path.split("&state")[0], "/auth/callback/custom"):
            assert reason(visitor.open(changed)) == OVER
        assert not visitor.is_signed_in

    def test_the_callback_of_another_browser_signs_nobody_in(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        """Login CSRF: Mallory begins, and has Alice's browser finish."""
        path = back(visitor, idp, to_provider(visitor), alice_there)
        victim = Visitor()
        assert reason(victim.open(path)) == OVER
        to_provider(victim)  # nor one that has begun something itself
        assert reason(victim.open(path)) == OVER
        assert not victim.is_signed_in
        assert User.objects.count() == 0

    def test_a_cookie_that_somebody_else_signed(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        with override_settings(SECRET_KEY="another one, also long enough for everything here"):
            path = back(visitor, idp, to_provider(visitor), alice_there)
        assert reason(visitor.open(path)) == OVER

    def test_a_cookie_of_another_sign_in_under_the_name_of_this(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        to_provider(visitor)
        (mine,) = cookies_of(visitor)
        mallory = Visitor()
        page = choose(mallory, mallory.open("/auth/"))
        (theirs,) = cookies_of(mallory)
        path = back(mallory, idp, target_of(page), alice_there)
        (cookie,) = [one for one in visitor.jar if one.name == mine]
        visitor.jar.store(replace(cookie, name=theirs))
        assert reason(visitor.open(path)) == OVER

    def test_the_state_of_another_provider(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        """Mix-up: what one provider sends is not taken for what another has sent (RFC 9700 §4.4)."""
        path = back(visitor, idp, to_provider(visitor), alice_there)
        assert reason(visitor.open(path.replace("/custom?", "/google?"))) == OVER

    def test_too_late(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account, clock: Clock
    ) -> None:
        path = back(visitor, idp, to_provider(visitor), alice_there)
        clock.advance(LIFETIME + 1)
        assert reason(visitor.open(path)) == OVER

    def test_a_second_time(self, visitor: Visitor, idp: IdentityProvider, alice_there: Account) -> None:
        path = back(visitor, idp, to_provider(visitor), alice_there)
        visitor.open(path)
        page = visitor.open(path)  # who is signed in already is told so
        assert (page.status, page.response["Location"]) == (302, "/auth/")
        assert visitor.follow(page).heading == "You are signed in"
        assert len(session.get_all_session_handles_for_user(User.objects.get().id)) == 1

    def test_a_code_that_was_used_already(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        used = parse_qs(urlsplit(back(visitor, idp, to_provider(visitor), alice_there)).query)["code"][0]
        first = to_provider(visitor)
        state = parse_qs(urlsplit(first).query)["state"][0]
        query = urlencode({"code": used, "state": state})
        other = Visitor()
        sign_in(other, idp, alice_there)
        idp.codes.pop(used, None)
        assert reason(visitor.open(f"/auth/callback/custom?{query}")) == FAILED
        assert not visitor.is_signed_in

    def test_no_code(self, visitor: Visitor, idp: IdentityProvider) -> None:
        state = parse_qs(urlsplit(to_provider(visitor)).query)["state"][0]
        assert reason(visitor.open(f"/auth/callback/custom?{urlencode({'state': state})}")) == FAILED

    def test_no_e_mail(self, visitor: Visitor, idp: IdentityProvider) -> None:
        page = sign_in(visitor, idp, idp.add_account("1", None))
        assert reason(page) == (
            "Custom has not told us your e-mail address. Allow it there and try again, "
            "or use another way to sign in."
        )
        assert User.objects.count() == 0

    def test_a_user_who_is_switched_off(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        sign_in(visitor, idp, alice_there)
        get_user_model().objects.update(is_active=False)
        assert reason(sign_in(Visitor(), idp, alice_there)) == (
            "This account cannot be used to sign in. Use another way to sign in, or contact us. (ERR_CODE_004)"
        )

    def test_a_provider_that_is_down_on_the_way_there(self, visitor: Visitor, idp: IdentityProvider) -> None:
        idp.fail("discovery", down)
        page = choose(visitor, visitor.open("/auth/"))
        assert page.status == 200
        assert page.alerts == [FAILED]
        assert page.label("email") == "E-mail"
        assert page.errors == {}

    def test_a_provider_that_is_down_on_the_way_back(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        path = back(visitor, idp, to_provider(visitor), alice_there)
        idp.fail("token", down)
        assert reason(visitor.open(path)) == FAILED
        assert User.objects.count() == 0

    def test_a_provider_that_was_taken_away_meanwhile(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        path = back(visitor, idp, to_provider(visitor), alice_there)
        with supertokens_settings(THIRDPARTY={"PROVIDERS": []}):
            assert reason(visitor.open(path)) == "This way to sign in is not offered here."

    def test_a_button_that_was_never_there(self, visitor: Visitor, idp: IdentityProvider) -> None:
        page = choose(visitor, visitor.open("/auth/"), "<script>")
        assert page.alerts == ["This way to sign in is not offered here."]

    def test_without_a_csrf_token_nobody_sets_out(self, visitor: Visitor, idp: IdentityProvider) -> None:
        assert visitor.post("/auth/", {"thirdPartyId": "custom"}).status == 403
        assert idp.requests == []

    @pytest.mark.parametrize("method", ["HEAD", "POST"])
    def test_only_a_get_brings_somebody_back(
        self, method: str, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        path = back(visitor, idp, to_provider(visitor), alice_there)
        assert visitor._send(method, path).status == 404
        assert visitor.open(path).status == 302


class TestLimits:
    def test_too_many_on_the_way_there_are_refused(self, visitor: Visitor, idp: IdentityProvider) -> None:
        with rates_of_one("thirdparty:authorisationurl"):
            to_provider(visitor)
            page = choose(visitor, visitor.open("/auth/"))
        assert page.status == 429
        assert page.alerts[0].startswith("Too many attempts.")

    def test_too_many_on_the_way_back_are_refused(
        self, visitor: Visitor, idp: IdentityProvider, alice_there: Account
    ) -> None:
        with rates_of_one("thirdparty:signinup"):
            idp.fail("token", down, times=1)
            assert reason(sign_in(visitor, idp, alice_there)) == FAILED  # failures are what counts
            page = sign_in(Visitor(), idp, alice_there)
        assert page.status == 429
        assert page.status_messages[0].startswith("Too many attempts.")


def rates_of_one(endpoint: str) -> supertokens_settings:
    cache.clear()
    return supertokens_settings(RATE_LIMITS={"ENABLED": True, "LIMITS": {endpoint: {"IP": "1/h"}}})


class TestSecretKey:
    def test_a_provider_that_cannot_be_decrypted_breaks_no_page(
        self,
        visitor: Visitor,
        idp: IdentityProvider,
        alice_there: Account,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        config = {**idp.settings(idp.clients["acme"]), "third_party_id": "custom"}
        with override_settings(SECRET_KEY="one that is lost, and was long enough for everything"):
            thirdparty.create_or_update_third_party_config("public", config)
        assert reason(sign_in(visitor, idp, alice_there)) == FAILED
        assert "was encrypted under another SECRET_KEY" in caplog.text


class Closed:
    def check(self, endpoint: str, request: Any, data: Any) -> None:
        if endpoint == "thirdparty:signinup":
            raise GeneralError(f"Closed today, {data['thirdPartyId']}")


class NobodyLeaves:
    def check(self, endpoint: str, request: Any, data: Any) -> None:
        if endpoint == "thirdparty:authorisationurl":
            raise GeneralError(f"Not to {data['redirectURIOnProviderDashboard']}")


class TestGuards:
    def test_they_are_asked_on_the_way_there(self, visitor: Visitor, idp: IdentityProvider) -> None:
        with supertokens_settings(GUARDS=["tests.pages.test_thirdparty.NobodyLeaves"]):
            page = choose(visitor, visitor.open("/auth/"))
        assert page.alerts == [f"Not to {CALLBACK}"]

    def test_and_on_the_way_back(self, visitor: Visitor, idp: IdentityProvider, alice_there: Account) -> None:
        with supertokens_settings(GUARDS=["tests.pages.test_thirdparty.Closed"]):
            assert reason(sign_in(visitor, idp, alice_there)) == "Closed today, custom"
        assert idp.asked("token") == []
