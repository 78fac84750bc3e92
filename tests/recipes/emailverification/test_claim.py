"""``st-ev`` in sessions, and what REQUIRED makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from supertokens_django.claims import EmailVerificationClaim
from supertokens_django.recipes.session.service import SessionService
from supertokens_django.services import emailverification, users
from tests.assertions import (
    assert_access_token_is_replaced,
    assert_json,
    assert_session_is_untouched,
    assert_unauthorised_and_cleared,
)
from tests.base import ALICE, BOB, NOON, Clock, supertokens_settings
from tests.client import FrontendClient, Stack, json_of
from tests.recipes.emailverification.verification import MISSING, REFUSED, claim_of

PATHS = ["/test/sync", "/test/async", "/test/method", "/test/drf/view"]
NOON_MS = round(NOON.timestamp() * 1000)


class TestRequired:
    @pytest.mark.parametrize("path", PATHS)
    def test_an_unverified_user_passes_no_view(
        self, clock: Clock, frontend: FrontendClient, stack: Stack, path: str
    ) -> None:
        browser = frontend.clone(stack=stack)
        response = browser.get(path)
        assert_json(response, 403, REFUSED)
        assert_session_is_untouched(response)

    @pytest.mark.parametrize("path", PATHS)
    def test_after_ten_seconds_the_view_looks_again(
        self, clock: Clock, frontend: FrontendClient, alice: str, stack: Stack, path: str
    ) -> None:
        browser = frontend.clone(stack=stack)
        emailverification.mark_email_verified(alice)
        clock.advance(10)
        assert_json(browser.get(path), 403, REFUSED)
        clock.advance(0.001)
        response = browser.get(path)
        assert response.status_code == 200
        assert_access_token_is_replaced(response, browser.mode)
        assert claim_of(browser) is True

    def test_a_refusal_that_was_looked_up_anew_is_sent(self, clock: Clock, frontend: FrontendClient) -> None:
        clock.advance(11)
        response = frontend.get("/test/sync")
        assert_json(response, 403, REFUSED)
        assert_access_token_is_replaced(response, frontend.mode)
        assert frontend.access_token_payload["st-ev"] == {"v": False, "t": clock.milliseconds}

    def test_who_was_verified_is_believed_for_good(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        emailverification.mark_email_verified(alice)
        clock.advance(11)
        frontend.get("/test/sync")
        emailverification.unverify_email(alice)
        clock.advance(3000)
        response = frontend.get("/test/sync")
        assert response.status_code == 200
        assert_session_is_untouched(response)

    def test_a_session_of_before_is_looked_up(
        self, clock: Clock, alice: str, browser: FrontendClient
    ) -> None:
        with supertokens_settings(RECIPES=["emailpassword"]):
            browser.post("/test/login", {"userId": alice})
        assert claim_of(browser) == "nothing"
        response = browser.get("/test/sync")
        assert_json(response, 403, REFUSED)
        assert_access_token_is_replaced(response, browser.mode)

    def test_a_view_may_ask_for_less(self, frontend: FrontendClient) -> None:
        assert frontend.get("/test/any-email").status_code == 200

    def test_a_service_may_ask_for_less(self, frontend: FrontendClient) -> None:
        with supertokens_settings(SESSION={"SERVICE_CLASS": Lenient}):
            assert frontend.get("/test/sync").status_code == 200

    def test_a_deleted_user_is_signed_out(self, clock: Clock, frontend: FrontendClient, alice: str) -> None:
        users.delete_user(alice)
        clock.advance(11)
        assert_unauthorised_and_cleared(frontend.get("/test/sync"))

    def test_a_session_of_nobody_is_signed_out(self, browser: FrontendClient) -> None:
        browser.post("/test/login", {"userId": "a robot"})
        assert claim_of(browser) == "nothing"
        assert_unauthorised_and_cleared(browser.get("/test/sync"))

    def test_an_anonymous_session_has_nothing_to_verify(self, browser: FrontendClient, stack: Stack) -> None:
        visitor = browser.clone(stack=stack)
        visitor.post("/test/visit")
        assert claim_of(visitor) == "nothing"
        response = visitor.get("/test/sync")
        assert response.status_code == 200
        assert_session_is_untouched(response)

    def test_signing_in_and_out_and_refreshing_are_open(self, browser: FrontendClient, alice: str) -> None:
        assert json_of(browser.sign_in(ALICE.email, ALICE.password))["status"] == "OK"
        assert browser.refresh().status_code == 200
        assert claim_of(browser) is False
        assert_json(browser.sign_out(), 200, {"status": "OK"})


class Lenient(SessionService):
    def get_global_claim_validators(self, *args: Any) -> list[Any]:
        return []


class TestOptional:
    @pytest.fixture(autouse=True)
    def _optional(self, acme: None, _stage: None) -> Any:
        with supertokens_settings(EMAILVERIFICATION={"MODE": "optional"}):
            yield

    def test_everybody_passes_and_the_session_says_who_is_verified(
        self, clock: Clock, browser: FrontendClient, alice: str
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        assert browser.access_token_payload["st-ev"] == {"v": False, "t": NOON_MS}
        assert browser.get("/test/sync").status_code == 200

    def test_a_view_may_ask_for_more(self, frontend: FrontendClient, alice: str) -> None:
        with pytest.raises(Exception, match="st-ev"):
            _container(frontend).assert_claims([EmailVerificationClaim.validators.is_verified()])


def _container(browser: FrontendClient) -> Any:
    from supertokens_django.services import session

    return session.get_session_without_request_response(
        browser.access_token or "", anti_csrf_check=False, override_global_claim_validators=lambda *_: []
    )


def test_a_new_user_is_not_verified(clock: Clock, browser: FrontendClient) -> None:
    answer = json_of(browser.sign_up(BOB.email, BOB.password))
    assert answer["user"]["loginMethods"][0]["verified"] is False
    assert browser.access_token_payload["st-ev"] == {"v": False, "t": NOON_MS}


def test_a_verified_user_signs_in_verified(clock: Clock, browser: FrontendClient, alice: str) -> None:
    emailverification.mark_email_verified(alice)
    answer = json_of(browser.sign_in(ALICE.email, ALICE.password))
    assert answer["user"]["loginMethods"][0]["verified"] is True
    assert browser.access_token_payload["st-ev"] == {"v": True, "t": NOON_MS}


def test_a_refresh_keeps_what_the_session_says(clock: Clock, frontend: FrontendClient, alice: str) -> None:
    emailverification.mark_email_verified(alice)
    frontend.refresh()
    assert claim_of(frontend) is False


class TestValidator:
    """Pure: a payload in, a verdict out."""

    def payload(self, value: bool | None, age: float, clock: Clock) -> Mapping[str, Any]:
        return {"st-ev": {"v": value, "t": clock.milliseconds - round(age * 1000)}}

    def test_a_missing_value_is_fetched_and_refused(self, clock: Clock) -> None:
        validator = EmailVerificationClaim.validators.is_verified()
        assert validator.should_refetch({})
        result = validator.validate({})
        assert (result.is_valid, result.reason) == (False, MISSING["claimValidationErrors"][0]["reason"])

    def test_false_is_fetched_after_the_time_that_is_asked_for(self, clock: Clock) -> None:
        validator = EmailVerificationClaim.validators.is_verified(refetch_time_on_false_in_seconds=60)
        assert not validator.should_refetch(self.payload(False, 60, clock))
        assert validator.should_refetch(self.payload(False, 61, clock))
        assert EmailVerificationClaim.validators.is_verified(0).should_refetch(
            self.payload(False, 0.001, clock)
        )

    def test_true_is_never_fetched_without_a_maximal_age(self, clock: Clock) -> None:
        assert not EmailVerificationClaim.validators.is_verified().should_refetch(
            self.payload(True, 1e7, clock)
        )

    def test_a_maximal_age_holds_for_both(self, clock: Clock) -> None:
        validator = EmailVerificationClaim.validators.is_verified(100, 5)
        for value in (True, False):
            old = self.payload(value, 6, clock)
            assert validator.should_refetch(old)
            reason = {"message": "expired", "ageInSeconds": 6.0, "maxAgeInSeconds": 5}
            assert validator.validate(old).reason == reason
            assert not validator.should_refetch(self.payload(value, 5, clock))

    def test_the_id_may_be_another(self, clock: Clock) -> None:
        assert EmailVerificationClaim.validators.is_verified(id_="mail").id == "mail"
        assert EmailVerificationClaim.validators.is_verified().id == "st-ev"

    def test_it_is_a_boolean_claim_as_any_other(self, clock: Clock) -> None:
        assert EmailVerificationClaim.validators.is_true(None).validate(self.payload(True, 0, clock)).is_valid
        assert (
            EmailVerificationClaim.validators.is_false(None).validate(self.payload(False, 0, clock)).is_valid
        )


def test_the_permission_of_rest_framework_asks_for_it(
    clock: Clock, frontend: FrontendClient, alice: str
) -> None:
    with supertokens_settings(EMAILVERIFICATION={"MODE": "OPTIONAL"}):
        assert_json(frontend.get("/test/drf/email-verified"), 403, REFUSED)
        emailverification.mark_email_verified(alice)
        clock.advance(11)
        response = frontend.get("/test/drf/email-verified")
        assert response.status_code == 200
        assert_access_token_is_replaced(response, frontend.mode)
