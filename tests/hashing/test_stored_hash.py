"""How passwords are stored, and how hashes that came from elsewhere are taken over."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import bcrypt
import pytest
from argon2 import PasswordHasher, Type
from django.apps import apps
from django.test import override_settings

from supertokens_django.exceptions import BadInputError
from supertokens_django.recipes.emailpassword.exceptions import WrongCredentials
from supertokens_django.recipes.emailpassword.models import Password
from supertokens_django.services import emailpassword, users
from tests.base import ALICE, BOB
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import OK, WRONG_CREDENTIALS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme", "hashers_of_a_project")]

EXAMPLE_HASHERS = [
    "tests.hashing.hashers.QuickArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.BCryptPasswordHasher",
]
LONG = "This passphrase is a good deal longer than the seventy-two bytes that bcrypt looks at, 1865"
UMLAUTS = "ä" * 40 + " 1865"
# The same in every process, because hashes are parameters of tests that are shared out among several.
BCRYPT_SALT = b"$2a$04$abcdefghijklmnopqrstuu"
ARGON2_SALT = b"sixteen bytes..."


@pytest.fixture
def hashers_of_a_project() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=EXAMPLE_HASHERS):
        yield


def bcrypt_hash(password: str, prefix: str = "$2a$") -> str:
    """As the core makes them: jBCrypt takes the first 72 bytes and drops the rest."""
    made = bcrypt.hashpw(password.encode()[:72], BCRYPT_SALT).decode()
    return prefix + made.removeprefix("$2a$")


def argon2_hash(password: str, kind: Type = Type.ID, memory_cost: int = 87_795) -> str:
    """As the core makes them by default: t=1, m=87795, p=2, salt of 16 and hash of 32 bytes."""
    hasher = PasswordHasher(1, memory_cost, 2, hash_len=32, salt_len=16, type=kind)
    return hasher.hash(password, salt=ARGON2_SALT)


def stored_hash() -> str:
    """The only password hash in the tables of this app."""
    (value,) = hashes()
    return value


def hashes() -> list[str]:
    return list(Password.objects.values_list("encoded", flat=True))


CORE_HASHES = {
    "bcrypt 2a": bcrypt_hash(ALICE.password),
    "bcrypt 2b": bcrypt_hash(ALICE.password, "$2b$"),
    "bcrypt 2x": bcrypt_hash(ALICE.password, "$2x$"),
    "bcrypt 2y": bcrypt_hash(ALICE.password, "$2y$"),
    "argon2id": argon2_hash(ALICE.password),
    "argon2i": argon2_hash(ALICE.password, Type.I, 1024),
    "argon2d": argon2_hash(ALICE.password, Type.D, 1024),
}
core_hash = pytest.mark.parametrize("core_hash", CORE_HASHES.values(), ids=CORE_HASHES.keys())


class TestNewPassword:
    def test_it_is_stored_as_argon2id(self) -> None:
        emailpassword.sign_up("public", ALICE.email, ALICE.password)
        assert stored_hash().startswith("argon2$argon2id$v=19$")

    def test_it_is_hashed_with_argon2id_where_the_project_chose_no_hashers(self) -> None:
        code = (
            "import django; django.setup(); from supertokens_django.crypto import hashing; "
            "made = hashing.make('wonderland 1865'); "
            "print(made[:16], hashing.verify('wonderland 1865', made), hashing.verify('other', made)[0])"
        )
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.hashing.settings_without_hashers"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        assert (done.stdout, done.stderr) == ("argon2$argon2id$ (True, False) False\n", "")

    @override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.ScryptPasswordHasher", *EXAMPLE_HASHERS]
    )
    def test_it_is_stored_as_the_project_chose(self) -> None:
        emailpassword.sign_up("public", ALICE.email, ALICE.password)
        assert stored_hash().startswith("scrypt$")

    def test_it_is_stored_nowhere_in_the_clear(self, visitor: FrontendClient) -> None:
        visitor.sign_up(ALICE.email, ALICE.password)
        rows = [repr(row) for model in apps.get_models() for row in model._default_manager.values()]
        assert not [row for row in rows if ALICE.password in row]

    def test_equal_passwords_have_different_hashes(self) -> None:
        emailpassword.sign_up("public", ALICE.email, ALICE.password)
        emailpassword.sign_up("public", BOB.email, ALICE.password)
        assert len(set(hashes())) == 2

    def test_the_whole_of_a_long_password_counts(self) -> None:
        emailpassword.sign_up("public", ALICE.email, LONG)
        with pytest.raises(WrongCredentials):
            emailpassword.sign_in("public", ALICE.email, LONG[:72])
        with pytest.raises(WrongCredentials):
            emailpassword.sign_in("public", ALICE.email, LONG[:-1])
        assert emailpassword.sign_in("public", ALICE.email, LONG).email == ALICE.email


class TestImportedHash:
    @core_hash
    def test_its_password_signs_in(self, core_hash: str, visitor: FrontendClient) -> None:
        emailpassword.import_user_with_password_hash("public", ALICE.email, core_hash)
        assert json_of(visitor.sign_in(ALICE.email, BOB.password)) == WRONG_CREDENTIALS
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password))["user"]["emails"] == [ALICE.email]

    @core_hash
    def test_it_is_upgraded_at_the_next_sign_in(self, core_hash: str, visitor: FrontendClient) -> None:
        emailpassword.import_user_with_password_hash("public", ALICE.email, core_hash)
        assert core_hash[4:] in stored_hash()
        visitor.sign_in(ALICE.email, ALICE.password)
        assert stored_hash().startswith("argon2$argon2id$v=19$m=1024,t=1,p=1$")
        assert core_hash[4:] not in stored_hash()
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password))["status"] == "OK"
        assert json_of(visitor.sign_in(ALICE.email, BOB.password)) == WRONG_CREDENTIALS

    @core_hash
    def test_a_wrong_password_does_not_touch_it(self, core_hash: str, visitor: FrontendClient) -> None:
        emailpassword.import_user_with_password_hash("public", ALICE.email, core_hash)
        before = stored_hash()
        visitor.sign_in(ALICE.email, BOB.password)
        assert stored_hash() == before

    @pytest.mark.parametrize("password", [LONG, UMLAUTS, "x" * 72 + "y" * 27])
    @pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
    def test_of_bcrypt_the_first_72_bytes_count(
        self, prefix: str, password: str, visitor: FrontendClient
    ) -> None:
        emailpassword.import_user_with_password_hash("public", ALICE.email, bcrypt_hash(password, prefix))
        assert json_of(visitor.sign_in(ALICE.email, "z" + password[1:])) == WRONG_CREDENTIALS
        assert json_of(visitor.sign_in(ALICE.email, password))["status"] == "OK"

    def test_after_the_upgrade_the_whole_of_a_long_password_counts(self, visitor: FrontendClient) -> None:
        emailpassword.import_user_with_password_hash("public", ALICE.email, bcrypt_hash(LONG))
        visitor.sign_in(ALICE.email, LONG)
        assert json_of(visitor.sign_in(ALICE.email, LONG[:-1])) == WRONG_CREDENTIALS
        assert json_of(visitor.sign_in(ALICE.email, LONG))["status"] == "OK"

    def test_it_can_be_reset(self, visitor: FrontendClient) -> None:
        method, _ = emailpassword.import_user_with_password_hash(
            "public", ALICE.email, CORE_HASHES["bcrypt 2a"]
        )
        token = emailpassword.create_reset_password_token("public", method.id, ALICE.email)
        assert json_of(visitor.reset_password(token, BOB.password)) == OK
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS
        assert json_of(visitor.sign_in(ALICE.email, BOB.password))["status"] == "OK"

    @pytest.mark.parametrize("garbage", ["$2a$", "$2a$99$" + "x" * 53, "$argon2id$v=19$m=8,t=1,p=1$x$y"])
    def test_one_that_cannot_be_read_never_signs_in(self, garbage: str, visitor: FrontendClient) -> None:
        try:
            emailpassword.import_user_with_password_hash("public", ALICE.email, garbage)
        except BadInputError:
            assert users.get_user_count() == 0
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS


class TestImport:
    def test_the_email_is_normalised(self) -> None:
        method, _ = emailpassword.import_user_with_password_hash(
            "public", " ALICE@Example.com ", CORE_HASHES["bcrypt 2a"]
        )
        assert method.email == ALICE.email

    def test_of_a_known_user_it_replaces_the_hash(self, alice: str) -> None:
        method, existed = emailpassword.import_user_with_password_hash(
            "public", ALICE.email, bcrypt_hash(BOB.password)
        )
        assert (method.id, existed, users.get_user_count()) == (alice, True, 1)
        assert emailpassword.sign_in("public", ALICE.email, BOB.password).id == alice
        with pytest.raises(WrongCredentials):
            emailpassword.sign_in("public", ALICE.email, ALICE.password)

    def test_it_stays_inside_the_tenant(self, alice: str, tenant_acme: str) -> None:
        other, existed = emailpassword.import_user_with_password_hash(
            tenant_acme, ALICE.email, bcrypt_hash(BOB.password)
        )
        assert (other.id != alice, existed) == (True, False)
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == alice

    @pytest.mark.parametrize(
        ("algorithm", "core_hash"),
        [
            ("BCRYPT", CORE_HASHES["bcrypt 2a"]),
            ("bcrypt", CORE_HASHES["bcrypt 2y"]),
            ("ARGON2", CORE_HASHES["argon2id"]),
            ("Argon2", CORE_HASHES["argon2i"]),
            (None, CORE_HASHES["argon2d"]),
        ],
    )
    def test_the_algorithm_may_be_named_in_any_case_or_be_told_from_the_hash(
        self, algorithm: str | None, core_hash: str
    ) -> None:
        method, existed = emailpassword.import_user_with_password_hash(
            "public", ALICE.email, core_hash, algorithm
        )
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == method.id
        assert existed is False

    @pytest.mark.parametrize(
        ("core_hash", "algorithm"),
        [
            ("", None),
            ("", "BCRYPT"),
            (CORE_HASHES["bcrypt 2a"], ""),
            (CORE_HASHES["bcrypt 2a"], "MD5"),
            (CORE_HASHES["bcrypt 2a"], "ARGON2"),
            (CORE_HASHES["argon2id"], "BCRYPT"),
            ("plain text", None),
            ("5f4dcc3b5aa765d61d8327deb882cf99", None),
            ("$1$salt$hash", None),
        ],
    )
    def test_anything_else_is_bad_input_and_makes_no_user(self, core_hash: str, algorithm: Any) -> None:
        with pytest.raises(BadInputError):
            emailpassword.import_user_with_password_hash("public", ALICE.email, core_hash, algorithm)
        assert users.get_user_count() == 0
