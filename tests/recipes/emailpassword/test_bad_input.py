"""The exact texts of 400 answers, and the form of every answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import NOT_OPTIONAL, field_error, form, message

pytestmark = pytest.mark.django_db

SIGN_UP, SIGN_IN = "/auth/signup", "/auth/signin"
RESET_TOKEN, RESET = "/auth/user/password/reset/token", "/auth/user/password/reset"
POSTS = [SIGN_UP, SIGN_IN, RESET_TOKEN, RESET]
FIELDS = {
    SIGN_UP: ("password", "email"),
    SIGN_IN: ("password", "email"),
    RESET_TOKEN: ("email",),
    RESET: ("password",),
}
ELEMENT = "All elements of formFields must contain an 'id' and 'value' field"


def post(visitor: FrontendClient, path: str, body: Any) -> tuple[int, Any]:
    response = visitor.call_recipe("POST", path, rid="emailpassword", json_body=body)
    return response.status_code, json_of(response)


def missing_fields(path: str) -> dict[str, Any]:
    return field_error(*((name, NOT_OPTIONAL) for name in FIELDS[path]))


@pytest.mark.parametrize("path", POSTS)
class TestBody:
    @pytest.mark.parametrize(
        "body",
        [b"", b" ", b"{", b"alice", b"{'a': 1}", b"\xff\xfe", b"\x80{}", b"{}{}", b"a=b&c=d", b'{"a": NaN}'],
    )
    def test_one_that_is_not_json_counts_as_an_empty_object(
        self, body: bytes, path: str, visitor: FrontendClient
    ) -> None:
        response = visitor.request("POST", path, body=body)
        assert (response.status_code, json_of(response)) == (200, missing_fields(path))

    @pytest.mark.parametrize(
        "content_type",
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "?"],
    )
    def test_its_content_type_plays_no_part(
        self, content_type: str, path: str, visitor: FrontendClient
    ) -> None:
        sent = b'{"formFields": 7}'
        response = visitor.request("POST", path, body=sent, content_type=content_type)
        assert (response.status_code, json_of(response)) == (400, message("formFields must be an array"))

    def test_null_is_bad_input(self, path: str, visitor: FrontendClient) -> None:
        response = visitor.request("POST", path, body=b"null")
        assert (response.status_code, json_of(response)) == (400, message("Please provide a JSON body"))

    @pytest.mark.parametrize("body", [b"[]", b'"text"', b"7", b"true", b"[{}]"])
    def test_json_that_is_no_object_is_bad_input(
        self, body: bytes, path: str, visitor: FrontendClient
    ) -> None:
        response = visitor.request("POST", path, body=body)
        assert (response.status_code, json_of(response)) == (400, message("Please provide a JSON body"))


@pytest.mark.parametrize("path", POSTS)
class TestFormFields:
    def test_absent_they_count_as_none_given(self, path: str, visitor: FrontendClient) -> None:
        assert post(visitor, path, {"other": 1}) == (200, missing_fields(path))
        assert post(visitor, path, {"formFields": []}) == (200, missing_fields(path))

    def test_null_is_bad_input(self, path: str, visitor: FrontendClient) -> None:
        assert post(visitor, path, {"formFields": None}) == (400, message("Missing input param: formFields"))

    @pytest.mark.parametrize("fields", [{}, {"email": "a@b.io"}, "email", 7, 1.5, True, False])
    def test_anything_but_an_array_is_bad_input(
        self, fields: Any, path: str, visitor: FrontendClient
    ) -> None:
        assert post(visitor, path, {"formFields": fields}) == (400, message("formFields must be an array"))

    @pytest.mark.parametrize(
        "element",
        [
            {},
            {"id": "email"},
            {"value": "x"},
            {"id": 7, "value": "x"},
            {"id": None, "value": "x"},
            {"id": ["email"]},
            None,
            "email",
            7,
            True,
            [],
            [["id", "email"], ["value", "x"]],
        ],
    )
    def test_an_element_without_string_id_or_value_is_bad_input(
        self, element: Any, path: str, visitor: FrontendClient
    ) -> None:
        assert post(visitor, path, {"formFields": [element]}) == (400, message(ELEMENT))

    @pytest.mark.parametrize("name", ["email", "password"])
    @pytest.mark.parametrize("value", [7, 1.5, True, None, [], ["a@b.io"], {"a": 1}])
    def test_email_and_password_must_be_strings(
        self, value: Any, name: str, path: str, visitor: FrontendClient
    ) -> None:
        expected = (400, message(f"{name} value must be a string"))
        assert post(visitor, path, form({name: value})) == expected

    def test_more_of_them_than_configured_are_bad_input(self, path: str, visitor: FrontendClient) -> None:
        sent = form(dict.fromkeys(FIELDS[path], "x"), more="y")
        assert post(visitor, path, sent) == (400, message("Are you sending too many formFields?"))

    def test_an_unknown_one_in_place_of_a_known_one_is_not_bad_input(
        self, path: str, visitor: FrontendClient
    ) -> None:
        assert post(visitor, path, form(unknown="x")) == (200, missing_fields(path))


def test_the_first_of_two_fields_of_one_name_counts(visitor: FrontendClient, alice: str) -> None:
    twice = {
        "formFields": [*form(email=ALICE.email)["formFields"], *form(email="bob@example.com")["formFields"]]
    }
    assert post(visitor, SIGN_IN, twice) == (200, field_error(("password", NOT_OPTIONAL)))


class TestResetToken:
    @pytest.mark.parametrize("body", [{}, {"token": None}])
    def test_it_must_be_there(self, body: dict[str, Any], visitor: FrontendClient) -> None:
        sent = {**form(password=ALICE.password), **body}
        assert post(visitor, RESET, sent) == (400, message("Please provide the password reset token"))

    @pytest.mark.parametrize("token", [7, True, ["x"], {"a": "b"}])
    def test_it_must_be_a_string(self, token: Any, visitor: FrontendClient) -> None:
        sent = {**form(password=ALICE.password), "token": token}
        assert post(visitor, RESET, sent) == (400, message("The password reset token must be a string"))

    def test_the_form_is_judged_before_it(self, visitor: FrontendClient) -> None:
        assert post(visitor, RESET, form(password=""))[1]["status"] == "FIELD_ERROR"
        assert post(visitor, RESET, {"formFields": None, "token": 7}) == (
            400,
            message("Missing input param: formFields"),
        )


class TestForm:
    def test_an_answer_is_compact_raw_utf_8(self, visitor: FrontendClient) -> None:
        def refuse(value: str, tenant_id: str) -> str:
            return 'Ungültig: "日本語" 😀'

        fields = [{"id": "name", "validate": refuse}]
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": fields}):
            sent = form(password=ALICE.password, email=ALICE.email, name="x")
            response = visitor.call_recipe("POST", SIGN_UP, rid="emailpassword", json_body=sent)
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        text = '{"status":"FIELD_ERROR","formFields":[{"id":"name","error":"Ungültig: \\"日本語\\" 😀"}]}'
        assert response.content == text.encode()  # type: ignore[attr-defined]

    @pytest.mark.parametrize("path", POSTS)
    def test_no_answer_may_be_stored_by_a_cache(self, path: str, visitor: FrontendClient) -> None:
        response = visitor.request("POST", path, body=b"{}")
        assert "no-store" in response.headers["Cache-Control"]

    def test_a_surrogate_pair_is_one_character(self, visitor: FrontendClient) -> None:
        escaped = b'{"formFields": [{"id": "email", "value": "\\ud83d\\ude00@example.com"}]}'
        assert json_of(visitor.request("POST", RESET_TOKEN, body=escaped)) == {"status": "OK"}
