"""Everything that clients may see of users, loaded in one query however many they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from django.db.models import Exists, F, OuterRef, QuerySet

from supertokens_django import db
from supertokens_django.prepared import PreparedQuery
from supertokens_django.users.ids import with_wire_ids
from supertokens_django.users.models import LoginMethod, User, VerifiedEmail


@dataclass(frozen=True)
class MethodDetails:
    """A login method as clients see it: its id, the tenants in which it signs in, whether it is verified."""

    method: LoginMethod
    wire_id: str
    tenant_ids: tuple[str, ...]
    is_verified: bool
    """Whether the e-mail is known to be the user's; a phone number alone always is (FDI)."""


@dataclass(frozen=True)
class UserDetails:
    """A user's id as clients see it, and the login methods, oldest first."""

    wire_id: str
    methods: tuple[MethodDetails, ...]


def of(user: User) -> UserDetails:
    """The details of a user; no query when they were loaded before."""
    if not hasattr(user, "_details"):
        load([user])
    details: UserDetails = user._details  # type: ignore[attr-defined]
    return details


def remember_new(user: User, method: LoginMethod, tenant_id: str, *, is_verified: bool) -> None:
    """Note the details of a user that was just created, of whom everything is known."""
    found = MethodDetails(method, method.id, (tenant_id,), is_verified or _needs_no_proof(method))
    user._details = UserDetails(user.id, (found,))  # type: ignore[attr-defined]
    _just_created[method.id] = method


def is_new(method: LoginMethod) -> bool:
    """Tell whether the login method was made just now, and no other id stands for it yet."""
    return _just_created.get(method.id) is method


def forget_new(own_id: str) -> None:
    """Ask the database about a login method from now on: another id stands for it."""
    method = _just_created.pop(own_id, None)
    if method is not None:
        forget(method.user)


_just_created: WeakValueDictionary[str, LoginMethod] = WeakValueDictionary()


def forget(user: User) -> None:
    """Ask the database about the details of a user anew: they have changed."""
    vars(user).pop("_details", None)


def load(users: Iterable[User]) -> None:
    """Load the details of users, for :func:`of`, in one query."""
    wanted = {user.id: user for user in users}
    rows: Iterable[LoginMethod]
    if len(wanted) == 1:
        rows = _METHODS_OF_USER.all(*wanted)
    else:
        rows = with_details(LoginMethod.objects.filter(user__in=wanted))
    found: dict[str, list[LoginMethod]] = {user_id: [] for user_id in wanted}
    for row in rows:
        found[row.user_id].append(row)
    for user_id, user in wanted.items():
        remember(user, found[user_id])


def remember(user: User, rows: Iterable[LoginMethod]) -> None:
    """Note the details of a user; ``rows`` are all that :func:`with_details` finds of it."""
    methods: dict[str, MethodDetails] = {}
    wire_id = user.id
    for row in rows:
        wire_id = row.external_user_id or row.user_id  # type: ignore[attr-defined]
        _add(methods, row)
    user._details = UserDetails(wire_id, tuple(methods.values()))  # type: ignore[attr-defined]


def with_details(methods: QuerySet[LoginMethod]) -> QuerySet[LoginMethod]:
    """Select with login methods what :func:`remember` needs: a row for each tenant and identity."""
    found = with_wire_ids(methods).annotate(
        tenant_of_identity=F("identities__tenant_id"), has_verified_email=is_verified()
    )
    return found.order_by("time_joined", "id")


def is_verified() -> Exists:
    """Whether the e-mail of a login method is verified, as part of a query."""
    return Exists(VerifiedEmail.objects.filter(user_id=OuterRef("pk"), email=OuterRef("email")))


_METHODS_OF_USER: PreparedQuery[LoginMethod] = PreparedQuery(
    lambda user_id: with_details(LoginMethod.objects.filter(user=user_id)), alias=db.read_alias
)


def _add(methods: dict[str, MethodDetails], row: LoginMethod) -> None:
    """Take a row in: one for each identity of a login method, one alone for a login method without any."""
    known = methods.get(row.id)
    tenants = set(known.tenant_ids) if known else set()
    tenants.update(filter(None, [row.tenant_of_identity]))  # type: ignore[attr-defined]
    methods[row.id] = MethodDetails(
        known.method if known else row,
        row.external_id or row.id,  # type: ignore[attr-defined]
        tuple(sorted(tenants)),
        row.has_verified_email or _needs_no_proof(row),  # type: ignore[attr-defined]
    )


def _needs_no_proof(method: LoginMethod) -> bool:
    return method.phone_number is not None and not method.email
