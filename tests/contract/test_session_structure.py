"""What makes a JWT structurally ours, and what makes it foreign (FDI: access token versions 3 to 5)."""

from __future__ import annotations

from typing import Any

import pytest

from supertokens_django.services import jwt as jwt_service
from tests.assertions import (
    assert_unauthorised,
    assert_view_json,
)
from tests.base import PUBLIC, Clock
from tests.client import (
    FrontendClient,
    json_of_view,
)
from tests.forgery import with_claims


class TestStructure:
    """What makes a JWT structurally ours; tried with JWTs that our own key has signed."""

    @pytest.mark.parametrize("static", [None, True, False])
    def test_a_jwt_in_the_shape_of_a_session_is_a_session(
        self, static: bool | None, clock: Clock, frontend: FrontendClient
    ) -> None:
        claims = {
            key: value for key, value in frontend.access_token_payload.items() if key not in ("iat", "exp")
        }
        frontend.hold_access_token(jwt_service.create_jwt(claims, 60, static))

        for path in ("/test/sync", "/test/checked"):
            assert json_of_view(frontend.get(path))["session"] == claims["sessionHandle"]

    def test_a_version_3_token_is_of_the_public_tenant_and_its_recipe_user_is_the_user(
        self, frontend: FrontendClient
    ) -> None:
        claims = {**frontend.access_token_payload, "tId": "a claim of the project"}
        del claims["rsub"]
        frontend.hold_access_token(jwt_service.create_jwt(claims, use_static_signing_key=False))

        assert json_of_view(frontend.get("/test/sync"))["tenantId"] == PUBLIC

    @pytest.mark.parametrize(
        ("claim", "value"),
        [
            ("sub", None),
            ("sub", 17),
            ("sessionHandle", None),
            ("sessionHandle", ["a"]),
            ("refreshTokenHash1", None),
            ("refreshTokenHash1", 1),
            ("exp", None),
            ("exp", "4102444800"),
            ("iat", None),
            ("iat", "0"),
        ],
    )
    def test_a_claim_of_the_wrong_type_makes_it_foreign(
        self, frontend: FrontendClient, claim: str, value: Any
    ) -> None:
        claims = {**frontend.access_token_payload, claim: value}
        frontend.hold_access_token(self._signed(frontend, claims))

        assert_unauthorised(frontend.get("/test/sync"))
        assert_view_json(frontend.get("/test/optional"), {"session": None})

    @pytest.mark.parametrize("claim", ["sub", "sessionHandle", "refreshTokenHash1", "exp", "iat", "rsub"])
    def test_a_missing_claim_makes_it_foreign(self, frontend: FrontendClient, claim: str) -> None:
        claims = frontend.access_token_payload
        del claims[claim]
        frontend.hold_access_token(self._signed(frontend, claims))

        assert_unauthorised(frontend.get("/test/sync"))

    @pytest.mark.parametrize("claim", ["parentRefreshTokenHash1", "antiCsrfToken"])
    @pytest.mark.parametrize("value", ["", None, 5, "text", {"a": 1}])
    def test_optional_claims_may_be_of_any_type(
        self, frontend: FrontendClient, claim: str, value: Any
    ) -> None:
        claims = {**frontend.access_token_payload, claim: value}
        frontend.hold_access_token(jwt_service.create_jwt(claims, use_static_signing_key=False))

        assert frontend.get("/test/sync").status_code == 200

    @pytest.mark.parametrize("claim", ["parentRefreshTokenHash1", "antiCsrfToken", "tId"])
    def test_optional_claims_may_be_missing(self, frontend: FrontendClient, claim: str) -> None:
        claims = frontend.access_token_payload
        del claims[claim]
        frontend.hold_access_token(jwt_service.create_jwt(claims, use_static_signing_key=False))

        assert frontend.get("/test/sync").status_code == 200

    def test_a_server_whose_clock_is_behind_accepts_it(self, clock: Clock, frontend: FrontendClient) -> None:
        """A refresh would give a token of the same future: the frontend would go round in circles."""
        clock.advance(-5)

        assert frontend.get("/test/sync").status_code == 200

    def test_a_claim_of_the_project_named_aud_does_not_lock_the_user_out(
        self, alice: str, browser: FrontendClient
    ) -> None:
        browser.post("/test/login", {"userId": alice, "payload": {"aud": "our-other-service"}})

        assert browser.get("/test/sync").status_code == 200

    @staticmethod
    def _signed(frontend: FrontendClient, claims: dict[str, Any]) -> str:
        """The real version 5 header over other claims; foreign tokens are told before the signature is looked at."""
        return with_claims(frontend.access_token, replace_payload=claims)
