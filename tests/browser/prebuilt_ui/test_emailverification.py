"""SuperTokens' prebuilt screens verify an address by the mail of this backend."""

from __future__ import annotations

import pytest

from supertokens_django.services import emailverification, users
from tests.base import ALICE, supertokens_settings
from tests.browser.conftest import Shot
from tests.browser.prebuilt_ui.screens import OpenScreens, Screens
from tests.client import Mode
from tests.mail import outbox
from tests.recipes.emailverification.verification import LINK, link_in, the_mail

RECIPES = ("emailpassword", "emailverification")
LOOK = [
    "Verify your email!",
    "Please click on the link in the email we just sent you to confirm your email address.",
]


VIEW = "/verified/"
"""The view of the example project that insists on a verified address."""


def sign_up(screens: Screens) -> Screens:
    """Alice signs up, and is asked to look into her inbox."""
    screens.follow("Sign Up")
    screens.fill_in(email=ALICE.email, password=ALICE.password)
    with screens.tab.expect_response("**/auth/user/email/verify/token"):
        screens.press("SIGN UP")
    screens.wait_for("Verify your email!")
    return screens


@pytest.fixture
def member(open_screens: OpenScreens) -> Screens:
    return sign_up(open_screens(*RECIPES, view=VIEW))


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
    phone = open_screens(*RECIPES, view=VIEW, path=link_in(the_mail()))
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
    first, second = (LINK.findall(str(message.body))[0] for message in outbox())
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
    with member.tab.expect_response("**/auth/user/email/verify/token"):
        member.press("SIGN IN")
    member.wait_for("Verify your email!")
    assert member.text() == [*LOOK, "Logout", "Resend Email"]
    assert not is_verified()


def test_where_every_view_insists(open_screens: OpenScreens) -> None:
    with supertokens_settings(EMAILVERIFICATION={"MODE": "REQUIRED"}):
        member = sign_up(open_screens(*RECIPES))
        member.tab.goto(link_in(the_mail()))
        member.wait_for("Email verification successful!")
        member.press("CONTINUE")
        (user,) = users.get_users_newest_first("public").users
        assert member.user_id() == user.id


def test_a_frontend_that_does_not_insist(open_screens: OpenScreens) -> None:
    """It lets in, and the view of the backend refuses until the link has been opened, on whatever device."""
    member = open_screens(*RECIPES, verification="OPTIONAL", view=VIEW)
    member.follow("Sign Up")
    member.fill_in(email=ALICE.email, password=ALICE.password)
    member.press("SIGN UP")
    member.wait_for("the API says 403")
    (user,) = users.get_users_newest_first("public").users
    member.tab.goto(emailverification.create_email_verification_link("public", user.id))
    member.wait_for("Email verification successful!")
    member.press("CONTINUE")
    assert member.user_id() == user.id
