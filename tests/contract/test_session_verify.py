"""What a verified request may carry, which token counts, and what a refusal looks like (FDI: getSession)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import jwt as pyjwt
import pytest

from supertokens_django.services import session as sessions
from tests.assertions import (
    assert_session_is_untouched,
    assert_try_refresh_token,
    assert_unauthorised,
    assert_view_json,
)
from tests.base import PUBLIC, Clock, supertokens_settings
from tests.client import (
    ACCESS_COOKIE,
    LEGACY_COOKIE,
    FrontendClient,
    Stack,
    json_of,
    json_of_view,
)
from tests.forgery import hs256, spki_pem, with_claims

FOREIGN_JWT = pyjwt.encode({"sub": "mallory", "exp": 4102444800}, "a secret of some other service!!", "HS256")


def allow(method: str) -> Any:
    """Settings under which only ``method`` may carry tokens."""
    return supertokens_settings(
        SESSION={"GET_TOKEN_TRANSFER_METHOD": lambda request, for_create_new_session: method}
    )


def test_a_verified_request_says_nothing_about_tokens(frontend: FrontendClient, alice: str) -> None:
    response = frontend.get("/test/sync")

    assert_view_json(
        response,
        {"session": frontend.session_handle, "userId": alice, "tenantId": PUBLIC, "payload": {}},
    )
    assert_session_is_untouched(response)


class TestWhichTokenCounts:
    """Header before cookie, as far as ``GET_TOKEN_TRANSFER_METHOD`` allows."""

    @pytest.mark.parametrize(
        ("allowed", "has_header", "has_cookie", "expected"),
        [
            ("any", False, False, None),
            ("any", True, False, "header"),
            ("any", True, True, "header"),
            ("any", False, True, "cookie"),
            ("header", False, False, None),
            ("header", False, True, None),
            ("header", True, False, "header"),
            ("header", True, True, "header"),
            ("cookie", False, False, None),
            ("cookie", True, False, None),
            ("cookie", False, True, "cookie"),
            ("cookie", True, True, "cookie"),
        ],
    )
    def test_the_outcome_matrix(
        self, alice: str, allowed: str, has_header: bool, has_cookie: bool, expected: str | None
    ) -> None:
        sessions_by_method, browser, headers = self._browser_with(alice, has_header, has_cookie)

        with allow(allowed):
            required = browser.get("/test/sync", headers=headers)
            optional = browser.get("/test/optional", headers=headers)

        if expected is None:
            assert_unauthorised(required)
            assert_view_json(optional, {"session": None})
        else:
            assert json_of_view(required)["session"] == sessions_by_method[expected]
            assert json_of_view(optional)["session"] == sessions_by_method[expected]
        assert_session_is_untouched(optional)

    @staticmethod
    def _browser_with(
        alice: str, has_header: bool, has_cookie: bool
    ) -> tuple[dict[str, str], FrontendClient, dict[str, str | None]]:
        cookie, header = FrontendClient("cookie"), FrontendClient("header")
        cookie.post("/test/login", {"userId": alice})
        header.post("/test/login", {"userId": alice})
        handles = {"cookie": cookie.session_handle, "header": header.session_handle}
        browser = cookie if has_cookie else FrontendClient("cookie")
        return handles, browser, {"authorization": f"Bearer {header.access_token}" if has_header else None}

    @pytest.mark.parametrize("foreign", [FOREIGN_JWT, "not-a-jwt", "a.b.c", "", "ey.ey.ey", "\xff\xfe"])
    def test_a_foreign_bearer_token_does_not_break_a_cookie_session(self, alice: str, foreign: str) -> None:
        browser = FrontendClient("cookie")
        browser.post("/test/login", {"userId": alice})

        response = browser.get("/test/sync", headers={"authorization": f"Bearer {foreign}"})

        assert json_of_view(response)["session"] == browser.session_handle

    def test_a_foreign_cookie_does_not_break_a_header_session(self, alice: str) -> None:
        browser = FrontendClient("header")
        browser.post("/test/login", {"userId": alice})
        browser.hold_cookie(ACCESS_COOKIE, FOREIGN_JWT)

        assert json_of_view(browser.get("/test/sync"))["session"] == browser.session_handle

    @pytest.mark.parametrize("foreign", [FOREIGN_JWT, "not-a-jwt", "a.b.c", "ey.ey.ey"])
    def test_a_foreign_token_alone_is_no_token(self, browser: FrontendClient, foreign: str) -> None:
        if browser.mode == "cookie":
            browser.hold_cookie(ACCESS_COOKIE, foreign)
        headers = {"authorization": f"Bearer {foreign}"} if browser.mode == "header" else {}

        assert_unauthorised(browser.get("/test/sync", headers=headers))
        assert_view_json(browser.get("/test/optional", headers=headers), {"session": None})

    @pytest.mark.parametrize("scheme", ["bearer ", "Token ", "Bearer", "BEARER "])
    def test_only_the_exact_bearer_prefix_counts(self, alice: str, scheme: str) -> None:
        browser = FrontendClient("header")
        browser.post("/test/login", {"userId": alice})

        response = browser.get("/test/sync", headers={"authorization": f"{scheme}{browser.access_token}"})

        assert_unauthorised(response)

    def test_blanks_around_the_bearer_token_are_stripped(self, alice: str) -> None:
        browser = FrontendClient("header")
        browser.post("/test/login", {"userId": alice})

        response = browser.get("/test/sync", headers={"authorization": f"Bearer   {browser.access_token}  "})

        assert response.status_code == 200

    def test_response_headers_are_not_read_on_requests(self, alice: str) -> None:
        browser = FrontendClient("header")
        browser.post("/test/login", {"userId": alice})
        stolen = {"st-access-token": browser.access_token, "authorization": None}

        assert_unauthorised(browser.get("/test/sync", headers=stolen))

    def test_the_auth_mode_header_is_ignored_when_verifying(self, frontend: FrontendClient) -> None:
        for auth_mode in ("cookie", "header", "any", None):
            assert frontend.get("/test/sync", headers={"st-auth-mode": auth_mode}).status_code == 200

    def test_the_cookie_is_percent_decoded_and_its_name_trimmed(self, alice: str) -> None:
        browser = FrontendClient("cookie")
        browser.post("/test/login", {"userId": alice})
        encoded = "".join(f"%{ord(letter):02X}" for letter in browser.access_token or "")

        assert browser.get("/test/sync", headers={"cookie": f"sAccessToken={encoded}"}).status_code == 200
        assert (
            browser.get("/test/sync", headers={"cookie": f"a=b;  sAccessToken ={encoded}"}).status_code == 200
        )


class TestNoSession:
    def test_a_required_session_that_is_missing_clears_nothing(
        self, browser: FrontendClient, stack: Stack
    ) -> None:
        visitor = FrontendClient(browser.mode, stack=stack)

        for path in ("/test/sync", "/test/async", "/test/checked"):
            assert_unauthorised(visitor.get(path))
            assert_unauthorised(visitor.post(path, {}))

    def test_an_optional_session_that_is_missing_is_none(self, browser: FrontendClient, stack: Stack) -> None:
        visitor = FrontendClient(browser.mode, stack=stack)

        for path in ("/test/optional", "/test/optional-async"):
            assert_view_json(visitor.get(path), {"session": None})

    @pytest.mark.parametrize("method", ["OPTIONS", "TRACE"])
    def test_a_method_that_carries_no_session_is_refused_only_where_one_is_required(
        self, browser: FrontendClient, method: str
    ) -> None:
        assert_unauthorised(browser.request(method, "/test/sync"))
        assert_view_json(browser.request(method, "/test/optional"), {"session": None})


class TestARefusedToken:
    def test_an_expired_token_asks_for_a_refresh(
        self, clock: Clock, frontend: FrontendClient, stack: Stack
    ) -> None:
        twin = frontend.clone(stack=stack)
        clock.advance(frontend.access_token_payload["exp"] - clock.now - 1)
        assert twin.get("/test/sync").status_code == 200

        clock.advance(2)

        for path in ("/test/sync", "/test/async", "/test/optional", "/test/optional-async", "/test/checked"):
            assert_try_refresh_token(twin.get(path))

    def test_the_cookie_outlives_the_token_in_it(self, clock: Clock, alice: str) -> None:
        """Only an expired token that is still sent can tell "expired" from "never signed in"."""
        browser = FrontendClient("cookie")
        browser.post("/test/login", {"userId": alice})

        clock.advance(364 * 86400)

        assert_try_refresh_token(browser.get("/test/sync"))

    @pytest.mark.parametrize("position", [0.1, 0.5, 0.99])
    def test_an_altered_signature_asks_for_a_refresh(self, frontend: FrontendClient, position: float) -> None:
        head, _, signature = (frontend.access_token or "").rpartition(".")
        at = int(len(signature) * position)
        altered = signature[:at] + ("A" if signature[at] != "A" else "B") + signature[at + 1 :]
        frontend.hold_access_token(f"{head}.{altered}")

        assert_try_refresh_token(frontend.get("/test/sync"))
        assert_try_refresh_token(frontend.get("/test/optional"))

    def test_an_altered_payload_asks_for_a_refresh(self, frontend: FrontendClient, bob: str) -> None:
        frontend.hold_access_token(with_claims(frontend.access_token, payload={"sub": bob}))

        assert_try_refresh_token(frontend.get("/test/sync"))

    @pytest.mark.parametrize(
        "header",
        [
            {"kid": "d-1111111111111"},
            {"kid": "s-nobody"},
            {"kid": "d-" + "9" * 5000},
            {"kid": "../../etc/passwd\0"},
        ],
    )
    def test_an_unknown_key_asks_for_a_refresh(
        self, frontend: FrontendClient, header: dict[str, Any]
    ) -> None:
        frontend.hold_access_token(with_claims(frontend.access_token, header=header))

        assert_try_refresh_token(frontend.get("/test/sync"))

    @pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS512", "PS256"])
    def test_a_token_of_another_algorithm_is_no_token(self, frontend: FrontendClient, algorithm: str) -> None:
        frontend.hold_access_token(with_claims(frontend.access_token, header={"alg": algorithm}))

        assert_unauthorised(frontend.get("/test/sync"))
        assert_view_json(frontend.get("/test/optional"), {"session": None})

    def test_the_public_key_is_no_shared_secret(self, frontend: FrontendClient) -> None:
        kid = frontend.access_token_header["kid"]
        key = next(key for key in json_of(frontend.get("/auth/jwt/jwks.json"))["keys"] if key["kid"] == kid)
        pem = pyjwt.PyJWK(key).key.public_bytes(*spki_pem())
        header = {"typ": "JWT", "kid": kid, "version": "5"}
        forged = hs256(header, frontend.access_token_payload, pem)
        frontend.hold_access_token(forged)

        assert_unauthorised(frontend.get("/test/sync"))

    @pytest.mark.parametrize(
        "header",
        [
            {"typ": "at+jwt"},
            {"typ": None},
            {"kid": None},
            {"version": "2"},
            {"version": "five"},
            {"version": "-5"},
        ],
    )
    def test_a_token_whose_header_is_not_ours_is_no_token(
        self, frontend: FrontendClient, header: dict[str, Any]
    ) -> None:
        frontend.hold_access_token(with_claims(frontend.access_token, header=header))

        assert_unauthorised(frontend.get("/test/sync"))
        assert_view_json(frontend.get("/test/optional"), {"session": None})

    def test_the_legacy_cookie_always_asks_for_a_refresh(self, frontend: FrontendClient) -> None:
        frontend.hold_cookie(LEGACY_COOKIE, "")

        for path in ("/test/sync", "/test/async", "/test/optional"):
            assert_try_refresh_token(frontend.get(path))


class TestTheKeyTypeSetting:
    @pytest.mark.parametrize("dynamic_first", [True, False])
    def test_a_token_of_the_other_key_type_asks_for_a_refresh_which_cures_it(
        self, alice: str, browser: FrontendClient, dynamic_first: bool
    ) -> None:
        with supertokens_settings(SESSION={"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": dynamic_first}):
            browser.post("/test/login", {"userId": alice})
            assert browser.get("/test/sync").status_code == 200

        with supertokens_settings(SESSION={"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": not dynamic_first}):
            assert_try_refresh_token(browser.get("/test/sync"))
            assert_try_refresh_token(browser.get("/test/optional"))
            assert browser.refresh().status_code == 200
            assert browser.access_token_header["kid"][:2] == ("s-" if dynamic_first else "d-")
            assert browser.get("/test/sync").status_code == 200

    def test_the_error_names_the_setting(self, frontend: FrontendClient) -> None:
        from supertokens_django.exceptions import TryRefreshTokenError

        assert frontend.access_token is not None
        with (
            supertokens_settings(SESSION={"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": False}),
            pytest.raises(
                TryRefreshTokenError,
                match="The access token doesn't match the use_dynamic_access_token_signing_key setting",
            ),
        ):
            sessions.get_session_without_request_response(frontend.access_token)


class TestDuplicateCookies:
    def _browser_with_two_access_cookies(self, alice: str) -> FrontendClient:
        browser = FrontendClient("cookie")
        browser.post("/test/login", {"userId": alice})
        browser.hold_cookie(ACCESS_COOKIE, quote(browser.access_token or ""), path="/test")
        return browser

    def test_two_access_cookies_ask_for_a_refresh(self, alice: str, stack: Stack) -> None:
        browser = self._browser_with_two_access_cookies(alice)

        for path in ("/test/sync", "/test/async", "/test/optional"):
            assert_try_refresh_token(browser.get(path))

    def test_they_do_not_matter_when_the_header_carries_the_session(self, alice: str) -> None:
        browser = self._browser_with_two_access_cookies(alice)

        response = browser.get("/test/sync", headers={"authorization": f"Bearer {browser.access_token}"})

        assert json_of_view(response)["session"] == browser.session_handle

    def test_names_are_trimmed_before_they_are_counted(self, alice: str) -> None:
        browser = FrontendClient("cookie")
        browser.post("/test/login", {"userId": alice})
        raw = f"sAccessToken={browser.access_token}; sAccessToken ={browser.access_token}"

        assert_try_refresh_token(browser.get("/test/sync", headers={"cookie": raw}))
