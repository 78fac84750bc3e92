"""The passwordless recipe in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from supertokens_django.http.openapi import FLAG, TEXT, Answer, Operation, Schema, parameter, record
from supertokens_django.recipes.passwordless import inputs
from supertokens_django.recipes.passwordless.conf import BOTH, MAGIC_LINK, USER_INPUT_CODE
from supertokens_django.recipes.passwordless.exceptions import (
    ExpiredUserInputCode,
    IncorrectUserInputCode,
    RestartFlow,
    SignInUpNotAllowed,
)
from supertokens_django.recipes.session import openapi as session
from supertokens_django.users.openapi import ANY_USER

BODY_REFUSED = "Please provide a JSON body"
EMAIL = {**TEXT, "format": "email", "examples": ["alice@example.com"]}
PHONE_NUMBER = {**TEXT, "description": "With its country code.", "examples": ["+36301234567"]}
DEVICE_ID = {**TEXT, "description": "Known to the client that asked for the code, and to it alone."}
PRE_AUTH_SESSION_ID = {**TEXT, "description": "Names the device; it stands in the link as well."}
COUNT = {"type": "integer", "minimum": 1}
SENT = Answer(name="Sent", description="The message is on its way.", status="OK")
RESTART_FLOW = Answer(
    name="RestartFlow",
    description="Used, too old, or too many were wrong: ask for a new code.",
    status=RestartFlow.status,
)
NOT_ALLOWED = Answer(
    name="CodeNotAllowed",
    description="The account is not to be used, or not to be made.",
    status=SignInUpNotAllowed.status,
    properties={"reason": TEXT},
)


def operations() -> list[Operation]:
    return [_code(), _resend(), _consume(), _email_exists(), _phone_number_exists()]


def _code() -> Operation:
    contact = [record({"email": EMAIL, **_FLAGS}, optional=[*_FLAGS])]
    contact.append(record({"phoneNumber": PHONE_NUMBER, **_FLAGS}, optional=[*_FLAGS]))
    return Operation(
        endpoint="passwordless:code",
        summary="Send a code, a link, or both",
        answers=[
            Answer(
                name="CodeSent",
                description="The message is on its way.",
                status="OK",
                properties={
                    "deviceId": DEVICE_ID,
                    "preAuthSessionId": PRE_AUTH_SESSION_ID,
                    "flowType": {"enum": [USER_INPUT_CODE, MAGIC_LINK, BOTH]},
                },
            ),
            NOT_ALLOWED,
            *_session_errors(),
        ],
        body={"oneOf": contact},
        bad_input=[BODY_REFUSED, inputs.EXACTLY_ONE, inputs.NO_EMAIL, inputs.NO_PHONE_NUMBER],
        **_AUTHENTICATION,
    )


def _resend() -> Operation:
    return Operation(
        endpoint="passwordless:resend",
        summary="Send a new code; the earlier ones stay good",
        answers=[SENT, RESTART_FLOW, *_session_errors()],
        body=record(
            {"deviceId": DEVICE_ID, "preAuthSessionId": PRE_AUTH_SESSION_ID, **_FLAGS}, optional=[*_FLAGS]
        ),
        bad_input=[BODY_REFUSED, "Please provide preAuthSessionId", "Please provide deviceId"],
        **_AUTHENTICATION,
    )


def _consume() -> Operation:
    device = {"preAuthSessionId": PRE_AUTH_SESSION_ID}
    by_code = {**device, "deviceId": DEVICE_ID, "userInputCode": {**TEXT, "examples": ["123456"]}}
    by_link = {**device, "linkCode": {**TEXT, "description": "The fragment of the link."}}
    return Operation(
        endpoint="passwordless:consume",
        summary="Sign in or up by a code or a link",
        answers=[
            Answer(
                name="SignedInByCode",
                description="A session has begun; its tokens are in the headers. One of the two flags is there: the "
                "second for clients of FDI 1.17 and 2.0.",
                status="OK",
                properties={"user": ANY_USER, "createdNewRecipeUser": FLAG, "createdNewUser": FLAG},
                optional=["createdNewRecipeUser", "createdNewUser"],
                headers=session.SESSION_HEADERS,
            ),
            _wrong(IncorrectUserInputCode.status, "IncorrectCode", "The code is not one that was sent."),
            _wrong(ExpiredUserInputCode.status, "ExpiredCode", "The code was good once."),
            RESTART_FLOW,
            NOT_ALLOWED,
            *_session_errors(),
            session.insecure_cookie(),
        ],
        body={"oneOf": [record({**each, **_FLAGS}, optional=[*_FLAGS]) for each in (by_code, by_link)]},
        bad_input=[BODY_REFUSED, "Please provide preAuthSessionId", inputs.ONE_OF, inputs.BOTH],
        **_AUTHENTICATION,
    )


def _email_exists() -> Operation:
    return Operation(
        endpoint="passwordless:email_exists",
        summary="Tell whether somebody signs in by codes sent to an e-mail",
        answers=[_exists()],
        parameters=[parameter("email", "query", "The e-mail address that is asked about.", as_="Email")],
        bad_input=["Please provide the email as a GET param"],
        deprecated_paths=["signup/email/exists"],
    )


def _phone_number_exists() -> Operation:
    number = parameter("phoneNumber", "query", "The phone number that is asked about.", as_="PhoneNumber")
    return Operation(
        endpoint="passwordless:phone_number_exists",
        summary="Tell whether somebody has a phone number",
        answers=[_exists()],
        parameters=[number],
        bad_input=["Please provide the phoneNumber as a GET param"],
        deprecated_paths=[
            "passwordless/phoneNumber/exists",
            "signup/phonenumber/exists",
            "signup/phoneNumber/exists",
        ],
    )


def _exists() -> Answer:
    return Answer(
        name="ContactExists",
        description="Whether it is somebody's; a malformed one is nobody's.",
        status="OK",
        properties={"exists": FLAG},
    )


def _wrong(status: str, name: str, description: str) -> Answer:
    counts = {"failedCodeInputAttemptCount": COUNT, "maximumCodeInputAttempts": COUNT}
    return Answer(name=name, description=description, status=status, properties=counts)


def _session_errors() -> list[Answer]:
    return [session.unauthorised(), session.try_refresh_token()]


_FLAGS: Schema = {"shouldTryLinkingWithSessionUser": FLAG}
_AUTHENTICATION: dict[str, Any] = {
    "parameters": [session.TRANSFER_METHOD, session.FDI_VERSION, session.RECIPE_ID, session.ANTI_CSRF],
    "security": session.ACCESS_TOKEN,
    "needs_session": False,
}
