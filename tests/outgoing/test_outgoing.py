"""Requests to others' servers: what such a server may do to us, and what not."""

from __future__ import annotations

import gzip
import logging
import os
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session

from supertokens_django.conf import parse
from supertokens_django.http.conf import OutgoingConf
from supertokens_django.http.outgoing import OutgoingError, OutgoingSession, connect_to_any, json_of
from tests.base import supertokens_settings
from tests.outgoing.servers import answer, certificate, drip, hang_up, serving, silence, unanswering

LOOPBACK: dict[str, Any] = {"ALLOW_PRIVATE_ADDRESSES": True, "ALLOW_HTTP": True}


@pytest.fixture
def on_loopback() -> Iterator[None]:
    with supertokens_settings(OUTGOING=LOOPBACK):
        yield


def failure(url: str, method: str = "GET", **kwargs: Any) -> OutgoingError:
    with pytest.raises(OutgoingError) as caught, OutgoingSession() as session:
        session.request(method, url, **kwargs)
    return caught.value


@pytest.mark.usefixtures("on_loopback")
class TestAnAnswer:
    def test_it_is_read_whole(self) -> None:
        with serving(answer()) as server, OutgoingSession() as session:
            response = session.get(server.url("/me?fields=id"))
            assert (response.status_code, response.json()) == (200, {"hello": "world"})
            assert server.requests[0].startswith("GET /me?fields=id HTTP/1.1\r\n")
            assert "User-Agent: supertokens-django\r\n" in server.requests[0]

    def test_an_answer_with_an_error_status_is_an_answer(self) -> None:
        with serving(answer(b"{}", "400 Bad Request")) as server, OutgoingSession() as session:
            assert session.post(server.url(), data={"code": "1"}).status_code == 400

    def test_what_must_be_json_and_successful_is_nothing_else(self) -> None:
        with OutgoingSession() as session:
            for sent, reason, status in (
                (answer(b"<html>"), "answered with something else than JSON", 200),
                (answer(b'"\xff"'), "answered with something else than JSON", 200),
                (answer(b"[" * 100_000), "answered with something else than JSON", 200),
                (answer(status="404 Not Found"), "answered with status 404", 404),
            ):
                with serving(sent) as server, pytest.raises(OutgoingError) as caught:
                    session.get_json(server.url())
                assert (caught.value.reason, caught.value.status) == (reason, status)
            with serving(answer(b"[1]")) as server:
                assert session.get_json(server.url()) == [1]
                assert json_of(session.post(server.url())) == [1]

    def test_it_may_be_compressed(self) -> None:
        with serving(answer(gzip.compress(b"[2]"), Content_Encoding="gzip")) as server:
            assert OutgoingSession().get_json(server.url()) == [2]

    def test_cookies_are_not_kept(self) -> None:
        with serving(answer(Set_Cookie="who=me")) as server, OutgoingSession() as session:
            session.get(server.url())
            session.get(server.url())
            assert not session.cookies
            assert "Cookie" not in server.requests[1]


