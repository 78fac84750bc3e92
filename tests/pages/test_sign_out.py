"""The sign-out page."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from supertokens_django.exceptions import GeneralError
from supertokens_django.services import session
from tests.assertions import CookieRules
from tests.base import ALICE, Clock, sql_budget, supertokens_settings
from tests.cookies import set_cookies
from tests.pages.test_sign_in import sign_in
from tests.pages.visiting import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(visitor: Visitor, alice: str) -> Visitor:
    sign_in(visitor)
    return visitor


def test_it_asks_first(signed_in: Visitor) -> None:
    page = signed_in.open("/auth/sign-out")
    assert (page.status, page.heading) == (200, "Sign out?")
    assert ALICE.email in page.response.content.decode()
    assert page.links == {"Stay signed in": "/protected/"}
    assert signed_in.is_signed_in


def test_it_ends_the_session_and_takes_the_cookies(signed_in: Visitor, alice: str) -> None:
    page = signed_in.submit(signed_in.open("/auth/sign-out"))
    assert (page.status, page.response["Location"]) == (302, "/")
    page.response.cookies.pop("csrftoken")
    assert list(set_cookies(page.response).values()) == CookieRules().cleared()
    assert page.response["front-token"] == "remove"
    assert session.get_all_session_handles_for_user(alice) == []


def test_without_a_page_of_the_project_it_says_so_itself(signed_in: Visitor, settings: Any) -> None:
    settings.LOGOUT_REDIRECT_URL = None
    page = signed_in.submit(signed_in.open("/auth/sign-out"))
    assert page.response["Location"] == "/auth/?notice=signed-out"
    assert signed_in.follow(page).status_messages == ["You are signed out."]


def test_it_goes_where_the_project_asks(signed_in: Visitor) -> None:
    page = signed_in.submit(signed_in.open("/auth/sign-out?next=/goodbye/"))
    assert page.response["Location"] == "/goodbye/"


def test_other_sessions_stay(signed_in: Visitor, alice: str) -> None:
    phone = Visitor()
    sign_in(phone)
    signed_in.submit(signed_in.open("/auth/sign-out"))
    assert phone.open("/auth/").heading == "You are signed in"


def test_it_costs_at_most_three_queries(signed_in: Visitor) -> None:
    page = signed_in.open("/auth/sign-out")
    with sql_budget(3):
        signed_in.submit(page)


def test_an_expired_session_ends_as_well(clock: Clock, visitor: Visitor, alice: str) -> None:
    sign_in(visitor)
    clock.advance(3601)
    page = visitor.open("/auth/sign-out")
    assert page.heading == "Sign out?"
    visitor.submit(page)
    assert not visitor.is_signed_in
    assert session.get_all_session_handles_for_user(alice) == []


def test_a_forged_token_ends_no_session(clock: Clock, signed_in: Visitor, alice: str) -> None:
    page = signed_in.open("/auth/sign-out")
    clock.advance(3601)
    for cookie in signed_in.jar:
        if cookie.name == "sAccessToken":
            forged = cookie.value[:-8] + "AAAAAAAA"
            signed_in.jar.store(type(cookie)(**{**fields_of(cookie), "value": forged}))
    assert signed_in.submit(page).status == 302
    assert not signed_in.is_signed_in
    assert len(session.get_all_session_handles_for_user(alice)) == 1


def fields_of(cookie: Any) -> dict[str, Any]:
    return {name: getattr(cookie, name) for name in cookie.__slots__}


def test_cookies_of_a_session_that_is_gone_are_taken_away(signed_in: Visitor, alice: str) -> None:
    page = signed_in.open("/auth/sign-out")
    session.revoke_all_sessions_for_user(alice)
    assert signed_in.submit(page).status == 302
    assert not signed_in.is_signed_in


def test_who_is_not_signed_in_is_sent_to_sign_in(visitor: Visitor) -> None:
    page = visitor.open("/auth/sign-out")
    assert (page.status, page.response["Location"]) == (302, "/auth/")


def test_signing_out_twice_is_no_mistake(signed_in: Visitor) -> None:
    page = signed_in.open("/auth/sign-out")
    signed_in.submit(page)
    values = signed_in.open("/auth/").values
    assert signed_in.post("/auth/sign-out", values).status == 302


def test_django_hears_of_it(signed_in: Visitor) -> None:
    heard: list[Any] = []

    def receiver(user: Any, **kwargs: Any) -> None:
        heard.append(user.email)

    user_logged_out.connect(receiver)
    signed_in.submit(signed_in.open("/auth/sign-out"))
    user_logged_out.disconnect(receiver)
    assert heard == [ALICE.email]


def test_another_site_cannot_sign_anybody_out(signed_in: Visitor) -> None:
    values = signed_in.open("/auth/sign-out").values
    assert signed_in.post("/auth/sign-out", values, origin="https://evil.example").status == 403
    assert signed_in.is_signed_in


def test_a_guard_may_refuse(signed_in: Visitor) -> None:
    class Stay:
        def check(self, endpoint: str, request: HttpRequest, data: Any) -> None:
            if endpoint == "session:signout":
                raise GeneralError("Please stay a little")

    with supertokens_settings(GUARDS=[Stay]):
        page = signed_in.submit(signed_in.open("/auth/sign-out"))
    assert (page.status, page.alerts) == (200, ["Please stay a little"])
    assert signed_in.is_signed_in


def test_it_is_not_there_when_it_is_switched_off(signed_in: Visitor) -> None:
    with supertokens_settings(DISABLED_ENDPOINTS=["session:signout"]):
        assert signed_in.open("/auth/sign-out").status == 404
        assert "Sign out" not in signed_in.open("/auth/").response.content.decode()
