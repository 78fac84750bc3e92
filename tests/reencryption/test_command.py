"""``manage.py supertokens_reencrypt``, and what goes when a fallback of SECRET_KEY goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from supertokens_django.crypto import secrets
from supertokens_django.models import SigningKey
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.registry import Encrypted, Recipe
from supertokens_django.services import jwt as jwts
from tests.assertions import assert_unauthorised_and_cleared
from tests.base import ALICE, Clock, sign_up, supertokens_settings
from tests.client import FrontendClient, decode_jwt, json_of
from tests.concurrency.crowd import at_once
from tests.processes import AnotherProcess

OLD = settings.SECRET_KEY
NEW = "another secret key of at least fifty characters ####"
NEWEST = "a third secret key, of at least fifty characters too ####"


@contextmanager
def secret_key(current: str, *fallbacks: str) -> Iterator[None]:
    """Processes with these keys, which have just started."""
    with override_settings(SECRET_KEY=current, SECRET_KEY_FALLBACKS=list(fallbacks)):
        ring.forget()
        yield
    ring.forget()


def run(**options: Any) -> tuple[str, str]:
    """What the command prints, and what it complains of."""
    out, err = StringIO(), StringIO()
    call_command("supertokens_reencrypt", stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def reencrypted(count: int) -> tuple[str, str]:
    return f"signing keys: {count} encrypted anew\n", ""


@pytest.fixture
def kids(clock: Clock) -> tuple[str, str]:
    """A dynamic and a static key, under the old SECRET_KEY."""
    return jwts.get_signing_kid(), jwts.get_signing_kid(static=True)


class TestTheCommand:
    def test_after_it_the_fallback_is_not_needed(self, clock: Clock, kids: tuple[str, str]) -> None:
        with secret_key(NEW, OLD):
            assert run() == reencrypted(2)
        with secret_key(NEW):
            assert (jwts.get_signing_kid(), jwts.get_signing_kid(static=True)) == kids

    def test_without_it_new_keys_would_have_to_sign(self, clock: Clock, kids: tuple[str, str]) -> None:
        clock.advance(600)
        with secret_key(NEW):
            assert jwts.get_signing_kid() not in kids
            assert jwts.get_signing_kid(static=True) not in kids

    def test_it_may_be_run_again(self, kids: tuple[str, str]) -> None:
        with secret_key(NEW, OLD):
            run()
            before = list(SigningKey.objects.values_list("private_key", flat=True))
            assert run() == reencrypted(0)
            assert list(SigningKey.objects.values_list("private_key", flat=True)) == before

    def test_it_goes_on_where_it_was_stopped(self, clock: Clock, kids: tuple[str, str]) -> None:
        from supertokens_django import reencryption

        (kind,) = [kind for kind in reencryption.kinds() if kind.name == "signing keys"]
        with secret_key(NEW, OLD):
            assert reencryption.renew_batch(kind, 1).renewed == 1
            assert run(batch_size=1) == reencrypted(1)

    def test_a_key_of_two_rotations_ago_is_found_too(self, clock: Clock, kids: tuple[str, str]) -> None:
        with secret_key(NEW, OLD):
            clock.advance(600)
            jwts.rotate_signing_key()
        with secret_key(NEWEST, NEW, OLD):
            assert run() == reencrypted(3)
        with secret_key(NEWEST):
            assert run() == reencrypted(0)

    def test_a_rehearsal_writes_nothing(self, kids: tuple[str, str]) -> None:
        before = list(SigningKey.objects.values_list("private_key", flat=True))
        with secret_key(NEW, OLD):
            assert run(dry_run=True) == ("signing keys: 2 to encrypt anew\n", "")
        assert list(SigningKey.objects.values_list("private_key", flat=True)) == before

    def test_the_check_fails_while_the_fallback_is_needed(self, kids: tuple[str, str]) -> None:
        before = list(SigningKey.objects.values_list("private_key", flat=True))
        with secret_key(NEW, OLD), pytest.raises(SystemExit, match=r"^1$"):
            run(check=True)
        assert list(SigningKey.objects.values_list("private_key", flat=True)) == before

    def test_the_check_passes_when_all_is_done(self, kids: tuple[str, str]) -> None:
        with secret_key(NEW, OLD):
            run()
            assert run(check=True) == ("signing keys: 0 to encrypt anew\n", "")

    def test_what_no_key_decrypts_is_told_and_left_alone(self, clock: Clock, kids: tuple[str, str]) -> None:
        with secret_key(NEW):
            clock.advance(600)
            jwts.get_signing_kid()
            assert run() == (
                "signing keys: 0 encrypted anew\n",
                "signing keys: 2 cannot be decrypted by SECRET_KEY or any of its fallbacks\n",
            )
        with secret_key(OLD):
            assert {key.kid: key.can_sign for key in ring.all()}[kids[0]]

    def test_a_batch_has_a_row_at_least(self) -> None:
        with pytest.raises(CommandError, match="--batch-size must be at least 1"):
            run(batch_size=0)

    def test_quiet_it_says_nothing(self, kids: tuple[str, str]) -> None:
        with secret_key(NEW, OLD):
            assert run(verbosity=0) == ("", "")

    def test_it_prints_no_secret(self, kids: tuple[str, str]) -> None:
        with secret_key(NEW, OLD):
            said = "".join(run(verbosity=3))

        assert [text for text in (OLD, NEW, "PRIVATE", "gAAAA") if text in said] == []


class Vault(Recipe):
    """A recipe of the project's that keeps something encrypted: the static keys, to have a table."""

    name = "vault"

    def encrypted(self) -> Sequence[Encrypted]:
        return (Encrypted("vault", SigningKey.objects.filter(kind="static").all, "private_key"),)