@pytest.mark.usefixtures("on_loopback")
class TestTimeAndSize:
    def test_a_server_that_says_nothing_is_given_up_after_the_timeout(self) -> None:
        with supertokens_settings(OUTGOING={"TIMEOUT": 0.2}), serving(silence) as server:
            assert failure(server.url()).reason == "took too long"
            assert server.connections == 1  # asking again would only take as long again

    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("first", [0, 17, 70], ids=["status", "headers", "body"])
    def test_a_server_that_drips_is_given_up_at_the_deadline(self, method: str, first: int) -> None:
        whole = answer(b"x" * 1000, X_Padding="y" * 1000)

        def slowly(near: socket.socket) -> None:
            near.sendall(whole[:first])
            drip(whole[first:], 0.05)(near)

        with supertokens_settings(OUTGOING={"TIMEOUT": 0.3, "DEADLINE": 0.4}), serving(slowly) as server:
            begun = time.monotonic()
            assert failure(server.url(), method).reason == "took too long"
            assert time.monotonic() - begun < 3
            assert len(server.requests) == 1

    def test_a_body_that_ends_with_the_deadline_is_not_taken_for_a_whole_one(self) -> None:
        endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

        def slowly(near: socket.socket) -> None:
            near.sendall(endless)
            drip(b"[" * 1000, 0.05)(near)

        with supertokens_settings(OUTGOING={"TIMEOUT": 0.3, "DEADLINE": 0.4}), serving(slowly) as server:
            assert failure(server.url()).reason == "took too long"

    def test_a_handshake_that_drips_is_given_up_at_the_deadline(self) -> None:
        hello = b"\x16\x03\x03\x10\x00" + b"\x02" * 4096
        with (
            supertokens_settings(OUTGOING={"TIMEOUT": 0.3, "DEADLINE": 0.4}),
            serving(drip(hello, 0.05), reads_first=False) as server,
        ):
            begun = time.monotonic()
            assert failure(f"https://127.0.0.1:{server.port}/").reason == "took too long"
            assert time.monotonic() - begun < 3

    def test_an_answer_that_is_too_large_is_broken_off(self) -> None:
        with supertokens_settings(OUTGOING={"MAX_RESPONSE_BYTES": 2048}):
            with serving(answer(b"x" * 2048)) as server, OutgoingSession() as session:
                assert len(session.get(server.url()).content) == 2048
            with serving(answer(b"x" * 2049)) as server:
                assert failure(server.url()).reason == "answered with more than 2048 bytes"
                assert server.connections == 1

    @pytest.mark.parametrize("encoding", ["gzip, gzip", "deflate", "br", "zstd", "klingon"])
    def test_no_other_encoding_is_unpacked(self, encoding: str) -> None:
        packed = gzip.compress(gzip.compress(b"[]"))
        with serving(answer(packed, Content_Encoding=encoding)) as server:
            assert failure(server.url()).reason == "answered in an encoding that was not asked for"
            assert "Accept-Encoding: gzip\r\n" in server.requests[0]

    def test_a_server_that_takes_no_connection_is_given_up_after_the_timeout(self) -> None:
        with supertokens_settings(OUTGOING={"TIMEOUT": 0.2}), unanswering("127.0.0.1") as port:
            assert failure(f"http://127.0.0.1:{port}/").reason == "took too long"

    def test_all_addresses_of_a_name_share_one_timeout(self) -> None:
        addresses = [f"127.0.0.{number}" for number in range(1, 9)]
        with unanswering(*addresses) as port:
            begun = time.monotonic()
            with pytest.raises(TimeoutError):
                connect_to_any(addresses, port, 0.3)
            assert time.monotonic() - begun < 0.6

    def test_an_address_that_refuses_does_not_keep_the_next_one_from_being_asked(self) -> None:
        with serving(answer(), host="127.0.0.2") as server:
            connect_to_any(["127.0.0.1", "127.0.0.2"], server.port, 5).close()

    def test_a_small_answer_that_unpacks_into_a_large_one_is_broken_off(self) -> None:
        packed = gzip.compress(b"x" * 50_000_000)
        with serving(answer(packed, Content_Encoding="gzip")) as server:
            assert failure(server.url()).reason == "answered with more than 1048576 bytes"


@pytest.mark.usefixtures("on_loopback")
class TestASecondAttempt:
    @pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Unavailable", "504 Timeout"])
    def test_a_get_is_sent_once_more_where_a_gateway_failed(self, status: str) -> None:
        with serving(answer(status=status), answer()) as server, OutgoingSession() as session:
            assert session.get(server.url()).status_code == 200
            assert len(server.requests) == 2

    def test_a_get_is_sent_once_more_where_the_connection_broke(self) -> None:
        cut_short = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx"
        with serving(hang_up, answer()) as server, OutgoingSession() as session:
            assert session.get(server.url()).status_code == 200
        with serving(cut_short, answer()) as server, OutgoingSession() as session:
            assert session.get(server.url()).status_code == 200

    def test_it_is_not_sent_a_third_time(self) -> None:
        with serving(hang_up) as server:
            assert failure(server.url()).reason == "broke off"
            assert len(server.requests) == 2
        with serving(answer(status="503 Unavailable")) as server, OutgoingSession() as session:
            assert session.get(server.url()).status_code == 503
            assert len(server.requests) == 2

    def test_a_post_is_sent_once(self) -> None:
        with serving(hang_up, answer()) as server:
            assert failure(server.url(), "POST").reason == "broke off"
            assert len(server.requests) == 1
        with serving(answer(status="503 Unavailable"), answer()) as server, OutgoingSession() as session:
            assert session.post(server.url()).status_code == 503
            assert len(server.requests) == 1

    def test_any_other_error_status_is_final(self) -> None:
        with serving(answer(status="500 Oops"), answer()) as server, OutgoingSession() as session:
            assert session.get(server.url()).status_code == 500
            assert len(server.requests) == 1


