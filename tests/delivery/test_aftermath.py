"""Messages leave when the request that asks for them is answered, whatever becomes of the answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.core import mail
from django.core.handlers.asgi import ASGIHandler
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import AsyncClient, Client, RequestFactory, override_settings
from django.utils import translation

from supertokens_django.delivery import email
from supertokens_django.delivery.languages import spoken_to
from supertokens_django.http.aftermath import after_answer
from supertokens_django.middleware import SuperTokensMiddleware
from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.delivery.drafts import RESET
from tests.recipes.emailpassword.mailbox import Commit
from tests.recipes.emailverification.verification import ask

RESET_TOKEN = "/auth/user/password/reset/token"
FORM = {"formFields": [{"id": "email", "value": ALICE.email}]}


def answered(view: Callable[[HttpRequest], HttpResponse]) -> HttpResponseBase:
    """The answer of a view behind the middleware, before it is closed."""
    response: HttpResponseBase = SuperTokensMiddleware(view)(RequestFactory().get("/"))
    return response


@pytest.mark.django_db(transaction=True)
class TestOrder:
    def test_work_waits_until_the_response_is_closed(self) -> None:
        done: list[int] = []

        def view(request: HttpRequest) -> HttpResponse:
            for number in (1, 2, 3):
                after_answer(request, lambda number=number: done.append(number))  # type: ignore[misc]
            return HttpResponse()

        response = answered(view)
        assert done == []
        response.close()
        assert done == [1, 2, 3]
        response.close()
        assert done == [1, 2, 3]

    def test_within_a_transaction_nothing_waits(self) -> None:
        done: list[int] = []

        def view(request: HttpRequest) -> HttpResponse:
            with transaction.atomic():
                after_answer(request, lambda: done.append(1))
            return HttpResponse()

        answered(view)
        assert done == [1]

    def test_one_that_fails_stops_no_other(self, caplog: pytest.LogCaptureFixture) -> None:
        done: list[int] = []

        def view(request: HttpRequest) -> HttpResponse:
            after_answer(request, lambda: 1 / 0)
            after_answer(request, lambda: done.append(2))
            return HttpResponse()

        answered(view).close()
        assert done == [2]
        assert "What was left to be done after an answer failed." in caplog.text

    def test_it_speaks_the_language_of_the_request(self) -> None:
        spoken: list[str | None] = []

        def view(request: HttpRequest) -> HttpResponse:
            with translation.override("ja"):
                after_answer(request, lambda: spoken.append(translation.get_language()))
            return HttpResponse()

        answered(view).close()
        assert spoken == ["ja"]

    def test_what_work_leaves_behind_is_done_at_once(self) -> None:
        done: list[str] = []

        def view(request: HttpRequest) -> HttpResponse:
            after_answer(request, lambda: after_answer(request, lambda: done.append("inner")))
            return HttpResponse()

        answered(view).close()
        assert done == ["inner"]

    @pytest.mark.parametrize("request_", [None, RequestFactory().get("/")])
    def test_without_the_middleware_nothing_waits(self, request_: HttpRequest | None) -> None:
        done: list[int] = []
        after_answer(request_, lambda: done.append(1))
        assert done == [1]


class Replacing:
    """A middleware of the project that wraps every answer into one of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(b"wrapped: " + self.get_response(request).content)


@pytest.mark.django_db(transaction=True)
class TestMails:
    def test_a_middleware_that_answers_otherwise_loses_none(self, alice: str, settings: Any) -> None:
        settings.MIDDLEWARE = [f"{__name__}.Replacing", *settings.MIDDLEWARE]
        answer = Client().post(RESET_TOKEN, FORM, "application/json")
        assert answer.content.startswith(b"wrapped: ")
        assert [message.to for message in mail.outbox] == [[ALICE.email]]

    def test_a_test_client_finds_them_at_once(self, alice: str) -> None:
        Client().post(RESET_TOKEN, FORM, "application/json")
        assert len(mail.outbox) == 1

    def test_nothing_leaves_after_a_rollback(self) -> None:
        def view(request: HttpRequest) -> HttpResponse:
            with transaction.atomic(), spoken_to(request):
                email.send("reset_password", ALICE.email, RESET)
                transaction.set_rollback(True)
            return HttpResponse()

        answered(view).close()
        assert mail.outbox == []

    def test_nor_before_the_commit_where_the_request_is_one_transaction(self) -> None:
        def view(request: HttpRequest) -> HttpResponse:
            with transaction.atomic(), spoken_to(request):
                email.send("reset_password", ALICE.email, RESET)
            return HttpResponse()

        response = answered(view)
        assert mail.outbox == []
        response.close()
        assert len(mail.outbox) == 1


