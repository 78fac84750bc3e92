"""``services.usermetadata``: every verb, sync and async."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from supertokens_django.exceptions import BadInputError
from supertokens_django.models import UserMetadata
from supertokens_django.recipes.usermetadata.service import UserMetadataService
from supertokens_django.services import usermetadata, users
from tests.base import sql_statements, supertokens_settings
from tests.twins import Verbs

SIGNATURES = {
    "get_user_metadata": ["user_id"],
    "update_user_metadata": ["user_id", "metadata_update"],
    "clear_user_metadata": ["user_id"],
}


@pytest.fixture(params=["sync", "async"])
def verbs(request: pytest.FixtureRequest) -> Verbs:
    return Verbs(usermetadata, request.param == "async")


@pytest.mark.parametrize("name", SIGNATURES)
def test_arguments_are_those_of_supertokens(name: str) -> None:
    for verb in (name, f"a{name}"):
        assert list(inspect.signature(getattr(usermetadata, verb)).parameters) == SIGNATURES[name]


def test_it_is_always_on(alice: str) -> None:
    with supertokens_settings(RECIPES=[]):
        assert usermetadata.update_user_metadata(alice, {"a": 1}) == {"a": 1}


class TestVerbs:
    def test_of_nobody_there_is_none(self, verbs: Verbs) -> None:
        assert verbs.get_user_metadata("nobody") == {}
        assert verbs.clear_user_metadata("nobody") is None
        assert UserMetadata.objects.count() == 0

    def test_an_update_is_merged_at_the_top_level(self, verbs: Verbs, alice: str) -> None:
        first = {"first_name": "Alice", "deep": {"a": 1, "b": None}, "list": [None, 1]}
        assert verbs.update_user_metadata(alice, first) == first

        merged = verbs.update_user_metadata(alice, {"deep": {"c": None}, "last_name": "Liddell"})

        expected = {**first, "deep": {"c": None}, "last_name": "Liddell"}
        assert merged == expected == verbs.get_user_metadata(alice)

    def test_none_removes_at_the_top_level_alone(self, verbs: Verbs, alice: str) -> None:
        verbs.update_user_metadata(alice, {"a": 1, "b": {"c": 2}, "never": None})

        assert verbs.update_user_metadata(alice, {"a": None, "b": {"c": None}}) == {"b": {"c": None}}

    @pytest.mark.parametrize("value", [0, False, "", [], {}, 1.5, "ünï ☃ 😀", 2**60])
    def test_a_value_comes_back_as_it_was(self, verbs: Verbs, alice: str, value: Any) -> None:
        verbs.update_user_metadata(alice, {"value": value})

        assert verbs.get_user_metadata(alice) == {"value": value}

    def test_clearing_leaves_nothing(self, verbs: Verbs, alice: str, bob: str) -> None:
        for user_id in (alice, bob):
            usermetadata.update_user_metadata(user_id, {"a": 1})

        verbs.clear_user_metadata(alice)

        assert verbs.get_user_metadata(alice) == {}
        assert verbs.get_user_metadata(bob) == {"a": 1}

    def test_nobody_asks_whether_there_is_such_a_user(self, verbs: Verbs) -> None:
        assert verbs.update_user_metadata("bob", {"a": 1}) == {"a": 1}
        assert verbs.get_user_metadata("Bob") == {}
        assert verbs.update_user_metadata("Bob", {"b": 1}) == {"b": 1}

    def test_an_external_id_is_the_user(self, verbs: Verbs, alice: str) -> None:
        usermetadata.update_user_metadata(alice, {"a": 1})
        users.create_user_id_mapping(alice, "crm-7")

        assert verbs.get_user_metadata("crm-7") == {"a": 1}
        assert verbs.update_user_metadata("crm-7", {"b": 2}) == {"a": 1, "b": 2}
        users.delete_user_id_mapping("crm-7")
        assert verbs.get_user_metadata(alice) == {"a": 1, "b": 2}
        assert verbs.get_user_metadata("crm-7") == {}


class TestBadInput:
    @pytest.mark.parametrize(
        "value",
        [
            None,
            [],
            "text",
            {"a": {1, 2}},
            {"a": object()},
            {"a": float("nan")},
            {"a": float("inf")},
            {"a": "nul\0"},
            {"nul\0": 1},
            {"a": [{"b": "lone \ud800"}]},
            {("no", "key"): 1},
        ],
    )
    def test_what_no_database_could_keep_is_refused(self, alice: str, value: Any) -> None:
        usermetadata.update_user_metadata(alice, {"kept": 1})

        with pytest.raises(BadInputError, match="The metadata must"):
            usermetadata.update_user_metadata(alice, value)

        assert usermetadata.get_user_metadata(alice) == {"kept": 1}

    def test_what_goes_too_deep_is_refused(self, alice: str) -> None:
        deep: Any = 1
        for _ in range(100_000):
            deep = [deep]
        with pytest.raises(BadInputError, match="The metadata must be JSON"):
            usermetadata.update_user_metadata(alice, {"a": deep})

    @pytest.mark.parametrize("user_id", ["", "x" * 129, "nul\0"])
    def test_a_user_id_that_could_not_be_kept_is_refused(self, user_id: str) -> None:
        with pytest.raises(BadInputError, match="must have 1 to 128 printable characters"):
            usermetadata.update_user_metadata(user_id, {"a": 1})


def test_reading_costs_one_query(alice: str) -> None:
    usermetadata.update_user_metadata(alice, {"a": 1})
    with sql_statements() as statements:
        usermetadata.get_user_metadata(alice)
    assert len(statements) == 1


class Stamped(UserMetadataService):
    def update_user_metadata(self, user_id: str, metadata_update: Any) -> dict[str, Any]:
        return super().update_user_metadata(user_id, {**metadata_update, "stamp": user_id[:4]})


def test_a_project_may_extend_the_verbs(verbs: Verbs, alice: str) -> None:
    with supertokens_settings(USERMETADATA={"SERVICE_CLASS": f"{__name__}.Stamped"}):
        assert verbs.update_user_metadata(alice, {"a": 1}) == {"a": 1, "stamp": alice[:4]}
