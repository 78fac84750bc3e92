"""Mails of the example project go through an SMTP server, and their links are followed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from supertokens_django.services import emailverification, users
from tests.base import ALICE, sign_up, supertokens_settings
from tests.browser.pages import fill_in, press
from tests.delivery.test_smtp import Postman, part, postman

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["postman"]

NEW_PASSWORD = "looking glass 1871"


def link_in_the_mail(postman: Postman) -> str:
    """The one link in the plain text of the only mail that the server took."""
    message = postman.mail()
    assert message["To"] == ALICE.email
    (link,) = set(re.findall(r"http://\S+", part(message, "text/plain")))
    return str(link)


def test_a_forgotten_password(tab: Page, postman: Postman) -> None:
    sign_up(ALICE)
    tab.goto("/auth/reset-password")
    fill_in(tab, email=ALICE.email)
    press(tab, "Send link")
    tab.get_by_role("heading", name="Check your e-mail").wait_for()

    tab.goto(link_in_the_mail(postman))
    fill_in(tab, password=NEW_PASSWORD)
    press(tab, "Change password")
    tab.get_by_text("Your password has been changed.").wait_for()
    fill_in(tab, email=ALICE.email, password=ALICE.password)
    press(tab, "Sign in")
    assert tab.get_by_role("alert").inner_text() == "The e-mail address or the password is not right."
    fill_in(tab, email=ALICE.email, password=NEW_PASSWORD)
    press(tab, "Sign in")
    tab.get_by_role("heading", name="You are in").wait_for()


def test_an_address_that_is_confirmed(tab: Page, postman: Postman) -> None:
    required = {"RECIPES": ["emailpassword", "emailverification"], "EMAILVERIFICATION": {"MODE": "REQUIRED"}}
    with supertokens_settings(**required):
        tab.goto("/auth/?show=signup&next=/protected/")
        fill_in(tab, email=ALICE.email, password=ALICE.password)
        press(tab, "Create account")
        tab.get_by_role("heading", name="Check your e-mail").wait_for()
        (user,) = users.get_users_newest_first("public").users

        tab.goto(link_in_the_mail(postman))
        tab.get_by_role("heading", name="Confirm your address").wait_for()
        assert not emailverification.is_email_verified(user.id)
        press(tab, "Confirm the address")
        tab.get_by_text("Your e-mail address is confirmed.").wait_for()
        assert emailverification.is_email_verified(user.id)
