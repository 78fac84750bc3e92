"""SuperTokens' prebuilt screens verify an address by the mail of this backend."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core import mail

from supertokens_django.services import emailverification, users
from tests.base import ALICE, supertokens_settings
from tests.browser.conftest import Shot
from tests.browser.prebuilt_ui.screens import OpenScreens, Screens
from tests.client import Mode
from tests.recipes.emailverification.verification import LINK, link_in, the_mail

RECIPES = ("emailpassword", "emailverification")
LOOK = [
    "Verify your email!",
    "Please click on the link in the email we just sent you to confirm your email address.",
]


@pytest.fixture(autouse=True)
def _recipe_is_on(api: str) -> Iterator[None]:
    with supertokens_settings(RECIPES=[*RECIPES], EMAILVERIFICATION={"MODE": "REQUIRED"}):
        yield


@pytest.fixture
def member(open_screens: OpenScreens) -> Screens:
    """Alice, who has signed up and is asked to look into her inbox."""
    screens = open_screens(*RECIPES)
    screens.follow("Sign Up")
    screens.fill_in(email=ALICE.email, password=ALICE.password)
    with screens.tab.expect_response("**/auth/user/email/verify/token"):
        screens.press("SIGN UP")
    screens.wait_for("Verify your email!")
    return screens


def is_verified() -> bool:
    (user,) = users.get_users_newest_first("public").users
    return emailverification.is_email_verified(user.id)


def test_the_link_lets_in(member: Screens, mode: Mode, shot: Shot) -> None:
    assert member.text() == [*LOOK, "Logout", "Resend Email"]
    shot(member.tab, f"prebuilt-ui-verify-{mode}")
    assert not is_verified()
    member.tab.goto(link_in(the_mail()))
    member.wait_for("Email verification successful!")
    assert member.text() == ["Email verification successful!", "CONTINUE"]
    shot(member.tab, f"prebuilt-ui-verified-{mode}")
    assert is_verified()
    member.press("CONTINUE")
    member.user_id()


def test_the_link_in_another_browser(member: Screens, open_screens: OpenScreens) -> None:
    phone = open_screens(*RECIPES)
    phone.tab.goto(link_in(the_mail()))
    phone.wait_for("Please click on the button below")
    assert phone.text() == [
        "Verify your email address",
        "Please click on the button below to verify your email address",
        "CONTINUE",
    ]
    assert not is_verified()
    phone.press("CONTINUE")
    phone.wait_for("Email verification successful!")
    assert is_verified()

    member.tab.reload()
    member.user_id()


def test_a_mail_that_is_sent_again(member: Screens) -> None:
    member.follow("Resend Email")
    member.wait_for("Email resent")
    assert member.text() == ["Email resent", *LOOK, "Logout"]
    first, second = (LINK.findall(str(message.body))[0] for message in mail.outbox)
    assert first != second
    member.tab.goto(first)
    member.wait_for("Email verification successful!")


def test_a_link_that_is_wrong(member: Screens) -> None:
    member.tab.goto(link_in(the_mail()).replace("token=", "token=x"))
    member.wait_for("expired")
    assert member.text() == ["The email verification link has expired", "Continue"]
    assert not is_verified()


def test_who_logs_out_instead(member: Screens) -> None:
    member.follow("Logout")
    member.tab.locator("input[name=email]").wait_for()
    member.fill_in(email=ALICE.email, password=ALICE.password)
    member.press("SIGN IN")
    member.wait_for("Verify your email!")
