"""What single providers do otherwise than all others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.base import Clock
from tests.client import FrontendClient, json_of
from tests.idp import lies
from tests.idp.faults import down, forbidden
from tests.idp.personalities.active_directory import TENANT, ActiveDirectory
from tests.idp.personalities.bitbucket import Bitbucket
from tests.idp.personalities.boxy_saml import BoxySAML
from tests.idp.personalities.facebook import Facebook
from tests.idp.personalities.github import GitHub
from tests.idp.personalities.gitlab import GitLab
from tests.idp.personalities.google import Google, GoogleWorkspaces
from tests.idp.personalities.okta import Okta
from tests.recipes.thirdparty import dance
from tests.recipes.thirdparty.providers.stage import (
    NO_EMAIL,
    callback_of,
    refusal,
    sign_in,
    standing,
    url_of,
    welcome,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


class TestGoogle:
    def test_an_id_that_begins_with_google_is_a_google(self, clock: Clock) -> None:
        with standing(Google, third_party_id="google-2") as idp:
            assert "&included_grant_scopes=true&access_type=offline" in url_of(
                FrontendClient("cookie"), "google-2"
            )
            answer = sign_in(idp, idp.add_account("865", "alice@example.com"), "google-2")
        assert answer == welcome("google-2", "865", "alice@example.com", clock, verified=True)

    def test_parameters_may_be_changed_and_taken_away(self) -> None:
        changes = {"access_type": None, "prompt": "select_account"}
        with standing(Google, authorization_endpoint_query_params=changes) as idp:
            url = url_of(FrontendClient("cookie"), "google")
        assert url == (
            f"{idp.base}/o/oauth2/v2/auth?client_id=acme"
            "&redirect_uri=https%3A%2F%2Facme.com%2Fauth%2Fcallback%2Fgoogle&response_type=code"
            "&scope=openid+email&included_grant_scopes=true&prompt=select_account"
        )

    def test_an_app_for_android_has_no_redirect(self, clock: Clock) -> None:
        """Its code is for the server, and for an empty address."""
        with standing(Google) as idp:
            idp.add_client(redirect_uris=[callback_of("google"), ""])
            alice = idp.add_account("865", "alice@example.com")
            begun = url_of(FrontendClient("cookie"), "google")
            code = idp.authorize(begun, alice).params["code"]
            idp.codes[code].redirect_uri = ""
            redirect = {"redirectURIOnProviderDashboard": "", "redirectURIQueryParams": {"code": code}}
            answer = dance.post(
                FrontendClient("header"), {"thirdPartyId": "google", "redirectURIInfo": redirect}
            )
        assert json_of(answer) == welcome("google", "865", "alice@example.com", clock, verified=True)
        (exchange,) = idp.asked("token")
        assert exchange.form == {
            "client_id": "acme",
            "client_secret": "acme-secret",
            "grant_type": "authorization_code",
            "redirect_uri": "",
            "code": code,
        }


class TestGoogleWorkspaces:
    ACME = {"additional_config": {"hd": "acme.com"}}

    def test_without_a_domain_any_account_will_do(self, clock: Clock) -> None:
        with standing(GoogleWorkspaces) as idp:
            url = url_of(FrontendClient("cookie"), "google-workspaces")
            assert url.endswith("&scope=openid+email&included_grant_scopes=true&access_type=offline&hd=%2A")
            answer = sign_in(idp, idp.add_account("865", "alice@example.com"))
        assert answer == welcome("google-workspaces", "865", "alice@example.com", clock, verified=True)

    @pytest.mark.parametrize("own", [{}, {"hd": "evil.example"}, {"hd": "ACME.com.evil.example"}])
    def test_an_account_of_elsewhere_is_refused(self, own: dict[str, Any]) -> None:
        with standing(GoogleWorkspaces, client=self.ACME) as idp:
            mallory = idp.add_account("666", "mallory@acme.com", **own)
            assert sign_in(idp, mallory) == refusal("Google Workspaces")

    def test_it_is_refused_without_an_id_token_too(self) -> None:
        with standing(GoogleWorkspaces, client={**self.ACME, "scope": ["email"]}) as idp:
            assert sign_in(idp, idp.add_account("666", "mallory@gmail.com")) == refusal("Google Workspaces")

    def test_the_id_token_says_where_the_two_differ(self) -> None:
        with standing(GoogleWorkspaces, client=self.ACME) as idp:
            idp.lie(lies.claiming(hd="evil.example"))
            mallory = idp.add_account("666", "mallory@acme.com", hd="acme.com")
            assert sign_in(idp, mallory) == refusal("Google Workspaces")


def entry(email: str, *, primary: bool = False, verified: bool = True) -> dict[str, Any]:
    return {"email": email, "primary": primary, "verified": verified, "visibility": None}


class TestGitHub:
    def test_the_primary_address_is_taken_though_another_is_shown(self, clock: Clock) -> None:
        with standing(GitHub) as idp:
            alice = idp.add_account("865", "alice@example.com", emails=[entry("other@example.com")])
            answer = sign_in(idp, alice)
        assert answer == welcome("github", "865", "alice@example.com", clock, verified=True)

    def test_the_address_on_the_profile_is_not_believed(self) -> None:
        with standing(GitHub, client={"scope": ["read:user"]}) as idp:
            alice = idp.add_account("865", "alice@example.com", private_email=False)
            assert sign_in(idp, alice) == NO_EMAIL

    def test_without_the_scope_for_emails_there_may_be_none(self, clock: Clock) -> None:
        with standing(GitHub, client={"scope": ["read:user"]}, require_email=False) as idp:
            answer = sign_in(idp, idp.add_account("865", "alice@example.com"))
        email = "865.github@stfakeemail.supertokens.com"
        assert answer == welcome("github", "865", email, clock, verified=True)

    def test_a_github_app_without_the_permission_tells_none(self) -> None:
        with standing(GitHub) as idp:
            idp.fail("emails", forbidden)
            assert sign_in(idp, idp.add_account("865", "alice@example.com")) == NO_EMAIL

    def test_emails_that_cannot_be_had_now_are_no_missing_emails(self) -> None:
        with standing(GitHub) as idp:
            idp.fail("emails", down)
            assert sign_in(idp, idp.add_account("865", "alice@example.com")) == refusal("GitHub")

    def test_no_primary_address_is_none(self) -> None:
        with standing(GitHub) as idp:
            alice = idp.add_account("865", None, emails=[entry("a@example.com"), entry("b@example.com")])
            assert sign_in(idp, alice) == NO_EMAIL

    def test_a_code_that_is_used_up_is_refused(self) -> None:
        """GitHub says so with status 200."""
        browser = FrontendClient("cookie")
        with standing(GitHub) as idp:
            alice = idp.add_account("865", "alice@example.com")
            used = dance.code_of(
                browser, idp, alice, third_party_id="github", redirect_uri=callback_of("github")
            )
            body = {"thirdPartyId": "github", "redirectURIInfo": used}
            assert json_of(dance.post(browser, body))["status"] == "OK"
            assert json_of(dance.post(FrontendClient("cookie"), body)) == refusal("GitHub")


class TestBitbucket:
    def test_only_the_primary_address_is_taken(self, clock: Clock) -> None:
        other = {"type": "email", "email": "other@example.com", "is_primary": False, "is_confirmed": True}
        with standing(Bitbucket) as idp:
            answer = sign_in(idp, idp.add_account("{865}", "alice@example.com", emails=[other]))
            assert answer == welcome("bitbucket", "{865}", "alice@example.com", clock, verified=True)
            assert sign_in(idp, idp.add_account("{866}", None, emails=[other])) == NO_EMAIL

    def test_without_the_scope_for_emails_there_is_none(self) -> None:
        with standing(Bitbucket, client={"scope": ["account"]}) as idp:
            assert sign_in(idp, idp.add_account("{865}", "alice@example.com")) == NO_EMAIL


class TestActiveDirectory:
    def test_the_directory_is_asked_by_its_id(self, clock: Clock) -> None:
        directory = {"additional_config": {"directoryId": TENANT}}
        with standing(ActiveDirectory, client=directory) as idp:
            answer = sign_in(idp, idp.add_account("865", "alice@example.com"))
        assert answer == welcome("active-directory", "865", "alice@example.com", clock, verified=False)
        assert not idp.asked("discovery")
        path = f"/{TENANT}/v2.0/.well-known/openid-configuration"
        assert [one.path for one in idp.asked("discovery_of_directory")] == [path]

    def test_a_user_of_another_directory_is_refused_then(self) -> None:
        directory = {"additional_config": {"directoryId": TENANT}}
        with standing(ActiveDirectory, client=directory) as idp:
            mallory = idp.add_account("666", "m@example.com", tid="11111111-1111-1111-1111-111111111111")
            assert sign_in(idp, mallory) == refusal("Active Directory")

    def test_for_several_directories_the_issuer_is_that_of_the_user(self, clock: Clock) -> None:
        with standing(ActiveDirectory) as idp:
            bob = idp.add_account("865", "bob@example.com", tid="11111111-1111-1111-1111-111111111111")
            answer = sign_in(idp, bob)
        assert answer == welcome("active-directory", "865", "bob@example.com", clock, verified=False)

    @pytest.mark.parametrize(
        "claims",
        [{"iss": "https://evil.example"}, {"tid": "22222222-2222-2222-2222-222222222222"}, {"tid": None}],
        ids=["issuer", "directory", "no directory"],
    )
    def test_issuer_and_directory_must_fit(self, claims: dict[str, Any]) -> None:
        with standing(ActiveDirectory) as idp:
            idp.lie(lies.claiming(**claims))
            assert sign_in(idp, idp.add_account("865", "alice@example.com")) == refusal("Active Directory")

    def test_a_directory_cannot_smuggle_in_an_issuer(self) -> None:
        with standing(ActiveDirectory) as idp:
            evil = "x/v2.0/../.."
            idp.lie(lies.claiming(tid=evil, iss=idp.url(f"/{evil}/v2.0")))
            assert sign_in(idp, idp.add_account("865", "alice@example.com")) == refusal("Active Directory")


class TestAddressesOfOnesOwn:
    def test_okta_s_domain_goes_before_a_discovery_endpoint(self, clock: Clock) -> None:
        with standing(Okta, oidc_discovery_endpoint="https://other.example") as idp:
            answer = sign_in(idp, idp.add_account("865", "alice@example.com"))
        assert answer == welcome("okta", "865", "alice@example.com", clock, verified=True)

    def test_gitlab_s_address_goes_before_a_discovery_endpoint(self, clock: Clock) -> None:
        with standing(GitLab, oidc_discovery_endpoint="https://gitlab.com") as idp:
            answer = sign_in(idp, idp.add_account("865", "alice@example.com"))
        assert answer == welcome("gitlab", "865", "alice@example.com", clock, verified=True)

    def test_an_endpoint_that_is_configured_goes_before_jackson_s(self) -> None:
        elsewhere = "https://sso.acme.com/authorize"
        with standing(BoxySAML, authorization_endpoint=elsewhere):
            url = url_of(FrontendClient("cookie"), "boxy-saml")
        assert url.startswith(f"{elsewhere}?client_id=acme&")

    def test_jackson_may_say_that_an_address_is_verified(self, clock: Clock) -> None:
        class Saying(BoxySAML):
            def user_info(self, account: Any, token: Any) -> dict[str, Any]:
                return {**super().user_info(account, token), "email_verified": True}

        with standing(Saying) as idp:
            answer = sign_in(idp, idp.add_account("865", "alice@example.com"))
        assert answer == welcome("boxy-saml", "865", "alice@example.com", clock, verified=True)


class TestFacebook:
    def test_only_what_the_scope_allows_is_asked_for(self) -> None:
        with standing(Facebook, client={"scope": ["public_profile"]}) as idp:
            assert sign_in(idp, idp.add_account("865", "alice@example.com")) == NO_EMAIL
        (asked,) = idp.asked("userinfo")
        assert asked.query["fields"] == "id,first_name,last_name"

    def test_the_project_may_ask_for_more(self, clock: Clock) -> None:
        params = {"fields": "id,email,picture"}
        with standing(Facebook, user_info_endpoint_query_params=params) as idp:
            answer = sign_in(idp, idp.add_account("865", "alice@example.com"))
        assert answer == welcome("facebook", "865", "alice@example.com", clock, verified=False)
        (asked,) = idp.asked("userinfo")
        assert asked.query["fields"] == "id,email,picture"