@pytest.mark.usefixtures("on_loopback")
class TestRedirects:
    def test_a_get_follows_them_on_the_same_server(self) -> None:
        with serving(answer(status="302 Found", Location="/v2"), answer()) as server:
            assert OutgoingSession().get(server.url()).json() == {"hello": "world"}
            assert server.requests[1].startswith("GET /v2 ")

    def test_they_are_not_followed_to_another_host_or_port(self) -> None:
        with serving(answer()) as other:
            for target in (other.url(), other.url(host="localhost"), f"//localhost:{other.port}/"):
                with serving(answer(status="302 Found", Location=target)) as server:
                    assert failure(server.url()).reason == "redirected elsewhere"
            assert other.connections == 0

    @pytest.mark.parametrize("target", ["file:///etc/passwd", "https://127.0.0.1:{}/", "gopher://127.0.0.1/"])
    def test_nor_to_another_scheme(self, target: str) -> None:
        moved: list[bytes] = []
        with serving(lambda near: near.sendall(moved[0])) as server:
            moved.append(answer(status="302 Found", Location=target.format(server.port)))
            assert failure(server.url()).reason == "redirected elsewhere"

    def test_a_post_follows_none(self) -> None:
        for status in ("302 Found", "307 Temporary Redirect"):
            with serving(answer(status=status, Location="/v2"), answer()) as server:
                assert failure(server.url(), "POST", data={"code": "1"}).reason == "redirected elsewhere"
                assert len(server.requests) == 1

    def test_a_circle_is_left(self) -> None:
        with serving(answer(status="302 Found", Location="/")) as server:
            assert failure(server.url()).reason == "redirected too often"
            assert len(server.requests) == 4

    def test_all_of_them_share_one_deadline(self) -> None:
        def later(near: socket.socket) -> None:
            near.settimeout(0.25)
            with suppress(TimeoutError):
                near.recv(1)
            near.sendall(answer(status="302 Found", Location="/"))

        with supertokens_settings(OUTGOING={"TIMEOUT": 0.4, "DEADLINE": 0.4}), serving(later) as server:
            assert failure(server.url()).reason == "took too long"


class TestAddresses:
    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "0.0.0.0"],
    )
    def test_what_is_not_public_is_not_connected_to(self, host: str) -> None:
        with supertokens_settings(OUTGOING={"ALLOW_HTTP": True}), serving(answer()) as server:
            assert failure(server.url(host=host)).reason == "has no public address"
            assert server.connections == 0

    def test_nor_over_version_6(self) -> None:
        with supertokens_settings(OUTGOING={"ALLOW_HTTP": True}), serving(answer(), host="::1") as server:
            assert failure(server.url(host="[::1]")).reason == "has no public address"
            assert server.connections == 0

    def test_a_network_may_be_permitted(self) -> None:
        permitted = {"ALLOW_HTTP": True, "ALLOW_PRIVATE_ADDRESSES": ["127.0.0.0/30", "10.1.0.0/16"]}
        with supertokens_settings(OUTGOING=permitted), serving(answer(), host="0.0.0.0") as server:
            assert OutgoingSession().get(server.url(host="localhost")).status_code == 200
            assert failure(server.url(host="127.0.0.9")).reason == "has no public address"
            assert server.connections == 1

    def test_a_name_is_looked_up_once_so_that_a_second_answer_changes_nothing(self) -> None:
        lookups: list[object] = []
        listening = True

        def hear(event: str, arguments: tuple[Any, ...]) -> None:
            if listening and event in ("socket.getaddrinfo", "socket.connect"):
                lookups.append(arguments[0] if event == "socket.getaddrinfo" else arguments[1][0])

        sys.addaudithook(hear)  # they cannot be removed
        try:
            with supertokens_settings(OUTGOING=LOOPBACK), serving(answer()) as server:
                OutgoingSession().get(server.url(host="localhost"))
        finally:
            listening = False
        assert lookups.count("localhost") == 1
        assert {"127.0.0.1"} <= set(lookups) <= {"localhost", "127.0.0.1", "::1"}

    def test_they_are_all_permitted_while_debug_is_on(self, settings: Any) -> None:
        with serving(answer()) as server:
            settings.DEBUG = True
            assert OutgoingSession().get(server.url()).status_code == 200
            settings.DEBUG = False
            assert failure(server.url()).reason == "is not asked without TLS"
            settings.DEBUG = True
            with supertokens_settings(OUTGOING={"ALLOW_PRIVATE_ADDRESSES": False}):
                assert failure(server.url()).reason == "has no public address"

    def test_nothing_is_sent_without_tls(self) -> None:
        with (
            supertokens_settings(OUTGOING={"ALLOW_PRIVATE_ADDRESSES": True}),
            serving(answer()) as server,
        ):
            for method in ("GET", "POST"):
                assert failure(server.url(), method).reason == "is not asked without TLS"
            assert server.connections == 0


