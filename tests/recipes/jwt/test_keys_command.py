"""``manage.py supertokens_keys``."""

from __future__ import annotations

import builtins
import io
import json
from collections.abc import Callable
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.core.management import CommandError, call_command

from supertokens_django.services import jwt as jwts
from supertokens_django.services import session as sessions
from tests.base import PUBLIC, Clock, supertokens_settings
from tests.client import FrontendClient


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("supertokens_keys", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def listed() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("list", "--format", "json"))
    return found


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Somebody sits there and types this; gives what was asked."""

    def type_in(text: str) -> list[str]:
        asked: list[str] = []

        def type_it(question: str) -> str:
            asked.append(question)
            return text

        monkeypatch.setattr(builtins, "input", type_it)
        return asked

    return type_in


class TestList:
    def test_it_makes_no_key(self, clock: Clock) -> None:
        assert listed() == []
        assert run("list") == "kid  kind  state  created at  signs from  retired at  accepted until\n"

    def test_every_key_says_what_it_does(self, clock: Clock) -> None:
        first, static = jwts.get_signing_kid(), jwts.get_signing_kid(static=True)
        clock.advance(600)
        second = jwts.rotate_signing_key().kid
        jwts.retire_signing_key(first)

        assert listed() == [
            {
                "kid": second,
                "kind": "dynamic",
                "state": "signing",
                "created_at": "2026-01-15T12:10:00Z",
                "signs_from": None,
                "retired_at": None,
                "accepted_until": "2026-01-22T14:10:00Z",
            },
            {
                "kid": first,
                "kind": "dynamic",
                "state": "retired",
                "created_at": "2026-01-15T12:00:00Z",
                "signs_from": None,
                "retired_at": "2026-01-15T12:10:00Z",
                "accepted_until": "2026-01-15T14:11:00Z",
            },
            {
                "kid": static,
                "kind": "static",
                "state": "signing",
                "created_at": "2026-01-15T12:00:00Z",
                "signs_from": None,
                "retired_at": None,
                "accepted_until": None,
            },
        ]

    def test_a_table_shows_the_same(self, clock: Clock) -> None:
        first = jwts.get_signing_kid()
        clock.advance(600)
        second = jwts.rotate_signing_key().kid

        assert run("list").splitlines() == [
            "kid              kind     state    created at            signs from            retired at  accepted until",
            f"{second}  dynamic  next     2026-01-15T12:10:00Z  2026-01-15T12:11:00Z  -           2026-01-22T14:10:00Z",
            f"{first}  dynamic  signing  2026-01-15T12:00:00Z  -                     -           2026-01-22T14:00:00Z",
        ]

    def test_a_key_whose_successor_signs_verifies(self, clock: Clock) -> None:
        first = jwts.get_signing_kid()
        clock.advance(600)
        jwts.rotate_signing_key()
        clock.advance(60)

        assert {key["kid"]: key["state"] for key in listed()}[first] == "verifying"
        clock.advance(170 * 3600)
        assert {key["kid"]: key["state"] for key in listed()}[first] == "ended"

    def test_the_times_are_told_in_utc(self, clock: Clock, settings: Any) -> None:
        settings.TIME_ZONE = "Asia/Tokyo"
        jwts.get_signing_kid()

        assert listed()[0]["created_at"] == "2026-01-15T12:00:00Z"


class TestRotate:
    def test_it_says_what_it_has_done(self, clock: Clock) -> None:
        first = run("rotate")
        (kid,) = (key["kid"] for key in listed())
        assert first == f"{kid} is published and signs at once.\n"
        clock.advance(600)

        second = run("rotate")

        kid = listed()[0]["kid"]
        assert second == f"{kid} is published and signs from 2026-01-15T12:11:00Z on.\n"
        assert run("rotate") == second

    def test_the_static_key_is_rotated_when_asked(self, clock: Clock) -> None:
        run("rotate", "--static")

        assert [key["kind"] for key in listed()] == ["static"]


class TestRetire:
    def test_it_asks_first(self, clock: Clock, answer: Callable[[str], list[str]]) -> None:
        kid = jwts.get_signing_kid()
        asked = answer("yes")

        said = run("retire", kid)

        (question,) = asked
        assert question.startswith(f"{kid}: signs no more from now on.\n")
        assert said == (
            f"{kid} signs no more; its tokens are accepted until 2026-01-15T14:01:00Z."
            " Other processes follow within 60 seconds.\n"
        )
        assert [key["state"] for key in listed()] == ["signing", "retired"]

    @pytest.mark.parametrize("text", ["no", "", "y"])
    def test_another_answer_changes_nothing(
        self, clock: Clock, answer: Callable[[str], list[str]], text: str
    ) -> None:
        kid = jwts.get_signing_kid()
        answer(text)

        with pytest.raises(CommandError, match=r"^Cancelled\.$"):
            run("retire", kid, "--now")
        assert [key["state"] for key in listed()] == ["signing"]

    def test_without_anybody_to_ask_it_changes_nothing(
        self, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kid = jwts.get_signing_kid()
        monkeypatch.setattr("sys.stdin", io.StringIO())

        with pytest.raises(CommandError, match="--no-input"):
            run("retire", kid)
        assert [key["state"] for key in listed()] == ["signing"]

    @pytest.mark.parametrize("option", ["--no-input", "--noinput"])
    def test_a_script_may_say_that_nobody_is_asked(self, clock: Clock, option: str) -> None:
        kid = jwts.get_signing_kid()
        run("retire", kid, option)

        assert [key["state"] for key in listed()] == ["signing", "retired"]

    def test_a_leaked_key_is_ended_at_once(self, clock: Clock, answer: Callable[[str], list[str]]) -> None:
        kid = jwts.get_signing_kid()
        asked = answer("yes")

        said = run("retire", kid, "--now")

        assert "and nothing that it has signed is accepted any more" in asked[0]
        assert said.startswith(f"{kid} signs no more; its tokens are accepted until 2026-01-15T12:00:00Z.")
        assert [key["state"] for key in listed()] == ["signing", "ended"]

    def test_without_a_kid_it_is_the_one_that_signs(self, clock: Clock) -> None:
        dynamic, static = jwts.get_signing_kid(), jwts.get_signing_kid(static=True)

        run("retire", "--no-input")
        run("retire", "--static", "--no-input")

        states = {key["kid"]: key["state"] for key in listed()}
        assert (states[dynamic], states[static]) == ("retired", "retired")

    def test_a_static_key_says_how_to_end_it(self, clock: Clock) -> None:
        kid = jwts.get_signing_kid(static=True)

        said = run("retire", kid, "--no-input")

        assert f"without end. `supertokens_keys retire {kid} --now` ends that." in said

    def test_several_at_once(self, clock: Clock) -> None:
        kids = [jwts.get_signing_kid(), jwts.get_signing_kid(static=True)]

        run("retire", *kids, "--now", "--no-input")

        assert {key["state"] for key in listed() if key["kid"] in kids} == {"ended"}

    def test_an_unknown_key_is_named_and_no_other_is_retired(self, clock: Clock) -> None:
        kid = jwts.get_signing_kid()

        with pytest.raises(CommandError, match=r"There is no signing key 'd-1'\."):
            run("retire", kid, "d-1", "--no-input")
        assert [key["state"] for key in listed()] == ["signing"]


class TestExport:
    def test_the_pem_of_the_static_key_verifies_its_tokens(self, clock: Clock) -> None:
        with supertokens_settings(SESSION={"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": False}):
            token = sessions.create_new_session_without_request_response(PUBLIC, "alice").get_access_token()

        pem = run("export")

        assert pem.startswith("-----BEGIN PUBLIC KEY-----\n")
        assert pem.endswith("-----END PUBLIC KEY-----\n")
        assert pyjwt.decode(token, pem, algorithms=["RS256"])["sub"] == "alice"

    def test_a_jwk_is_that_of_the_key_set(self, clock: Clock) -> None:
        assert json.loads(run("export", "--format", "jwk")) in jwts.get_jwks()["keys"]

    def test_any_key_can_be_named(self, clock: Clock) -> None:
        kid = jwts.get_signing_kid()

        assert json.loads(run("export", kid, "--format", "jwk"))["kid"] == kid
        assert isinstance(load_pem_public_key(run("export", kid).encode()), RSAPublicKey)

    def test_a_key_that_has_ended_is_not_given_out(self, clock: Clock) -> None:
        kid = jwts.get_signing_kid()
        jwts.retire_signing_key(kid, now=True)

        with pytest.raises(CommandError, match="There is no signing key"):
            run("export", kid)


def test_private_halves_are_never_printed(clock: Clock) -> None:
    from supertokens_django.models import SigningKey
    from supertokens_django.recipes.jwt.keys import ring

    kid = jwts.get_signing_kid(static=True)
    said = "".join(
        run(*command)
        for command in (
            ["list"],
            ["list", "--format", "json"],
            ["export", kid],
            ["export", kid, "--format", "jwk"],
            ["rotate"],
            ["retire", kid, "--no-input"],
        )
    )

    assert "PRIVATE" not in said
    assert '"d"' not in said
    for row in SigningKey.objects.all():
        assert row.private_key not in said
        assert row.private_key not in repr(jwts.list_signing_keys())
        assert row.private_key not in repr(ring.all())


@pytest.mark.parametrize("arguments", [[], ["destroy"], ["list", "--format", "xml"]])
def test_what_it_cannot_do_it_says(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


def test_nobody_is_signed_out_by_the_whole_procedure(clock: Clock, frontend: FrontendClient) -> None:
    """Rotate, wait, retire, wait, as the operator's page says."""
    first = frontend.access_token_header["kid"]
    clock.advance(600)
    run("rotate")
    clock.advance(61)
    run("retire", first, "--no-input")
    assert frontend.get("/test/sync").status_code == 200
    frontend.refresh()
    clock.advance(3 * 3600)

    assert {key["kid"]: key["state"] for key in listed()}[first] == "ended"
    frontend.refresh()
    assert frontend.get("/test/checked").status_code == 200
