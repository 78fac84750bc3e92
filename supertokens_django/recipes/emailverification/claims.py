"""The claim ``st-ev``: whether the e-mail that was used to sign in is known to be the user's (FDI)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from supertokens_django import registry
from supertokens_django.recipes.emailverification.conf import EmailVerificationConf
from supertokens_django.recipes.session.claims import (
    BooleanClaim,
    BooleanClaimValidators,
    ClaimValidationResult,
    Payload,
    ValueValidator,
)
from supertokens_django.recipes.session.tokens import ANONYMOUS

if TYPE_CHECKING:
    from supertokens_django.users.models import LoginMethod

KEY = "st-ev"


def _service() -> Any:
    return registry.service(EmailVerificationConf.KEY)


def _fetch(user_id: str, recipe_user_id: str, tenant_id: str, current_payload: Payload) -> bool | None:
    return None if ANONYMOUS in current_payload else bool(_service().claim_value(recipe_user_id))


class IsVerified(ValueValidator):
    """Asks for a verified e-mail.  Whoever has none passes, an anonymous session as well: there is nobody to ask."""

    is_pure = True

    def __init__(
        self,
        claim: BooleanClaim,
        id: str | None,
        refetch_time_on_false_in_seconds: float,
        max_age_in_seconds: float | None,
    ) -> None:
        super().__init__(claim, id, True, max_age_in_seconds)
        self._refetch_time_on_false = refetch_time_on_false_in_seconds

    def should_refetch(self, payload: Payload) -> bool:
        if ANONYMOUS in payload:
            return False
        return super().should_refetch(payload) or self._is_old_refusal(payload)

    def validate(self, payload: Payload) -> ClaimValidationResult:
        return ClaimValidationResult(True) if ANONYMOUS in payload else super().validate(payload)

    def _is_old_refusal(self, payload: Payload) -> bool:
        age = self._age_in_sec(payload)
        is_refused = self._claim.get_value_from_payload(payload) is False
        return is_refused and age is not None and age > self._refetch_time_on_false


class EmailVerificationClaimValidators(BooleanClaimValidators):
    def is_verified(
        self,
        refetch_time_on_false_in_seconds: float = 10,
        max_age_in_seconds: float | None = None,
        id_: str | None = None,
    ) -> IsVerified:
        """Valid when the e-mail is verified; a false value is fetched anew after some seconds, a true one never.

        Args:
            refetch_time_on_false_in_seconds: For so long "not verified" is believed.
            max_age_in_seconds: Any value that is older is fetched anew; None believes a true one for good.
            id_: Under which name a refusal is told; by default the claim's key.
        """
        claim: Any = self._claim
        return IsVerified(claim, id_, refetch_time_on_false_in_seconds, max_age_in_seconds)


class _EmailVerificationClaim(BooleanClaim):
    def __init__(self) -> None:
        super().__init__(KEY, _fetch)
        self.validators: EmailVerificationClaimValidators = EmailVerificationClaimValidators(self, None)

    def build_new(
        self,
        login_method: LoginMethod | None,
        user_id: str,
        recipe_user_id: str,
        tenant_id: str,
        current_payload: Payload,
    ) -> dict[str, Any]:
        """The claim of a new session.  Without one, where the id is nobody's: it may be any."""
        value = _service().claim_value_of_new_session(login_method, recipe_user_id)
        return {} if value is None else self.add_to_payload({}, value)


EmailVerificationClaim = _EmailVerificationClaim()
"""True where the e-mail of the login method is verified, or it has none."""
