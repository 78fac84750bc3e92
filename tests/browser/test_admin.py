"""Our lists in Django's admin, in Chromium: an operator finds a user, ends sessions and deletes the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.services import emailpassword, session, usermetadata, userroles, users
from tests.accounts import make_superuser
from tests.base import ALICE, BOB, MALLORY, sign_up, supertokens_settings
from tests.browser.conftest import Shot
from tests.browser.test_pages import SCHEMES
from tests.client import FrontendClient

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

USER_AGENTS = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
)


@pytest.fixture
def site(live_server: LiveServer) -> Iterator[str]:
    ring.forget()  # the keys of the last test's database are gone
    origin = live_server.url
    with (
        override_settings(ROOT_URLCONF="example_project.urls"),
        supertokens_settings(API_DOMAIN=origin, WEBSITE_DOMAIN=origin),
    ):
        yield origin


@pytest.fixture
def people(site: str) -> dict[str, str]:
    """The user ids of Alice, Bob and Mallory, who are signed in on several devices, by e-mail."""
    found = {person.email: sign_up(person) for person in (ALICE, BOB, MALLORY)}
    for number in range(24):
        emailpassword.sign_up("public", f"customer{number}@example.com", ALICE.password)
    for person, devices in ((ALICE, USER_AGENTS), (BOB, USER_AGENTS[:1]), (MALLORY, ("curl/8.5.0",))):
        for user_agent in devices:
            sign_in(person.email, person.password, user_agent)
    return found


def sign_in(email: str, password: str, user_agent: str) -> None:
    fields = [{"id": "email", "value": email}, {"id": "password", "value": password}]
    FrontendClient("header").call_recipe(
        "POST",
        "/auth/signin",
        rid="emailpassword",
        json_body={"formFields": fields},
        headers={"user-agent": user_agent},
    )


@pytest.fixture
def operator(chromium: Browser, site: str, people: dict[str, str]) -> Iterator[Page]:
    """A tab in which an admin of the project is signed in."""
    make_superuser("root@acme.com")
    context = chromium.new_context(base_url=site)
    context.set_default_timeout(10_000)
    tab = context.new_page()
    tab.goto("/admin/")
    tab.fill("[name=username]", "root@acme.com")
    tab.fill("[name=password]", "the admin's own password 1")
    tab.get_by_role("button", name="Log in").click()
    tab.get_by_role("link", name="SuperTokens users").wait_for()
    yield tab
    context.close()


def look(tab: Page, name: str, shot: Shot) -> None:
    for scheme in SCHEMES:
        tab.emulate_media(color_scheme=scheme)
        shot(tab, f"admin-{name}-{scheme}")


def column(tab: Page, name: str) -> list[str]:
    """What a list shows in a column, sorted."""
    return sorted(tab.locator(f"#result_list tbody .field-{name}").all_inner_texts())


def test_every_screen_is_looked_at(operator: Page, people: dict[str, str], shot: Shot) -> None:
    look(operator, "index", shot)
    for name, rows in {"user": 27, "session": 5, "signingkey": 1, "tenant": 1}.items():
        operator.goto(f"/admin/supertokens_django/{name}/")
        assert (name, operator.locator("#result_list tbody tr").count()) == (name, rows)
        look(operator, f"{name}s", shot)
        operator.locator("#result_list tbody th a").first.click()
        operator.get_by_role("heading", name="View ").wait_for()
        assert (name, operator.locator("#content [name=_save]").count()) == (name, 0)
        look(operator, name, shot)


def test_an_operator_signs_somebody_out_everywhere(
    operator: Page, people: dict[str, str], shot: Shot
) -> None:
    operator.goto("/admin/supertokens_django/user/")
    operator.fill("#searchbar", "alice@")
    operator.get_by_role("button", name="Search").click()
    operator.check("tbody input[type=checkbox]")
    operator.get_by_label("Action:").select_option("sign_out_everywhere")
    operator.get_by_role("button", name="Go").click()
    operator.get_by_text("3 sessions were revoked.").wait_for()
    look(operator, "signed-out-everywhere", shot)
    assert session.get_all_session_handles_for_user(people[ALICE.email]) == []
    assert len(session.get_all_session_handles_for_user(people[BOB.email])) == 1


def test_an_operator_revokes_one_session(operator: Page, people: dict[str, str]) -> None:
    operator.goto(f"/admin/supertokens_django/user/{people[ALICE.email]}/change/")
    operator.get_by_role("link", name="Where this user is signed in").click()
    row = operator.locator("#result_list tbody tr").filter(has_text="Chrome on Android")
    row.locator("input[type=checkbox]").check()
    operator.get_by_label("Action:").select_option("revoke")
    operator.get_by_role("button", name="Go").click()
    operator.get_by_text("1 session was revoked.").wait_for()
    assert len(session.get_all_session_handles_for_user(people[ALICE.email])) == 2


def test_an_operator_deletes_somebody(operator: Page, people: dict[str, str], shot: Shot) -> None:
    mallory = people[MALLORY.email]
    operator.goto(f"/admin/supertokens_django/user/{mallory}/change/")
    operator.get_by_role("link", name="Delete").click()
    operator.get_by_text(f"emailpassword: {MALLORY.email}").wait_for()
    look(operator, "delete", shot)
    operator.get_by_role("button", name="Yes, I’m sure").click()
    operator.get_by_text("was deleted successfully").wait_for()
    assert users.get_user(mallory) is None


def test_an_operator_signs_in_as_somebody_and_comes_back(
    operator: Page, people: dict[str, str], shot: Shot
) -> None:
    operator.goto(f"/admin/supertokens_django/user/{people[ALICE.email]}/change/")
    look(operator, "user-with-button", shot)
    operator.get_by_role("link", name="Sign in as this user").click()
    operator.get_by_text("You are about to use this site as").wait_for()
    look(operator, "impersonate", shot)
    operator.get_by_label("Reason").fill("Ticket 17")
    operator.get_by_role("button", name="Sign in as this user").click()
    operator.wait_for_url("**/protected/")
    assert operator.locator("dd").first.inner_text() == ALICE.email
    handles = session.get_all_session_handles_for_user(people[ALICE.email])
    assert len(handles) == 1 + len(USER_AGENTS)

    operator.goto("/admin/supertokens_django/session/")
    used = operator.locator("#result_list tbody tr").filter(has_text="used by root@acme.com")
    used.wait_for()
    assert used.count() == 1
    look(operator, "impersonated-session-list", shot)
    operator.locator("#result_list tbody tr").filter(has_text="used by").locator("th a").click()
    operator.get_by_text("Ticket 17").wait_for()
    look(operator, "impersonated-session", shot)

    operator.goto("/auth/sign-out")
    operator.get_by_role("button", name="Sign out").click()
    operator.goto("/admin/supertokens_django/user/")
    assert operator.locator("#user-tools strong").text_content() == "root@acme.com"
    left = session.get_all_session_handles_for_user(people[ALICE.email])
    assert (len(left), set(left) < set(handles)) == (len(USER_AGENTS), True)


@pytest.fixture
def roles(site: str) -> Iterator[None]:
    with supertokens_settings(RECIPES=["emailpassword", "userroles"]):
        permissions = ["blog.add_post", "blog.change_post", "read:drafts", "read:reports", "write:drafts"]
        userroles.create_new_role_or_add_permissions("editor", permissions)
        userroles.create_new_role_or_add_permissions("accountant", permissions[3:4])
        for number in range(12):
            userroles.create_new_role_or_add_permissions(f"desk {number + 1}", permissions[: number % 5])
        yield


def test_an_operator_makes_a_role_and_gives_it(
    roles: None, operator: Page, people: dict[str, str], shot: Shot
) -> None:
    alice = people[ALICE.email]
    operator.goto("/admin/supertokens_django/role/add/")
    operator.fill("[name=name]", "publisher")
    operator.fill("[name=permission_names]", "blog.publish_post\nread:drafts\n")
    operator.get_by_role("button", name="Save", exact=True).click()
    operator.get_by_text("was added successfully").wait_for()
    look(operator, "roles", shot)
    operator.get_by_role("link", name="publisher", exact=True).first.click()
    operator.get_by_role("heading", name="Change role").wait_for()
    look(operator, "role", shot)

    operator.goto(f"/admin/supertokens_django/userrole/add/?user_id={alice}")
    operator.locator(".field-role .select2-selection").click()
    operator.locator(".select2-search__field").fill("publ")
    operator.get_by_role("option", name="publisher").click()
    look(operator, "give-role", shot)
    operator.get_by_role("button", name="Save", exact=True).click()
    operator.get_by_text("was added successfully").wait_for()

    assert userroles.get_permissions_for_role("publisher") == ["blog.publish_post", "read:drafts"]
    assert userroles.get_roles_for_user("public", alice) == ["publisher"]


def test_an_operator_looks_at_who_has_roles(
    roles: None, operator: Page, people: dict[str, str], shot: Shot
) -> None:
    for number, user_id in enumerate(people.values()):
        for role in ("editor", "accountant", f"desk {number + 1}"):
            userroles.add_role_to_user("public", user_id, role)
    operator.goto(f"/admin/supertokens_django/user/{people[ALICE.email]}/change/")
    look(operator, "user-with-roles", shot)
    operator.get_by_role("link", name="Which roles this user has").click()
    operator.get_by_text("3 results").first.wait_for()
    assert column(operator, "role") == ["accountant", "desk 1", "editor"]
    operator.goto("/admin/supertokens_django/userrole/")
    assert len(column(operator, "role")) == 9
    look(operator, "user-roles", shot)
    operator.locator("#result_list tbody th a").first.click()
    operator.get_by_role("heading", name="View ").wait_for()
    look(operator, "user-role", shot)


def test_an_operator_edits_metadata(roles: None, operator: Page, people: dict[str, str], shot: Shot) -> None:
    alice = people[ALICE.email]
    usermetadata.update_user_metadata(
        alice, {"first_name": "Alice", "plan": {"name": "gold", "seats": 3}, "tags": ["beta", "press"]}
    )
    usermetadata.update_user_metadata(people[BOB.email], {"first_name": "Bob"})
    operator.goto("/admin/supertokens_django/usermetadata/")
    look(operator, "usermetadatas", shot)
    operator.get_by_role("link", name=ALICE.email).click()
    operator.get_by_role("heading", name="Change user metadata").wait_for()
    look(operator, "usermetadata", shot)
    operator.fill("[name=metadata]", '{"first_name": "Alicia", "plan": null}')
    operator.get_by_role("button", name="Save", exact=True).click()
    operator.get_by_text("was changed successfully").wait_for()

    assert usermetadata.get_user_metadata(alice) == {"first_name": "Alicia"}
