"""Editing the providers of a tenant in the admin, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from supertokens_django.services import thirdparty
from tests.accounts import make_superuser
from tests.base import PUBLIC, supertokens_settings
from tests.browser.conftest import Shot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PROVIDERS = "/admin/supertokens_django/thirdpartyprovider/"
SECRET = "the secret of the client"


@pytest.fixture
def admin(site: str, chromium: Browser) -> Iterator[Page]:
    """A tab in which an admin of the project is signed in."""
    make_superuser("root@acme.com")
    context = chromium.new_context(base_url=site)  # Django's admin is not made for our strict policy
    context.set_default_timeout(10_000)
    tab = context.new_page()
    tab.goto("/admin/")
    tab.fill("[name=username]", "root@acme.com")
    tab.fill("[name=password]", "the admin's own password 1")
    tab.get_by_role("button", name="Log in").click()
    tab.get_by_role("link", name="SuperTokens users").wait_for()
    yield tab
    context.close()


def test_a_provider_is_added_and_its_secret_stays_unseen(admin: Page, shot: Shot) -> None:
    with supertokens_settings(RECIPES=["emailpassword", "thirdparty"]):
        admin.goto(f"{PROVIDERS}add/")
        admin.fill("[name=third_party_id]", "google")
        admin.fill("[name=clients-0-client_id]", "4711")
        admin.fill("[name=clients-0-new_secret]", SECRET)
        admin.get_by_role("button", name="Save and continue editing").click()
        admin.get_by_text("Stored. Leave it empty to keep it.").wait_for()
        shot(admin, "admin-provider")
        assert SECRET not in admin.content()
        admin.fill("[name=name]", "Google of Acme")
        admin.get_by_role("button", name="Save", exact=True).click()
        admin.get_by_text("was changed successfully").wait_for()
        shot(admin, "admin-providers")
    (config,) = thirdparty.list_third_party_configs(PUBLIC)
    assert (config.name, config.clients[0].client_secret) == ("Google of Acme", SECRET)
