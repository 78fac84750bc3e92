"""``check_database``: what one query finds out about a session that its token cannot know (FDI)."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import override_settings

from supertokens_django.services import session as sessions
from tests.assertions import (
    assert_access_token_is_replaced,
    assert_session_is_untouched,
    assert_unauthorised_and_cleared,
)
from tests.base import Clock, supertokens_settings
from tests.client import (
    EXPOSE_HEADERS,
    FrontendClient,
    Stack,
    json_of_view,
    session_headers,
)
from tests.cookies import set_cookies


class TestCheckDatabase:
    def test_a_revoked_session_still_verifies_until_its_token_expires(self, frontend: FrontendClient) -> None:
        sessions.revoke_session(frontend.session_handle)

        assert frontend.get("/test/sync").status_code == 200

    @pytest.mark.parametrize("path", ["/test/checked", "/test/checked-async"])
    def test_a_revoked_session_is_refused_and_forgotten(
        self, frontend: FrontendClient, stack: Stack, path: str
    ) -> None:
        sessions.revoke_session(frontend.session_handle)

        assert_unauthorised_and_cleared(frontend.get(path))
        assert not frontend.is_signed_in

    def test_a_living_session_is_untouched(self, frontend: FrontendClient) -> None:
        response = frontend.get("/test/checked")

        assert response.status_code == 200
        assert_session_is_untouched(response)

    def test_the_token_before_the_last_refresh_is_still_known_and_older_ones_are_not(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        slow_tab = frontend.clone()
        frontend.refresh()
        assert slow_tab.get("/test/checked").status_code == 200

        clock.advance(60)
        frontend.refresh()

        assert frontend.get("/test/checked").status_code == 200
        assert slow_tab.clone().get("/test/sync").status_code == 200
        assert_unauthorised_and_cleared(slow_tab.get("/test/checked"))

    def test_a_new_secret_key_with_the_old_one_as_fallback_changes_nothing(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        renewed = {"SECRET_KEY": "another secret key of at least fifty characters ####"}
        with override_settings(**renewed, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            assert frontend.get("/test/sync").status_code == 200
            assert frontend.get("/test/checked").status_code == 200
            frontend.refresh()
            assert frontend.get("/test/checked").status_code == 200

    def test_a_payload_that_was_changed_elsewhere_reaches_the_frontend(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        sessions.merge_into_access_token_payload(frontend.session_handle, {"x-role": "admin"})
        assert json_of_view(frontend.get("/test/sync"))["payload"] == {}

        response = frontend.get("/test/checked")

        assert json_of_view(response)["payload"] == {"x-role": "admin"}
        assert_access_token_is_replaced(response, frontend.mode)
        assert json_of_view(frontend.get("/test/sync"))["payload"] == {"x-role": "admin"}
        assert_session_is_untouched(frontend.get("/test/checked"))

    def test_the_reissued_token_comes_with_the_anti_csrf_token_that_was_sent(
        self, clock: Clock, alice: str
    ) -> None:
        browser = FrontendClient("cookie")
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
            browser.post("/test/login", {"userId": alice})
            sessions.merge_into_access_token_payload(browser.session_handle, {"x-role": "admin"})
            response = browser.get("/test/checked")

        assert list(set_cookies(response)) == ["sAccessToken"]
        headers = session_headers(response)
        assert headers["anti-csrf"] == browser.anti_csrf
        assert headers[EXPOSE_HEADERS] == "front-token,anti-csrf"
        assert browser.access_token_payload["antiCsrfToken"] == browser.anti_csrf