class TestCertificates:
    def test_a_certificate_that_nobody_vouches_for_is_refused(self, tmp_path: Path) -> None:
        with (
            supertokens_settings(OUTGOING=LOOPBACK),
            serving(answer(), tls=certificate(tmp_path, "localhost")) as server,
        ):
            assert failure(server.url(host="localhost")).reason == "has no valid certificate"
            assert server.requests == []

    def test_a_bundle_of_the_projects_own_is_trusted(self, tmp_path: Path) -> None:
        file = certificate(tmp_path, "localhost")
        own = {"ALLOW_PRIVATE_ADDRESSES": True, "CA_BUNDLE": str(file)}
        with supertokens_settings(OUTGOING=own), serving(answer(), tls=file) as server:
            assert OutgoingSession().get(server.url(host="localhost")).status_code == 200

    def test_the_name_must_be_that_of_the_certificate_though_the_address_is_connected_to(
        self, tmp_path: Path
    ) -> None:
        file = certificate(tmp_path, "other.example")
        own = {"ALLOW_PRIVATE_ADDRESSES": True, "CA_BUNDLE": str(file)}
        with supertokens_settings(OUTGOING=own), serving(answer(), tls=file) as server:
            assert failure(server.url(host="localhost")).reason == "has no valid certificate"

    def test_the_deadline_holds_over_tls(self, tmp_path: Path) -> None:
        file = certificate(tmp_path, "localhost")
        own = {"ALLOW_PRIVATE_ADDRESSES": True, "CA_BUNDLE": str(file), "TIMEOUT": 0.4, "DEADLINE": 0.5}
        with (
            supertokens_settings(OUTGOING=own),
            serving(drip(answer(b"x" * 500), 0.05), tls=file) as server,
        ):
            assert failure(server.url(host="localhost")).reason == "took too long"
            assert len(server.requests) == 1


class TestProxies:
    def test_those_of_the_environment_are_not_heeded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with supertokens_settings(OUTGOING=LOOPBACK), serving(answer()) as server, serving(answer()) as proxy:
            for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url())
            assert OutgoingSession().get(server.url()).status_code == 200
            assert (server.connections, proxy.connections) == (1, 0)

    def test_the_configured_one_is_asked(self) -> None:
        with serving(answer()) as proxy:
            through = {"ALLOW_HTTP": True, "PROXY": proxy.url().rstrip("/")}
            with supertokens_settings(OUTGOING=through):
                assert OutgoingSession().get("http://provider.example/me").status_code == 200
            assert proxy.requests[0].startswith("GET http://provider.example/me HTTP/1.1\r\n")

    def test_its_password_is_in_no_error(self) -> None:
        gone = "http://us:hunter2@127.0.0.1:9"
        with supertokens_settings(OUTGOING={"PROXY": gone}):
            error = failure("https://provider.example/me")
        assert error.reason == "cannot be reached through the proxy"
        assert "hunter2" not in "".join(traceback.format_exception(error))


