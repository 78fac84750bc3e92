"""The sign-in pipeline, written once for all factors: gates, the factor's own work, the session, signals.

Everything that is written is written in one transaction; signals follow its commit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from supertokens_django import db
from supertokens_django.exceptions import BadInputError, SuperTokensError
from supertokens_django.flow import gates
from supertokens_django.flow.attempt import Attempt
from supertokens_django.flow.signals import user_signed_in, user_signed_up
from supertokens_django.http.fdi import fdi_version, knows_linking_flag
from supertokens_django.recipes.session import identity, mint, transport
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.service import session
from supertokens_django.recipes.session.signals import announce_left
from supertokens_django.users import accounts, django_user
from supertokens_django.users.accounts import WireIdentity
from supertokens_django.users.models import LoginMethod

FAKE_EMAIL_ENDINGS = ("@stfakeemail.supertokens.com", ".fakeemail.com")


def is_fake_email(email: str) -> bool:
    """Tell whether the address stands for a user without one (FDI); nobody signs in by it as a first factor."""
    return email.endswith(FAKE_EMAIL_ENDINGS)


def session_to_consider(request: HttpRequest, data: dict[str, Any]) -> SessionContainer | None:
    """The session that takes part in an authentication (FDI ``shouldTryLinkingWithSessionUser``).

    From FDI 3.1 only where the flag asks for it, before wherever there is one.  No claims are checked.

    Raises:
        UnauthorisedError: the flag asks for a session and there is none.
        TryRefreshTokenError: the session's access token has expired.
    """
    flag: bool | None = None
    if knows_linking_flag(fdi_version(request)):
        flag = data.get("shouldTryLinkingWithSessionUser") is True
        if not flag:
            return None
    found = session.get_session(
        request, session_required=flag is True, override_global_claim_validators=lambda validators, _: []
    )
    if flag is True:
        raise BadInputError(
            "shouldDoAutomaticAccountLinking returned false when creating primary user but "
            "shouldTryLinkingWithSessionUser is true"
        )
    if found is not None and (found.is_anonymous() or found.get_actor() is not None):
        return None  # there is no user, or it is not the user who asks
    return found


def tenant_to_consider(request: HttpRequest, data: dict[str, Any], tenant_id: str) -> str:
    """The tenant in which an authentication will look: the session's, where one takes part, else that of the URL."""
    try:
        considered = session_to_consider(request, data)
    except SuperTokensError:
        return tenant_id  # and the authentication ends by the same error
    return considered.get_tenant_id() if considered else tenant_id


def sign_up(attempt: Attempt, request: HttpRequest, create: Callable[[], LoginMethod]) -> LoginMethod:
    """Ask the gates, ``create`` the login method, make the session."""

    def work() -> LoginMethod:
        gates.check_all(attempt, request)
        attempt.login_method = method = create()
        if (who := accounts.identity_of_new(method)) is not None:
            identity.remember(request, who)
        _make_session(attempt, request, method)
        return method

    return _in_one_transaction(request, work)


def sign_in(
    attempt: Attempt, request: HttpRequest, method: LoginMethod, hold: Callable[[], WireIdentity]
) -> LoginMethod:
    """Ask the gates and make the session of ``method``, whose credentials were right.

    ``hold`` locks, inside the transaction, what the credentials hang on, and raises where it has changed since.
    """
    attempt.login_method = method

    def work() -> LoginMethod:
        gates.check_all(attempt, request)
        identity.remember(request, hold())
        _make_session(attempt, request, method)
        return method

    return _in_one_transaction(request, work)


def _in_one_transaction(request: HttpRequest, work: Callable[[], LoginMethod]) -> LoginMethod:
    """Run ``work``; tokens of a session that did not come to be are not sent."""
    mint.have_signing_key()
    mark = transport.mark(request)

    def run() -> LoginMethod:
        transport.rewind(request, mark)
        return work()

    try:
        return db.transactional(run)()
    except BaseException:
        transport.rewind(request, mark)
        raise


def _make_session(attempt: Attempt, request: HttpRequest, method: LoginMethod) -> None:
    left = session.leave_anonymous_session(request, attempt.tenant_id)
    held = (left.access_token_payload, left.session_data_in_database) if left else ()
    made = session.create_new_session(request, attempt.tenant_id, method.id, *held)
    db.on_commit(lambda: _announce(attempt, request, method, made))
    if left is not None:
        announce_left(request, left.user_id, made)


def _announce(attempt: Attempt, request: HttpRequest, method: LoginMethod, made: SessionContainer) -> None:
    who = django_user.of(method.user)
    if who is not None:
        user_logged_in.send_robust(type(who), request=request, user=who)
    arguments = {"request": request, "user": method.user, "login_method": method, "session": made}
    if attempt.is_sign_up:
        user_signed_up.send_robust(Attempt, form_fields=attempt.form_fields, **arguments)
    user_signed_in.send_robust(Attempt, **arguments)
