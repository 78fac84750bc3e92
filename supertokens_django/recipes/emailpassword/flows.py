"""What sign-up, sign-in and reset do with clean input; the API and the pages share it."""

from __future__ import annotations

from typing import Any, NoReturn

from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.utils.translation import gettext as _

from supertokens_django import conf, db
from supertokens_django.exceptions import FieldError
from supertokens_django.flow import authenticate, gates
from supertokens_django.flow.attempt import Attempt
from supertokens_django.http.client import ip_address
from supertokens_django.http.endpoint import JsonObject
from supertokens_django.limits import attempts
from supertokens_django.recipes.emailpassword import inputs, outputs
from supertokens_django.recipes.emailpassword.conf import EmailPasswordConf
from supertokens_django.recipes.emailpassword.exceptions import (
    EmailAlreadyExists,
    PasswordPolicyViolated,
    ResetPasswordInvalidToken,
    SignUpByMail,
    WrongCredentials,
)
from supertokens_django.recipes.emailpassword.rows import random_token
from supertokens_django.recipes.emailpassword.service import emailpassword
from supertokens_django.recipes.emailpassword.signals import password_reset
from supertokens_django.recipes.emailverification.service import emailverification
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.service import session
from supertokens_django.registry import Account
from supertokens_django.users.accounts import AccountInfo, normalise_email
from supertokens_django.users.models import LoginMethod


def sign_up(request: HttpRequest, data: JsonObject, tenant_id: str, fields: dict[str, Any]) -> LoginMethod:
    """Create an account with a clean form and sign it in."""
    email, password = fields.pop(inputs.EMAIL), fields.pop(inputs.PASSWORD)
    attempt = _attempt(request, data, tenant_id, email, is_sign_up=True)
    attempt.form_fields = fields
    if authenticate.is_fake_email(normalise_email(email)):
        raise outputs.email_taken()
    if conf.app().hide_account_existence:
        sign_up_by_mail(attempt, request, email)

    def create() -> LoginMethod:
        method = emailpassword.sign_up(attempt.tenant_id, email, password)
        emailpassword.on_sign_up(method, fields, request)
        return method

    try:
        made = authenticate.sign_up(attempt, request, create)
    except EmailAlreadyExists as error:
        raise outputs.email_taken() from error
    attempts.know(Account(attempt.tenant_id, normalise_email(email)), ip_address(request))
    return made


def sign_up_by_mail(attempt: Attempt, request: HttpRequest, email: str) -> NoReturn:
    """Create an account that waits for its owner, or leave the one that there is; mail a link to choose a password.

    The password of the form is thrown away: if it were good, a sign-in with it would tell whether the address was free.

    Raises:
        SignUpByMail: always, and the same in both cases.
        GeneralError: a gate refuses.
    """

    @db.transactional
    def create() -> None:
        gates.check_all(attempt, request)
        method = attempt.login_method = emailpassword.sign_up(attempt.tenant_id, email, random_token())
        emailpassword.on_sign_up(method, attempt.form_fields, request)
        emailpassword.send_sign_up_email(attempt.tenant_id, email, request, is_new=True)

    try:
        create()
    except EmailAlreadyExists:
        emailpassword.send_sign_up_email(attempt.tenant_id, email, request, is_new=False)
    text = _(
        "We have sent a mail to this address. Open the link in it and choose a password to finish signing up."
    )
    raise SignUpByMail(text)


def sign_in(request: HttpRequest, data: JsonObject, tenant_id: str, fields: dict[str, Any]) -> LoginMethod:
    """Sign in with a clean form."""
    email, password = fields[inputs.EMAIL], fields[inputs.PASSWORD]
    attempt = _attempt(request, data, tenant_id, email, is_sign_up=False)
    try:
        if authenticate.is_fake_email(normalise_email(email)):
            raise WrongCredentials
        method = emailpassword.sign_in(attempt.tenant_id, email, password)
    except WrongCredentials:
        user_login_failed.send_robust(
            __name__, credentials={"username": email, "email": email}, request=request
        )
        raise
    return authenticate.sign_in(attempt, request, method, lambda: emailpassword.hold(method))


