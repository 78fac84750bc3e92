"""What staff do in the admin on pages of their own: set a password, send a reset mail, revoke, rotate, …"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.core import mail
from django.test import Client

from supertokens_django.exceptions import GeneralError
from supertokens_django.models import Session, SigningKey
from supertokens_django.recipes.emailpassword.exceptions import ResetPasswordInvalidToken, WrongCredentials
from supertokens_django.recipes.emailpassword.service import EmailPasswordService
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.services import emailpassword, session, usermetadata, users
from supertokens_django.users.models import LoginIdentity, LoginMethod
from tests.accounts import django_user_of
from tests.admin.test_users import LIST, html, make_users, page_of, run_action, sign_in
from tests.base import ALICE, BOB, MALLORY, Clock, supertokens_settings
from tests.users.test_find_users import give_login_method

pytestmark = pytest.mark.django_db

ADMIN = "/admin/supertokens_django/"
NEW = "a brand new one 7"


def tool(user_id: str, name: str) -> str:
    return f"{LIST}{user_id}/tool/{name}/"


def passwords(first: str = NEW, second: str | None = None) -> dict[str, str]:
    return {"password": first, "password_again": first if second is None else second}


def log() -> list[tuple[str, int, str]]:
    return [
        (entry.object_id or "", entry.action_flag, entry.get_change_message())
        for entry in LogEntry.objects.all()
    ]


class TestSettingAPassword:
    def test_the_user_signs_in_by_it_and_nobody_else_is_signed_in(
        self, superuser: Client, alice: str, bob: str
    ) -> None:
        sign_in(ALICE.email, ALICE.password)
        sign_in(BOB.email, BOB.password)
        page = html(superuser.post(tool(alice, "password"), passwords(), follow=True))
        assert "The password was set, and 1 session revoked." in page
        assert session.get_all_session_handles_for_user(alice) == []
        assert len(session.get_all_session_handles_for_user(bob)) == 1
        sign_in(ALICE.email, NEW)
        with pytest.raises(WrongCredentials):
            emailpassword.sign_in("public", ALICE.email, ALICE.password)

    def test_it_is_written_down_without_the_password(self, superuser: Client, alice: str) -> None:
        superuser.post(tool(alice, "password"), passwords())
        assert log() == [(alice, CHANGE, "Set a password. Signed out everywhere.")]

    def test_reset_links_that_are_out_end(self, superuser: Client, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        superuser.post(tool(alice, "password"), passwords())
        with pytest.raises(ResetPasswordInvalidToken):
            emailpassword.consume_password_reset_token("public", token)

    @pytest.mark.parametrize(
        ("form", "error"),
        [
            (passwords("short 1"), "Password must contain at least 8 characters, including a number"),
            (passwords("no number in it"), "Password must contain at least one number"),
            (passwords(NEW, "another one 8"), "The two passwords are not the same."),
            (passwords(NEW, ""), "This field is required."),
            (passwords("", ""), "This field is required."),
            ({}, "This field is required."),
        ],
    )
    def test_a_bad_one_changes_nothing(
        self, form: dict[str, str], error: str, superuser: Client, alice: str
    ) -> None:
        sign_in(ALICE.email, ALICE.password)
        page = html(superuser.post(tool(alice, "password"), form))
        assert error in page
        assert not form.get("password") or form["password"] not in page
        sign_in(ALICE.email, ALICE.password)
        assert len(session.get_all_session_handles_for_user(alice)) == 2
        assert log() == []

    def test_of_several_logins_one_is_chosen(self, superuser: Client, alice: str) -> None:
        other = emailpassword.sign_up("public", BOB.email, BOB.password)
        LoginMethod.objects.filter(pk=other.id).update(user=alice)
        page = html(superuser.get(tool(alice, "password")))
        assert f'<option value="{other.id}">{BOB.email}</option>' in page
        superuser.post(tool(alice, "password"), {**passwords(), "login": other.id})
        assert emailpassword.sign_in("public", BOB.email, NEW).id == other.id
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == alice
        refused = superuser.post(tool(alice, "password"), {**passwords(), "login": "somebody else"})
        assert "Select a valid choice" in html(refused)

    def test_it_is_not_offered_where_nobody_has_one(self, superuser: Client, alice: str) -> None:
        LoginMethod.objects.filter(pk=alice).update(recipe_id="passwordless")
        assert tool(alice, "password") not in html(superuser.get(page_of(alice)))
        assert superuser.get(tool(alice, "password")).status_code == 403
        assert superuser.post(tool(alice, "password"), passwords()).status_code == 403

    def test_nor_while_the_recipe_is_off(self, superuser: Client, alice: str) -> None:
        with supertokens_settings(RECIPES=[]):
            assert tool(alice, "password") not in html(superuser.get(page_of(alice)))
            assert superuser.get(tool(alice, "password")).status_code == 404


class TestChangingTheEmail:
    def test_the_user_signs_in_by_the_new_one(self, superuser: Client, alice: str) -> None:
        assert f'value="{ALICE.email}"' in html(superuser.get(tool(alice, "email")))
        response = superuser.post(tool(alice, "email"), {"email": " Alice@Elsewhere.example "}, follow=True)
        assert "The e-mail address is alice@elsewhere.example now." in html(response)
        assert emailpassword.sign_in("public", "alice@elsewhere.example", ALICE.password).id == alice
        text = f"Changed the e-mail address from {ALICE.email} to alice@elsewhere.example."
        assert log() == [(alice, CHANGE, text)]

    @pytest.mark.parametrize(
        ("typed", "error"),
        [
            (BOB.email, "Somebody signs in by this e-mail address already."),
            ("nonsense", "Email is not valid"),
            ("", "This field is required."),
            ("x" * 300 + "@example.com", "Ensure this value has at most 255 characters"),
        ],
    )
    def test_a_bad_one_changes_nothing(
        self, typed: str, error: str, superuser: Client, alice: str, bob: str
    ) -> None:
        assert error in html(superuser.post(tool(alice, "email"), {"email": typed}))
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == alice
        assert log() == []


class RefusingService(EmailPasswordService):
    def update_email_or_password(self, *args: Any, **kwargs: Any) -> LoginMethod:
        raise GeneralError("Ask the directory instead")


def test_a_service_that_refuses_is_heard(superuser: Client, alice: str) -> None:
    with supertokens_settings(EMAILPASSWORD={"SERVICE_CLASS": RefusingService}):
        assert "Ask the directory instead" in html(superuser.post(tool(alice, "password"), passwords()))
    assert log() == []


class TestResetMail:
    def test_it_goes_to_the_user(
        self, superuser: Client, alice: str, django_capture_on_commit_callbacks: Any
    ) -> None:
        assert ALICE.email in html(superuser.get(tool(alice, "reset-mail")))
        with django_capture_on_commit_callbacks(execute=True):
            page = html(superuser.post(tool(alice, "reset-mail"), follow=True))
        assert "The mail is on its way." in page
        (message,) = mail.outbox
        assert message.to == [ALICE.email]
        assert "https://acme.com/auth/reset-password?token=" in str(message.body)
        assert "token=" not in page
        assert log() == [(alice, CHANGE, "Sent a reset mail.")]

    def test_to_many_at_once(
        self, superuser: Client, alice: str, bob: str, django_capture_on_commit_callbacks: Any
    ) -> None:
        mallory = emailpassword.sign_up("public", MALLORY.email, MALLORY.password).id
        LoginMethod.objects.filter(pk=mallory).update(recipe_id="passwordless")
        with django_capture_on_commit_callbacks(execute=True):
            page = html(run_action(superuser, "tool_reset-mail", alice, bob, mallory))
        assert "2 users were sent a reset mail. 1 has no password." in page
        assert sorted(message.to[0] for message in mail.outbox) == [ALICE.email, BOB.email]
        assert sorted(object_id for object_id, _, _ in log()) == sorted([alice, bob])

    def test_in_the_tenant_of_the_user(
        self, superuser: Client, tenant_acme: str, django_capture_on_commit_callbacks: Any
    ) -> None:
        alice = emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password).id
        with django_capture_on_commit_callbacks(execute=True):
            superuser.post(tool(alice, "reset-mail"))
        assert "tenantId=acme" in str(mail.outbox[0].body)


class TestAddingAUser:
    PATH = f"{LIST}tool/new-emailpassword/"

    def test_they_can_sign_in(self, superuser: Client) -> None:
        assert self.PATH in html(superuser.get(LIST))
        form = {"tenant": "public", "email": ALICE.email, **passwords(ALICE.password)}
        page = html(superuser.post(self.PATH, form, follow=True))
        assert f"The user {ALICE.email} was added." in page
        alice = emailpassword.sign_in("public", ALICE.email, ALICE.password).id
        assert django_user_of(alice).email == ALICE.email
        assert log() == [(alice, ADDITION, "Added.")]

    def test_in_another_tenant(self, superuser: Client, tenant_acme: str) -> None:
        superuser.post(self.PATH, {"tenant": "acme", "email": ALICE.email, **passwords(ALICE.password)})
        assert emailpassword.email_exists("acme", ALICE.email)

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"email": BOB.email}, "Somebody signs in by this e-mail address already."),
            ({"email": "nonsense"}, "Email is not valid"),
            ({"tenant": "nowhere"}, "There is no such tenant."),
            (passwords("short 1"), "Password must contain at least 8 characters"),
            (passwords(NEW, "another one 8"), "The two passwords are not the same."),
        ],
    )
    def test_a_bad_form_adds_nobody(
        self, change: dict[str, str], error: str, superuser: Client, bob: str
    ) -> None:
        form = {"tenant": "public", "email": ALICE.email, **passwords(ALICE.password), **change}
        assert error in html(superuser.post(self.PATH, form))
        assert users.get_user_count() == 1
        assert log() == []


class TestName:
    def test_it_is_kept_where_the_dashboard_keeps_it(self, superuser: Client, alice: str) -> None:
        usermetadata.update_user_metadata(alice, {"first_name": "Al", "plan": "gold"})
        assert 'value="Al"' in html(superuser.get(tool(alice, "name")))
        form = {"first_name": "Alice", "last_name": "Liddell"}
        page = html(superuser.post(tool(alice, "name"), form, follow=True))
        assert "Alice Liddell" in page
        assert usermetadata.get_user_metadata(alice) == {**form, "plan": "gold"}
        superuser.post(tool(alice, "name"), {"first_name": "Alice", "last_name": ""})
        assert usermetadata.get_user_metadata(alice) == {"first_name": "Alice", "plan": "gold"}
        assert log()[0] == (alice, CHANGE, "Changed the name.")


class TestRevokingOneSession:
    def test_from_its_page(self, superuser: Client, alice: str) -> None:
        first = sign_in(ALICE.email, ALICE.password).session_handle
        second = sign_in(ALICE.email, ALICE.password).session_handle
        path = f"{ADMIN}session/{first}/tool/revoke/"
        assert path in html(superuser.get(f"{ADMIN}session/{first}/change/"))
        assert "signed out on that device" in html(superuser.get(path))
        response = superuser.post(path, follow=True)
        assert "The session was revoked." in html(response)
        assert response.redirect_chain[-1][0] == f"{ADMIN}session/"
        assert session.get_all_session_handles_for_user(alice) == [second]
        assert [entry[:2] for entry in log()] == [(first, DELETION)]
        assert superuser.post(path).status_code == 404

    def test_a_handle_with_signs_in_it(self, superuser: Client, alice: str) -> None:
        sign_in(ALICE.email, ALICE.password)
        Session.objects.update(handle="from_a_core/1")
        path = f"{ADMIN}session/from_5Fa_5Fcore_2F1/tool/revoke/"
        assert path in html(superuser.get(f"{ADMIN}session/from_5Fa_5Fcore_2F1/change/"))
        assert superuser.post(path).status_code == 302
        assert not Session.objects.exists()


class TestRotatingTheKey:
    PATH = f"{ADMIN}signingkey/tool/rotate/"

    @pytest.fixture(autouse=True)
    def _keys(self, acme: None, db: None, clock: Clock) -> None:
        ring.forget()
        ring.published()
        clock.advance(600)

    def test_it_says_what_happens_and_publishes_a_key(self, superuser: Client, alice: str) -> None:
        browser = sign_in(ALICE.email, ALICE.password)
        assert self.PATH in html(superuser.get(f"{ADMIN}signingkey/"))
        page = html(superuser.get(self.PATH))
        assert "nobody is signed out" in page
        before = set(SigningKey.objects.values_list("pk", flat=True))
        page = html(superuser.post(self.PATH, {"kind": "dynamic"}, follow=True))
        (made,) = SigningKey.objects.exclude(pk__in=before)
        assert f"The key {made.kid} is published." in page
        assert made.kind == "dynamic"
        assert "PRIVATE" not in page
        assert log() == [(made.kid, ADDITION, "Rotated.")]
        assert browser.get("/test/verified-whoami").status_code == 200

    def test_the_static_one(self, superuser: Client) -> None:
        superuser.post(self.PATH, {"kind": "static"})
        assert SigningKey.objects.filter(kind="static").count() == 2
        assert SigningKey.objects.filter(kind="dynamic").count() == 1

    @pytest.mark.parametrize("form", [{}, {"kind": "golden"}])
    def test_another_one_is_none(self, form: dict[str, str], superuser: Client) -> None:
        assert superuser.post(self.PATH, form).status_code == 200
        assert SigningKey.objects.count() == 2
        assert log() == []


@pytest.mark.slow  # a thousand users are signed out
def test_all_selected_are_those_that_were_shown(superuser: Client) -> None:
    oldest = emailpassword.sign_up("public", ALICE.email, ALICE.password).id
    sign_in(ALICE.email, ALICE.password)
    make_users(1000)
    newest = LoginIdentity.objects.order_by("-owner_joined").values_list("owner_id", flat=True)[0]
    run_action(superuser, "sign_out_everywhere", newest, select_across="1")
    assert len(session.get_all_session_handles_for_user(oldest)) == 1
    assert LogEntry.objects.count() == 1000


def test_another_way_in_has_no_password(superuser: Client, alice: str) -> None:
    give_login_method(alice, "thirdparty", third_party_id="google", third_party_user_id="865")
    page = html(superuser.get(tool(alice, "reset-mail")))
    assert f"goes to {ALICE.email}." in page
