"""A browser without JavaScript: it opens pages, follows links, fills in forms and keeps cookies.

::

    page = visitor.open("/auth/")
    page = visitor.submit(page, email=ALICE.email, password=ALICE.password)
    assert visitor.location == "/protected/"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client
from django.test.html import Element, parse_html

from tests.cookies import CookieJar

HOST = "acme.com"
ORIGIN = f"https://{HOST}"
NAVIGATION = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "sec-fetch-mode": "navigate"}
"""What browsers send on the way to a page."""


@dataclass(frozen=True)
class Page:
    """What came back, as a document; ``path`` is where the browser's address bar stands."""

    path: str
    response: HttpResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @cached_property
    def document(self) -> Element:
        return parse_html(self.response.content.decode())

    def all(self, name: str, /, **attributes: str) -> list[Element]:
        """Every element of this name with these attributes (``class`` is written ``class_``)."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [
            element
            for element in walk(self.document)
            if element.name == name and wanted.items() <= attributes_of(element).items()
        ]

    def one(self, name: str, /, **attributes: str) -> Element:
        found = self.all(name, **attributes)
        assert len(found) == 1, f"{len(found)} of <{name}> with {attributes} at {self.path}"
        return found[0]

    @property
    def heading(self) -> str:
        return text_of(self.one("h1"))

    @property
    def title(self) -> str:
        return text_of(self.one("title"))

    @property
    def alerts(self) -> list[str]:
        """What the page says about the form as a whole."""
        return [text_of(element) for element in self.all("div", role="alert")]

    @property
    def status_messages(self) -> list[str]:
        return [text_of(element) for element in self.all("p", role="status")]

    @property
    def errors(self) -> dict[str, str]:
        """The error that belongs to each input, by its name, as a screen reader finds it."""
        found = {}
        for element in self.all("input"):
            attributes = attributes_of(element)
            if attributes.get("aria-invalid") == "true":
                texts = [text_of(self.by_id(name)) for name in attributes["aria-describedby"].split()]
                found[attributes["name"]] = texts[-1]
        return found

    @property
    def focused(self) -> str | None:
        """The name of the input with the cursor in it."""
        names = [attributes_of(element)["name"] for element in self.all("input", autofocus="")]
        assert len(names) <= 1
        return names[0] if names else None

    @property
    def links(self) -> dict[str, str]:
        """Every link by its text."""
        return {text_of(element): attributes_of(element)["href"] for element in self.all("a")}

    def by_id(self, element_id: str) -> Element:
        (found,) = [item for item in walk(self.document) if attributes_of(item).get("id") == element_id]
        return found

    def text_by_id(self, element_id: str) -> str:
        return text_of(self.by_id(element_id))

    def label(self, name: str) -> str:
        """The text of the label that belongs to an input."""
        element_id = attributes_of(self.one("input", name=name))["id"]
        return text_of(self.one("label", for_=element_id))

    def input(self, name: str) -> dict[str, str]:
        """The attributes of an input."""
        return attributes_of(self.one("input", name=name))

    @property
    def values(self) -> dict[str, str]:
        """What the page's only form would send if it were submitted as it stands."""
        (form,) = [element for element in walk(self.document) if element.name == "form"]
        inputs = [attributes_of(item) for item in walk(form) if item.name == "input"]
        return {item["name"]: item.get("value", "") for item in inputs if item.get("type") != "checkbox"}

    @property
    def action(self) -> str:
        (form,) = [element for element in walk(self.document) if element.name == "form"]
        return urljoin(self.path, attributes_of(form).get("action", self.path))


class Visitor:
    """One browser profile at ``origin``, where site and API are one."""

    def __init__(self, *, headers: Mapping[str, str] | None = None, origin: str = ORIGIN) -> None:
        self.origin = origin
        self.jar = CookieJar()
        self.headers = dict(headers or {})
        self._client = Client(enforce_csrf_checks=True)

    def open(self, path: str) -> Page:
        """Go to a path, not following where that leads to."""
        return self._send("GET", path)

    def submit(self, page: Page, **fields: str) -> Page:
        """Fill in the page's form and send it."""
        return self.post(page.action, {**page.values, **fields})

    def follow(self, page: Page) -> Page:
        """Go where a redirect leads."""
        assert page.status == 302, f"{page.path} answered {page.status}, no redirect"
        return self.open(urljoin(page.path, page.response["Location"]))

    def arrive(self, path: str, limit: int = 5) -> Page:
        """Go to a path and follow where it leads."""
        page = self.open(path)
        for _ in range(limit):
            if page.status != 302:
                return page
            page = self.follow(page)
        raise AssertionError(f"{path} leads in a circle")

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Page:
        """Send a form, from a page of this site unless ``headers`` name another ``origin``."""
        return self._send("POST", path, urlencode(fields), {"origin": self.origin, **headers})

    def probe(self, method: str, path: str) -> Page:
        """Ask as a program does that follows the links of mails: by any method, with what stands in the address."""
        return self._send(method, path)

    @property
    def is_signed_in(self) -> bool:
        return self.jar.get("sAccessToken") is not None

    def _send(self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None) -> Page:
        scheme, host = urlsplit(self.origin)[:2]
        name, is_secure = host.partition(":")[0], scheme == "https"
        cookie = self.jar.header_for(name, urlsplit(path).path, secure=is_secure)
        sent = {**self.headers, **(headers or {}), "host": host, **({"cookie": cookie} if cookie else {})}
        self._client.cookies.clear()
        response: Any = self._client.generic(
            method, path, body, "application/x-www-form-urlencoded", secure=is_secure, headers=sent
        )
        self.jar.take(response, host=name, path=urlsplit(path).path, secure=is_secure)
        return Page(path, response)


def walk(element: Element) -> Iterator[Element]:
    """The element and everything in it."""
    yield element
    for child in element.children:
        if isinstance(child, Element):
            yield from walk(child)


def attributes_of(element: Element) -> dict[str, str]:
    """Attributes without a value have the empty one, as in the DOM."""
    return {name: value or "" for name, value in element.attributes}


def text_of(element: Element) -> str:
    parts = [child if isinstance(child, str) else text_of(child) for child in element.children]
    return " ".join(" ".join(parts).split())