def test_a_recipe_of_the_project_names_its_own(clock: Clock, kids: tuple[str, str]) -> None:
    with (
        secret_key(NEW, OLD),
        supertokens_settings(RECIPES=["emailpassword", "tests.reencryption.test_command.Vault"]),
    ):
        assert run(dry_run=True) == ("signing keys: 2 to encrypt anew\nvault: 1 to encrypt anew\n", "")


def test_an_empty_text_is_none(clock: Clock, kids: tuple[str, str]) -> None:
    SigningKey.objects.filter(pk=kids[1]).update(private_key="")
    with secret_key(NEW, OLD):
        assert run() == reencrypted(1)


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
class TestSeveralProcesses:
    def test_two_at_once_leave_every_key_readable(self, clock: Clock) -> None:
        for number in range(6):
            clock.move_to_offset(number * 600)
            jwts.rotate_signing_key()
        with secret_key(NEW, OLD):
            at_once([partial(run, batch_size=1)] * 3)
        with secret_key(NEW):
            assert [key.can_sign for key in ring.all()] == [True] * 6

    def test_a_process_with_the_new_key_alone_signs_and_verifies(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        static = jwts.get_signing_kid(static=True)
        with secret_key(NEW, OLD):
            run()
        process = AnotherProcess("tests.recipes.jwt.another_process", ANOTHER_PROCESS_SECRET_KEY=NEW)
        try:
            signed = process.ask("sign a JWT")["token"]
            made = process.ask("sign in", user_id=alice)["access_token"]
            verified = process.ask("verify", access_token=frontend.access_token)
        finally:
            process.stop()

        assert decode_jwt(signed)[0]["kid"] == static
        assert decode_jwt(made)[0]["kid"] == frontend.access_token_header["kid"]
        assert verified == {"user_id": alice}
        frontend.hold_access_token(made)
        assert frontend.get("/test/sync").status_code == 200


class TestWhatGoesWithTheFallback:
    """Sessions: what a client holds cannot be encrypted anew, it has to come and fetch its successor."""

    @pytest.fixture
    def member(self, clock: Clock) -> FrontendClient:
        """Signed in under the old key, before the rotation."""
        sign_up(ALICE)
        browser = FrontendClient("cookie")
        assert json_of(browser.sign_in(ALICE.email, ALICE.password))["status"] == "OK"
        return browser

    def test_who_has_refreshed_since_stays(self, clock: Clock, member: FrontendClient) -> None:
        with secret_key(NEW, OLD):
            run()
            clock.advance(60)
            assert member.refresh().status_code == 200
        with secret_key(NEW):
            clock.advance(60)
            assert member.get("/test/checked").status_code == 200
            assert member.refresh().status_code == 200

    def test_who_has_not_signs_in_again(self, clock: Clock, member: FrontendClient) -> None:
        with secret_key(NEW, OLD):
            run()
        with secret_key(NEW):
            clock.advance(3600)
            assert_unauthorised_and_cleared(member.refresh())
            assert json_of(member.sign_in(ALICE.email, ALICE.password))["status"] == "OK"

    def test_the_access_token_of_before_is_good_until_it_expires(
        self, clock: Clock, member: FrontendClient
    ) -> None:
        with secret_key(NEW, OLD):
            run()
        with secret_key(NEW):
            assert member.get("/test/sync").status_code == 200

    def test_but_not_where_the_database_is_asked(self, clock: Clock, member: FrontendClient) -> None:
        """The token names the refresh token that it came with, and that one is no session's any more."""
        with secret_key(NEW):
            assert_unauthorised_and_cleared(member.get("/test/checked"))

    def test_with_the_fallback_the_database_knows_it(self, clock: Clock, member: FrontendClient) -> None:
        with secret_key(NEW, OLD):
            assert member.get("/test/checked").status_code == 200

    def test_an_anti_csrf_token_of_before_is_as_good_as_its_access_token(
        self, clock: Clock, member: FrontendClient
    ) -> None:
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
            member.sign_in(ALICE.email, ALICE.password)
            with secret_key(NEW):
                assert member.post("/test/sync").status_code == 200

    def test_after_the_lifetime_of_a_session_nobody_notices(
        self, clock: Clock, member: FrontendClient
    ) -> None:
        """Whoever has not refreshed for that long has no session any more, with or without the fallback."""
        with secret_key(NEW, OLD):
            run()
            clock.advance(100 * 86400 + 1)
            assert_unauthorised_and_cleared(member.clone().refresh())
        with secret_key(NEW):
            assert_unauthorised_and_cleared(member.refresh())


def test_renewed_tells_whether_there_is_something_to_do() -> None:
    text = secrets.encrypt("a secret")
    assert secrets.renewed(text) is None
    with secret_key(NEW, OLD):
        new = secrets.renewed(text)
        assert new is not None
    with secret_key(NEW):
        assert secrets.decrypt(new) == "a secret"
        with pytest.raises(secrets.DecryptionError):
            secrets.renewed(text)
