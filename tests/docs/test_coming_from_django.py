"""docs/coming-from: from Django's own users, allauth, simplejwt and dj-rest-auth."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command, get_commands
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, override_settings
from django.urls import include, path
from django.utils.module_loading import import_string

from supertokens_django import services
from supertokens_django.decorators import verify_session
from supertokens_django.models import LoginMethod
from supertokens_django.openapi import openapi_document
from supertokens_django.services import users
from tests.base import ALICE, BOB
from tests.client import FrontendClient, Mode, json_of, json_of_view
from tests.docs.conftest import ProjectOf
from tests.docs.project import DJANGO_APPS, PLAIN_URLS, Project
from tests.docs.snippets import text_of
from tests.docs.test_reference import SECTIONS

USERS, ALLAUTH, SIMPLEJWT = (
    f"docs/coming-from/{name}.md" for name in ("django-users", "allauth", "simplejwt")
)

OF_ALLAUTH = """
    ADAPTER AUTHENTICATED_LOGIN_REDIRECTS AUTHENTICATION_METHOD CHANGE_EMAIL CONFIRM_EMAIL_ON_GET
    DEFAULT_HTTP_PROTOCOL EMAIL_CONFIRMATION_ANONYMOUS_REDIRECT_URL
    EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL EMAIL_CONFIRMATION_COOLDOWN
    EMAIL_CONFIRMATION_EXPIRE_DAYS EMAIL_CONFIRMATION_HMAC EMAIL_MAX_LENGTH EMAIL_NOTIFICATIONS
    EMAIL_REQUIRED EMAIL_SUBJECT_PREFIX EMAIL_UNKNOWN_ACCOUNTS EMAIL_VERIFICATION
    EMAIL_VERIFICATION_BY_CODE_ENABLED EMAIL_VERIFICATION_BY_CODE_FORMAT
    EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS EMAIL_VERIFICATION_BY_CODE_TIMEOUT
    EMAIL_VERIFICATION_MAX_CHANGE_COUNT EMAIL_VERIFICATION_MAX_RESEND_COUNT
    EMAIL_VERIFICATION_SUPPORTS_CHANGE EMAIL_VERIFICATION_SUPPORTS_RESEND FORMS LOGIN_ATTEMPTS_LIMIT
    LOGIN_ATTEMPTS_TIMEOUT LOGIN_BY_CODE_ENABLED LOGIN_BY_CODE_FORMAT LOGIN_BY_CODE_MAX_ATTEMPTS
    LOGIN_BY_CODE_MAX_RESEND_COUNT LOGIN_BY_CODE_REQUIRED LOGIN_BY_CODE_SUPPORTS_RESEND
    LOGIN_BY_CODE_TIMEOUT LOGIN_BY_CODE_TRUST_ENABLED LOGIN_METHODS LOGIN_ON_EMAIL_CONFIRMATION
    LOGIN_ON_PASSWORD_RESET LOGIN_TIMEOUT LOGOUT_ON_GET LOGOUT_ON_PASSWORD_CHANGE LOGOUT_REDIRECT_URL
    MAX_EMAIL_ADDRESSES PASSWORD_INPUT_RENDER_VALUE PASSWORD_MIN_LENGTH PASSWORD_RESET_BY_CODE_ENABLED
    PASSWORD_RESET_BY_CODE_FORMAT PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS PASSWORD_RESET_BY_CODE_TIMEOUT
    PASSWORD_RESET_TOKEN_GENERATOR PHONE_VERIFICATION_CODE_FORMAT PHONE_VERIFICATION_ENABLED
    PHONE_VERIFICATION_MAX_ATTEMPTS PHONE_VERIFICATION_MAX_CHANGE_COUNT
    PHONE_VERIFICATION_MAX_RESEND_COUNT PHONE_VERIFICATION_SUPPORTS_CHANGE
    PHONE_VERIFICATION_SUPPORTS_RESEND PHONE_VERIFICATION_TIMEOUT PRESERVE_USERNAME_CASING
    PREVENT_ENUMERATION RATE_LIMITS REAUTHENTICATION_REQUIRED REAUTHENTICATION_TIMEOUT SALT
    SESSION_COOKIE_AGE SESSION_REMEMBER SIGNUP_EMAIL_ENTER_TWICE SIGNUP_FIELDS SIGNUP_FORM_CLASS
    SIGNUP_FORM_HONEYPOT_FIELD SIGNUP_PASSWORD_ENTER_TWICE SIGNUP_PASSWORD_VERIFICATION
    SIGNUP_REDIRECT_URL TEMPLATE_EXTENSION UNIQUE_EMAIL USERNAME_BLACKLIST USERNAME_MIN_LENGTH
    USERNAME_REQUIRED USERNAME_VALIDATORS USER_MODEL_EMAIL_FIELD USER_MODEL_USERNAME_FIELD