def account_of(request: HttpRequest, data: JsonObject, tenant_id: str) -> Account | None:
    """Whose account a form is about, in the tenant where it will be looked for."""
    if not (email := inputs.email_of(data)):
        return None
    return Account(authenticate.tenant_to_consider(request, data, tenant_id), email)


def reset_password(request: HttpRequest, tenant_id: str, token: str, new_password: str) -> None:
    """Reset a password and sign its user out everywhere, where that is set."""
    try:
        was_reset = _reset_and_sign_out(request, tenant_id, token, new_password)
    except PasswordPolicyViolated as error:
        raise FieldError([(inputs.PASSWORD, error.failure_reason)]) from error
    if not was_reset:
        raise ResetPasswordInvalidToken


def change_password(
    request: HttpRequest,
    current: SessionContainer,
    login_method: LoginMethod,
    password: str,
    new_password: str,
) -> None:
    """Change the password of somebody who is signed in and knows it; all their other sessions end.

    Raises:
        WrongCredentials: the password is not right.
        PasswordPolicyViolated: the new one is not good enough.
    """
    tenant_id, email = current.get_tenant_id(), login_method.email or ""
    method = _require_password(request, tenant_id, login_method, password)
    if (error := inputs.password_error(new_password, tenant_id, email)) is not None:
        raise PasswordPolicyViolated(error)
    _change_and_sign_out_elsewhere(current, method, new_password)


@db.transactional
def _change_and_sign_out_elsewhere(current: SessionContainer, method: LoginMethod, new_password: str) -> None:
    emailpassword.hold(method)
    emailpassword.update_email_or_password(method.id, password=new_password, apply_password_policy=False)
    session.revoke_other_sessions_for_user(current.get_user_id(), current.get_handle())


def request_email_change(
    request: HttpRequest,
    current: SessionContainer,
    login_method: LoginMethod,
    password: str,
    new_email: str,
) -> None:
    """Mail a link to the new address of somebody who is signed in and knows the password.

    Raises:
        WrongCredentials: the password is not right, or was replaced while it was compared.
        EmailAlreadyVerified: it is the address that they have.
        BadInputError: it is too long.
    """
    tenant_id = current.get_tenant_id()
    method = _require_password(request, tenant_id, login_method, password)

    @db.transactional
    def work() -> None:
        # A new password ends what was asked for with the old one: whoever comes later must not ask with that any more.
        emailpassword.hold(method)
        emailverification.request_email_change(tenant_id, method.id, new_email, request)

    work()


def _require_password(
    request: HttpRequest, tenant_id: str, login_method: LoginMethod, password: str
) -> LoginMethod:
    email = login_method.email or ""
    try:
        method = emailpassword.verify_credentials(tenant_id, email, password)
        if method.id != login_method.id:  # in this tenant the address is somebody else's
            raise WrongCredentials
    except WrongCredentials:
        credentials = {"username": email, "email": email}
        user_login_failed.send_robust(__name__, credentials=credentials, request=request)
        raise
    return method


@db.transactional
def _reset_and_sign_out(request: HttpRequest, tenant_id: str, token: str, new_password: str) -> bool:
    try:
        method = emailpassword.reset_password_using_token(tenant_id, token, new_password)
    except ResetPasswordInvalidToken:
        return False  # raised in here, it would bring back the siblings of an expired token
    if conf.section(EmailPasswordConf).revoke_sessions_on_password_reset:
        session.revoke_all_sessions_for_user(method.id)
    db.on_commit(
        lambda: password_reset.send_robust(Attempt, request=request, user=method.user, login_method=method)
    )
    # The way out of a lock-out by somebody else's tries: who reads the mailbox is known from here on.
    owner = Account(tenant_id, method.email or "")
    db.on_commit(lambda: attempts.know(owner, ip_address(request)))
    return True


def _attempt(
    request: HttpRequest, data: JsonObject, tenant_id: str, email: str, *, is_sign_up: bool
) -> Attempt:
    considered = authenticate.session_to_consider(request, data)
    return Attempt(
        tenant_id=considered.get_tenant_id() if considered else tenant_id,
        recipe_id="emailpassword",
        factor_id="emailpassword",
        is_sign_up=is_sign_up,
        account_info=AccountInfo(email=normalise_email(email)),
        session=considered,
    )
