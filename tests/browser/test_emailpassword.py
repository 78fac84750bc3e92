"""The frontend SDK's e-mail and password functions against this backend."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from supertokens_django.services import session, users
from tests.base import ALICE, BOB, Person, supertokens_settings
from tests.browser.conftest import OpenFrontend
from tests.browser.frontend import Frontend
from tests.mail import outbox

NEW_PASSWORD = "looking glass 1871"


def field_error(field: str, error: str) -> dict[str, Any]:
    return {"status": "FIELD_ERROR", "formFields": [{"id": field, "error": error}]}


def test_it_signs_a_visitor_up_and_in(visitor: Frontend) -> None:
    answer = visitor.sign_up(ALICE)

    user_id = visitor.call("getUserId")
    method = {
        "recipeId": "emailpassword",
        "recipeUserId": user_id,
        "tenantIds": ["public"],
        "timeJoined": answer["user"]["timeJoined"],
        "verified": False,
        "email": ALICE.email,
    }
    assert answer == {
        "status": "OK",
        "user": {
            "id": user_id,
            "isPrimaryUser": False,
            "tenantIds": ["public"],
            "timeJoined": method["timeJoined"],
            "emails": [ALICE.email],
            "phoneNumbers": [],
            "thirdParty": [],
            "webauthn": {"credentialIds": []},
            "loginMethods": [method],
        },
    }
    assert visitor.is_signed_in()
    assert visitor.events() == ["SESSION_CREATED"]


def test_it_signs_in_on_a_second_device(visitor: Frontend, open_frontend: OpenFrontend) -> None:
    signed_up = visitor.sign_up(ALICE)
    phone = open_frontend()

    assert phone.sign_in(ALICE) == signed_up
    assert phone.call("getUserId") == visitor.call("getUserId")
    assert len(session.get_all_session_handles_for_user(signed_up["user"]["id"])) == 2


def test_it_refuses_a_wrong_password(visitor: Frontend, open_frontend: OpenFrontend) -> None:
    open_frontend().sign_up(ALICE)

    assert visitor.sign_in(ALICE, password="wonderland 1866") == {"status": "WRONG_CREDENTIALS_ERROR"}
    assert not visitor.is_signed_in()


def test_it_refuses_an_unknown_visitor_in_the_same_words(visitor: Frontend) -> None:
    assert visitor.sign_in(BOB) == {"status": "WRONG_CREDENTIALS_ERROR"}
    assert not visitor.is_signed_in()


def test_it_says_whether_an_email_is_taken(visitor: Frontend) -> None:
    visitor.sign_up(ALICE)

    assert visitor.call("doesEmailExist", ALICE.email) == {"status": "OK", "doesExist": True}
    assert visitor.call("doesEmailExist", BOB.email) == {"status": "OK", "doesExist": False}


def test_it_refuses_a_second_sign_up_of_one_email(visitor: Frontend, open_frontend: OpenFrontend) -> None:
    open_frontend().sign_up(ALICE)

    answer = visitor.sign_up(Person("Alice@Example.com", NEW_PASSWORD))

    assert answer == field_error("email", "This email already exists. Please sign in instead.")
    assert not visitor.is_signed_in()


def test_it_explains_what_is_wrong_with_a_field(visitor: Frontend) -> None:
    refused = {
        ("email", "alice"): "Email is not valid",
        ("email", ""): "Field is not optional",
        ("password", "short 1"): "Password must contain at least 8 characters, including a number",
        ("password", "wonderland"): "Password must contain at least one number",
        ("password", "18651865"): "Password must contain at least one alphabet",
    }

    answers = {(field, value): visitor.sign_up(ALICE, **{field: value}) for field, value in refused}

    assert answers == {(field, value): field_error(field, text) for (field, value), text in refused.items()}
    assert users.get_user_count() == 0


def test_it_explains_all_fields_at_once(visitor: Frontend) -> None:
    answer = visitor.sign_up(Person("alice", "short"))

    assert answer["status"] == "FIELD_ERROR"
    assert [field["id"] for field in answer["formFields"]] == ["password", "email"]


def test_a_refusal_by_the_project_reaches_the_frontend_as_its_general_error(visitor: Frontend) -> None:
    with supertokens_settings(GUARDS=["tests.browser.backend.InvitationOnly"]):
        answer = visitor.sign_up(ALICE)

    assert answer == {"status": "GENERAL_ERROR", "message": "Please ask for an invitation."}
    assert visitor.sign_up(ALICE)["status"] == "OK"


def test_the_mailed_link_lets_the_visitor_choose_a_new_password(
    visitor: Frontend, open_frontend: OpenFrontend, website: str
) -> None:
    open_frontend().sign_up(ALICE)
    assert visitor.call("sendPasswordResetEmail", ALICE.email) == {"status": "OK"}

    visitor.page.goto(_link_in_last_mail())

    assert urlsplit(visitor.page.url)._replace(query="").geturl() == f"{website}/auth/reset-password"
    token = parse_qs(urlsplit(visitor.page.url).query)["token"][0]
    assert visitor.call("getResetPasswordTokenFromURL") == token
    assert visitor.call("getTenantIdFromURL") == "public"
    assert visitor.call("submitNewPassword", NEW_PASSWORD) == {"status": "OK"}
    assert visitor.sign_in(ALICE) == {"status": "WRONG_CREDENTIALS_ERROR"}
    assert visitor.sign_in(ALICE, password=NEW_PASSWORD)["status"] == "OK"


def test_a_reset_link_works_once(visitor: Frontend, open_frontend: OpenFrontend) -> None:
    open_frontend().sign_up(ALICE)
    visitor.call("sendPasswordResetEmail", ALICE.email)
    visitor.page.goto(_link_in_last_mail())

    assert visitor.call("submitNewPassword", "short") == field_error(
        "password", "Password must contain at least 8 characters, including a number"
    )
    assert visitor.call("submitNewPassword", NEW_PASSWORD) == {"status": "OK"}
    assert visitor.call("submitNewPassword", NEW_PASSWORD) == {"status": "RESET_PASSWORD_INVALID_TOKEN_ERROR"}


def test_it_does_not_say_who_has_an_account_when_asked_for_a_reset(visitor: Frontend) -> None:
    assert visitor.call("sendPasswordResetEmail", BOB.email) == {"status": "OK"}
    assert outbox() == []


def _link_in_last_mail() -> str:
    assert [message.to for message in outbox()] == [[ALICE.email]]
    (link,) = (word for word in str(outbox()[0].body).split() if word.startswith("http"))
    return link
