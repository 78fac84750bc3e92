"""E-mail and password in the OpenAPI document; the forms are as the settings have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supertokens_django.http.openapi import (
    FIELD_ERROR,
    FLAG,
    TEXT,
    Answer,
    Operation,
    Schema,
    array,
    parameter,
    record,
)
from supertokens_django.recipes.emailpassword import inputs
from supertokens_django.recipes.emailpassword.conf import FormField
from supertokens_django.recipes.emailpassword.exceptions import ResetPasswordInvalidToken, WrongCredentials
from supertokens_django.recipes.emailpassword.validators import validate_email, validate_password_policy
from supertokens_django.recipes.session import openapi as session
from supertokens_django.users.openapi import ANY_USER

EMAIL_OF_QUERY = parameter("email", "query", "The e-mail address that is asked about.", as_="Email")
TOKEN = {**TEXT, "description": "The token of a reset link."}
EXAMPLES = {inputs.EMAIL: "alice@example.com", inputs.PASSWORD: "wonderland 1865"}

BODY_REFUSED = ("Please provide a JSON body",)
FORM_REFUSED = (
    *BODY_REFUSED,
    "Missing input param: formFields",
    "formFields must be an array",
    "All elements of formFields must contain an 'id' and 'value' field",
    "Are you sending too many formFields?",
)
OK = Answer(name="Done", description="It is done.", status="OK")


def operations() -> list[Operation]:
    return [_sign_up(), _sign_in(), _email_exists(), _reset_token(), _reset()]


def _sign_up() -> Operation:
    return Operation(
        endpoint="emailpassword:signup",
        summary="Create an account and sign in",
        answers=[_signed_in(), FIELD_ERROR, *_session_errors()],
        body=_form(inputs.sign_up_fields(), shouldTryLinkingWithSessionUser=FLAG),
        bad_input=FORM_REFUSED,
        **_AUTHENTICATION,
    )


def _sign_in() -> Operation:
    wrong = "The e-mail is unknown, the password wrong, or the account switched off."
    return Operation(
        endpoint="emailpassword:signin",
        summary="Sign in",
        answers=[
            _signed_in(),
            FIELD_ERROR,
            Answer(name="WrongCredentials", description=wrong, status=WrongCredentials.status),
            *_session_errors(),
        ],
        body=_form(inputs.sign_in_fields(), shouldTryLinkingWithSessionUser=FLAG),
        bad_input=FORM_REFUSED,
        **_AUTHENTICATION,
    )


def _email_exists() -> Operation:
    return Operation(
        endpoint="emailpassword:email_exists",
        summary="Tell whether an e-mail has a password login",
        answers=[
            Answer(
                name="Exists",
                description="Whether it has one; a malformed address has none.",
                status="OK",
                properties={"exists": FLAG},
            )
        ],
        parameters=[EMAIL_OF_QUERY],
        bad_input=["Please provide the email as a GET param"],
        deprecated_paths=["signup/email/exists"],
    )


def _reset_token() -> Operation:
    return Operation(
        endpoint="emailpassword:reset_token",
        summary="Mail a link to reset the password",
        description="The answer is the same for an unknown address.",
        answers=[OK, FIELD_ERROR],
        body=_form(inputs.reset_token_fields()),
        bad_input=FORM_REFUSED,
    )


def _reset() -> Operation:
    invalid = "The token is unknown, used or expired."
    return Operation(
        endpoint="emailpassword:reset",
        summary="Set a new password with the token of a reset link",
        answers=[
            OK,
            FIELD_ERROR,
            Answer(name="InvalidResetToken", description=invalid, status=ResetPasswordInvalidToken.status),
        ],
        body=_form(inputs.reset_fields(), token=TOKEN, method={"const": "token"}),
        bad_input=[
            *FORM_REFUSED,
            "Please provide the password reset token",
            "The password reset token must be a string",
        ],
    )


_AUTHENTICATION: dict[str, Any] = {
    "parameters": [session.TRANSFER_METHOD, session.FDI_VERSION, session.RECIPE_ID, session.ANTI_CSRF],
    "security": session.ACCESS_TOKEN,
    "needs_session": False,
}


def _signed_in() -> Answer:
    return Answer(
        name="SignedIn",
        description="A session has begun; its tokens are in the headers.",
        status="OK",
        properties={"user": ANY_USER},
        headers=session.SESSION_HEADERS,
    )


def _session_errors() -> list[Answer]:
    return [session.unauthorised(), session.try_refresh_token(), session.insecure_cookie()]


def _form(fields: Sequence[FormField], **more: Any) -> Schema:
    """The body of a form: every field once, those that are not optional all the same."""
    required = [{"contains": record({"id": {"const": field.id}})} for field in fields if not field.optional]
    form = {
        **array({"oneOf": [_field(field) for field in fields]}),
        "maxItems": len(fields),
        "allOf": required,
    }
    optional = [name for name in more if name != "token"]
    return record({"formFields": form, **more}, optional=optional)


def _field(field: FormField) -> Schema:
    return record({"id": {"const": field.id}, "value": _value(field)})


def _value(field: FormField) -> Schema:
    found: Schema = {}
    if field.id in EXAMPLES:
        found = {**TEXT, "examples": [EXAMPLES[field.id]]}
    if field.validate is validate_email:
        found["format"] = "email"
    if field.id == inputs.PASSWORD:
        found["format"] = "password"
    if field.validate is validate_password_policy:
        found |= {"minLength": 8, "maxLength": 99}
    return found
