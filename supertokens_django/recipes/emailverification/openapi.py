"""E-mail verification in the OpenAPI document."""

from __future__ import annotations

from supertokens_django.http.openapi import FLAG, TEXT, Answer, Operation, record
from supertokens_django.recipes.emailverification.exceptions import (
    EmailAlreadyVerified,
    EmailVerificationInvalidToken,
)
from supertokens_django.recipes.emailverification.views import NO_JSON_OBJECT
from supertokens_django.recipes.session import openapi as session

TOKEN = {**TEXT, "description": "The token of a verification link."}


def operations() -> list[Operation]:
    return [_token(), _is_verified(), _verify()]


def _token() -> Operation:
    already = "The e-mail is verified, or the user has none. The session says so from now on."
    return Operation(
        endpoint="emailverification:token",
        summary="Mail a link to verify the e-mail of the session's user",
        description="The tenant is that of the session.",
        answers=[
            Answer(
                name="VerificationSent",
                description="A link is on its way; tokens come along where the session says something else now.",
                status="OK",
                headers=session.SESSION_HEADERS,
            ),
            Answer(
                name="EmailAlreadyVerified",
                description=already,
                status=EmailAlreadyVerified.status,
                headers=session.SESSION_HEADERS,
            ),
            session.unauthorised(),
            session.try_refresh_token(),
        ],
        parameters=[session.RECIPE_ID, session.ANTI_CSRF],
        security=session.ACCESS_TOKEN,
    )


def _is_verified() -> Operation:
    return Operation(
        endpoint="emailverification:is_verified",
        summary="Tell whether the e-mail of the session's user is verified",
        answers=[
            Answer(
                name="IsVerified",
                description="Whether it is; who has no e-mail counts as verified. The session says so from now on.",
                status="OK",
                properties={"isVerified": FLAG},
                headers=session.SESSION_HEADERS,
            ),
            session.unauthorised(),
            session.try_refresh_token(),
        ],
        parameters=[session.RECIPE_ID],
        security=session.ACCESS_TOKEN,
    )


def _verify() -> Operation:
    invalid = "The token is unknown, used, expired, or of another tenant."
    return Operation(
        endpoint="emailverification:verify",
        summary="Verify an e-mail with the token of a link",
        description="A session of the same user, where one comes along, says so from now on.",
        answers=[
            Answer(
                name="EmailVerified",
                description="The e-mail is verified.",
                status="OK",
                headers=session.SESSION_HEADERS,
            ),
            Answer(
                name="InvalidVerificationToken",
                description=invalid,
                status=EmailVerificationInvalidToken.status,
            ),
            session.try_refresh_token(),
        ],
        body=record({"token": TOKEN, "method": {"const": "token"}}, optional=["method"]),
        parameters=[session.RECIPE_ID, session.ANTI_CSRF],
        security=session.ACCESS_TOKEN,
        needs_session=False,
        bad_input=[
            NO_JSON_OBJECT,
            "Please provide the email verification token",
            "The email verification token must be a string",
        ],
    )
