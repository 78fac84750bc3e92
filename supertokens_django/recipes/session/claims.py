"""Session claims: named values in the access token, fetched when they are due and checked by validators (FDI).

In the payload a claim is ``{key: {"v": value, "t": milliseconds since the epoch}}``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured

from supertokens_django import clock
from supertokens_django.recipes.session import tokens
from supertokens_django.recipes.session.coroutines import finished

if TYPE_CHECKING:
    from supertokens_django.users.models import LoginMethod

T = TypeVar("T")
Payload = Mapping[str, Any]
FetchValue = Callable[[str, str, str, Payload], T | Awaitable[T | None] | None]
"""``(user_id, recipe_user_id, tenant_id, current_payload) -> value``; None leaves the payload as it is.

A function, which may use the ORM, or a coroutine function: either is right in sync and in async views.
"""


@dataclass(frozen=True)
class ClaimValidationResult:
    """What a validator found; ``reason`` is JSON for the client."""

    is_valid: bool
    reason: dict[str, Any] | None = field(default_factory=dict)


class SessionClaimValidator:
    """Decides whether a session may pass.  ``claim`` (or None) names what may be fetched again before."""

    is_pure: ClassVar[bool] = False
    """Whether it looks at the payload alone, never at the database: an async view then needs no thread for it.

    A subclass with a ``validate`` of its own says so anew.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "validate" in cls.__dict__ and "is_pure" not in cls.__dict__:
            cls.is_pure = False

    def __init__(self, id: str, claim: SessionClaim[Any] | None = None) -> None:
        self.id = id
        self.claim = claim

    def should_refetch(self, payload: Payload) -> bool:
        """Tell whether ``claim`` must be fetched before :meth:`validate`."""
        return False

    def validate(self, payload: Payload) -> ClaimValidationResult | Awaitable[ClaimValidationResult]:
        """Judge the payload.  A subclass may make it a coroutine function."""
        raise NotImplementedError(f"{type(self).__name__} must implement validate()")


Validators = Sequence[SessionClaimValidator]


