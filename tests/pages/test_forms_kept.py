"""Forms that were being filled in while the access token expired: they reach their view, once."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlencode

import pytest

from supertokens_django.services import session
from tests.base import ALICE, Clock
from tests.cookies import set_cookies
from tests.pages.test_refresh import AN_HOUR, REFRESH, TRY_REFRESH
from tests.pages.test_sign_in import sign_in
from tests.pages.urls_of_forms import received
from tests.pages.visiting import NAVIGATION, Page, Visitor

pytestmark = pytest.mark.django_db


def post(visitor: Visitor, path: str, fields: dict[str, str], limit: int = 5, **headers: str) -> Page:
    """Send a form and follow where it leads, repeating it where the answer is 307."""
    page = visitor.post(path, fields, **headers)
    for _ in range(limit):
        if page.status not in (302, 307):
            return page
        there = page.response["Location"]
        page = visitor.post(there, fields, **headers) if page.status == 307 else visitor.open(there)
    raise AssertionError(f"{path} leads in a circle")


@pytest.mark.parametrize("path", ["/letter/", "/verified-letter/"])
class TestInTheMiddleOfAForm:
    """What a visitor has filled in while the access token expired reaches the view, once."""

    @pytest.fixture(autouse=True)
    def _project(self, settings: Any) -> None:
        settings.ROOT_URLCONF = "tests.pages.urls_of_forms"
        settings.LOGIN_URL = "/auth/"
        received.clear()

    @pytest.fixture
    def form(self, path: str, visitor: Visitor, clock: Clock, alice: str) -> Page:
        """The form as it was before the access token expired."""
        visitor.headers = NAVIGATION
        sign_in(visitor)
        form = visitor.open(path)
        clock.advance(AN_HOUR)
        return form

    def test_it_is_sent_again_after_the_refresh(self, path: str, form: Page, visitor: Visitor) -> None:
        fields = {**form.values, "text": "Dear Bob, …"}
        page = visitor.post(path, fields)
        assert (page.status, page.response["Location"]) == (307, f"{REFRESH}?{urlencode({'next': path})}")
        page = visitor.post(page.response["Location"], fields)
        assert (page.status, page.response["Location"]) == (307, path)
        page = visitor.post(path, fields)
        assert page.status == 200
        assert received == [{"from": ALICE.email, "text": "Dear Bob, …", "enclosed": ""}]

    def test_djangos_csrf_check_still_holds(self, path: str, form: Page, visitor: Visitor) -> None:
        assert post(visitor, path, {"text": "no token"}).status == 403
        assert received == []

    def test_another_site_cannot_have_a_form_repeated(self, path: str, form: Page, visitor: Visitor) -> None:
        fields, elsewhere = {**form.values, "text": "x"}, "https://evil.example"
        page = visitor.post(f"{REFRESH}?{urlencode({'next': path})}", fields, origin=elsewhere)
        assert (page.status, page.response["Location"]) == (302, path)
        assert set_cookies(page.response) == {}
        assert visitor.post(path, fields, origin=elsewhere).status == 403
        assert visitor.is_signed_in
        assert received == []

    def test_a_script_sends_it_again_itself(self, path: str, form: Page, visitor: Visitor) -> None:
        path = "/verified-letter/"  # Django's decorator knows no scripts
        visitor.headers = {"accept": "*/*", "sec-fetch-mode": "cors"}
        page = visitor.post(path, {**form.values, "text": "x"})
        assert (page.status, page.response.content) == (401, TRY_REFRESH)

    def test_a_session_that_is_gone_asks_for_a_new_one(
        self, path: str, form: Page, visitor: Visitor, alice: str
    ) -> None:
        session.revoke_all_sessions_for_user(alice)
        page = post(visitor, path, {**form.values, "text": "x"})
        assert (page.heading, unquote(page.path)) == ("Sign in", f"/auth/?next={path}")
        assert received == []


def test_signing_in_over_an_expired_session_works(visitor: Visitor, clock: Clock, alice: str) -> None:
    visitor.headers = NAVIGATION
    sign_in(visitor)
    clock.advance(AN_HOUR)
    token = visitor.jar.get("csrftoken")
    assert token is not None
    fields = {"email": ALICE.email, "password": ALICE.password, "csrfmiddlewaretoken": token}
    page = post(visitor, "/auth/?next=/test/whoami", fields)
    assert (page.path, page.status) == ("/test/whoami", 200)
