"""A browser in a few lines: opens the provider's pages, fills in their forms, and stops where it is sent back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from tests.idp.records import Account


class Refused(Exception):
    """The provider shows an error; the text is in its alert."""


@dataclass(frozen=True)
class Returned:
    """What the provider sends the browser to: an address with parameters, or a form to be posted there."""

    url: str
    method: str
    params: dict[str, str]


def visit(url: str, account: Account, *, consent: bool) -> Returned:
    """Sign in and decide; returns where the provider sends the browser."""
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(url, allow_redirects=False)
        if 'value="sign_in"' in page.text:
            filled = {"login": account.login, "password": account.password, "step": "sign_in"}
            page = browser.post(url, data=filled)
        if 'value="accept"' in page.text:
            page = browser.post(url, data={"step": "accept" if consent else "cancel"}, allow_redirects=False)
        return _returned(page)


def _returned(page: requests.Response) -> Returned:
    if 300 <= page.status_code < 400:
        target = urljoin(str(page.url), page.headers["Location"])
        return Returned(target, "GET", dict(parse_qsl(urlsplit(target).query)))
    form = re.search(r'<form method="post" action="([^"]+)">', page.text)
    if form is None:
        alert = re.search(r'role="alert">([^<]*)<', page.text)
        raise Refused(unescape(alert[1]) if alert else page.text)
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    return Returned(unescape(form[1]), "POST", {unescape(name): unescape(value) for name, value in fields})
