"""Whether the session of a verified access token is still there, as far as a verification asks."""

from __future__ import annotations

from django.http import HttpRequest

from supertokens_django import clock, db
from supertokens_django.exceptions import SessionError, UnauthorisedError
from supertokens_django.recipes.session import authentication, mint, policy, revocations, rows, transport
from supertokens_django.recipes.session import payload as payloads
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.verify import AccessToken


def require_in_cache(token: AccessToken, request: HttpRequest | None = None) -> None:
    """Ask ``REVOCATION_CACHE``, where there is one, and in its place the database in one query where it cannot tell.

    Raises:
        UnauthorisedError: the session has ended.
    """
    if not revocations.is_on():
        return
    raw, is_ended = _foreknown(request)
    if is_ended if raw == token.raw else not _lives(token):
        raise _ended()


async def is_known(request: HttpRequest) -> bool:
    """Ask ``REVOCATION_CACHE`` ahead; tell whether the verification of this request needs no database because of it."""
    if not revocations.is_on():
        return True
    request = transport.django_request(request)
    try:
        presented = authentication.present(request)
        if presented is None:
            return True
        # Nobody asks about what a forger makes up: it may be something that no cache can be asked.
        authentication.verify_token(presented.token, anti_csrf_token=None, checks_anti_csrf=False)
    except SessionError:
        return True  # refused before anybody is asked
    answer = await revocations.look_up(presented.token)
    if answer.is_ended is None:
        return False
    request._supertokens_is_ended = (presented.token.raw, answer.is_ended)  # type: ignore[attr-defined]
    return True


def _foreknown(request: HttpRequest | None) -> tuple[str | None, bool]:
    """What was asked ahead, once: about which token, and whether its session has ended."""
    found: tuple[str, bool] | None = request.__dict__.pop("_supertokens_is_ended", None) if request else None
    return found or (None, False)


def checked_against_database(token: AccessToken) -> AccessToken:
    """Ask the database in one query; gives the token that has the payload of now.

    Raises:
        UnauthorisedError: the session has ended, or was refreshed since by somebody who has its newer tokens.
    """
    state = _living(token)
    if state is None:
        raise _ended()
    if token.version > 2 and not policy.is_of_current_lineage(token, state):
        raise UnauthorisedError("The session has been refreshed since")
    if payloads.says_the_same(token.custom_payload, state.row.access_token_payload):
        return token
    return mint.regenerated(token, state.row) or token


def _lives(token: AccessToken) -> bool:
    """Ask ``REVOCATION_CACHE``, and the database where that cannot tell."""
    answer = revocations.ask(token)
    if answer.is_ended is not None:
        return not answer.is_ended
    is_alive = _living(token) is not None
    if (
        is_alive and answer.since is not None and not db.is_in_transaction()
    ):  # there it may be an old snapshot
        revocations.see_alive(token.session_handle, answer.since)
    return is_alive


def _living(token: AccessToken) -> rows.SessionState | None:
    state = rows.find(token.session_handle)
    return None if state is None or state.is_switched_off else state


def _ended() -> UnauthorisedError:
    return UnauthorisedError("Either the session has ended or has been blacklisted")


def is_alive(session: SessionContainer) -> bool:
    """Tell whether a session that was verified some time ago is still there, and its Django user is not off.

    ``REVOCATION_CACHE`` is asked where there is one, for as long as it vouches for the token; else the database, in one
    query.
    """
    token = authentication.read(session.get_access_token())
    if token is None:
        return False
    if revocations.is_on() and not token.is_expired(clock.now_in_milliseconds()):
        return _lives(token)
    return _living(token) is not None
