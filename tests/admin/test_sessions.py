"""Sessions in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.test import Client

from supertokens_django.recipes.session.devices import describe
from supertokens_django.recipes.session.models import Session
from supertokens_django.services import session
from supertokens_django.signals import session_revoked
from tests.admin.conftest import Operator, rows
from tests.base import ALICE, BOB, Clock, Person, sql_statements
from tests.client import FrontendClient

pytestmark = pytest.mark.django_db

LIST = "/admin/supertokens_django/session/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def html(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def sign_in(person: Person = ALICE, user_agent: str = FIREFOX) -> str:
    """Gives the session's handle."""
    browser = FrontendClient("header")
    path = browser.api_path("/signin")
    fields = [{"id": "email", "value": person.email}, {"id": "password", "value": person.password}]
    headers = {"user-agent": user_agent}
    browser.call_recipe("POST", path, rid="emailpassword", json_body={"formFields": fields}, headers=headers)
    return browser.session_handle


def revoke(client: Client, *handles: str) -> Any:
    return client.post(LIST, {"action": "revoke", "_selected_action": handles}, follow=True)


class TestList:
    def test_it_shows_who_is_signed_in_where(self, clock: Clock, superuser: Client, alice: str) -> None:
        sign_in()
        assert rows(html(superuser.get(LIST))) == [
            [
                "Firefox on Windows",
                ALICE.email,
                "127.0.0.1",
                "Jan. 15, 2026, noon",
                "-",
                "April 25, 2026, noon",
            ]
        ]

    def test_it_leads_to_the_user(self, superuser: Client, alice: str) -> None:
        sign_in()
        assert f'<a href="/admin/supertokens_django/user/{alice}/change/">' in html(superuser.get(LIST))

    def test_it_shows_a_session_of_an_id_that_is_nobodys_here(self, superuser: Client) -> None:
        session.create_new_session_without_request_response("public", "somebody elsewhere")
        assert rows(html(superuser.get(LIST)))[0][:2] == ["Unknown device", "somebody elsewhere"]

    def test_it_calls_a_visitor_anonymous(self, superuser: Client) -> None:
        FrontendClient("header").post("/test/visit", {})
        assert rows(html(superuser.get(LIST)))[0][1] == "Anonymous visitor"

    def test_who_was_here_last_stands_first(
        self, clock: Clock, superuser: Client, alice: str, bob: str
    ) -> None:
        sign_in()
        clock.advance(60)
        sign_in(BOB)
        assert [row[1] for row in rows(html(superuser.get(LIST)))] == [BOB.email, ALICE.email]

    def test_it_costs_the_same_for_one_and_for_many(self, superuser: Client, alice: str) -> None:
        superuser.get(LIST)
        for _ in range(30):
            sign_in()
        with sql_statements() as statements:
            assert len(rows(html(superuser.get(LIST)))) == 30
        assert len(statements) == 4, "\n".join(statements)

    def test_search_finds_by_handle_user_and_e_mail(self, superuser: Client, alice: str, bob: str) -> None:
        handle = sign_in()
        sign_in(BOB)
        for term in (handle, alice, "alice@"):
            with sql_statements() as statements:
                assert [row[1] for row in rows(html(superuser.get(LIST, {"q": term})))] == [ALICE.email]
            assert len(statements) == 6, "\n".join(statements)


class TestPage:
    def test_it_shows_everything_but_the_secret(self, superuser: Client, alice: str) -> None:
        handle = sign_in()
        session.update_session_data_in_database(handle, {"cart": "a hat"})
        page = html(superuser.get(f"{LIST}{handle}/change/"))
        assert handle in page
        assert FIREFOX in page
        assert "a hat" in page
        assert Session.objects.get().secret not in page

    def test_it_has_nothing_to_fill_in(self, superuser: Client, alice: str) -> None:
        path = f"{LIST}{sign_in()}/change/"
        assert 'name="_save"' not in html(superuser.get(path))
        assert superuser.post(path, {"generation": "7"}).status_code == 403
        assert superuser.post(path.replace("change", "delete"), {"post": "yes"}).status_code == 403
        assert superuser.get(f"{LIST}add/").status_code == 403


class TestRevoking:
    def test_it_ends_the_chosen_by_the_service(
        self, superuser: Client, alice: str, django_capture_on_commit_callbacks: Any
    ) -> None:
        heard: list[Any] = []

        def receiver(session_handles: list[str], **kwargs: Any) -> None:
            heard.append(sorted(session_handles))

        first, second, third = sign_in(), sign_in(), sign_in()
        session_revoked.connect(receiver)
        with django_capture_on_commit_callbacks(execute=True):
            page = html(revoke(superuser, first, second))
        session_revoked.disconnect(receiver)
        assert "2 sessions were revoked." in page
        assert session.get_all_session_handles_for_user(alice) == [third]
        assert heard == [sorted([first, second])]

    def test_it_is_written_down(self, superuser: Client, alice: str) -> None:
        handle = sign_in()
        revoke(superuser, handle)
        entry = LogEntry.objects.get()
        assert (entry.object_id, entry.action_flag) == (handle, DELETION)

    def test_who_may_only_look_is_not_offered_it(self, operator: Operator, alice: str) -> None:
        handle = sign_in()
        client = operator("view_session")
        assert '<option value="revoke">' not in html(client.get(LIST))
        revoke(client, handle)
        assert session.get_all_session_handles_for_user(alice) == [handle]

    def test_who_may_delete_sessions_can(self, operator: Operator, alice: str) -> None:
        revoke(operator("view_session", "delete_session"), sign_in())
        assert session.get_all_session_handles_for_user(alice) == []

    def test_nothing_else_deletes_them(self, superuser: Client, alice: str) -> None:
        assert "delete_selected" not in html(superuser.get(LIST))


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (FIREFOX, "Firefox on Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.5 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.5 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "CriOS/138.0.7204.119 Mobile/15E148 Safari/604.1",
            "Chrome on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 "
            "Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) "
            "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 "
            "Safari/537.36 OPR/122.0.0.0",
            "Opera on Linux",
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/138.0.0.0 Safari/537.36",
            "Chrome on ChromeOS",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("okhttp/4.12.0", "okhttp/4.12.0"),
        ("AcmeApp/7.1 (iPhone; iOS 18.5)", "AcmeApp/7.1"),
        ("x" * 500, "x" * 40),
        ("", "Unknown device"),
        ("   ", "Unknown device"),
    ],
)
def test_a_device_has_a_short_name(user_agent: str, device: str) -> None:
    assert describe(user_agent) == device