class SessionClaim(Generic[T]):
    """A value that belongs into sessions; subclasses say how it lies in the payload."""

    def __init__(self, key: str, fetch_value: FetchValue[T]) -> None:
        self.key = key
        self.fetch_value = fetch_value

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the payload that :meth:`build` fills."""
        return (self.key,)

    def build(
        self, user_id: str, recipe_user_id: str, tenant_id: str, current_payload: Payload
    ) -> dict[str, Any]:
        """Fetch the value and give the payload for it; {} when there is none."""
        value = finished(self.fetch_value(user_id, recipe_user_id, tenant_id, current_payload))
        return {} if value is None else self.add_to_payload({}, value)

    def build_new(
        self,
        login_method: LoginMethod | None,
        user_id: str,
        recipe_user_id: str,
        tenant_id: str,
        current_payload: Payload,
    ) -> dict[str, Any]:
        """:meth:`build` for a new session; the login method has been found already, and may spare a query."""
        return self.build(user_id, recipe_user_id, tenant_id, current_payload)

    async def abuild(
        self, user_id: str, recipe_user_id: str, tenant_id: str, current_payload: Payload
    ) -> dict[str, Any]:
        """See :meth:`build`."""
        return await sync_to_async(self.build)(user_id, recipe_user_id, tenant_id, current_payload)

    def add_to_payload(self, payload: dict[str, Any], value: T) -> dict[str, Any]:
        payload[self.key] = {"v": value, "t": clock.milliseconds(clock.now())}
        return payload

    def remove_from_payload_by_merge(self, payload: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Mark the claim for removal in a payload that is about to be merged."""
        payload[self.key] = None
        return payload

    def remove_from_payload(self, payload: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        payload.pop(self.key, None)
        return payload

    def get_value_from_payload(self, payload: Payload) -> T | None:
        entry = payload.get(self.key)
        return entry.get("v") if isinstance(entry, Mapping) else None

    def get_last_refetch_time(self, payload: Payload) -> float | None:
        """When the value was fetched, in milliseconds since the epoch."""
        entry = payload.get(self.key)
        time = entry.get("t") if isinstance(entry, Mapping) else None
        return time if isinstance(time, int | float) and not isinstance(time, bool) else None


class ValueValidator(SessionClaimValidator):
    """Missing, too old, then the value itself: the order of FDI."""

    is_pure = True
    expected_key = "expectedValue"

    def __init__(
        self, claim: SessionClaim[Any], id: str | None, expected: Any, max_age_in_sec: float | None
    ) -> None:
        super().__init__(id or claim.key, claim)
        self._claim = claim
        self._expected = expected
        self._max_age_in_sec = max_age_in_sec

    def should_refetch(self, payload: Payload) -> bool:
        if self._claim.get_value_from_payload(payload) is None:
            return True
        age = self._age_in_sec(payload)
        return bool(self._max_age_in_sec) and age is not None and age > (self._max_age_in_sec or 0)

    def validate(self, payload: Payload) -> ClaimValidationResult:
        value = self._claim.get_value_from_payload(payload)
        if value is None:
            return self._refusal("value does not exist", None)
        age = self._age_in_sec(payload)
        if self._max_age_in_sec and age is not None and age > self._max_age_in_sec:
            reason = {"message": "expired", "ageInSeconds": age, "maxAgeInSeconds": self._max_age_in_sec}
            return ClaimValidationResult(False, reason)
        return ClaimValidationResult(True) if self._accepts(value) else self._refusal("wrong value", value)

    def _accepts(self, value: Any) -> bool:
        return bool(value == self._expected)

    def _refusal(self, message: str, actual: Any) -> ClaimValidationResult:
        reason = {"message": message, self.expected_key: self._expected, "actualValue": actual}
        return ClaimValidationResult(False, reason)

    def _age_in_sec(self, payload: Payload) -> float | None:
        fetched = self._claim.get_last_refetch_time(payload)
        return None if fetched is None else (clock.milliseconds(clock.now()) - fetched) / 1000


class PrimitiveClaimValidators(Generic[T]):
    """Validators of a claim with one value."""

    def __init__(self, claim: SessionClaim[T], default_max_age_in_sec: float | None) -> None:
        self._claim = claim
        self._default_max_age_in_sec = default_max_age_in_sec

    def has_value(
        self, val: T, max_age_in_sec: float | None = None, id_: str | None = None
    ) -> ValueValidator:
        """Valid when the value equals ``val``."""
        return ValueValidator(self._claim, id_, val, max_age_in_sec or self._default_max_age_in_sec)


class PrimitiveClaim(SessionClaim[T]):
    """A claim with one JSON value."""

    def __init__(
        self, key: str, fetch_value: FetchValue[T], default_max_age_in_sec: float | None = None
    ) -> None:
        super().__init__(key, fetch_value)
        self.validators = PrimitiveClaimValidators(self, default_max_age_in_sec)


class BooleanClaimValidators(PrimitiveClaimValidators[bool]):
    def is_true(self, max_age: float | None = None, id_: str | None = None) -> ValueValidator:
        return self.has_value(True, max_age, id_)

    def is_false(self, max_age: float | None = None, id_: str | None = None) -> ValueValidator:
        return self.has_value(False, max_age, id_)


class BooleanClaim(PrimitiveClaim[bool]):
    """A claim that is true or false."""

    def __init__(
        self, key: str, fetch_value: FetchValue[bool], default_max_age_in_sec: float | None = None
    ) -> None:
        super().__init__(key, fetch_value, default_max_age_in_sec)
        self.validators: BooleanClaimValidators = BooleanClaimValidators(self, default_max_age_in_sec)


class _ArrayValidator(ValueValidator):
    """Asks for ``items`` in the value; ``expected`` is how the wire names them."""

    def __init__(
        self,
        claim: SessionClaim[Any],
        id: str | None,
        expected: Any,
        max_age_in_sec: float | None,
        items: Collection[Any],
    ) -> None:
        super().__init__(claim, id, expected, max_age_in_sec)
        self._items = items

    def _accepts(self, value: Any) -> bool:
        # Part of a text is no item: what is no list was put there by a claim of another kind.
        return isinstance(value, list | tuple) and self._accepts_found(
            [item in value for item in self._items]
        )

    def _accepts_found(self, found: Collection[bool]) -> bool:
        """Judge by which of the items are there."""
        raise NotImplementedError


class _IncludesAll(_ArrayValidator):
    expected_key = "expectedToInclude"

    def _accepts_found(self, found: Collection[bool]) -> bool:
        return all(found)


class _IncludesAny(_ArrayValidator):
    expected_key = "expectedToIncludeAtLeastOneOf"

    def _accepts_found(self, found: Collection[bool]) -> bool:
        return any(found)


class _ExcludesAll(_ArrayValidator):
    expected_key = "expectedToNotInclude"

    def _accepts_found(self, found: Collection[bool]) -> bool:
        return not any(found)


class PrimitiveArrayClaimValidators(Generic[T]):
    """Validators of a claim with a list of values."""

    def __init__(self, claim: SessionClaim[list[T]], default_max_age_in_sec: float | None) -> None:
        self._claim = claim
        self._default_max_age_in_sec = default_max_age_in_sec

    def includes(
        self, val: T, max_age_in_seconds: float | None = None, id_: str | None = None
    ) -> ValueValidator:
        return self._make(_IncludesAll, val, [val], max_age_in_seconds, id_)

    def excludes(
        self, val: T, max_age_in_seconds: float | None = None, id_: str | None = None
    ) -> ValueValidator:
        return self._make(_ExcludesAll, val, [val], max_age_in_seconds, id_)

    def includes_all(
        self, val: Collection[T], max_age_in_seconds: float | None = None, id_: str | None = None
    ) -> ValueValidator:
        return self._make(_IncludesAll, list(val), list(val), max_age_in_seconds, id_)

    def includes_any(
        self, val: Collection[T], max_age_in_seconds: float | None = None, id_: str | None = None
    ) -> ValueValidator:
        return self._make(_IncludesAny, list(val), list(val), max_age_in_seconds, id_)

    def excludes_all(
        self, val: Collection[T], max_age_in_seconds: float | None = None, id_: str | None = None
    ) -> ValueValidator:
        return self._make(_ExcludesAll, list(val), list(val), max_age_in_seconds, id_)

    def _make(
        self,
        kind: type[_ArrayValidator],
        expected: Any,
        items: list[T],
        max_age: float | None,
        id_: str | None,
    ) -> ValueValidator:
        return kind(self._claim, id_, expected, max_age or self._default_max_age_in_sec, items)


class PrimitiveArrayClaim(SessionClaim[list[T]]):
    """A claim with a list of JSON values."""

    def __init__(
        self, key: str, fetch_value: FetchValue[list[T]], default_max_age_in_sec: float | None = None
    ) -> None:
        super().__init__(key, fetch_value)
        self.validators: PrimitiveArrayClaimValidators[T] = PrimitiveArrayClaimValidators(
            self, default_max_age_in_sec
        )


# What verification and session creation do with claims


def build_all(
    claims: Sequence[SessionClaim[Any]],
    payload: Payload,
    user_id: str,
    recipe_user_id: str,
    tenant_id: str,
    login_method: LoginMethod | None = None,
) -> dict[str, Any]:
    """Build the claims of a new session into its payload, one after the other; each sees what is there before.

    Raises:
        ImproperlyConfigured: two of them have the same key.
    """
    require_different_keys(claims)
    built = dict(payload)
    for claim in claims:
        built.update(claim.build_new(login_method, user_id, recipe_user_id, tenant_id, built))
    return built


def require_different_keys(claims: Sequence[SessionClaim[Any]]) -> None:
    """Refuse claims of which one would overwrite another (FDI).

    Raises:
        ImproperlyConfigured: two of them have the same key.
    """
    seen: set[str] = set()
    for key in (key for claim in claims for key in claim.keys):
        if key in seen:
            raise ImproperlyConfigured(f"Two session claims have the key {key!r}.")
        seen.add(key)


def decides_by_payload(validator: SessionClaimValidator, payload: Payload) -> bool:
    """Tell whether the validator needs nothing but the payload: no claim is to be fetched, no database asked."""
    return validator.is_pure and not (validator.claim is not None and validator.should_refetch(payload))


def fetch_due(
    validators: Validators,
    payload: Payload,
    user_id: str,
    recipe_user_id: str,
    tenant_id: str,
) -> dict[str, Any]:
    """Fetch the claims whose validators ask for it, one after the other; gives what changed in the payload."""
    current, update = dict(payload), dict[str, Any]()
    for validator in validators:
        if validator.claim is not None and validator.should_refetch(current):
            fetched = validator.claim.build(user_id, recipe_user_id, tenant_id, current)
            current.update(fetched)
            update.update(fetched)
    return tokens.without_protected_props(update)


def result_of(validator: SessionClaimValidator, payload: Payload) -> ClaimValidationResult:
    """What a validator finds."""
    return finished(validator.validate(payload))


def failures(validators: Validators, payload: Payload) -> list[dict[str, Any]]:
    """Run every validator; the failing ones in order, ``reason`` left out where there is none (FDI)."""
    results = [(validator.id, result_of(validator, payload)) for validator in validators]
    return [
        {"id": id_} if result.reason is None else {"id": id_, "reason": result.reason}
        for id_, result in results
        if not result.is_valid
    ]
