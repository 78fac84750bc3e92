"""What staff do in Django's admin, in Chromium: as wide as a desk and as a phone, and by the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import Permission
from django.test import override_settings

from supertokens_django.models import SigningKey
from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.services import emailpassword, session, usermetadata
from supertokens_django.users.models import LoginIdentity
from tests.accounts import make_superuser
from tests.base import ALICE, BOB, MALLORY
from tests.browser.conftest import WIDTHS, Shot
from tests.browser.test_admin import look, operator, people, site
from tests.mail import outbox

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["operator", "people", "site"]

ADMIN = "/admin/supertokens_django/"
NEW = "a brand new one 7"


@pytest.fixture(params=WIDTHS)
def tab(request: pytest.FixtureRequest, operator: Page) -> Page:
    """The operator's tab, as wide as a desk, and as a phone."""
    operator.set_viewport_size({"width": request.param, "height": 800})
    return operator


def page_of(user_id: str) -> str:
    return f"{ADMIN}user/{user_id}/change/"


def seen(tab: Page, name: str, shot: Shot) -> None:
    """Pictures in all widths, taken once."""
    if tab.viewport_size is not None and tab.viewport_size["width"] == WIDTHS[0]:
        look(tab, name, shot)


def fits(tab: Page) -> bool:
    """Nothing stands out of the window to the right."""
    return bool(tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_an_operator_sets_a_password(tab: Page, people: dict[str, str], shot: Shot) -> None:
    tab.goto(page_of(people[ALICE.email]))
    tab.get_by_role("link", name="Set a password").click()
    tab.get_by_text("The user is signed out everywhere.").wait_for()
    assert fits(tab)
    tab.get_by_label("New password:").fill("short 1")
    tab.get_by_label("New password, again:").fill("short 2")
    tab.get_by_role("button", name="Set a password").click()
    tab.get_by_text("The two passwords are not the same.").wait_for()
    seen(tab, "set-password-wrong", shot)
    tab.get_by_label("New password:").fill(NEW)
    tab.get_by_label("New password, again:").fill(NEW)
    tab.get_by_role("button", name="Set a password").click()
    tab.get_by_text("The password was set, and 3 sessions revoked.").wait_for()
    seen(tab, "set-password-done", shot)
    assert emailpassword.sign_in("public", ALICE.email, NEW).id == people[ALICE.email]
    assert session.get_all_session_handles_for_user(people[ALICE.email]) == []
    tab.get_by_role("link", name="History").click()
    tab.get_by_text("Set a password. Signed out everywhere.").wait_for()


def test_an_operator_changes_an_address_and_a_name(tab: Page, people: dict[str, str], shot: Shot) -> None:
    tab.goto(page_of(people[BOB.email]))
    tab.get_by_role("link", name="Change the e-mail address").click()
    seen(tab, "change-email", shot)
    assert fits(tab)
    tab.get_by_label("E-mail address:").fill(ALICE.email)
    tab.get_by_role("button", name="Change the e-mail address").click()
    tab.get_by_text("Somebody signs in by this e-mail address already.").wait_for()
    tab.get_by_label("E-mail address:").fill("robert@example.com")
    tab.get_by_role("button", name="Change the e-mail address").click()
    tab.get_by_text("The e-mail address is robert@example.com now.").wait_for()
    tab.get_by_role("link", name="Change the name").click()
    tab.get_by_label("First name:").fill("Robert")
    tab.get_by_label("Last name:").fill("Builder")
    seen(tab, "change-name", shot)
    tab.get_by_role("button", name="Change the name").click()
    tab.get_by_text("Robert Builder").wait_for()
    seen(tab, "user-with-name", shot)
    assert fits(tab)
    bob = people[BOB.email]
    assert usermetadata.get_user_metadata(bob) == {"first_name": "Robert", "last_name": "Builder"}
    assert emailpassword.sign_in("public", "robert@example.com", BOB.password).id == bob


def test_an_operator_sends_reset_mails(tab: Page, people: dict[str, str], shot: Shot) -> None:
    tab.goto(page_of(people[ALICE.email]))
    tab.get_by_role("link", name="Send a reset mail").click()
    tab.get_by_text(f"goes to {ALICE.email}.").wait_for()
    seen(tab, "reset-mail", shot)
    tab.get_by_role("button", name="Send a reset mail").click()
    tab.get_by_text("The mail is on its way.").wait_for()
    tab.goto(f"{ADMIN}user/?q=customer1@")
    tab.check("tbody input[type=checkbox]")
    tab.get_by_label("Action:").select_option("tool_reset-mail")
    tab.get_by_role("button", name="Go").click()
    tab.get_by_text("1 user was sent a reset mail.").wait_for()
    assert [message.to[0] for message in outbox()] == [ALICE.email, "customer1@example.com"]


def test_an_operator_adds_a_user(tab: Page, people: dict[str, str], shot: Shot) -> None:
    tab.goto(f"{ADMIN}user/")
    tab.get_by_role("link", name="Add a user with a password").click()
    seen(tab, "add-user", shot)
    assert fits(tab)
    tab.get_by_label("E-mail address:").fill("carol@example.com")
    tab.get_by_label("New password:").fill(NEW)
    tab.get_by_label("New password, again:").fill(NEW)
    tab.get_by_role("button", name="Add a user with a password").click()
    tab.get_by_text("The user carol@example.com was added.").wait_for()
    assert emailpassword.sign_in("public", "carol@example.com", NEW).email == "carol@example.com"


def test_an_operator_revokes_a_session_from_its_page(tab: Page, people: dict[str, str], shot: Shot) -> None:
    mallory = people[MALLORY.email]
    tab.goto(f"{ADMIN}session/?q={mallory}")
    tab.locator("#result_list tbody th a").first.click()
    seen(tab, "session-page", shot)
    tab.get_by_role("link", name="Revoke this session").click()
    tab.get_by_text("signed out on that device").wait_for()
    seen(tab, "revoke-session", shot)
    assert fits(tab)
    tab.get_by_role("button", name="Revoke this session").click()
    tab.get_by_text("The session was revoked.").wait_for()
    assert session.get_all_session_handles_for_user(mallory) == []


def test_an_operator_rotates_the_signing_key(tab: Page, people: dict[str, str], shot: Shot) -> None:
    SigningKey.objects.filter(kind="dynamic").update(created_at="2026-01-01T12:00:00Z")
    tab.goto(f"{ADMIN}signingkey/")
    seen(tab, "keys", shot)
    tab.get_by_role("link", name="Rotate now").click()
    tab.get_by_text("nobody is signed out").wait_for()
    seen(tab, "rotate-key", shot)
    assert fits(tab)
    before = SigningKey.objects.count()
    tab.get_by_role("button", name="Rotate now").click()
    tab.get_by_text("is published.").wait_for()
    seen(tab, "key-published", shot)
    assert SigningKey.objects.count() == before + 1
    assert "PRIVATE" not in tab.content()


def test_an_operator_narrows_the_list(tab: Page, people: dict[str, str], shot: Shot) -> None:
    Tenant.objects.create(id="acme")
    carol = emailpassword.sign_up("acme", "carol@example.com", NEW).id
    LoginIdentity.objects.filter(owner_id=people[BOB.email]).update(recipe_id="thirdparty")
    tab.goto(f"{ADMIN}user/")
    seen(tab, "users-with-filters", shot)
    tab.get_by_role("link", name="acme", exact=True).click()
    tab.get_by_text("1 SuperTokens user").first.wait_for()
    assert carol in tab.locator("#result_list").inner_text()
    tab.goto(f"{ADMIN}user/")
    tab.get_by_role("link", name="thirdparty", exact=True).click()
    tab.get_by_text("1 SuperTokens user").first.wait_for()
    assert people[BOB.email] in tab.locator("#result_list").inner_text()


def test_of_very_many_tenants_one_is_written(operator: Page, people: dict[str, str], shot: Shot) -> None:
    Tenant.objects.bulk_create(Tenant(id=f"customer-{number:02}") for number in range(40))
    carol = emailpassword.sign_up("customer-39", "carol@example.com", NEW).id
    operator.goto(f"{ADMIN}user/")
    operator.get_by_label("Tenant ID").fill("customer-39")
    look(operator, "users-many-tenants", shot)
    operator.get_by_role("button", name="Show").click()
    operator.get_by_text("1 SuperTokens user").first.wait_for()
    assert carol in operator.locator("#result_list").inner_text()


def test_by_the_keyboard_alone(operator: Page, people: dict[str, str]) -> None:
    operator.goto(page_of(people[ALICE.email]))
    _tab_to(operator, "Set a password")
    operator.keyboard.press("Enter")
    operator.get_by_label("New password:").wait_for()
    for _ in range(60):
        operator.keyboard.press("Tab")
        if operator.evaluate("document.activeElement.name") == "password":
            break
    operator.keyboard.type(NEW)
    operator.keyboard.press("Tab")
    operator.keyboard.type(NEW)
    operator.keyboard.press("Enter")
    operator.get_by_text("The password was set, and 3 sessions revoked.").wait_for()
    assert emailpassword.sign_in("public", ALICE.email, NEW).id == people[ALICE.email]


def _tab_to(tab: Page, text: str) -> None:
    for _ in range(80):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.textContent").strip() == text:
            return
    raise AssertionError(f"no way to {text!r} by the keyboard")


@pytest.fixture
def onlooker(chromium: Browser, site: str, people: dict[str, str]) -> Iterator[Page]:
    """A tab of somebody who may look at everything and do nothing."""
    user = make_superuser("looks@acme.com")
    user.is_superuser = False
    user.save()
    looking = Permission.objects.filter(
        content_type__app_label="supertokens_django", codename__startswith="view_"
    )
    user.user_permissions.set(looking)
    context = chromium.new_context(base_url=site)
    context.set_default_timeout(10_000)
    tab = context.new_page()
    tab.goto("/admin/")
    tab.fill("[name=username]", "looks@acme.com")
    tab.fill("[name=password]", "the admin's own password 1")
    tab.get_by_role("button", name="Log in").click()
    tab.get_by_role("link", name="SuperTokens users").wait_for()
    yield tab
    context.close()


def test_who_may_only_look_sees_no_button(onlooker: Page, people: dict[str, str], shot: Shot) -> None:
    for path in ("user/", "session/", "signingkey/"):
        onlooker.goto(f"{ADMIN}{path}")
        assert onlooker.locator(".object-tools a, select, input[type=checkbox]").count() == 0, path
        onlooker.locator("#result_list tbody th a").first.click()
        onlooker.get_by_role("heading", name="View ").wait_for()
        assert onlooker.locator(".object-tools a").all_inner_texts() in (["HISTORY"], ["History"])
        assert onlooker.locator("#content-main input[type=submit]").count() == 0
    onlooker.goto(page_of(people[ALICE.email]))
    look(onlooker, "user-for-onlookers", shot)


def test_in_german(operator: Page, people: dict[str, str], shot: Shot) -> None:
    with override_settings(LANGUAGE_CODE="de"):
        operator.goto(page_of(people[ALICE.email]))
        operator.get_by_role("link", name="Passwort setzen").click()
        operator.get_by_text("Der Benutzer wird überall abgemeldet.").wait_for()
        operator.get_by_label("Neues Passwort:").fill("kurz")
        operator.get_by_label("Neues Passwort, noch einmal:").fill("kurz")
        operator.get_by_role("button", name="Passwort setzen").click()
        operator.get_by_text("Das Passwort muss mindestens 8 Zeichen haben, darunter eine Ziffer.").wait_for()
        assert operator.locator("html").get_attribute("lang") == "de"
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == people[ALICE.email]
        look(operator, "set-password-german", shot)
        operator.goto(f"{ADMIN}signingkey/tool/rotate/")
        operator.get_by_text("Niemand wird abgemeldet").wait_for()
        look(operator, "rotate-key-german", shot)