class TestUnderASGI:
    @pytest.mark.django_db(transaction=True)
    def test_the_answer_is_sent_first(self, alice: str) -> None:
        body = json.dumps(FORM).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        scope = {
            "type": "http",
            "method": "POST",
            "path": RESET_TOKEN,
            "query_string": b"",
            "headers": headers,
        }
        mails: list[int] = []

        class Watching(ASGIHandler):
            async def send_response(self, response: HttpResponseBase, send: Any) -> None:
                await super().send_response(response, send)
                mails.append(len(mail.outbox))

        async def exchange() -> list[Any]:
            communicator: Any = ApplicationCommunicator(Watching(), scope)  # type: ignore[no-untyped-call]
            await communicator.send_input({"type": "http.request", "body": body})
            sent = [await communicator.receive_output(20) for _ in range(2)]
            await communicator.wait(20)
            return sent

        start, end = async_to_sync(exchange)()
        assert (start["status"], end["body"]) == (200, b'{"status":"OK"}')
        assert (mails, len(mail.outbox)) == ([0], 1)

    def test_a_client_that_goes_away_is_served_all_the_same(self) -> None:
        done: list[int] = []

        async def view(request: HttpRequest) -> HttpResponse:
            after_answer(request, lambda: done.append(1))
            await asyncio.sleep(60)
            raise AssertionError

        async def exchange() -> None:
            call = asyncio.create_task(SuperTokensMiddleware(view)(RequestFactory().get("/")))
            await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            for _ in range(500):
                if done:
                    break
                await asyncio.sleep(0.01)

        async_to_sync(exchange)()
        assert done == [1]


@override_settings(LANGUAGES=[("en", "English"), ("de", "Deutsch")])
@pytest.mark.django_db(transaction=True)
def test_a_verification_mail_is_in_the_browsers_language(alice: str) -> None:
    """Though the project has no ``LocaleMiddleware``."""
    with supertokens_settings(
        RECIPES=["emailpassword", "emailverification"], EMAILVERIFICATION={"MODE": "OPTIONAL"}
    ):
        browser = FrontendClient("header")
        browser.sign_in(ALICE.email, ALICE.password)
        assert json_of(ask(browser, headers={"accept-language": "de"})) == {"status": "OK"}
    (message,) = mail.outbox
    assert message.subject == "Bestätigen Sie Ihre E-Mail-Adresse für Acme"


class TestInTestsThatAreRolledBack:
    """Where everything is one transaction, and no other thread sees what is in it."""

    @pytest.mark.django_db
    def test_mails_are_there_after_the_commit_that_is_played(
        self, alice: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            Client().post(RESET_TOKEN, FORM, "application/json")
            assert mail.outbox == []
        assert [message.to for message in mail.outbox] == [[ALICE.email]]

    @pytest.mark.django_db
    def test_so_they_are_with_an_async_client(
        self, alice: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            answer = async_to_sync(AsyncClient().post)(RESET_TOKEN, FORM, "application/json")
        assert answer.json() == {"status": "OK"}
        assert [message.to for message in mail.outbox] == [[ALICE.email]]

    @pytest.mark.django_db(transaction=True)
    def test_an_async_client_without_a_transaction_finds_them_as_well(self, alice: str) -> None:
        async_to_sync(AsyncClient().post)(RESET_TOKEN, FORM, "application/json")
        assert [message.to for message in mail.outbox] == [[ALICE.email]]
