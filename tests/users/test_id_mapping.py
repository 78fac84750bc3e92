"""An id of another system that stands for a user's id."""

from __future__ import annotations

from typing import Any

import pytest

from supertokens_django.exceptions import BadInputError
from supertokens_django.recipes.emailpassword.service import EmailPasswordService
from supertokens_django.services import emailpassword, session, users
from supertokens_django.users.exceptions import (
    UnknownMapping,
    UnknownSuperTokensUserId,
    UserIdInUse,
    UserIdMappingAlreadyExists,
)
from supertokens_django.users.models import LoginMethod
from supertokens_django.users.outputs import user_to_json
from tests.base import ALICE, BOB, supertokens_settings
from tests.client import FrontendClient, json_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

STRANGER = "7f0c1c54-3a3c-4a8c-9f52-9d3a4c1b2a10"
EXTERNAL = "liddell-1852"


def as_tuple(mapping: Any) -> tuple[str, str, str | None]:
    return (mapping.supertokens_user_id, mapping.external_user_id, mapping.external_user_id_info)


@pytest.fixture
def mapped(alice: str) -> str:
    users.create_user_id_mapping(alice, EXTERNAL, "from the old system")
    return alice


class TestCreate:
    def test_both_ids_lead_to_it(self, mapped: str) -> None:
        for user_id in (mapped, EXTERNAL):
            assert as_tuple(users.get_user_id_mapping(user_id)) == (mapped, EXTERNAL, "from the old system")

    def test_an_unknown_user_is_an_exception_with_its_status(self) -> None:
        with pytest.raises(UnknownSuperTokensUserId) as caught:
            users.create_user_id_mapping(STRANGER, EXTERNAL)
        assert caught.value.status == "UNKNOWN_SUPERTOKENS_USER_ID_ERROR"

    def test_a_mapped_id_cannot_be_mapped_again(self, mapped: str, bob: str) -> None:
        for own, external, exists in [
            (mapped, "other", (True, False)),
            (bob, EXTERNAL, (False, True)),
            (mapped, EXTERNAL, (True, True)),
        ]:
            with pytest.raises(UserIdMappingAlreadyExists) as caught:
                users.create_user_id_mapping(own, external)
            error = caught.value
            assert error.status == "USER_ID_MAPPING_ALREADY_EXISTS_ERROR"
            assert (error.does_supertokens_user_id_exist, error.does_external_user_id_exist) == exists

    @pytest.mark.parametrize("force", [False, True])
    def test_the_id_of_a_user_stands_for_nobody_else(self, force: bool, alice: str, bob: str) -> None:
        for external in (bob, alice):
            with pytest.raises(BadInputError, match="is also a SuperTokens userID"):
                users.create_user_id_mapping(alice, external, force=force)
        assert [str(users.get_user(user_id)) for user_id in (alice, bob)] == [alice, bob]

    @pytest.mark.parametrize("external", ["", "x" * 129])
    def test_an_id_that_no_column_holds_is_bad_input(self, external: str, alice: str) -> None:
        with pytest.raises(BadInputError):
            users.create_user_id_mapping(alice, external)

    def test_an_id_with_sessions_is_mapped_by_force_only(self, browser: FrontendClient, alice: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        with pytest.raises(UserIdInUse):
            users.create_user_id_mapping(alice, EXTERNAL)
        with pytest.raises(UnknownMapping):
            users.get_user_id_mapping(alice)
        users.create_user_id_mapping(alice, EXTERNAL, force=True)
        assert users.get_user_id_mapping(alice).external_user_id == EXTERNAL


class TestGet:
    @pytest.mark.parametrize(
        ("by", "kind", "known"),
        [
            ("own", "SUPERTOKENS", True),
            ("own", "EXTERNAL", False),
            ("own", "ANY", True),
            ("external", "SUPERTOKENS", False),
            ("external", "EXTERNAL", True),
            ("external", "ANY", True),
        ],
    )
    def test_the_kind_of_id_can_be_named(self, by: str, kind: Any, known: bool, mapped: str) -> None:
        user_id = mapped if by == "own" else EXTERNAL
        if known:
            assert users.get_user_id_mapping(user_id, kind).external_user_id == EXTERNAL
        else:
            with pytest.raises(UnknownMapping):
                users.get_user_id_mapping(user_id, kind)

    def test_no_mapping_is_an_exception_with_its_status(self, alice: str) -> None:
        with pytest.raises(UnknownMapping) as caught:
            users.get_user_id_mapping(alice)
        assert caught.value.status == "UNKNOWN_MAPPING_ERROR"


class TestDelete:
    def test_it_tells_whether_there_was_one(self, mapped: str) -> None:
        assert users.delete_user_id_mapping(mapped) is True
        assert users.delete_user_id_mapping(mapped) is False
        with pytest.raises(UnknownMapping):
            users.get_user_id_mapping(EXTERNAL)

    def test_the_kind_of_id_can_be_named(self, mapped: str) -> None:
        assert users.delete_user_id_mapping(mapped, "EXTERNAL") is False
        assert users.delete_user_id_mapping(EXTERNAL, "SUPERTOKENS") is False
        assert users.delete_user_id_mapping(EXTERNAL, "EXTERNAL") is True

    def test_with_sessions_it_takes_force(self, browser: FrontendClient, mapped: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        with pytest.raises(UserIdInUse):
            users.delete_user_id_mapping(EXTERNAL)
        assert users.delete_user_id_mapping(EXTERNAL, force=True) is True


class TestInformation:
    def test_it_is_replaced_or_removed(self, mapped: str) -> None:
        users.update_or_delete_user_id_mapping_info(EXTERNAL, external_user_id_info="new")
        assert users.get_user_id_mapping(mapped).external_user_id_info == "new"
        users.update_or_delete_user_id_mapping_info(mapped, "SUPERTOKENS", None)
        assert users.get_user_id_mapping(mapped).external_user_id_info is None

    def test_the_same_again_is_fine(self, mapped: str) -> None:
        users.update_or_delete_user_id_mapping_info(EXTERNAL, external_user_id_info="from the old system")

    def test_without_a_mapping_it_is_an_exception(self, alice: str) -> None:
        with pytest.raises(UnknownMapping):
            users.update_or_delete_user_id_mapping_info(alice, external_user_id_info="new")


class TestOnTheWire:
    def test_sign_in_names_the_external_id_everywhere(self, browser: FrontendClient, mapped: str) -> None:
        user = json_of(browser.sign_in(ALICE.email, ALICE.password))["user"]
        assert (user["id"], user["loginMethods"][0]["recipeUserId"]) == (EXTERNAL, EXTERNAL)
        claims = browser.access_token_payload
        assert (claims["sub"], claims["rsub"], browser.front_token["uid"]) == (EXTERNAL, EXTERNAL, EXTERNAL)
        assert mapped not in repr((user, claims, browser.front_token))

    def test_a_refresh_names_it_too(self, browser: FrontendClient, mapped: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        assert browser.refresh().status_code == 200
        assert (browser.access_token_payload["sub"], browser.access_token_payload["rsub"]) == (
            EXTERNAL,
            EXTERNAL,
        )

    def test_the_session_belongs_to_both_ids(self, browser: FrontendClient, mapped: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        for user_id in (mapped, EXTERNAL):
            assert session.get_all_session_handles_for_user(user_id) == [browser.session_handle]
        information = session.get_session_information(browser.session_handle)
        assert information is not None
        assert (information.user_id, information.recipe_user_id) == (EXTERNAL, EXTERNAL)

    def test_revoking_by_the_external_id_ends_it(self, browser: FrontendClient, mapped: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        assert session.revoke_all_sessions_for_user(EXTERNAL) == [browser.session_handle]
        assert browser.refresh().status_code == 401

    def test_the_django_user_is_the_same(self, browser: FrontendClient, mapped: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        seen = json_of_django(browser.get("/test/verified-whoami"))
        assert (seen["authenticated"], seen["userId"]) == (True, EXTERNAL)

    def test_the_old_shape_names_it_too(self, browser: FrontendClient, mapped: str) -> None:
        browser.fdi_version = "1.17,2.0"
        assert json_of(browser.sign_in(ALICE.email, ALICE.password))["user"]["id"] == EXTERNAL

    def test_the_verbs_take_either_id(self, visitor: FrontendClient, mapped: str) -> None:
        by_own, by_external = users.get_user(mapped), users.get_user(EXTERNAL)
        assert by_own is not None
        assert by_own == by_external
        assert user_to_json(by_own)["id"] == EXTERNAL
        emailpassword.update_email_or_password(EXTERNAL, password=BOB.password)
        token = emailpassword.create_reset_password_token("public", EXTERNAL, ALICE.email)
        assert json_of(visitor.reset_password(token, "through the looking-glass 1871")) == {"status": "OK"}
        assert json_of(visitor.sign_in(ALICE.email, "through the looking-glass 1871"))["status"] == "OK"

    def test_without_the_mapping_the_own_id_is_back(self, browser: FrontendClient, mapped: str) -> None:
        users.delete_user_id_mapping(EXTERNAL)
        assert json_of(browser.sign_in(ALICE.email, ALICE.password))["user"]["id"] == mapped


class MapsAtSignUp(EmailPasswordService):
    """Gives every new user the id that another system has for them."""

    def on_sign_up(self, login_method: LoginMethod, form_fields: Any, request: Any) -> None:
        users.create_user_id_mapping(login_method.id, f"crm-{login_method.email}")


def test_an_id_that_is_mapped_during_the_sign_up_is_named_from_the_start(browser: FrontendClient) -> None:
    with supertokens_settings(EMAILPASSWORD={"SERVICE_CLASS": f"{__name__}.MapsAtSignUp"}):
        user = json_of(browser.sign_up(BOB.email, BOB.password))["user"]

    external = f"crm-{BOB.email}"
    assert (user["id"], user["loginMethods"][0]["recipeUserId"]) == (external, external)
    assert (browser.user_id, browser.access_token_payload["rsub"]) == (external, external)


def json_of_django(response: Any) -> Any:
    return response.json()