"""
"""The settings of allauth.account 65.21, without ``ACCOUNT_``."""

OF_SIMPLEJWT = """
    ACCESS_TOKEN_LIFETIME REFRESH_TOKEN_LIFETIME ROTATE_REFRESH_TOKENS BLACKLIST_AFTER_ROTATION
    UPDATE_LAST_LOGIN ALGORITHM SIGNING_KEY VERIFYING_KEY AUDIENCE ISSUER JSON_ENCODER JWK_URL LEEWAY
    AUTH_HEADER_TYPES AUTH_HEADER_NAME USER_ID_FIELD USER_ID_CLAIM USER_AUTHENTICATION_RULE
    AUTH_TOKEN_CLASSES TOKEN_TYPE_CLAIM JTI_CLAIM TOKEN_USER_CLASS SLIDING_TOKEN_REFRESH_EXP_CLAIM
    SLIDING_TOKEN_LIFETIME SLIDING_TOKEN_REFRESH_LIFETIME TOKEN_OBTAIN_SERIALIZER
    TOKEN_REFRESH_SERIALIZER TOKEN_VERIFY_SERIALIZER TOKEN_BLACKLIST_SERIALIZER
    SLIDING_TOKEN_OBTAIN_SERIALIZER SLIDING_TOKEN_REFRESH_SERIALIZER CHECK_REVOKE_TOKEN
    REVOKE_TOKEN_CLAIM CHECK_USER_IS_ACTIVE
"""
"""The settings of simplejwt 5.5."""

OF_DJ_REST_AUTH = """
    LOGIN_SERIALIZER TOKEN_SERIALIZER JWT_SERIALIZER JWT_SERIALIZER_WITH_EXPIRATION
    JWT_TOKEN_CLAIMS_SERIALIZER USER_DETAILS_SERIALIZER PASSWORD_RESET_SERIALIZER
    PASSWORD_RESET_CONFIRM_SERIALIZER PASSWORD_CHANGE_SERIALIZER REGISTER_SERIALIZER
    REGISTER_PERMISSION_CLASSES TOKEN_MODEL TOKEN_CREATOR PASSWORD_RESET_USE_SITES_DOMAIN
    OLD_PASSWORD_FIELD_ENABLED LOGOUT_ON_PASSWORD_CHANGE SESSION_LOGIN USE_JWT JWT_AUTH_COOKIE
    JWT_AUTH_REFRESH_COOKIE JWT_AUTH_REFRESH_COOKIE_PATH JWT_AUTH_SECURE JWT_AUTH_HTTPONLY
    JWT_AUTH_SAMESITE JWT_AUTH_COOKIE_DOMAIN JWT_AUTH_RETURN_EXPIRATION JWT_AUTH_COOKIE_USE_CSRF
    JWT_AUTH_COOKIE_ENFORCE_CSRF_ON_UNAUTHENTICATED
