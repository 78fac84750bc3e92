"""SuperTokens' prebuilt screens sign in by codes and links of this backend."""

from __future__ import annotations

from supertokens_django.services import passwordless, users
from supertokens_django.users.accounts import AccountInfo
from tests.base import BOB, sign_up, supertokens_settings
from tests.browser.conftest import Shot
from tests.browser.prebuilt_ui.screens import OpenScreens, Screens
from tests.client import Mode
from tests.recipes.passwordless.device import (
    CODE,
    EMAIL,
    LINK,
    NUMBER,
    code_in,
    link_in,
    mailed_code,
    mailed_link,
    texts_of_mails,
    texts_of_sms,
    wrong,
)

SENT = "An OTP and a magic link was sent to you at"
LOGO = "Powered by SuperTokens"
ENTER = ["OTP", "Resend in", "CONTINUE", "Change email", LOGO]
START = ["Sign Up / Sign In", "Email", "CONTINUE", LOGO]


def ask(screens: Screens, email: str = EMAIL) -> None:
    screens.fill_in(email=email)
    screens.press("CONTINUE")
    screens.wait_for("Enter OTP")


def type_code(screens: Screens, code: str) -> None:
    screens.fill_in(userInputCode=code)
    screens.press("CONTINUE")


def found(**contact: str) -> list[str]:
    return [user.id for user in users.list_users_by_account_info("public", AccountInfo(**contact))]


def test_a_code_that_is_typed(open_screens: OpenScreens, mode: Mode, shot: Shot) -> None:
    screens = open_screens("passwordless")
    screens.wait_for("Sign Up / Sign In")
    assert screens.text() == START
    ask(screens)
    assert screens.text() == ["Enter OTP", SENT, EMAIL, *ENTER]
    shot(screens.tab, f"prebuilt-ui-code-{mode}")
    type_code(screens, mailed_code())
    user_id = screens.user_id()
    assert found(email=EMAIL) == [user_id]

    screens.press("Sign out")
    ask(screens)
    type_code(screens, mailed_code())
    assert screens.user_id() == user_id


def test_wrong_codes_and_starting_over(open_screens: OpenScreens, mode: Mode, shot: Shot) -> None:
    screens = open_screens("passwordless")
    ask(screens)
    for _ in range(4):
        with screens.tab.expect_response("**/auth/signinup/code/consume"):
            type_code(screens, wrong(mailed_code()))
        screens.wait_for("Invalid OTP")
    assert screens.text() == ["Enter OTP", SENT, EMAIL, "Invalid OTP", *ENTER]
    shot(screens.tab, f"prebuilt-ui-code-wrong-{mode}")

    type_code(screens, wrong(mailed_code()))
    screens.wait_for("Login unsuccessful. Please try again.")
    assert screens.text() == [START[0], "Login unsuccessful. Please try again.", *START[1:]]
    ask(screens)
    type_code(screens, mailed_code())
    assert users.get_user(screens.user_id()) is not None


def test_the_link_signs_in_at_once_where_it_was_asked_for(open_screens: OpenScreens) -> None:
    screens = open_screens("passwordless")
    ask(screens)
    screens.tab.goto(mailed_link())
    user_id = screens.user_id()
    assert users.get_user(user_id) is not None


def test_elsewhere_the_link_asks_for_a_click(open_screens: OpenScreens, mode: Mode, shot: Shot) -> None:
    ask(open_screens("passwordless"))
    phone = open_screens("passwordless", path=mailed_link())
    phone.wait_for("Click the button below")
    assert phone.text() == [
        "Sign Up or Log In",
        "Click the button below to log in on this device",
        "CONTINUE",
    ]
    shot(phone.tab, f"prebuilt-ui-link-{mode}")
    assert users.get_user_count() == 0
    phone.press("CONTINUE")
    assert users.get_user(phone.user_id()) is not None

    late = open_screens("passwordless", path=mailed_link())
    late.press("CONTINUE")
    late.wait_for("Invalid magic link. Please try again.")


