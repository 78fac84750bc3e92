"""Text messages by Twilio, over plain HTTP.  Needs ``requests`` (the extra ``sms``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

from supertokens_django.delivery.backends.base import BaseSmsBackend
from supertokens_django.delivery.exceptions import GatewayError
from supertokens_django.delivery.message import Sms
from supertokens_django.http.outgoing import OutgoingSession

API = "https://api.twilio.com"
MESSAGING_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
"""How the SIDs of messaging services look; a tenant's sender may be one."""


class SmsBackend(BaseSmsBackend):
    """``account_sid``, ``auth_token``, and exactly one of ``from_`` and ``messaging_service_sid``.

    An API key may take the place of the account's own token: ``api_key_sid`` with its secret in ``auth_token``.
    ``api_url`` is for the regions of Twilio (https://www.twilio.com/docs/global-infrastructure).
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        from_: str | None = None,
        messaging_service_sid: str | None = None,
        api_key_sid: str | None = None,
        api_url: str = API,
    ) -> None:
        if not account_sid or not auth_token:
            raise ImproperlyConfigured("Twilio needs account_sid and auth_token.")
        if bool(from_) == bool(messaging_service_sid):
            raise ImproperlyConfigured("Twilio needs exactly one of from_ and messaging_service_sid.")
        self._url = f"{api_url.rstrip('/')}/2010-04-01/Accounts/{quote(account_sid, safe='')}/Messages.json"
        self._credentials = (api_key_sid or account_sid, auth_token)
        self._sender = from_ or messaging_service_sid or ""

    def send_messages(self, messages: Sequence[Sms]) -> int:
        """Send the messages, one request each.

        Raises:
            GatewayError: Twilio refused one; the text has its error code.
            OutgoingError: Twilio could not be asked.
        """
        with OutgoingSession() as session:
            for message in messages:
                response = session.post(self._url, data=self._form(message), auth=self._credentials)
                if not 200 <= response.status_code < 300:
                    raise GatewayError(f"Twilio answered {response.status_code}{_said(response)}")
        return len(messages)

    def _form(self, message: Sms) -> dict[str, str]:
        sender = message.sender or self._sender
        name = "MessagingServiceSid" if MESSAGING_SERVICE.fullmatch(sender) else "From"
        return {"To": message.to, name: sender, "Body": message.text}


def _said(response: Any) -> str:
    """Twilio's own error code, which its documentation explains, and its text."""
    with suppress(ValueError):
        answer = response.json()
        if isinstance(answer, dict):
            return f" (error {answer.get('code')}): {answer.get('message')}"
    return "."
