"""A browser on which somebody signs in by a code, and their inbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from django.http import HttpResponseBase
from django.test import TestCase

from supertokens_django.delivery.backends import locmem
from tests.client import FrontendClient, Mode, json_of
from tests.mail import outbox, settled

RECIPES: Mapping[str, Any] = {
    "RECIPES": ["emailpassword", "passwordless"],
    "PASSWORDLESS": {"CONTACT_METHOD": "EMAIL_OR_PHONE"},
    "SMS_BACKEND": "supertokens_django.delivery.backends.locmem.SmsBackend",
}
EMAIL, NUMBER = "alice@example.com", "+36301234567"
BOTH = "USER_INPUT_CODE_AND_MAGIC_LINK"
LINK = re.compile(r"https?://\S+?/verify\?[^\s\"'<>]+")
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")

OK = {"status": "OK"}
RESTART = {"status": "RESTART_FLOW_ERROR"}


def incorrect(failed: int, maximum: int = 5) -> dict[str, Any]:
    return _wrong("INCORRECT_USER_INPUT_CODE_ERROR", failed, maximum)


def expired(failed: int, maximum: int = 5) -> dict[str, Any]:
    return _wrong("EXPIRED_USER_INPUT_CODE_ERROR", failed, maximum)


def _wrong(status: str, failed: int, maximum: int) -> dict[str, Any]:
    return {"status": status, "failedCodeInputAttemptCount": failed, "maximumCodeInputAttempts": maximum}


def refused(code: str) -> dict[str, Any]:
    reason = (
        "Cannot sign in / up due to security reasons. Please try a different login method or contact support."
    )
    return {"status": "SIGN_IN_UP_NOT_ALLOWED", "reason": f"{reason} ({code})"}


class Device(FrontendClient):
    """A frontend with the Passwordless recipe of web-js: it keeps what the answer to the first call says."""

    def __init__(self, mode: Mode = "cookie", **options: Any) -> None:
        super().__init__(mode, **options)
        self.attempt: dict[str, str] = {}

    def call(self, path: str, body: Any = None, *, tenant: str | None = None) -> HttpResponseBase:
        path = self.api_path(f"/signinup/code{path}", tenant)
        with TestCase.captureOnCommitCallbacks(execute=True):
            return self.call_recipe("POST", path, rid="passwordless", json_body=body or {})

    def ask(self, email: str | None = EMAIL, *, tenant: str | None = None, **body: Any) -> HttpResponseBase:
        """``createCode``."""
        response = self.call("", {"email": email, **body} if email else body, tenant=tenant)
        answer = json_of(response)
        self.attempt = {name: answer[name] for name in ("deviceId", "preAuthSessionId") if name in answer}
        return response

    def ask_again(self, *, tenant: str | None = None) -> HttpResponseBase:
        """``resendCode``."""
        return self.call("/resend", self.attempt, tenant=tenant)

    def type(self, code: str, *, tenant: str | None = None) -> HttpResponseBase:
        """``consumeCode`` with a code that was typed."""
        return self.call("/consume", {**self.attempt, "userInputCode": code}, tenant=tenant)

    def open(self, link: str, *, tenant: str | None = None) -> HttpResponseBase:
        """``consumeCode`` on the page that a link leads to, on whatever device."""
        parts = urlsplit(link)
        key = parse_qs(parts.query)["preAuthSessionId"][0]
        body = {"preAuthSessionId": key, "linkCode": parts.fragment}
        return self.call("/consume", body, tenant=tenant)

    def exists(self, path: str, *, rid: str = "passwordless", **query: str) -> HttpResponseBase:
        text = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return self.call_recipe("GET", self.api_path(f"{path}?{text}"), rid=rid)


def texts_of_mails() -> list[str]:
    return [str(message.body) for message in outbox()]


def texts_of_sms() -> list[str]:
    settled()
    return [message.text for message in locmem.outbox]


def code_in(text: str) -> str:
    """The one code in a message."""
    (code,) = set(CODE.findall(re.sub(LINK, "", text)))
    return str(code)


def link_in(text: str) -> str:
    """The one link in a message."""
    (link,) = set(LINK.findall(text))
    return str(link)


def mailed_code() -> str:
    """The code in the last mail."""
    return code_in(texts_of_mails()[-1])


def mailed_link() -> str:
    """The link in the last mail."""
    return link_in(texts_of_mails()[-1])


def wrong(code: str) -> str:
    """Another code of six digits."""
    return f"{(int(code) + 1) % 10**6:06}"


def user(user_id: str, joined: int, tenant: str = "public", **contact: str) -> dict[str, Any]:
    """``user`` as FDI 1.18, 1.19 and from 3.0 on has it."""
    method = {
        "recipeId": "passwordless",
        "recipeUserId": user_id,
        "tenantIds": [tenant],
        "timeJoined": joined,
        "verified": True,
        **contact,
    }
    return {
        "id": user_id,
        "isPrimaryUser": False,
        "tenantIds": [tenant],
        "timeJoined": joined,
        "emails": [contact["email"]] if "email" in contact else [],
        "phoneNumbers": [contact["phoneNumber"]] if "phoneNumber" in contact else [],
        "thirdParty": [],
        "webauthn": {"credentialIds": []},
        "loginMethods": [method],
    }


def signed_in(account: dict[str, Any], *, is_new: bool) -> dict[str, Any]:
    return {"status": "OK", "createdNewRecipeUser": is_new, "user": account}
