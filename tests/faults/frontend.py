"""A frontend that loses answers: it tries again with what it holds, as the SDKs do."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any

PASSWORD = "wonderland 1865"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: Any


class Frontend:
    """Speaks to a server in header mode, a connection a request."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.access_token = ""
        self.refresh_token = ""
        self.answers = 0
        self.lost_answers = 0

    def sign_up(self, email: str) -> Answer:
        return self.persist("/auth/signup", {"formFields": _form(email)})

    def sign_in(self, email: str) -> Answer:
        return self.persist("/auth/signin", {"formFields": _form(email)})

    def refresh(self) -> Answer:
        """Refresh, and keep the token that comes back."""
        return self.persist("/auth/session/refresh", None, {"Authorization": f"Bearer {self.refresh_token}"})

    def persist(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Answer:
        """Post until an answer arrives that is not the server's own trouble; keeps a refresh token in it."""
        until = time.monotonic() + 25
        while time.monotonic() < until:
            answer = self._send("POST", path, body, headers or {})
            if answer is not None and answer.status < 500:
                self.answers += 1
                self.access_token = answer.headers.get("st-access-token") or self.access_token
                self.refresh_token = answer.headers.get("st-refresh-token") or self.refresh_token
                return answer
            self.lost_answers += 1
            time.sleep(0.02)
        raise TimeoutError(f"no answer from {path}")

    def get(self, path: str) -> Answer | None:
        """Ask for a protected resource, once; None when no answer comes."""
        return self._send("GET", path, None, {"Authorization": f"Bearer {self.access_token}"})

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        sent = {"rid": "anti-csrf", "st-auth-mode": "header", "Content-Type": "application/json", **headers}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, json.loads(response.read() or b"null"))
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()


def _form(email: str) -> list[dict[str, str]]:
    return [{"id": "email", "value": email}, {"id": "password", "value": PASSWORD}]