def test_a_code_that_is_sent_again(open_screens: OpenScreens) -> None:
    screens = open_screens("passwordless")
    screens.tab.clock.install()
    ask(screens)
    first = mailed_code()
    screens.tab.clock.fast_forward(20_000)
    screens.follow("Resend Email")
    screens.wait_for("Email resent")
    assert screens.text()[:4] == ["Enter OTP", SENT, EMAIL, "Email resent"]
    assert (len(texts_of_mails()), mailed_code() != first) == (2, True)
    type_code(screens, first)  # is still good
    assert users.get_user(screens.user_id()) is not None


def test_a_phone_number(open_screens: OpenScreens) -> None:
    screens = open_screens("passwordless", contactMethod="PHONE")
    screens.tab.locator("input[type=tel]").fill(NUMBER)
    screens.press("CONTINUE")
    screens.wait_for("Enter OTP")
    assert screens.text()[:3] == ["Enter OTP", SENT, NUMBER]
    type_code(screens, code_in(texts_of_sms()[-1]))
    user_id = screens.user_id()
    assert found(phone_number=NUMBER) == [user_id]


def test_codes_without_links(open_screens: OpenScreens, mode: Mode, shot: Shot) -> None:
    with supertokens_settings(PASSWORDLESS={"FLOW_TYPE": "USER_INPUT_CODE"}):
        screens = open_screens("passwordless")
        ask(screens)
        assert screens.text() == ["Enter OTP", "An OTP was sent to you at", EMAIL, *ENTER]
        shot(screens.tab, f"prebuilt-ui-code-only-{mode}")
        assert LINK.findall(texts_of_mails()[-1]) == []
        type_code(screens, mailed_code())
        user_id = screens.user_id()
    assert found(email=EMAIL) == [user_id]


def test_links_without_codes(open_screens: OpenScreens, mode: Mode, shot: Shot) -> None:
    with supertokens_settings(PASSWORDLESS={"FLOW_TYPE": "MAGIC_LINK"}):
        screens = open_screens("passwordless")
        screens.fill_in(email=EMAIL)
        screens.press("CONTINUE")
        screens.wait_for("Link sent!")
        sent = f"We sent a link to {EMAIL}. Click the link to login or sign up"
        assert screens.text() == ["Link sent!", sent, "Change email", "Resend in"]
        shot(screens.tab, f"prebuilt-ui-link-only-{mode}")
        (message,) = texts_of_mails()
        assert CODE.findall(LINK.sub("", message)) == []
        screens.tab.goto(link_in(message))
        user_id = screens.user_id()
    assert found(email=EMAIL) == [user_id]


def test_links_without_codes_to_a_phone(open_screens: OpenScreens) -> None:
    with supertokens_settings(PASSWORDLESS={"FLOW_TYPE": "MAGIC_LINK"}):
        screens = open_screens("passwordless", contactMethod="PHONE")
        screens.tab.locator("input[type=tel]").fill(NUMBER)
        screens.press("CONTINUE")
        screens.wait_for("Link sent!")
        sent = f"We sent a link to your phone number {NUMBER}"
        assert screens.text() == ["Link sent!", sent, "Change phone number", "Resend in"]
        (message,) = texts_of_sms()
        screens.tab.goto(link_in(message))
        user_id = screens.user_id()
    assert found(phone_number=NUMBER) == [user_id]


def test_either_recipe_on_one_screen(open_screens: OpenScreens, mode: Mode, shot: Shot) -> None:
    """The screen asks the backend by what an address signs in."""
    screens = open_screens("emailpassword", "passwordless")
    sign_up(BOB)
    screens.fill_in(email=BOB.email)
    screens.press("CONTINUE")
    screens.fill_in(password=BOB.password)
    shot(screens.tab, f"prebuilt-ui-password-or-code-{mode}")
    screens.press("CONTINUE")
    screens.user_id()
    screens.press("Sign out")

    user_id = passwordless.signinup("public", email=EMAIL)[0].user_id
    ask(screens)
    type_code(screens, mailed_code())
    assert screens.user_id() == user_id
