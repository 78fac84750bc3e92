"""The claim classes and every validator of FDI, row by row: what lies in the payload, what is fetched, what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured

from supertokens_django.claims import (
    BooleanClaim,
    ClaimValidationResult,
    PrimitiveArrayClaim,
    PrimitiveClaim,
    SessionClaim,
    SessionClaimValidator,
)
from supertokens_django.recipes.session import claims as claim_module
from tests.base import Clock

WHO = ("primary", "recipe", "acme")

Fetched = list[tuple[Any, ...]]


def never(*who: Any) -> None:
    raise AssertionError("nobody asked for it")


def nothing(*who: Any) -> None:
    return None


def held(value: Any, clock: Clock, *, age: float = 0) -> dict[str, Any]:
    """A payload with the claim ``x`` as it was fetched so many seconds ago."""
    return {"iss": "someone", "x": {"v": value, "t": clock.milliseconds - round(age * 1000)}}


def said(validator: SessionClaimValidator, payload: dict[str, Any]) -> tuple[bool, Any]:
    """What a validator says, as it goes over the wire."""
    result = claim_module.result_of(validator, payload)
    return result.is_valid, json.loads(json.dumps(result.reason))


VALUE: PrimitiveClaim[Any] = PrimitiveClaim("x", never)
FLAG = BooleanClaim("x", never)
LIST: PrimitiveArrayClaim[Any] = PrimitiveArrayClaim("x", never)


class TestAClaimInThePayload:
    @pytest.mark.parametrize("value", ["a", 7, True, False, 0, "", [], {"deep": None}])
    def test_it_is_built_with_the_time_it_was_fetched(self, clock: Clock, value: Any) -> None:
        claim: SessionClaim[Any] = SessionClaim("x", lambda *who: value)

        assert claim.build(*WHO, {}) == {"x": {"v": value, "t": clock.milliseconds}}

    def test_none_alone_is_no_value(self) -> None:
        claim: SessionClaim[Any] = SessionClaim("x", nothing)

        assert claim.build(*WHO, {"x": {"v": "kept", "t": 1}}) == {}

    def test_fetching_is_told_for_whom_and_what_is_there(self) -> None:
        asked: Fetched = []
        claim: SessionClaim[str] = SessionClaim("x", lambda *who: asked.append(who))

        claim.build(*WHO, {"y": 1})

        assert asked == [("primary", "recipe", "acme", {"y": 1})]

    def test_it_is_put_in_and_taken_out(self, clock: Clock) -> None:
        payload: dict[str, Any] = {"y": 1}

        assert VALUE.add_to_payload(payload, "a") is payload
        assert payload == {"y": 1, "x": {"v": "a", "t": clock.milliseconds}}
        assert VALUE.get_value_from_payload(payload) == "a"
        assert VALUE.get_last_refetch_time(payload) == clock.milliseconds
        assert VALUE.remove_from_payload_by_merge({"y": 1}) == {"y": 1, "x": None}
        assert VALUE.remove_from_payload(payload) is payload
        assert payload == {"y": 1}
        assert VALUE.remove_from_payload(payload) == {"y": 1}

    @pytest.mark.parametrize("entry", [None, "a", 7, [], {}, {"v": None}])
    def test_what_is_no_claim_has_no_value(self, entry: Any) -> None:
        assert VALUE.get_value_from_payload({"x": entry}) is None
        assert VALUE.get_last_refetch_time({"x": entry}) is None
        assert (VALUE.get_value_from_payload({}), VALUE.get_last_refetch_time({})) == (None, None)


class TestFetching:
    """``fetch_value`` is a function or a coroutine function, whoever calls it."""

    async def _fetch(self, *who: Any) -> str:
        return f"fetched for {who[0]}"

    def test_a_coroutine_function_in_sync_code(self, clock: Clock) -> None:
        claim: SessionClaim[str] = SessionClaim("x", self._fetch)

        assert claim.build(*WHO, {}) == {"x": {"v": "fetched for primary", "t": clock.milliseconds}}

    @pytest.mark.parametrize("is_coroutine", [False, True])
    def test_either_in_async_code(self, clock: Clock, is_coroutine: bool) -> None:
        fetch = self._fetch if is_coroutine else lambda *who: f"fetched for {who[0]}"
        claim: SessionClaim[str] = SessionClaim("x", fetch)

        built = async_to_sync(claim.abuild)(*WHO, {})

        assert built == {"x": {"v": "fetched for primary", "t": clock.milliseconds}}

    def test_a_coroutine_function_may_have_no_value(self) -> None:
        async def fetch(*who: Any) -> None:
            return None

        claim: SessionClaim[str] = SessionClaim("x", fetch)

        assert claim.build(*WHO, {}) == {}


EVERY_VALIDATOR: dict[str, Callable[..., SessionClaimValidator]] = {
    "has_value": lambda age=None, id_=None: VALUE.validators.has_value("a", age, id_),
    "boolean has_value": lambda age=None, id_=None: FLAG.validators.has_value(True, age, id_),
    "is_true": lambda age=None, id_=None: FLAG.validators.is_true(age, id_),
    "is_false": lambda age=None, id_=None: FLAG.validators.is_false(age, id_),
    "includes": lambda age=None, id_=None: LIST.validators.includes("a", age, id_),
    "excludes": lambda age=None, id_=None: LIST.validators.excludes("a", age, id_),
    "includes_all": lambda age=None, id_=None: LIST.validators.includes_all(["a"], age, id_),
    "includes_any": lambda age=None, id_=None: LIST.validators.includes_any(["a"], age, id_),
    "excludes_all": lambda age=None, id_=None: LIST.validators.excludes_all(["a"], age, id_),
}
"""Each, as a function of its last two arguments."""

KEYS: dict[str, tuple[str, Any]] = {
    "has_value": ("expectedValue", "a"),
    "boolean has_value": ("expectedValue", True),
    "is_true": ("expectedValue", True),
    "is_false": ("expectedValue", False),
    "includes": ("expectedToInclude", "a"),
    "excludes": ("expectedToNotInclude", "a"),
    "includes_all": ("expectedToInclude", ["a"]),
    "includes_any": ("expectedToIncludeAtLeastOneOf", ["a"]),
    "excludes_all": ("expectedToNotInclude", ["a"]),
}
"""What each says that it expected."""


@pytest.fixture(params=EVERY_VALIDATOR)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


class TestEveryValidator:
    def test_its_id_is_the_claims_key_unless_it_is_given(self, kind: str) -> None:
        assert EVERY_VALIDATOR[kind]().id == "x"
        assert EVERY_VALIDATOR[kind](None, "is-a").id == "is-a"

    def test_it_names_its_claim(self, kind: str) -> None:
        assert EVERY_VALIDATOR[kind]().claim in (VALUE, FLAG, LIST)

    @pytest.mark.parametrize("payload", [{}, {"x": None}, {"x": {"v": None, "t": 1}}], ids=str)
    def test_a_missing_value_is_fetched_and_refused(self, kind: str, payload: dict[str, Any]) -> None:
        """``excludes`` refuses it as well (FDI)."""
        key, expected = KEYS[kind]
        validator = EVERY_VALIDATOR[kind](60)

        assert validator.should_refetch(payload) is True
        reason = {"message": "value does not exist", key: expected, "actualValue": None}
        assert said(validator, payload) == (False, reason)

    def test_an_old_value_is_fetched_and_refused_whatever_it_is(self, kind: str, clock: Clock) -> None:
        validator = EVERY_VALIDATOR[kind](60)
        for value in ("a", True, False, ["a"], ["b"]):
            payload = held(value, clock, age=60.001)
            assert validator.should_refetch(payload) is True
            reason = {"message": "expired", "ageInSeconds": 60.001, "maxAgeInSeconds": 60}
            assert said(validator, payload) == (False, reason)

    def test_a_value_of_exactly_the_maximal_age_is_young_enough(self, kind: str, clock: Clock) -> None:
        validator = EVERY_VALIDATOR[kind](60)
        payload = held(["a"], clock, age=60)

        assert validator.should_refetch(payload) is False
        assert said(validator, payload)[1].get("message") != "expired"

    @pytest.mark.parametrize("age", [None, 0])
    def test_without_a_maximal_age_nothing_expires(self, kind: str, clock: Clock, age: int | None) -> None:
        """0 is as good as none (FDI)."""
        validator = EVERY_VALIDATOR[kind](age)
        payload = held(["a"], clock, age=10 * 365 * 86400)

        assert validator.should_refetch(payload) is False
        assert said(validator, payload)[1].get("message") != "expired"

    @pytest.mark.parametrize("time", [None, "yesterday", [], True])
    def test_a_time_that_is_none_makes_no_server_error(self, kind: str, time: Any) -> None:
        """The project may have merged anything into the payload.  What has no age is not too old."""
        validator = EVERY_VALIDATOR[kind](60)
        payload = {"x": {"v": ["a"], "t": time}}

        assert validator.should_refetch(payload) is False
        assert said(validator, payload)[1].get("message") != "expired"


class TestDefaultMaximalAge:
    KINDS: ClassVar[list[Callable[[float | None], SessionClaimValidator]]] = [
        lambda age: PrimitiveClaim[Any]("x", never, 300).validators.has_value("a", age),
        lambda age: BooleanClaim("x", never, 300).validators.is_true(age),
        lambda age: BooleanClaim("x", never, 300).validators.is_false(age),
        lambda age: PrimitiveArrayClaim[Any]("x", never, 300).validators.includes("a", age),
        lambda age: PrimitiveArrayClaim[Any]("x", never, 300).validators.excludes("a", age),
        lambda age: PrimitiveArrayClaim[Any]("x", never, 300).validators.includes_all(["a"], age),
        lambda age: PrimitiveArrayClaim[Any]("x", never, 300).validators.includes_any(["a"], age),
        lambda age: PrimitiveArrayClaim[Any]("x", never, 300).validators.excludes_all(["a"], age),
    ]

    @pytest.mark.parametrize("make", KINDS)
    @pytest.mark.parametrize(("given", "effective"), [(None, 300), (0, 300), (10, 10), (900, 900)])
    def test_it_counts_where_none_is_given(
        self,
        clock: Clock,
        make: Callable[[float | None], SessionClaimValidator],
        given: float | None,
        effective: float,
    ) -> None:
        validator = make(given)
        old = held(["a"], clock, age=effective + 1)

        assert validator.should_refetch(held(["a"], clock, age=effective)) is False
        assert validator.should_refetch(old) is True
        reason = {"message": "expired", "ageInSeconds": effective + 1.0, "maxAgeInSeconds": effective}
        assert said(validator, old) == (False, reason)


class TestValues:
    @pytest.mark.parametrize("value", ["a", "", 0, 7, False, True, {"deep": [None]}])
    def test_has_value(self, clock: Clock, value: Any) -> None:
        assert said(VALUE.validators.has_value(value), held(value, clock)) == (True, {})
        wrong = {"message": "wrong value", "expectedValue": value, "actualValue": "other"}
        assert said(VALUE.validators.has_value(value), held("other", clock)) == (False, wrong)

    @pytest.mark.parametrize("value", [True, False])
    def test_is_true_and_is_false(self, clock: Clock, value: bool) -> None:
        right, other = FLAG.validators.is_true(), FLAG.validators.is_false()
        if not value:
            right, other = other, right
        wrong = {"message": "wrong value", "expectedValue": not value, "actualValue": value}

        assert said(right, held(value, clock)) == (True, {})
        assert said(other, held(value, clock)) == (False, wrong)

    @pytest.mark.parametrize("value", [False, 0, "", []])
    def test_a_falsy_value_is_there(self, clock: Clock, value: Any) -> None:
        assert VALUE.validators.has_value(value).should_refetch(held(value, clock)) is False


class TestArrays:
    HELD: ClassVar = ["a", "b", "c"]

    @pytest.mark.parametrize(
        ("make", "passes", "key"),
        [
            (lambda: LIST.validators.includes("a"), True, None),
            (lambda: LIST.validators.includes("z"), False, ("expectedToInclude", "z")),
            (lambda: LIST.validators.excludes("z"), True, None),
            (lambda: LIST.validators.excludes("a"), False, ("expectedToNotInclude", "a")),
            (lambda: LIST.validators.includes_all(["c", "a"]), True, None),
            (lambda: LIST.validators.includes_all([]), True, None),
            (lambda: LIST.validators.includes_all(["a", "z"]), False, ("expectedToInclude", ["a", "z"])),
            (lambda: LIST.validators.includes_any(["z", "a"]), True, None),
            (
                lambda: LIST.validators.includes_any(["y", "z"]),
                False,
                ("expectedToIncludeAtLeastOneOf", ["y", "z"]),
            ),
            (lambda: LIST.validators.includes_any([]), False, ("expectedToIncludeAtLeastOneOf", [])),
            (lambda: LIST.validators.excludes_all(["y", "z"]), True, None),
            (lambda: LIST.validators.excludes_all([]), True, None),
            (lambda: LIST.validators.excludes_all(["z", "c"]), False, ("expectedToNotInclude", ["z", "c"])),
        ],
    )
    def test_each_of_them(
        self,
        clock: Clock,
        make: Callable[[], SessionClaimValidator],
        passes: bool,
        key: tuple[str, Any] | None,
    ) -> None:
        """The whole array is the actual value."""
        reason = {} if key is None else {"message": "wrong value", key[0]: key[1], "actualValue": self.HELD}

        assert said(make(), held(self.HELD, clock)) == (passes, reason)

    def test_an_empty_array_is_a_value(self, clock: Clock) -> None:
        assert LIST.validators.excludes("a").should_refetch(held([], clock)) is False
        assert said(LIST.validators.excludes("a"), held([], clock)) == (True, {})
        wrong = {"message": "wrong value", "expectedToInclude": "a", "actualValue": []}
        assert said(LIST.validators.includes("a"), held([], clock)) == (False, wrong)

    @pytest.mark.parametrize("items", [("a", "b"), {"a", "b"}, frozenset("ab"), {"a": 1, "b": 2}.keys()])
    def test_any_collection_may_be_asked_for(self, clock: Clock, items: Any) -> None:
        assert said(LIST.validators.includes_all(items), held(self.HELD, clock)) == (True, {})
        valid, reason = said(LIST.validators.excludes_all(items), held(self.HELD, clock))
        assert (valid, sorted(reason["expectedToNotInclude"])) == (False, ["a", "b"])

    def test_a_list_is_one_item_of_includes(self, clock: Clock) -> None:
        assert said(LIST.validators.includes(["a"]), held([["a"], "b"], clock)) == (True, {})
        assert said(LIST.validators.excludes(["a"]), held(["a"], clock)) == (True, {})

    @pytest.mark.parametrize("value", ["administrator", 7, {"admin": True}, True])
    def test_what_is_no_array_includes_nothing(self, clock: Clock, value: Any) -> None:
        """A claim of another kind had the key before: part of a text is no item of a list."""
        for validator, key in (
            (LIST.validators.includes("admin"), "expectedToInclude"),
            (LIST.validators.excludes("admin"), "expectedToNotInclude"),
        ):
            reason = {"message": "wrong value", key: "admin", "actualValue": value}
            assert said(validator, held(value, clock)) == (False, reason)


class Adult(SessionClaimValidator):
    """A validator of the project's own."""

    def validate(self, payload: Any) -> ClaimValidationResult:
        return ClaimValidationResult(payload.get("age", 0) >= 18, {"message": "too young"})


