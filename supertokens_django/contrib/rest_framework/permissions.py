"""Permission classes for Django REST framework that ask for a role, a permission or any other claim of the session.

A refusal is answered as ``@verify_session()`` answers it, so that SuperTokens' frontends know what is missing.  To keep
that so where several permissions are joined by ``&``, ``|`` and ``~``, what joins them is a class of ours again, which
remembers why it refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from rest_framework.permissions import (
    BasePermission,
    BasePermissionMetaclass,
    OperandHolder,
    SingleOperandHolder,
)
from rest_framework.request import Request

from supertokens_django.exceptions import InvalidClaimsError, SessionError, UnauthorisedError
from supertokens_django.recipes.emailverification.claims import EmailVerificationClaim
from supertokens_django.recipes.session.claims import SessionClaimValidator
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.service import session
from supertokens_django.recipes.userroles.claims import PermissionClaim, UserRoleClaim

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports the classes that a project's settings name: ours

NO_OBJECT = object()

Refusals = list[SessionError] | None
"""Why a permission refuses, as far as it says so; None where it does not refuse."""


class _Joinable(BasePermissionMetaclass, OperandHolder, SingleOperandHolder):
    """The type of our permission classes.

    It derives from the types of everything that the framework lets be joined: of two operands, Python asks the one of
    the more derived type first, so that ours are asked wherever they stand.
    """

    __init__ = type.__init__
    __call__ = type.__call__
    __eq__ = type.__eq__
    __hash__ = type.__hash__

    def __and__(cls, other: Any) -> Any:
        return _joined(_All, cls, other)

    def __rand__(cls, other: Any) -> Any:
        return _joined(_All, other, cls)

    def __or__(cls, other: Any) -> Any:
        return _joined(_Any, cls, other)

    def __ror__(cls, other: Any) -> Any:
        return _joined(_Any, other, cls)

    def __invert__(cls) -> Any:
        return _joined(_Not, cls)


class ClaimPermission(BasePermission, metaclass=_Joinable):
    """Base of the permission classes that know why they refuse."""

    def refusals(self, request: Request, view: APIView, obj: Any) -> Refusals:
        """``obj`` is NO_OBJECT where the view as a whole is asked for."""
        raise NotImplementedError

    def has_permission(self, request: Request, view: APIView) -> bool:
        return self._decide(request, view, NO_OBJECT)

    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        return self._decide(request, view, obj)

    def _decide(self, request: Request, view: APIView, obj: Any) -> bool:
        """False leaves the answer to the framework: it was a permission of its own that refused.

        Raises:
            InvalidClaimsError: a claim is not as it has to be.
            UnauthorisedError: there is no session.
        """
        refusals = self.refusals(request, view, obj)
        if refusals is None:
            return True
        invalid = [
            error for item in refusals if isinstance(item, InvalidClaimsError) for error in item.errors
        ]
        if invalid:
            raise InvalidClaimsError(invalid)
        for error in refusals:
            raise error
        return False


class _HasClaim(ClaimPermission):
    validator: SessionClaimValidator

    def refusals(self, request: Request, view: APIView, obj: Any) -> Refusals:
        found = _session_of(request)
        if found is None:
            return [UnauthorisedError("Session does not exist.", clear_tokens=False)]
        try:
            found.assert_claims([self.validator])
        except InvalidClaimsError as error:
            return [error]
        return None


class _Joined(ClaimPermission):
    operands: tuple[Any, ...]

    def __init__(self) -> None:
        self._operands = [operand() for operand in self.operands]


class _All(_Joined):
    def refusals(self, request: Request, view: APIView, obj: Any) -> Refusals:
        found = (_refusals(operand, request, view, obj) for operand in self._operands)
        return next((refusals for refusals in found if refusals is not None), None)


class _Any(_Joined):
    def refusals(self, request: Request, view: APIView, obj: Any) -> Refusals:
        found: list[SessionError] = []
        for operand in self._operands:
            refusals = _refusals(operand, request, view, NO_OBJECT)
            if refusals is None and obj is not NO_OBJECT:
                refusals = _refusals(operand, request, view, obj)
            if refusals is None:
                return None
            found += refusals
        return found


class _Not(_Joined):
    def refusals(self, request: Request, view: APIView, obj: Any) -> Refusals:
        (operand,) = self._operands
        if _refusals(operand, request, view, obj) is not None:
            return None
        ids = [{"id": validator.id} for validator in _validators(operand)]
        return [InvalidClaimsError(ids)] if ids else []


def HasClaim(validator: SessionClaimValidator) -> type[BasePermission]:
    """Let requests through whose session satisfies a claim validator, which is fetched before where it is due."""
    return _permission(f"HasClaim({validator.id!r})", validator)


def HasRole(role: str, max_age_in_seconds: float | None = None) -> type[BasePermission]:
    """Let requests through whose user has a role, as the session says (``st-role``)."""
    return _permission(f"HasRole({role!r})", UserRoleClaim.validators.includes(role, max_age_in_seconds))


def HasPermission(permission: str, max_age_in_seconds: float | None = None) -> type[BasePermission]:
    """Let requests through whose user has a permission by a role, as the session says (``st-perm``)."""
    validator = PermissionClaim.validators.includes(permission, max_age_in_seconds)
    return _permission(f"HasPermission({permission!r})", validator)


def _permission(name: str, validator: SessionClaimValidator) -> type[BasePermission]:
    return cast("type[BasePermission]", _Joinable(name, (_HasClaim,), {"validator": validator}))


IsEmailVerified = HasClaim(EmailVerificationClaim.validators.is_verified())
"""Let requests through whose user has a verified e-mail, or none, as the session says (``st-ev``)."""


def _joined(kind: type[_Joined], *operands: Any) -> Any:
    return _Joinable(kind.__name__, (kind,), {"operands": operands})


def _refusals(operand: Any, request: Request, view: APIView, obj: Any) -> Refusals:
    if isinstance(operand, ClaimPermission):
        return operand.refusals(request, view, obj)
    is_granted = (
        operand.has_permission(request, view)
        if obj is NO_OBJECT
        else operand.has_object_permission(request, view, obj)
    )
    return None if is_granted else []


def _validators(operand: Any) -> list[SessionClaimValidator]:
    if isinstance(operand, _Joined):
        return [validator for part in operand._operands for validator in _validators(part)]
    return [operand.validator] if isinstance(operand, _HasClaim) else []


def _session_of(request: Request) -> SessionContainer | None:
    """The session that authenticated the request, that of a decorator, or else the one that the request carries."""
    if isinstance(request.auth, SessionContainer):
        return request.auth
    found: SessionContainer | None = getattr(request._request, "supertokens", None)
    return found or session.get_session(request._request, session_required=False)
