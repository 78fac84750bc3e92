"""docs/migrating.md: what a core's tables hold is exported, imported, and signs in as before."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import argon2
import bcrypt
import pytest
from django.core import mail
from django.core.management import call_command

from supertokens_django.services import emailverification, userroles, users
from supertokens_django.users.accounts import AccountInfo
from tests.base import ALICE, BOB, supertokens_settings
from tests.client import FrontendClient, Mode, json_of
from tests.docs.conftest import ProjectOf
from tests.recipes.passwordless.device import Device, mailed_code

pytestmark = pytest.mark.django_db

ALICES_ID, BOBS_ID = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
CAROLS_ID, DANS_ID = "33333333-3333-3333-3333-333333333333", "44444444-4444-4444-4444-444444444444"
ERINS_ID = "55555555-5555-5555-5555-555555555555"
CAROL, DANS_NUMBER, ERIN = "carol@example.com", "+36301234567", "erin@gmail.com"
JOINED = 1_600_000_000_123

Tables = dict[str, list[list[object]]]


def tables() -> Tables:
    """What the core has, with the names of its columns first."""
    hashes = [
        bcrypt.hashpw(ALICE.password.encode(), bcrypt.gensalt(4, b"2a")).decode(),
        argon2.PasswordHasher(1, 8, 1).hash(BOB.password),
    ]
    return {
        "emailpassword": [
            ["user_id", "email", "password_hash", "time_joined"],
            [ALICES_ID, ALICE.email, hashes[0], JOINED],
            [BOBS_ID, BOB.email, hashes[1], JOINED],
        ],
        "passwordless": [
            ["user_id", "email", "phone_number", "time_joined"],
            [CAROLS_ID, CAROL, "+36301234568", JOINED],
            [DANS_ID, "", DANS_NUMBER, JOINED],
        ],
        "thirdparty": [
            ["user_id", "third_party_id", "third_party_user_id", "email", "time_joined"],
            [ERINS_ID, "google", "865", ERIN, JOINED],
        ],
        "verified": [["user_id", "email"], [ALICES_ID, ALICE.email], [ERINS_ID, ERIN]],
    }


@pytest.fixture(autouse=True)
def project(project_of: ProjectOf) -> Iterator[None]:
    project = project_of("docs/migrating.md")
    with project.running(project.settings_with("RECIPES")):
        yield


@pytest.fixture
def exports(tmp_path: Path) -> dict[str, str]:
    """The files of the page, by what is in them."""
    files = {what: tmp_path / f"{what}.csv" for what in tables()}
    for what, rows in tables().items():
        with files[what].open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    return {what: str(file) for what, file in files.items()}


def import_all(exports: dict[str, str]) -> None:
    for what, file in exports.items():
        call_command("import_users", what, file)


def ids_of(**account: str) -> list[str]:
    """The ids that clients use, of those who sign in so."""
    found = users.list_users_by_account_info("public", AccountInfo(**account))
    return [users.get_user_id_mapping(user.id).external_user_id for user in found]


def test_everybody_signs_in_with_the_old_password_and_id(exports: dict[str, str], mode: Mode) -> None:
    import_all(exports)
    for user_id, who in ((ALICES_ID, ALICE), (BOBS_ID, BOB)):
        browser = FrontendClient(mode)
        user = json_of(browser.sign_in(who.email, who.password))["user"]
        assert (user["id"], user["timeJoined"], browser.user_id) == (user_id, JOINED, user_id)
        found = users.get_user(user_id)
        assert found is not None
        assert found.django_link.django_user.email == who.email


def test_a_code_signs_in_to_the_old_account(exports: dict[str, str], mode: Mode) -> None:
    import_all(exports)
    assert mail.outbox == []
    device = Device(mode)
    device.ask(CAROL)
    answer = json_of(device.type(mailed_code()))
    assert (answer["createdNewRecipeUser"], device.user_id) == (False, CAROLS_ID)
    user = answer["user"]
    assert (user["id"], user["timeJoined"]) == (CAROLS_ID, JOINED)
    assert (user["emails"], user["phoneNumbers"]) == ([CAROL], ["+36301234568"])


def test_who_has_a_number_or_a_provider_is_found_by_it(exports: dict[str, str]) -> None:
    import_all(exports)
    assert ids_of(phone_number=DANS_NUMBER) == [DANS_ID]
    assert ids_of(email=ERIN) == [ERINS_ID]
    erin = users.get_user(ERINS_ID)
    assert erin is not None
    (method,) = erin.login_methods.all()
    assert (method.third_party_id, method.third_party_user_id) == ("google", "865")


def test_it_is_known_whose_address_is_verified(exports: dict[str, str], mode: Mode) -> None:
    import_all(exports)
    found = {
        one: emailverification.is_email_verified(one) for one in (ALICES_ID, BOBS_ID, CAROLS_ID, ERINS_ID)
    }
    assert found == {ALICES_ID: True, BOBS_ID: False, CAROLS_ID: True, ERINS_ID: True}
    alice = FrontendClient(mode)
    (method,) = json_of(alice.sign_in(ALICE.email, ALICE.password))["user"]["loginMethods"]
    assert (method["recipeUserId"], method["verified"]) == (ALICES_ID, True)
    assert alice.access_token_payload["st-ev"]["v"] is True


def test_roles_are_given_by_the_old_ids(exports: dict[str, str], mode: Mode) -> None:
    import_all(exports)
    with supertokens_settings(RECIPES=["emailpassword", "userroles"]):
        userroles.create_new_role_or_add_permissions("editor", ["write:posts"])
        userroles.add_role_to_user("public", ALICES_ID, "editor")
        alice = FrontendClient(mode)
        alice.sign_in(ALICE.email, ALICE.password)
    assert alice.access_token_payload["st-role"]["v"] == ["editor"]


def test_it_can_be_run_again(exports: dict[str, str]) -> None:
    import_all(exports)
    import_all(exports)
    assert users.get_user_count() == 5
    assert emailverification.is_email_verified(ERINS_ID)