class AdultByAndBy(SessionClaimValidator):
    async def validate(self, payload: Any) -> ClaimValidationResult:
        return ClaimValidationResult(payload.get("age", 0) >= 18, {"message": "too young"})


class TestOwnValidators:
    @pytest.mark.parametrize("cls", [Adult, AdultByAndBy])
    def test_validate_is_a_function_or_a_coroutine_function(self, cls: type[SessionClaimValidator]) -> None:
        assert said(cls("adult"), {"age": 18})[0] is True
        assert said(cls("adult"), {"age": 17}) == (False, {"message": "too young"})

    def test_without_a_claim_nothing_is_fetched(self) -> None:
        adult = Adult("adult")
        assert (adult.id, adult.claim, adult.should_refetch({})) == ("adult", None, False)

    def test_one_that_forgot_to_validate_says_so(self) -> None:
        with pytest.raises(NotImplementedError, match=r"SessionClaimValidator must implement validate\(\)"):
            SessionClaimValidator("x").validate({})

    def test_what_is_valid_has_an_empty_reason(self) -> None:
        assert ClaimValidationResult(True) == ClaimValidationResult(True, {})


class TestFailures:
    """What a 403 says: the failing ones in order, ``reason`` only where there is one."""

    class Says(SessionClaimValidator):
        def __init__(self, id: str, result: ClaimValidationResult) -> None:
            super().__init__(id)
            self.result = result

        def validate(self, payload: Any) -> ClaimValidationResult:
            return self.result

    def test_all_of_them_are_named(self) -> None:
        validators = [
            self.Says("first", ClaimValidationResult(False, {"message": "no"})),
            self.Says("good", ClaimValidationResult(True)),
            self.Says("silent", ClaimValidationResult(False, None)),
            self.Says("empty", ClaimValidationResult(False)),
        ]

        assert claim_module.failures(validators, {}) == [
            {"id": "first", "reason": {"message": "no"}},
            {"id": "silent"},
            {"id": "empty", "reason": {}},
        ]


class TestBuildingAll:
    def test_each_sees_what_those_before_have_built(self, clock: Clock) -> None:
        first: SessionClaim[str] = SessionClaim("a", lambda *who: "one")
        second: SessionClaim[Any] = SessionClaim("b", lambda *who: who[3]["a"]["v"] + " and " + who[3]["own"])

        built = claim_module.build_all([first, second], {"own": "two"}, *WHO)

        assert built["b"]["v"] == "one and two"
        assert list(built) == ["own", "a", "b"]

    def test_two_of_one_key_are_a_mistake(self) -> None:
        twins: list[SessionClaim[str]] = [SessionClaim("a", nothing), SessionClaim("a", nothing)]

        with pytest.raises(ImproperlyConfigured, match="Two session claims have the key 'a'"):
            claim_module.build_all(twins, {}, *WHO)
