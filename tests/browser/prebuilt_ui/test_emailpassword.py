"""SuperTokens' prebuilt React screens, unmodified, against this backend."""

from __future__ import annotations

import pytest

from supertokens_django.services import users
from tests.base import ALICE, supertokens_settings
from tests.browser.conftest import Shot
from tests.browser.prebuilt_ui.screens import OpenScreens, Screens
from tests.client import Mode
from tests.mail import outbox

NEW_PASSWORD = "looking glass 1871"


@pytest.fixture
def screens(open_screens: OpenScreens) -> Screens:
    return open_screens("emailpassword")


def _fill_in(screens: Screens, password: str = ALICE.password) -> None:
    screens.fill_in(email=ALICE.email, password=password)


def _sign_up(screens: Screens) -> str:
    screens.follow("Sign Up")
    _fill_in(screens)
    screens.press("SIGN UP")
    return screens.user_id()


def test_a_visitor_signs_up_out_and_in(screens: Screens, website: str, mode: Mode, shot: Shot) -> None:
    screens.tab.get_by_role("button", name="SIGN IN").wait_for()
    assert screens.tab.url.startswith(f"{website}/auth/")
    shot(screens.tab, f"prebuilt-ui-sign-in-{mode}")

    user_id = _sign_up(screens)
    (user,) = users.get_users_newest_first("public").users
    assert user_id == user.id

    screens.press("Sign out")
    _fill_in(screens)
    screens.press("SIGN IN")
    assert screens.user_id() == user.id


def test_the_screens_show_the_words_of_the_backend(screens: Screens, mode: Mode, shot: Shot) -> None:
    _sign_up(screens)
    screens.press("Sign out")

    _fill_in(screens, "wonderland 1866")
    screens.press("SIGN IN")
    screens.wait_for("Incorrect email and password combination")
    shown = screens.text()
    assert (shown[0], "Incorrect email and password combination" in shown) == ("Sign In", True)

    screens.follow("Sign Up")
    _fill_in(screens)
    screens.press("SIGN UP")
    screens.wait_for("This email already exists. Please sign in instead.")
    shown = screens.text()
    assert shown[0] == "Sign Up"
    assert "This email already exists. Please sign in instead." in shown
    assert users.get_user_count() == 1
    shot(screens.tab, f"prebuilt-ui-email-taken-{mode}")


def test_a_forgotten_password_is_replaced(screens: Screens, mode: Mode, shot: Shot) -> None:
    user_id = _sign_up(screens)
    screens.press("Sign out")
    screens.follow("Forgot password?")
    screens.fill_in(email=ALICE.email)
    screens.press("Email me")
    screens.wait_for("A password reset email has been sent to")

    (link,) = (word for word in str(outbox()[0].body).split() if word.startswith("http"))
    screens.tab.goto(link)
    screens.fill_in(**{"password": NEW_PASSWORD, "confirm-password": NEW_PASSWORD})
    shot(screens.tab, f"prebuilt-ui-new-password-{mode}")
    screens.press("CHANGE PASSWORD")
    screens.wait_for("Success!")

    screens.press("SIGN IN")
    _fill_in(screens)
    screens.press("SIGN IN")
    screens.wait_for("Incorrect email and password combination")
    _fill_in(screens, NEW_PASSWORD)
    screens.press("SIGN IN")
    assert screens.user_id() == user_id


def test_too_many_tries_are_told_on_the_screen(screens: Screens, mode: Mode, shot: Shot) -> None:
    _sign_up(screens)
    screens.press("Sign out")
    with supertokens_settings(RATE_LIMITS={"ENABLED": True}):
        answers = []
        for _ in range(6):
            _fill_in(screens, "wonderland 1866")
            with screens.tab.expect_response("**/auth/signin") as answer:
                screens.press("SIGN IN")
            answers.append(answer.value.json()["status"])
        screens.wait_for("Too many attempts. Please try again in")
        assert answers == [*["WRONG_CREDENTIALS_ERROR"] * 5, "GENERAL_ERROR"]
        # Not even with the right one.
        _fill_in(screens)
        with screens.tab.expect_response("**/auth/signin") as answer:
            screens.press("SIGN IN")
        assert answer.value.json()["status"] == "GENERAL_ERROR"
        assert "Too many attempts." in " ".join(screens.text())
    shot(screens.tab, f"prebuilt-ui-too-many-{mode}")
