"""Text messages to an endpoint of the project's own, as signed JSON.  Needs ``requests`` (the extra ``sms``)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from supertokens_django import clock
from supertokens_django.delivery.backends.base import BaseSmsBackend
from supertokens_django.delivery.exceptions import GatewayError
from supertokens_django.delivery.message import Sms
from supertokens_django.http.outgoing import OutgoingSession

PREFIX = "whsec_"
SHORTEST_SECRET = 24
"""In bytes, as the specification of the signature wants it."""


class SmsBackend(BaseSmsBackend):
    """POSTs each message to ``url`` as JSON: ``id``, ``to``, ``text``, ``from``, ``template``, ``tenant_id``, …

    The headers ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature`` are those of Standard Webhooks
    (https://www.standardwebhooks.com), for which there are libraries in every language: an HMAC-SHA256 over id, time
    and body.  ``secret`` is ``whsec_`` and at least 24 bytes in Base64.  A repeated message has the same id.
    """

    def __init__(self, *, url: str, secret: str, headers: Mapping[str, str] | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ImproperlyConfigured("url must be the URL of the webhook.")
        self._url = url
        self._key = _key(secret)
        self._headers = dict(headers or {})

    def send_messages(self, messages: Sequence[Sms]) -> int:
        """Send the messages, one request each.

        Raises:
            GatewayError: the endpoint answered with another status than 2xx.
            OutgoingError: it could not be asked.
        """
        with OutgoingSession() as session:
            for message in messages:
                body = json.dumps(_values(message), ensure_ascii=False).encode()
                timestamp = clock.now_in_milliseconds() // 1000
                headers = {
                    **self._headers,
                    "content-type": "application/json",
                    "webhook-id": message.id,
                    "webhook-timestamp": str(timestamp),
                    "webhook-signature": signature(self._key, message.id, timestamp, body),
                }
                response = session.post(self._url, data=body, headers=headers)
                if not 200 <= response.status_code < 300:
                    raise GatewayError(f"The webhook answered {response.status_code}.")
        return len(messages)


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``: a version, and an HMAC over what must not be exchanged or repeated."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            f"secret must be {PREFIX!r} and at least {SHORTEST_SECRET} random bytes in Base64."
        )
    return key


def _values(message: Sms) -> dict[str, str | None]:
    return {
        "id": message.id,
        "to": message.to,
        "text": message.text,
        "from": message.sender,
        "template": message.template,
        "tenant_id": message.tenant_id,
        "language": message.language,
    }
