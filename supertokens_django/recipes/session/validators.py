"""Validators of what sets a session apart, and the way to add validators to the usual ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from supertokens_django.recipes.session.claims import ClaimValidationResult, Payload, SessionClaimValidator
from supertokens_django.recipes.session.tokens import ACTOR, ANONYMOUS


class NotAnonymous(SessionClaimValidator):
    """Refuses anonymous sessions, for views that are for users."""

    is_pure = True

    def __init__(self) -> None:
        super().__init__(ANONYMOUS)

    def validate(self, payload: Payload) -> ClaimValidationResult:
        return _refuses(ANONYMOUS in payload, "the session is anonymous")


class NotImpersonated(SessionClaimValidator):
    """Refuses sessions in which a member of staff acts as the user, for what only the user may do."""

    is_pure = True

    def __init__(self) -> None:
        super().__init__(ACTOR)

    def validate(self, payload: Payload) -> ClaimValidationResult:
        return _refuses(ACTOR in payload, "not while somebody else acts as the user")


def _refuses(is_refused: bool, message: str) -> ClaimValidationResult:
    return ClaimValidationResult(not is_refused, {"message": message} if is_refused else {})


def also(
    *validators: SessionClaimValidator,
) -> Callable[[list[SessionClaimValidator], Any], Sequence[SessionClaimValidator]]:
    """An ``override_global_claim_validators`` that asks these validators after the usual ones."""
    return lambda usual, session: [*usual, *validators]