class TestErrors:
    @pytest.mark.usefixtures("on_loopback")
    def test_a_server_that_is_down_is_told_by_its_name(self) -> None:
        with serving(answer()) as server:
            pass
        error = failure(server.url())
        assert (str(error), error.host) == ("127.0.0.1 does not accept connections", "127.0.0.1")

    def test_a_name_that_nobody_has_is_told(self) -> None:
        assert str(failure("https://nobody.invalid/")) == "nobody.invalid is an unknown name"

    @pytest.mark.parametrize(
        "url", ["https://", "nonsense", "file:///etc/passwd", "https://[::", "https://a..b/"]
    )
    def test_a_url_that_is_none_is_an_error_of_the_same_class(self, url: str) -> None:
        assert isinstance(failure(url), OutgoingError)

    @pytest.mark.usefixtures("on_loopback")
    def test_neither_error_nor_log_knows_a_secret(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        with serving(answer(), hang_up) as server:
            url = server.url("/me?access_token=hunter2").replace("//", "//us:hunter3@")
            assert OutgoingSession().get(url).status_code == 200
            error = failure(url, headers={"Authorization": "Bearer hunter4"})
        told = "".join(traceback.format_exception(error)) + repr(error) + caplog.text
        assert "hunter" not in told
        assert (error.__cause__, error.__context__) == (None, None)


class ProviderSession(OutgoingSession, OAuth2Session):
    """As a provider uses it."""


@pytest.mark.usefixtures("on_loopback")
class TestTogetherWithAuthlib:
    def test_a_code_is_exchanged_within_the_bounds(self) -> None:
        token = b'{"access_token": "at", "token_type": "Bearer", "expires_in": 3600}'
        with serving(answer(token), answer(b"x" * 2_000_000), silence) as server:
            session = ProviderSession("client", "secret", token_endpoint_auth_method="client_secret_post")
            assert session.fetch_token(server.url("/token"), code="c")["access_token"] == "at"
            with pytest.raises(OutgoingError, match="more than 1048576 bytes"):
                session.fetch_token(server.url("/token"), code="c")
            with supertokens_settings(OUTGOING={"TIMEOUT": 0.2}), pytest.raises(OutgoingError):
                session.get(server.url("/me"))
        assert "Authorization: Bearer at" in server.requests[2]

    def test_its_own_errors_stay_its_own(self) -> None:
        with serving(answer(b"oops", "500 Oops")) as server, pytest.raises(requests.HTTPError):
            ProviderSession("client", "secret").fetch_token(server.url("/token"), code="c")


class TestSettings:
    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("TIMEOUT", 0), ("DEADLINE", "10"), ("MAX_RESPONSE_BYTES", 1), ("ALLOW_HTTP", "yes"),
            ("ALLOW_PRIVATE_ADDRESSES", "10.0.0.0/8"), ("ALLOW_PRIVATE_ADDRESSES", ["10.0.0.1/8"]),
            ("ALLOW_PRIVATE_ADDRESSES", [8]), ("PROXY", "proxy:3128"), ("CA_BUNDLE", "/nowhere.pem"),
        ],
    )  # fmt: skip
    def test_a_mistake_is_told_at_its_place(self, option: str, value: Any) -> None:
        with supertokens_settings(OUTGOING={option: value}):
            _, problems = parse(OutgoingConf)
        assert [(one.kind, one.path) for one in problems] == [
            ("invalid", f"SUPERTOKENS['OUTGOING'][{option!r}]")
        ]

    def test_the_password_of_a_proxy_is_not_repeated(self) -> None:
        with supertokens_settings(OUTGOING={"PROXY": "us:hunter2@proxy"}):
            _, problems = parse(OutgoingConf)
        assert "hunter2" not in "".join(map(str, problems))

    def test_a_timeout_that_the_deadline_ends_is_a_contradiction(self) -> None:
        with supertokens_settings(OUTGOING={"TIMEOUT": 11}):
            _, problems = parse(OutgoingConf)
        assert [(one.kind, one.path) for one in problems] == [("contradiction", "SUPERTOKENS['OUTGOING']")]

    def test_a_project_that_asks_nobody_loads_no_client(self) -> None:
        script = (
            "import django, sys; django.setup(); import supertokens_django.urls, supertokens_django.services;"
            "print(sorted({'requests', 'urllib3', 'authlib'} & set(sys.modules)))"
        )
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "example_project.settings"}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout == "[]\n"
