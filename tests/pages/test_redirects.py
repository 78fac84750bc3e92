"""Where the pages send people: never to another site."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import override_settings

from tests.base import ALICE
from tests.pages.test_sign_in import sign_in
from tests.pages.visiting import Page, Visitor

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "https://evil.example/",
    "http://acme.com/",
    "https://acme.com/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "\x01//evil.example/",
    " //evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "?x",
    "",
    "/" + "a" * 5000,
    "//[",
]


@pytest.mark.parametrize("name", ["next", "redirectToPath"])
@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_name_leads_to_another_site(name: str, target: str, visitor: Visitor, alice: str) -> None:
    page = sign_in(visitor, f"/auth/?{name}={quote(target)}")
    assert page.response["Location"] == "/protected/"


@pytest.mark.parametrize("name", ["next", "redirectToPath"])
@pytest.mark.parametrize("target", ["/orders/", "/orders/?page=2&sort=-date#last", "/größe/?q=a b", "/auth/"])
def test_a_path_of_this_site_is_returned_to(name: str, target: str, visitor: Visitor, alice: str) -> None:
    page = sign_in(visitor, f"/auth/?{name}={quote(target)}")
    assert page.response["Location"] == quote(target, safe="/?&=#-")


def test_what_is_posted_does_not_count(visitor: Visitor, alice: str) -> None:
    assert sign_in(visitor, next="/orders/").response["Location"] == "/protected/"


@override_settings(ROOT_URLCONF="example_project.urls")
def test_django_brings_people_back(visitor: Visitor, alice: str) -> None:
    page = visitor.open("/protected/")
    assert page.response["Location"] == "/auth/?next=/protected/"
    page = visitor.submit(visitor.follow(page), email=ALICE.email, password=ALICE.password)
    assert page.response["Location"] == "/protected/"
    assert visitor.follow(page).status == 200


def test_every_page_carries_it_on(visitor: Visitor) -> None:
    carried = urlencode({"next": "/orders/", "tenantId": "acme"})
    page = visitor.open("/auth/?redirectToPath=/orders/&tenantId=acme")
    assert page.links == {
        "Forgot your password?": f"/auth/reset-password?{carried}",
        "Create an account": f"/auth/?show=signup&{carried}",
    }
    assert visitor.open(f"/auth/?show=signup&{carried}").links == {"Sign in": f"/auth/?{carried}"}


def test_who_is_signed_in_already_may_go_on(visitor: Visitor, alice: str) -> None:
    sign_in(visitor)
    assert visitor.open("/auth/?next=/orders/").links["Continue to Acme"] == "/orders/"
    assert visitor.open("/auth/?next=//evil.example").links["Continue to Acme"] == "/protected/"


class TestWithoutOne:
    def location(self, visitor: Visitor) -> str:
        page: Page = sign_in(visitor)
        return str(page.response["Location"])

    def test_the_projects_setting_counts(self, visitor: Visitor, alice: str, settings: Any) -> None:
        settings.LOGIN_REDIRECT_URL = "/welcome/"
        assert self.location(visitor) == "/welcome/"

    def test_it_may_name_a_url(self, visitor: Visitor, alice: str, settings: Any) -> None:
        settings.LOGIN_REDIRECT_URL = "admin:index"
        assert self.location(visitor) == "/admin/"

    def test_a_project_without_the_setting_has_its_home_page(self) -> None:
        code = (
            "import django; django.setup(); from supertokens_django import conf;"
            "print(conf.redirect_after_sign_in(), conf.redirect_after_sign_out())"
        )
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.pages.settings_without_redirects"}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
        assert done.stdout.decode().split() == ["/", "None"]


def test_no_text_comes_from_the_address(visitor: Visitor) -> None:
    page = visitor.open("/auth/?notice=Call+0900-1234")
    assert page.status_messages == []
    assert "0900" not in page.response.content.decode()
