"""The ways that text messages leave by, each to its end: a stream, a file, a server on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.core.exceptions import ImproperlyConfigured

from supertokens_django.delivery import sms
from supertokens_django.delivery.backends import console, file, locmem, twilio, webhook
from supertokens_django.delivery.exceptions import GatewayError
from supertokens_django.delivery.message import Sms
from supertokens_django.http.outgoing import OutgoingError
from tests.base import Clock, supertokens_settings
from tests.delivery.drafts import PHONE, TEXTS
from tests.outgoing.servers import Server
from tests.recipes.emailpassword.mailbox import Commit

MESSAGE = Sms(
    id="0b5c8d9e-4f11-4f5f-9a5b-1f8a1f0b6a01",
    to=PHONE,
    text="482913 ist Ihr Code. Grüße, 日本",
    sender="Acme",
    template="passwordless_login",
    tenant_id="public",
    language="de",
)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
ACCOUNT = "AC" + "0" * 32
SERVICE = "MG" + "a" * 32


def answer(status: str, body: bytes = b"{}") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return f"{head}connection: close\r\n\r\n".encode() + body


CREATED = answer("201 Created")


@pytest.fixture(autouse=True)
def loopback() -> Iterator[None]:
    """Servers of tests have no public address, and no certificate."""
    with supertokens_settings(OUTGOING={"ALLOW_PRIVATE_ADDRESSES": ["127.0.0.0/8"], "ALLOW_HTTP": True}):
        yield


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server(CREATED)
    yield one
    one.close()


def headers_and_body(request: str) -> tuple[dict[str, str], str]:
    head, _, body = request.partition("\r\n\r\n")
    return dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:]), body


class TestConsole:
    def test_it_prints(self, clock: Clock) -> None:
        stream = io.StringIO()
        assert console.SmsBackend(stream=stream).send_messages([MESSAGE, MESSAGE]) == 2
        one = (
            f"From: Acme\nTo: {PHONE}\nDate: 2026-01-15 12:00:00 UTC\n\n"
            f"482913 ist Ihr Code. Grüße, 日本\n{'-' * 79}\n"
        )
        assert stream.getvalue() == one * 2

    def test_to_the_standard_output(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert console.SmsBackend().send_messages([MESSAGE]) == 1
        assert "482913 ist Ihr Code." in capsys.readouterr().out


class TestFile:
    def test_each_message_has_a_file_for_its_owners_eyes(self, tmp_path: Path, clock: Clock) -> None:
        folder = tmp_path / "sms"
        assert file.SmsBackend(file_path=folder).send_messages([MESSAGE]) == 1
        (path,) = folder.iterdir()
        assert path.name == f"20260115-120000-{MESSAGE.id}.txt"
        assert path.read_text().startswith(f"From: Acme\nTo: {PHONE}\n")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_file_is_no_folder(self, tmp_path: Path) -> None:
        (tmp_path / "sms").touch()
        with pytest.raises(ImproperlyConfigured, match="must be a folder"):
            file.SmsBackend(file_path=tmp_path / "sms")


class TestLocmem:
    def test_it_keeps(self) -> None:
        assert locmem.SmsBackend().send_messages([MESSAGE]) == 1
        assert locmem.outbox == [MESSAGE]


class TestWebhook:
    def test_it_posts_signed_json(self, server: Server, clock: Clock) -> None:
        backend = webhook.SmsBackend(url=server.url("/sms"), secret=SECRET, headers={"x-team": "login"})
        assert backend.send_messages([MESSAGE]) == 1
        (request,) = server.requests
        headers, body = headers_and_body(request)
        assert request.startswith("POST /sms HTTP/1.1\r\n")
        assert json.loads(body) == {
            "id": MESSAGE.id,
            "to": PHONE,
            "text": MESSAGE.text,
            "from": "Acme",
            "template": "passwordless_login",
            "tenant_id": "public",
            "language": "de",
        }
        assert headers["content-type"] == "application/json"
        assert headers["x-team"] == "login"
        assert headers["webhook-id"] == MESSAGE.id
        assert headers["webhook-timestamp"] == str(int(clock.now))

    def test_the_signature_is_that_of_standard_webhooks(self, server: Server, clock: Clock) -> None:
        webhook.SmsBackend(url=server.url(), secret=SECRET).send_messages([MESSAGE])
        head, _, body = server.requests[0].partition("\r\n\r\n")
        signed = f"{MESSAGE.id}.{int(clock.now)}.{body}".encode()
        expected = base64.b64encode(hmac.new(bytes(range(32)), signed, hashlib.sha256).digest()).decode()
        assert f"webhook-signature: v1,{expected}" in head

    def test_the_example_of_standard_webhooks(self) -> None:
        """The vector of its reference libraries."""
        key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        found = webhook.signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
        assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    @pytest.mark.parametrize("status", ["400 Bad Request", "429 Too Many Requests", "500 Oops"])
    def test_a_refusal_is_a_failure(self, status: str) -> None:
        server = Server(answer(status, b'{"error": "482913"}'))
        with pytest.raises(GatewayError, match=rf"The webhook answered {status[:3]}\."):
            webhook.SmsBackend(url=server.url(), secret=SECRET).send_messages([MESSAGE])
        server.close()

    def test_it_follows_no_redirect(self) -> None:
        elsewhere = Server(CREATED)
        moved = f"HTTP/1.1 307 Moved\r\nlocation: {elsewhere.url()}\r\ncontent-length: 0\r\n\r\n".encode()
        server = Server(moved)
        with pytest.raises(OutgoingError, match="redirected elsewhere"):
            webhook.SmsBackend(url=server.url(), secret=SECRET).send_messages([MESSAGE])
        assert elsewhere.requests == []
        server.close()
        elsewhere.close()

    @pytest.mark.parametrize(
        "secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64 at all, is it?", "a"]
    )
    def test_a_weak_secret_is_refused(self, secret: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="at least 24 random bytes"):
            webhook.SmsBackend(url="https://acme.com/sms", secret=secret)

    @pytest.mark.parametrize("url", ["", "acme.com/sms", "ftp://acme.com/"])
    def test_so_is_what_is_no_url(self, url: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="must be the URL"):
            webhook.SmsBackend(url=url, secret=SECRET)


class TestTwilio:
    def backend(self, server: Server, **options: Any) -> twilio.SmsBackend:
        given = {"account_sid": ACCOUNT, "auth_token": "t0k3n", "from_": "+15005550006", **options}
        return twilio.SmsBackend(api_url=server.url(""), **given)

    def sent(self, server: Server) -> tuple[dict[str, str], dict[str, str]]:
        headers, body = headers_and_body(server.requests[-1])
        return headers, {name: value for name, (value,) in parse_qs(body).items()}

    def test_it_asks_for_a_message(self, server: Server) -> None:
        message = Sms(**{**vars(MESSAGE), "sender": None})
        assert self.backend(server).send_messages([message]) == 1
        head = server.requests[0].partition("\r\n")[0]
        assert head == f"POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1"
        headers, form = self.sent(server)
        assert form == {"To": PHONE, "From": "+15005550006", "Body": MESSAGE.text}
        credentials = base64.b64encode(f"{ACCOUNT}:t0k3n".encode()).decode().lower()
        assert headers["authorization"] == f"basic {credentials}"
        assert headers["content-type"] == "application/x-www-form-urlencoded"

    def test_a_messaging_service(self, server: Server) -> None:
        message = Sms(**{**vars(MESSAGE), "sender": None})
        self.backend(server, from_=None, messaging_service_sid=SERVICE).send_messages([message])
        assert self.sent(server)[1] == {"To": PHONE, "MessagingServiceSid": SERVICE, "Body": MESSAGE.text}

    @pytest.mark.parametrize(("sender", "field"), [("Acme", "From"), (SERVICE, "MessagingServiceSid")])
    def test_the_sender_of_a_tenant_goes_before(self, sender: str, field: str, server: Server) -> None:
        self.backend(server).send_messages([Sms(**{**vars(MESSAGE), "sender": sender})])
        assert self.sent(server)[1] == {"To": PHONE, field: sender, "Body": MESSAGE.text}

    def test_a_key_of_the_api_in_place_of_the_account(self, server: Server) -> None:
        self.backend(server, api_key_sid="SK1").send_messages([MESSAGE])
        assert (
            self.sent(server)[0]["authorization"]
            == "basic " + base64.b64encode(b"SK1:t0k3n").decode().lower()
        )

    def test_a_refusal_is_told_with_its_code(self) -> None:
        body = json.dumps({"code": 21211, "message": "Invalid 'To' Phone Number", "status": 400}).encode()
        server = Server(answer("400 Bad Request", body))
        with pytest.raises(
            GatewayError, match=r"Twilio answered 400 \(error 21211\): Invalid 'To' Phone Number"
        ):
            self.backend(server).send_messages([MESSAGE])
        server.close()

    @pytest.mark.parametrize("body", [b"<html>", b"[]", b'"x"'])
    def test_so_is_one_that_makes_no_sense(self, body: bytes) -> None:
        server = Server(answer("503 Service Unavailable", body))
        with pytest.raises(GatewayError, match=r"Twilio answered 503\."):
            self.backend(server).send_messages([MESSAGE])
        server.close()

    def test_a_server_that_is_away_is_a_failure(self) -> None:
        server = Server(CREATED)
        server.close()
        with pytest.raises(OutgoingError, match="does not accept connections"):
            self.backend(server).send_messages([MESSAGE])

    @pytest.mark.parametrize(
        "options",
        [
            {"from_": None},
            {"messaging_service_sid": SERVICE},
            {"from_": "", "messaging_service_sid": ""},
            {"account_sid": ""},
            {"auth_token": ""},
        ],
    )
    def test_contradictions_are_refused(self, options: dict[str, Any], server: Server) -> None:
        with pytest.raises(ImproperlyConfigured):
            self.backend(server, **options)


class TestBySettings:
    def test_the_options_are_given_and_the_message_arrives(
        self, server: Server, django_capture_on_commit_callbacks: Commit
    ) -> None:
        options = {"account_sid": ACCOUNT, "auth_token": "t", "from_": "+1", "api_url": server.url("")}
        path = "supertokens_django.delivery.backends.twilio.SmsBackend"
        with (
            supertokens_settings(SMS_BACKEND=path, SMS_BACKEND_OPTIONS=options),
            django_capture_on_commit_callbacks(execute=True),
        ):
            sms.send("passwordless_login", PHONE, TEXTS["code"])
        _, body = headers_and_body(server.requests[0])
        assert parse_qs(body)["Body"] == [
            "482913 is your code to sign in to Acme. Good for 15 minutes. Give this to nobody.\n\n@acme.com #482913"
        ]
