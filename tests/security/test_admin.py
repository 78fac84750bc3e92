"""The admin beside a website that may call the API with cookies (CORS)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.accounts import make_superuser
from tests.base import ALICE
from tests.client import FrontendClient

PASSWORD_FORM = "/admin/password_change/"


@pytest.fixture
def root(acme: None, db: None) -> Client:
    """An administrator's browser, before a server that checks CSRF as in production."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_superuser("root@acme.com"))
    return client


@pytest.mark.parametrize("header", ["rid", "anti-csrf"])
def test_the_header_of_a_frontend_takes_nothing_off_djangos_check(root: Client, header: str) -> None:
    """The website may be another program than the admin; Django would compare the origin."""
    response = root.post("/admin/logout/", headers={header: "x", "origin": "https://acme.com"}, secure=True)

    assert response.status_code == 403
    assert root.get("/admin/", secure=True).status_code == 200


def test_neither_does_a_bearer_token(root: Client, alice: str) -> None:
    phone = FrontendClient("header")
    phone.sign_in(ALICE.email, ALICE.password)
    bearer = {"authorization": f"Bearer {phone.access_token}", "origin": "https://acme.com"}

    assert root.post("/admin/logout/", headers=bearer, secure=True).status_code == 403


def test_a_form_of_the_admin_works_with_a_session_of_ours(alice: str) -> None:
    model: Any = get_user_model()
    model.objects.filter(email=ALICE.email).update(is_staff=True)
    browser = FrontendClient("cookie", enforce_csrf_checks=True)
    browser.sign_in(ALICE.email, ALICE.password)
    browser.get(PASSWORD_FORM)
    headers = {"x-csrftoken": browser.jar.get("csrftoken"), "referer": "https://api.acme.com/admin/"}

    response = browser.post(PASSWORD_FORM, headers={**headers, "rid": None})

    assert response.status_code == 200
