"""What a sign-out does; the API and the pages share it."""

from __future__ import annotations

from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from supertokens_django.exceptions import SessionError, TryRefreshTokenError, UnauthorisedError
from supertokens_django.recipes.session import authentication, tokens, transport
from supertokens_django.recipes.session.service import session
from supertokens_django.users import django_user


def sign_out(request: HttpRequest, anti_csrf_check: bool | None = None) -> None:
    """End the request's session, whatever its claims say.

    Raises:
        UnauthorisedError: there is none.
        TryRefreshTokenError: its access token has to be refreshed first.
    """
    found = session.get_session(
        request, anti_csrf_check=anti_csrf_check, override_global_claim_validators=lambda validators, _: []
    )
    if found is not None and not session.stop_impersonating(request):
        who = django_user.for_user_id(found.get_user_id())
        found.revoke_session()
        user_logged_out.send_robust(type(who), request=request, user=who)


def sign_out_of_page(request: HttpRequest) -> None:
    """End the session of a browser that cannot refresh, and take its cookies away in any case.

    The request must have passed Django's CSRF check.
    """
    try:
        sign_out(request, anti_csrf_check=False)
    except UnauthorisedError:
        pass
    except TryRefreshTokenError:
        _sign_out_expired(request)
    transport.queue(request, transport.clear_tokens(request, transport.COOKIE))


def _sign_out_expired(request: HttpRequest) -> None:
    """End the session of an access token that has expired: who holds one that we signed may give the session up."""
    try:
        token = authentication.signed_token(request)
    except SessionError:
        return
    if token is not None:
        who = django_user.for_user_id(token.user_id)
        session.revoke_session(token.session_handle)
        if tokens.ACTOR not in token.payload:
            user_logged_out.send_robust(type(who), request=request, user=who)
