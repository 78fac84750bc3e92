"""What the tests of e-mail verification call, compare and read."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponseBase

from tests.client import FrontendClient
from tests.mail import outbox

OK = {"status": "OK"}
ALREADY_VERIFIED = {"status": "EMAIL_ALREADY_VERIFIED_ERROR"}
INVALID_TOKEN = {"status": "EMAIL_VERIFICATION_INVALID_TOKEN_ERROR"}
VERIFIED = {"status": "OK", "isVerified": True}
NOT_VERIFIED = {"status": "OK", "isVerified": False}

TOKEN_PATH, VERIFY_PATH = "/user/email/verify/token", "/user/email/verify"
LINK = re.compile(r"https?://\S+?/verify-email\?[^\s\"'<>]+")


def invalid_claim(reason: dict[str, Any]) -> dict[str, Any]:
    return {"message": "invalid claim", "claimValidationErrors": [{"id": "st-ev", "reason": reason}]}


REFUSED = invalid_claim({"message": "wrong value", "expectedValue": True, "actualValue": False})
MISSING = invalid_claim({"message": "value does not exist", "expectedValue": True, "actualValue": None})


def ask(browser: FrontendClient, *, tenant: str | None = None, **options: Any) -> HttpResponseBase:
    """``POST /user/email/verify/token``, as supertokens-web-js sends it."""
    path = browser.api_path(TOKEN_PATH, tenant)
    return browser.call_recipe("POST", path, rid="emailverification", json_body={}, **options)


def verify(
    browser: FrontendClient, token: Any, *, tenant: str | None = None, **options: Any
) -> HttpResponseBase:
    """``POST /user/email/verify``."""
    path = browser.api_path(VERIFY_PATH, tenant)
    body = {"method": "token", "token": token}
    return browser.call_recipe("POST", path, rid="emailverification", json_body=body, **options)


def is_verified(browser: FrontendClient, **options: Any) -> HttpResponseBase:
    """``GET /user/email/verify``."""
    return browser.call_recipe("GET", browser.api_path(VERIFY_PATH), rid="emailverification", **options)


def claim_of(browser: FrontendClient) -> Any:
    """The value of ``st-ev`` in the access token; "nothing" without one."""
    entry = browser.access_token_payload.get("st-ev")
    return "nothing" if entry is None else entry["v"]


def the_mail() -> EmailMultiAlternatives:
    """The only mail that was sent."""
    (message,) = outbox()
    assert isinstance(message, EmailMultiAlternatives)
    return message


def link_in(message: EmailMultiAlternatives) -> str:
    """The one verification link in the plain text of a mail."""
    (link,) = set(LINK.findall(str(message.body)))
    return str(link)


def query_of(link: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(link).query, keep_blank_values=True)


def token_in(message: EmailMultiAlternatives) -> str:
    return dict(query_of(link_in(message)))["token"]
