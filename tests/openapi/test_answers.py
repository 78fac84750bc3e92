"""Every answer that the document describes is one that its endpoint gives; ``tests.described`` has it the other way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.http import HttpRequest
from django.test import override_settings
from jsonschema import Draft202012Validator

from supertokens_django import registry
from supertokens_django.exceptions import BadInputError, GeneralError
from supertokens_django.http.openapi import (
    BAD_INPUT,
    GENERAL_ERROR,
    LIMITS_UNAVAILABLE,
    TOO_MANY_REQUESTS,
    Operation,
)
from supertokens_django.openapi.document import DOCUMENT, openapi_document
from supertokens_django.openapi.outputs import shared_answers
from supertokens_django.services import emailverification
from tests.base import ALICE, BOB, ONE_SITE, Clock, supertokens_settings
from tests.caches import WatchedCache
from tests.client import FrontendClient, json_of
from tests.described import Description, absolute
from tests.openapi import providers
from tests.recipes.emailverification.verification import ask, is_verified, verify

pytestmark = pytest.mark.django_db


class Refusing:
    def check(self, endpoint: str, request: HttpRequest, data: dict[str, Any]) -> None:
        raise GeneralError("Not today")


class Complaining:
    def check(self, endpoint: str, request: HttpRequest, data: dict[str, Any]) -> None:
        raise BadInputError("Please provide a fruit")


@contextmanager
def guarded_by(guard: type) -> Iterator[None]:
    with supertokens_settings(GUARDS=[f"{__name__}.{guard.__name__}"]):
        yield


@contextmanager
def limited_to(limit: str, **more: Any) -> Iterator[None]:
    """Every endpoint that has limits has this one."""
    recipes = registry.enabled()
    limits = {item.endpoint: {"IP": limit} for recipe in recipes for item in recipe.limits()}
    with supertokens_settings(RATE_LIMITS={"ENABLED": True, "LIMITS": limits, **more}):
        cache.clear()
        yield
    cache.clear()


@contextmanager
def without_cache() -> Iterator[None]:
    with (
        override_settings(CACHES={"default": {"BACKEND": "tests.caches.WatchedCache"}}),
        limited_to("1/d", FAIL_OPEN=False),
    ):
        WatchedCache.is_down = True
        try:
            yield
        finally:
            WatchedCache.is_down = False


Send = Callable[[FrontendClient], Any]

GOOD: dict[str, Send] = {
    "emailpassword:signup": lambda browser: browser.sign_up(BOB.email, BOB.password),
    "emailpassword:signin": lambda browser: browser.sign_in(ALICE.email, ALICE.password),
    "emailpassword:email_exists": lambda browser: browser.email_exists(ALICE.email),
    "emailpassword:reset_token": lambda browser: browser.request_reset_token(ALICE.email),
    "emailpassword:reset": lambda browser: browser.reset_password(reset_token(), "rabbit hole 1"),
    "emailverification:token": ask,
    "emailverification:is_verified": is_verified,
    "emailverification:verify": lambda browser: verify(browser, verification_token()),
    "passwordless:code": lambda browser: send(browser, "", email=BOB.email),
    "passwordless:resend": lambda browser: send(browser, "/resend", **device()),
    "passwordless:consume": lambda browser: send(browser, "/consume", **device("userInputCode")),
    "passwordless:email_exists": lambda browser: browser.get(
        f"/auth/passwordless/email/exists?email={BOB.email}"
    ),
    "passwordless:phone_number_exists": lambda browser: browser.get(
        "/auth/passwordless/phonenumber/exists?phoneNumber=%2B36301234567"
    ),
    "session:refresh": lambda browser: browser.refresh(),
    "session:signout": lambda browser: browser.sign_out(),
    "jwt:jwks": lambda browser: browser.get("/auth/jwt/jwks.json"),
    "openid:configuration": lambda browser: browser.get("/auth/.well-known/openid-configuration"),
    "openapi:document": lambda browser: browser.get("/auth/openapi.json"),
}
"""A call that an endpoint has nothing against; Alice is signed in."""

TWICE = {"cookie": "sAccessToken=a; sRefreshToken=b; sRefreshToken=c"}
OUTCOMES: dict[str, Send] = {
    "WrongCredentials": lambda browser: browser.sign_in(ALICE.email, BOB.password),
    "CodeNotAllowed": lambda browser: send(browser, "", email="bob@stfakeemail.supertokens.com"),
    "IncorrectCode": lambda browser: send(browser, "/consume", **{**device(), "userInputCode": "wrong"}),
    "InvalidResetToken": lambda browser: browser.reset_password("x", "rabbit hole 1"),
    "InvalidVerificationToken": lambda browser: verify(browser, "x"),
    "DuplicateCookies": lambda browser: browser.refresh(headers=TWICE),
    "DuplicateCookiesCleared": lambda browser: browser.refresh(headers=TWICE),
}
"""A call that has another outcome, by the name of the answer."""

AROUND: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    GENERAL_ERROR.name: lambda: guarded_by(Refusing),
    BAD_INPUT.name: lambda: guarded_by(Complaining),
    "DuplicateCookiesCleared": lambda: supertokens_settings(SESSION={"OLDER_COOKIE_DOMAIN": ""}),
    "InsecureCookie": lambda: supertokens_settings(API_DOMAIN="http://api.acme.com"),
    TOO_MANY_REQUESTS.name: lambda: limited_to("1/d"),
    LIMITS_UNAVAILABLE.name: without_cache,
}
"""Settings that an answer needs."""

PASSWORDLESS = ("passwordless:code", "passwordless:resend", "passwordless:consume")
FORMS = {
    "emailpassword:signup": "/signup",
    "emailpassword:signin": "/signin",
    "emailpassword:reset_token": "/user/password/reset/token",
    "emailpassword:reset": "/user/password/reset",
}


class WithoutSdk(FrontendClient):
    """Says by no header that it is a frontend."""

    def request(self, *args: Any, headers: Any = None, **kwargs: Any) -> Any:
        return super().request(*args, headers={**(headers or {}), "rid": None, "fdi-version": None}, **kwargs)


def reset_token() -> str:
    from supertokens_django.services import emailpassword
    from supertokens_django.users.models import LoginMethod

    return emailpassword.create_reset_password_token("public", LoginMethod.objects.get().id, ALICE.email)


def verification_token() -> str:
    from supertokens_django.users.models import LoginMethod

    return emailverification.create_email_verification_token("public", LoginMethod.objects.get().id)


def send(browser: FrontendClient, path: str, **body: Any) -> Any:
    return browser.call_recipe("POST", f"/auth/signinup/code{path}", rid="passwordless", json_body=body)


def device(*more: str) -> dict[str, str]:
    """What the device knows to which a code was sent."""
    from supertokens_django.services import passwordless

    made = passwordless.create_code("public", BOB.email)
    known = {"deviceId": made.device_id, "preAuthSessionId": made.pre_auth_session_id}
    return {**known, **dict.fromkeys(more, made.user_input_code)}


def of_passwordless(answer: str, name: str, browser: FrontendClient, clock: Clock) -> Any:
    """Answers of the recipe that take more than a call; None for the others."""
    path = {"passwordless:code": "", "passwordless:resend": "/resend", "passwordless:consume": "/consume"}[
        name
    ]
    known = device("userInputCode")
    if answer == "RestartFlow":
        return send(browser, path, **{**known, "preAuthSessionId": "x", "deviceId": "AAAA"})
    if answer == "ExpiredCode":
        clock.advance(901)
        return send(browser, path, **known)
    if answer == "CodeNotAllowed" and path:
        send(FrontendClient("cookie"), path, **known)
        get_user_model()._default_manager.filter(email=BOB.email).update(is_active=False)
        return send(browser, path, **device("userInputCode"))
    if answer in ("Unauthorised", "TryRefreshToken"):
        body = known if path else {"email": BOB.email}
        browser = browser if answer == "TryRefreshToken" else FrontendClient("cookie")
        return send(browser, path, shouldTryLinkingWithSessionUser=True, **body)
    return None


def described() -> list[tuple[Operation, str]]:
    with supertokens_settings(**ONE_SITE, RATE_LIMITS={"ENABLED": True, "FAIL_OPEN": False}):
        recipes = list(registry.mountable())
        found = [item for recipe in recipes for item in registry.operations(recipe)]
        return [
            (operation, answer.name)
            for operation in (*found, DOCUMENT)
            for answer in (*operation.answers, *shared_answers(operation.endpoint))
        ]


def call(operation: Operation, answer: str, browser: FrontendClient, clock: Clock) -> Any:
    """Bring the endpoint to give this answer."""
    name = operation.endpoint
    if answer == "FieldError":
        return browser.submit_form(FORMS[name], {}, token="x")
    if answer == "TokenTheftDetected":
        thief = browser.clone()
        browser.refresh()
        clock.advance(31)
        return thief.refresh()
    if answer in (TOO_MANY_REQUESTS.name, LIMITS_UNAVAILABLE.name):
        curl = WithoutSdk("header")
        # A sign-in that succeeds is not counted.
        failures = {"emailpassword:signin": "WrongCredentials", "passwordless:consume": "IncorrectCode"}
        (OUTCOMES[failures[name]] if name in failures else GOOD[name])(curl)
        return GOOD[name](curl)
    if answer == "TryRefreshToken":
        clock.advance(3601)
    if name in PASSWORDLESS and (found := of_passwordless(answer, name, browser, clock)) is not None:
        return found
    if answer in ("Unauthorised", "TryRefreshToken"):
        browser = browser if answer == "TryRefreshToken" else FrontendClient("cookie")
        if name in FORMS:
            fields = {"email": BOB.email, "password": BOB.password}
            return browser.submit_form(FORMS[name], fields, shouldTryLinkingWithSessionUser=True)
    if name.startswith("thirdparty:"):
        with providers.provider() as idp:
            return providers.bring(name, answer, browser, idp)
    return OUTCOMES.get(answer, GOOD[name])(browser)


@pytest.mark.parametrize(
    ("operation", "answer"), [pytest.param(*pair, id=f"{pair[0].endpoint}-{pair[1]}") for pair in described()]
)
def test_the_endpoint_gives_the_answer(operation: Operation, answer: str, alice: str, clock: Clock) -> None:
    browser = FrontendClient("cookie")
    browser.sign_in(ALICE.email, ALICE.password)
    if answer == "EmailAlreadyVerified":
        emailverification.mark_email_verified(alice)
    if answer == "WrongCredentials":
        browser.sign_up(BOB.email, BOB.password)
    with (
        supertokens_settings(
            RECIPES=["emailpassword", "emailverification", "thirdparty", "passwordless"],
            PASSWORDLESS={"CONTACT_METHOD": "EMAIL_OR_PHONE"},
        ),
        AROUND.get(answer, nullcontext)(),
    ):
        document = openapi_document()
        response = call(operation, answer, browser, clock)
        if answer == "GoOn":
            assert (response.status_code, response.content) == (303, b"")
    whole = Description(document)
    if answer != "GoOn":
        schema = absolute({"$ref": f"#/components/schemas/{answer}"})
        Draft202012Validator(schema, registry=whole.registry).validate(json_of(response))
    assert whole.problems(operation.endpoint.replace(":", "."), response) == []


class TestDescription:
    """What compares all other tests' answers with the document does compare them."""

    def answer(self) -> Any:
        return FrontendClient("cookie").email_exists(ALICE.email)

    def problems(self, change: Callable[[dict[str, Any]], None]) -> list[str]:
        document = openapi_document()
        change(document)
        return Description(document).problems("emailpassword.email_exists", self.answer())

    def test_the_answer_as_it_is_has_none(self) -> None:
        assert self.problems(lambda document: None) == []

    @pytest.mark.parametrize("value", [{"type": "string"}, {"const": 7}])
    def test_another_type_is_one(self, value: dict[str, Any]) -> None:
        assert self.problems(
            lambda document: document["components"]["schemas"]["Exists"]["properties"].update(exists=value)
        )

    def test_a_key_that_is_not_named_is_one(self) -> None:
        def forget(document: dict[str, Any]) -> None:
            found = document["components"]["schemas"]["Exists"]
            del found["properties"]["exists"]
            found["required"] = ["status"]

        assert self.problems(forget)

    def test_a_status_that_is_not_named_is_one(self) -> None:
        def forget(document: dict[str, Any]) -> None:
            del document["paths"]["/emailpassword/email/exists"]["get"]["responses"]["200"]

        assert self.problems(forget) == ["the status 200"]

    def test_tokens_that_are_not_named_are_one(self, alice: str) -> None:
        document = openapi_document()
        del document["paths"]["/signin"]["post"]["responses"]["200"]["headers"]["Set-Cookie"]
        response = FrontendClient("cookie").sign_in(ALICE.email, ALICE.password)
        assert Description(document).problems("emailpassword.signin", response) == ["the header Set-Cookie"]