"""
"""The settings of dj-rest-auth 7.2, second factors left out."""


def left_hand(page: str) -> set[str]:
    return {
        name
        for row in re.findall(r"^\| (`.+?) \| .+ \|$", text_of(page), re.M)
        for name in re.findall(r"`([A-Z_]+)`", row)
    }


@pytest.mark.parametrize(
    ("page", "names"), [(ALLAUTH, OF_ALLAUTH), (SIMPLEJWT, OF_SIMPLEJWT + OF_DJ_REST_AUTH)]
)
def test_every_setting_of_theirs_has_its_row(page: str, names: str) -> None:
    assert set(names.split()) - left_hand(page) == set()


@pytest.mark.parametrize("page", [ALLAUTH, SIMPLEJWT])
class TestTheRightHand:
    def test_every_setting_exists(self, page: str) -> None:
        known = {
            (key, field.upper())
            for key, section in SECTIONS.items()
            for field in section.__dataclass_fields__
        }
        given = set(re.findall(r'`([A-Z_]+)\["([A-Z_]+)"\]`', text_of(page)))
        assert len(given) > 5
        assert given - known == set()

    def test_every_endpoint_exists(self, page: str) -> None:
        described = openapi_document()["paths"]
        given = re.findall(r"\| `POST /auth(/\S+)`", text_of(page))
        assert len(given) >= 5
        assert [path_ for path_ in given if "post" not in described.get(path_, {})] == []

    def test_every_name_exists(self, page: str) -> None:
        text = text_of(page)
        for dotted in re.findall(r"`(supertokens_django\.[\w.]+\.\w+)`", text):
            import_string(dotted)
        for service, verb in re.findall(r"`services\.(\w+)\.(\w+)`", text):
            assert callable(getattr(getattr(services, service), verb))
        for command in re.findall(r"`(supertokens_\w+)` \|", text):
            assert command in get_commands()


# Taking over


def known_to_django(email: str = ALICE.email, password: str | None = ALICE.password, **more: Any) -> Any:
    # Numbered: MariaDB takes names for one that differ in case alone.
    name = f"user {get_user_model().objects.count() + 1}"
    return get_user_model().objects.create_user(name, email, password, **more)


def take_over() -> str:
    out = StringIO()
    call_command("take_over_users", stdout=out)
    return out.getvalue()


def home(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"email": request.user.email})  # type: ignore[union-attr]


urlpatterns = [
    path("", include(PLAIN_URLS)),
    path("home", login_required(home)),
    path("verified", verify_session()(home)),
]


@pytest.mark.django_db(transaction=True)
class TestTakingOverDjangosUsers:
    @pytest.fixture(autouse=True)
    def project(self, project_of: ProjectOf) -> Iterator[Project]:
        project = project_of(USERS)
        with project.running(ROOT_URLCONF=__name__):
            yield project

    def test_they_sign_in_with_their_password_and_stay_the_same_row(self, mode: Mode) -> None:
        alice = known_to_django(ALICE.email.upper())
        assert take_over() == ""
        browser = FrontendClient(mode)
        assert json_of(browser.sign_in(ALICE.email, ALICE.password))["status"] == "OK"
        assert json_of_view(browser.get("/home"))["email"] == alice.email
        found = users.get_user(browser.user_id)
        assert found is not None
        assert (found.django_link.django_user, found.time_joined) == (alice, alice.date_joined)
        assert get_user_model().objects.count() == 1

    def test_the_hash_is_replaced_at_the_first_sign_in(self) -> None:
        hashers = [f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("Argon2", "PBKDF2")]
        with override_settings(PASSWORD_HASHERS=hashers):
            alice = known_to_django()
            alice.password = make_password(ALICE.password, hasher="pbkdf2_sha256")
            alice.save()
            take_over()
            FrontendClient().sign_in(ALICE.email, ALICE.password)
        assert LoginMethod.objects.get().password.encoded.startswith("argon2$")

    def test_it_can_be_run_again(self) -> None:
        known_to_django()
        take_over()
        known_to_django(BOB.email)
        assert (take_over(), users.get_user_count()) == ("", 2)

    def test_whom_it_cannot_take_over_it_lists(self) -> None:
        known_to_django()
        twin = known_to_django(ALICE.email.title())
        nameless = known_to_django("")
        expected = {f"{twin.pk}: the address is another user's", f"{nameless.pk}: no e-mail address"}
        assert set(take_over().splitlines()) == expected
        assert users.get_user_count() == 1

    def test_somebody_without_a_password_asks_for_a_link(self) -> None:
        known_to_django(password=None)
        take_over()
        browser = FrontendClient()
        assert json_of(browser.sign_in(ALICE.email, ALICE.password))["status"] == "WRONG_CREDENTIALS_ERROR"
        browser.request_reset_token(ALICE.email)
        (token,) = re.findall(r"token=([\w-]+)", str(mail.outbox[0].body))
        browser.reset_password(token, BOB.password)
        assert json_of(browser.sign_in(ALICE.email, BOB.password))["status"] == "OK"

    def test_who_is_inactive_stays_so(self) -> None:
        known_to_django(is_active=False)
        take_over()
        answer = FrontendClient().sign_in(ALICE.email, ALICE.password)
        assert json_of(answer)["status"] == "WRONG_CREDENTIALS_ERROR"

    def test_browsers_stay_signed_in_by_djangos_session(self) -> None:
        browser = Client(headers={"host": "api.acme.com"})
        browser.force_login(known_to_django(), backend="django.contrib.auth.backends.ModelBackend")
        take_over()
        assert browser.get("/home").json() == {"email": ALICE.email}
        assert browser.get("/verified").status_code == 401


STAND_IN = """
from django.conf import settings
from django.db import models


