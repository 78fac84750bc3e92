"""What the endpoints do with the session of a request; the API and the pages share it."""

from __future__ import annotations

from contextlib import suppress

from django.http import HttpRequest

from supertokens_django import db
from supertokens_django.delivery.languages import spoken_to
from supertokens_django.exceptions import UnauthorisedError
from supertokens_django.http.endpoint import JsonObject
from supertokens_django.recipes.emailverification.claims import EmailVerificationClaim
from supertokens_django.recipes.emailverification.exceptions import EmailAlreadyVerified, UnknownUserId
from supertokens_django.recipes.emailverification.service import emailverification
from supertokens_django.recipes.emailverification.token_verbs import VerifiedAddress
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.service import session
from supertokens_django.registry import Account
from supertokens_django.users import accounts


def account_of(request: HttpRequest, data: JsonObject, tenant_id: str) -> Account | None:
    """Whose mails are asked for: those of the session's user."""
    found = session.peek_session(request)
    return Account(found.get_tenant_id(), found.get_recipe_user_id()) if found else None


def send_link(request: HttpRequest, current: SessionContainer) -> None:
    """Mail a verification link to the user of a session.

    Raises:
        EmailAlreadyVerified: there is nothing to verify; the session says so from now on.
        UnauthorisedError: the user or the session is gone.
    """
    if not _send_link(request, current):
        raise EmailAlreadyVerified


@db.transactional
def _send_link(request: HttpRequest, current: SessionContainer) -> bool:
    """False where there is nothing to verify: raised in here, it would undo what was done to the session."""
    recipe_user_id = current.get_recipe_user_id()
    try:
        emailverification.send_email_verification_email(
            current.get_tenant_id(), current.get_user_id(), recipe_user_id, request=request
        )
    except UnknownUserId as error:
        raise _gone() from error
    except EmailAlreadyVerified:
        update_session(request, current, recipe_user_id)
        return False
    if current.get_claim_value(EmailVerificationClaim) is not False:
        current.fetch_and_set_claim(EmailVerificationClaim)
    return True


def is_verified(request: HttpRequest, current: SessionContainer) -> bool:
    """Look whether the e-mail of a session's user is verified; the session says what is found (FDI).

    Raises:
        UnauthorisedError: the user or the session is gone.
    """
    recipe_user_id = current.get_recipe_user_id()
    try:
        if emailverification.get_email_for_recipe_user_id(recipe_user_id) is None:
            return True
        found = emailverification.is_email_verified(recipe_user_id)
    except UnknownUserId as error:
        raise _gone() from error
    if found:
        update_session(request, current, recipe_user_id)
    else:
        current.set_claim_value(EmailVerificationClaim, False)
    return found


def verify(
    request: HttpRequest, current: SessionContainer | None, tenant_id: str, token: str
) -> VerifiedAddress:
    """Use a token up; a session of the same login method hears of it.

    Raises:
        EmailVerificationInvalidToken: the token is unknown, used, expired or of another tenant.
        UnknownTenantError: there is no such tenant.
    """
    with spoken_to(request):  # the old address is told, where the link is to a new one
        found = emailverification.verify_email_using_token(tenant_id, token)
    if current is not None:
        with suppress(UnauthorisedError):  # of a session that has ended; the e-mail is verified all the same
            update_session(request, current, found.recipe_user_id)
    return found


@db.transactional
def update_session(request: HttpRequest, current: SessionContainer, recipe_user_id: str) -> None:
    """Let a session of this login method say that its e-mail is verified.

    Where its user is another by now, it has been linked: the login method's sessions end, and a new one begins (FDI).

    Raises:
        UnauthorisedError: the session is gone.
    """
    who = accounts.resolve(recipe_user_id)
    own = accounts.resolve(current.get_recipe_user_id())
    if own.recipe_user_id != who.recipe_user_id:
        return
    user_ids = [who.user_id, *([who.login_method.user_id] if who.login_method else [])]
    if current.get_user_id() in user_ids or current.get_actor() is not None:
        current.fetch_and_set_claim(EmailVerificationClaim)
        return
    session.revoke_all_sessions_for_user(recipe_user_id, revoke_sessions_for_linked_accounts=False)
    session.create_new_session(request, current.get_tenant_id(), recipe_user_id)


def _gone() -> UnauthorisedError:
    return UnauthorisedError("Unknown User ID provided")
