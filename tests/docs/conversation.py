"""The HTTP conversations of a page: blocks of requests and responses, sent and compared as they stand there.

A block with the language ``http`` is one message. ``<refresh token>`` and the like stand for what the page cannot know:
in a response they take whatever is there, and keep it; in a later message they are what was kept. ``<token of the
mail>`` is that of the last mail. The ``Date`` of a response says when it is given; the clock is moved there first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie
from typing import Any

from django.core import mail
from django.http import HttpResponseBase

from tests.base import NOON, Clock
from tests.described import assert_described
from tests.docs.snippets import Snippet, snippets_of
from tests.handlers import Handler

PLACEHOLDER = re.compile(r"<([a-z][a-z ]*)>")
ABOUT_THE_SESSION = {
    *("content-type", "set-cookie", "access-control-expose-headers"),
    *("front-token", "anti-csrf", "st-access-token", "st-refresh-token"),
}
"""Headers that a page may not leave out; of the others it shows those that matter there."""

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Message:
    """A request or a response as it stands in a page."""

    snippet: Snippet

    @property
    def start(self) -> str:
        return self.snippet.code.partition("\n")[0]

    @property
    def is_response(self) -> bool:
        return self.start.startswith("HTTP/")

    @property
    def headers(self) -> Headers:
        head = self.snippet.code.partition("\n\n")[0].splitlines()[1:]
        return [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in head)]

    @property
    def body(self) -> str:
        return self.snippet.code.partition("\n\n")[2].strip()


def exchanges_of(page: str) -> Iterator[tuple[Message, Message]]:
    """Each request of the page with its response."""
    messages = [Message(snippet) for snippet in snippets_of(page) if snippet.language == "http"]
    assert len(messages) % 2 == 0, f"{page}: a request without a response"
    for request, response in zip(messages[::2], messages[1::2], strict=True):
        assert (request.is_response, response.is_response) == (False, True), str(request.snippet)
        yield request, response


class Conversation:
    """Plays what a page shows; what it has learnt is in ``known``."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.known: dict[str, str] = {}
        self._handler = Handler("wsgi", {"enforce_csrf_checks": True})

    def play(self, page: str) -> int:
        """Send every request of the page and compare every answer; gives how many there were."""
        exchanges = list(exchanges_of(page))
        for request, response in exchanges:
            self._wait_for(response)
            self._compare(response, self._send(request))
            self._read_mails()
        return len(exchanges)

    def _read_mails(self) -> None:
        for message in mail.outbox:
            found = re.search(r"[?&]token=(\w+)", str(message.body))
            if found is not None:
                self.known["token of the mail"] = found[1]
            code = re.search(r"^\d{6}$", str(message.body), re.M)
            if code is not None:
                self.known["code of the mail"] = code[0]

    def _wait_for(self, response: Message) -> None:
        date = dict(response.headers).get("date")
        if date is not None:
            moment = parsedate_to_datetime(date)
            assert moment >= datetime.fromtimestamp(self.clock.now, UTC), f"{response.snippet}: back in time"
            self.clock.move_to_offset((moment - NOON).total_seconds())

    def _send(self, request: Message) -> HttpResponseBase:
        method, path, _ = self._filled_in(request.start).split(" ")
        headers = {name: self._filled_in(value) for name, value in request.headers}
        body = self._filled_in(request.body).encode()
        response = self._handler.send(
            method, path, body, headers.pop("content-type", "application/json"), True, headers
        )
        assert_described(method, path, response)
        return response

    def _compare(self, expected: Message, given: HttpResponseBase) -> None:
        where = str(expected.snippet)
        assert expected.start == f"HTTP/1.1 {given.status_code} {given.reason_phrase}", where
        found = _headers_of(given)
        shown = [(name, value) for name, value in expected.headers if name != "date"]
        names = {name for name, _ in shown} | ABOUT_THE_SESSION
        found = sorted((name, value) for name, value in found if name in names)
        assert [name for name, _ in found] == sorted(name for name, _ in shown), where
        for (_, pattern), (_, value) in zip(sorted(shown), found, strict=True):
            self._match(pattern, value, where)
        content: bytes = given.content  # type: ignore[attr-defined]
        if expected.body:
            self._match_json(json.loads(expected.body), json.loads(content), where)
        else:
            assert content == b"", where

    def _match_json(self, pattern: Any, value: Any, where: str) -> None:
        if isinstance(pattern, dict) and isinstance(value, dict):
            assert sorted(pattern) == sorted(value), where
            for key in pattern:
                self._match_json(pattern[key], value[key], where)
        elif isinstance(pattern, list) and isinstance(value, list):
            assert len(pattern) == len(value), where
            for expected, found in zip(pattern, value, strict=True):
                self._match_json(expected, found, where)
        elif isinstance(pattern, str) and isinstance(value, str):
            self._match(pattern, value, where)
        else:
            assert pattern == value, where

    def _match(self, pattern: str, value: str, where: str) -> None:
        """Compare a text with one that has placeholders, and keep what stands at the new ones."""
        parts = PLACEHOLDER.split(pattern)
        names = [name for name in parts[1::2] if name not in self.known]
        assert len(names) == len(set(names)), where
        written = [re.escape(part) for part in parts]
        written[1::2] = [
            re.escape(self.known[name]) if name in self.known else "(.+?)" for name in parts[1::2]
        ]
        found = re.fullmatch("".join(written), value, re.DOTALL)
        assert found is not None, f"{where}: {value!r} is not {pattern!r}"
        self.known.update(zip(names, found.groups(), strict=True))

    def _filled_in(self, text: str) -> str:
        return PLACEHOLDER.sub(lambda match: self.known[match[1]], text)


def _headers_of(response: HttpResponseBase) -> Headers:
    cookies: SimpleCookie = response.cookies
    found = [("set-cookie", morsel.OutputString()) for morsel in cookies.values()]
    return [(name.lower(), value) for name, value in response.headers.items()] + found