class EmailAddress(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    email = models.EmailField()
    verified = models.BooleanField(default=False)
    primary = models.BooleanField(default=False)
"""
"""What the command reads of allauth.account, under allauth's names."""


@pytest.mark.django_db(transaction=True)
def test_the_addresses_of_allauth_count(project_of: ProjectOf, tmp_path: Path) -> None:
    folder = tmp_path / "allauth/account"
    folder.mkdir(parents=True)
    for file, text in (("../__init__.py", ""), ("__init__.py", ""), ("models.py", STAND_IN)):
        (folder / file).write_text(text)
    installed = [*DJANGO_APPS, "corsheaders", "supertokens_django", "acme", "allauth.account"]
    with project_of(USERS).running(INSTALLED_APPS=installed):
        model: Any = apps.get_app_config("account").get_model("EmailAddress")
        with connection.schema_editor() as editor:
            editor.create_model(model)
        try:
            alice = known_to_django("old@example.com")
            for email, primary, verified in (
                ("new@example.com", False, True),
                (ALICE.email, True, True),
                ("third@example.com", False, False),
            ):
                model.objects.create(user=alice, email=email, primary=primary, verified=verified)
            take_over()
            (user,) = users.get_users_newest_first("public").users
            assert user.login_methods.get().email == ALICE.email
        finally:
            with connection.schema_editor() as editor:
                editor.delete_model(model)
            apps.all_models.pop("account")
            for name in [name for name in sys.modules if name.partition(".")[0] == "allauth"]:
                del sys.modules[name]


# Switching from simplejwt


@pytest.mark.django_db
class TestSwitching:
    @pytest.fixture(autouse=True)
    def project(self, project_of: ProjectOf) -> Iterator[Project]:
        cache.clear()
        project = project_of(SIMPLEJWT)
        with project.running():
            yield project

    @pytest.fixture
    def person(self, mode: Mode) -> Any:
        FrontendClient(mode).sign_up(ALICE.email, ALICE.password)
        return get_user_model().objects.get()

    def old_token(self, person: Any, **changes: Any) -> str:
        """A token as simplejwt makes it."""
        now = int(time.time())
        claims = {
            "token_type": "refresh",
            "exp": now + 86400,
            "iat": now,
            "jti": "5d2f",
            "user_id": str(person.pk),
        }
        return jwt.encode({**claims, **changes}, settings.SECRET_KEY, algorithm="HS256")

    def test_an_old_refresh_token_is_good_for_one_session(self, person: Any, mode: Mode) -> None:
        body = {"refresh": self.old_token(person)}
        browser = FrontendClient(mode)
        assert json_of_view(browser.post("/auth/switch", body)) == {"status": "OK"}
        assert browser.refresh().status_code == 200
        assert browser.user_id == person.supertokens_link.user_id
        assert FrontendClient(mode).post("/auth/switch", body).status_code == 401

    @pytest.mark.parametrize(
        "changes",
        [{"token_type": "access"}, {"exp": 1}, {"user_id": "4711"}, {"user_id": None}, {"jti": None}],
    )
    def test_other_tokens_are_refused(self, person: Any, mode: Mode, changes: dict[str, Any]) -> None:
        body = {"refresh": self.old_token(person, **changes)}
        assert FrontendClient(mode).post("/auth/switch", body).status_code == 401

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"refresh": 1}', b'{"refresh": "x.y.z"}', b"\xff"])
    def test_so_is_anything_else(self, mode: Mode, body: bytes) -> None:
        assert FrontendClient(mode).request("POST", "/auth/switch", body=body).status_code == 401

    def test_a_forged_one_is_refused(self, person: Any, mode: Mode) -> None:
        claims = jwt.decode(self.old_token(person), options={"verify_signature": False})
        forged = jwt.encode(claims, "a key that somebody has guessed, long enough", algorithm="HS256")
        assert FrontendClient(mode).post("/auth/switch", {"refresh": forged}).status_code == 401

    def test_an_old_access_token_counts_as_no_session_here(self, person: Any, mode: Mode) -> None:
        bearer = {"authorization": f"Bearer {self.old_token(person, token_type='access')}"}
        answer = FrontendClient(mode).post("/auth/signout", headers=bearer)
        assert (answer.status_code, json_of(answer)) == (401, {"message": "unauthorised"})
