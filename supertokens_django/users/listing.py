"""Pages of users: keyset pagination over an index, no counting."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects

from supertokens_django import clock
from supertokens_django.exceptions import BadInputError
from supertokens_django.users import details
from supertokens_django.users.models import LoginIdentity, LoginMethod, User
from supertokens_django.users.search import starts_with

DEFAULT_LIMIT = 100
MAXIMUM_LIMIT = 500
SEARCH_LIMIT = 1000
FEW = 1000
"""How many matches of a search are looked at one by one at least."""


@dataclass(frozen=True)
class UserPage:
    """Users, and the token that gives the next page (None on the last)."""

    users: list[User]
    next_pagination_token: str | None


def page(
    identities: QuerySet[LoginIdentity],
    limit: int | None,
    pagination_token: str | None,
    *,
    newest_first: bool,
) -> UserPage:
    """One page of the owners of ``identities`` by time of joining; those of one millisecond by falling id.

    Raises:
        BadInputError: the limit is out of bounds (1 to 500, default 100) or the token is not one of ours.
    """
    limit = checked_limit(limit, default=DEFAULT_LIMIT, maximum=MAXIMUM_LIMIT)
    if pagination_token is not None:
        user_id, moment = _position(pagination_token)
        same = Q(owner_joined=moment, owner_id__lte=user_id)
        identities = identities.filter(_further(moment, same, newest_first=newest_first))
    found = _owners(identities, limit + 1, newest_first=newest_first)
    return UserPage(found[:limit], _token_of(found[limit]) if len(found) > limit else None)


def checked_limit(limit: int | None, *, default: int, maximum: int | None = None) -> int:
    """Give the limit, or the default where there is none.

    Raises:
        BadInputError: it is out of bounds.
    """
    limit = default if limit is None else limit
    if limit < 1 or (maximum is not None and limit > maximum):
        allowed = "" if maximum is None else f"max limit allowed is {maximum}, "
        raise BadInputError(f"{allowed}min limit is 1")
    return limit


def in_tenant(tenant_id: str, recipe_ids: Sequence[str] | None = None) -> QuerySet[LoginIdentity]:
    """What login methods in the tenant are found by, of one of the recipes where they are named."""
    identities = LoginIdentity.objects.filter(tenant_id=tenant_id)
    if recipe_ids is None:
        return identities
    if len(recipe_ids) == 1:
        return identities.filter(recipe_id=recipe_ids[0])  # has an index in the order of the list
    return identities.filter(recipe_id__in=recipe_ids)


def with_details(users: QuerySet[User]) -> list[User]:
    """Load users with their login methods and what their JSON needs, in three queries."""
    return _with_details(list(users))


def _with_details(users: list[User]) -> list[User]:
    prefetch_related_objects(users, "login_methods")
    details.load(users)
    return users


def search(
    identities: QuerySet[LoginIdentity],
    tenant_id: str,
    query: dict[str, str],
    limit: int | None,
    *,
    newest_first: bool,
) -> UserPage:
    """The owners of ``identities`` who fit every field of the query by one login method of the tenant; at most 1000.

    The fields are ``email`` (start of the address or of its domain), ``phone`` and ``provider``; several texts for one
    are split by ";".

    Raises:
        BadInputError: a field is not known, or the limit is less than 1.
    """
    limit = min(checked_limit(limit, default=SEARCH_LIMIT), SEARCH_LIMIT)
    fields = [conditions for name, text in query.items() if (conditions := list(_conditions(name, text)))]
    if fields:
        methods = LoginMethod.objects.filter(identities__tenant_id=tenant_id)
        identities = _fitting(identities, methods, fields, limit)
    return UserPage(_owners(identities, limit, newest_first=newest_first), None)


def _fitting(
    identities: QuerySet[LoginIdentity], methods: QuerySet[LoginMethod], fields: list[list[Q]], limit: int
) -> QuerySet[LoginIdentity]:
    """Find the few that fit by index, and sort them; of very many, the first ones by time of joining come soon."""
    first, *others = fields
    for conditions in others:
        methods = methods.filter(reduce(or_, conditions))
    few = max(FEW, 10 * limit)
    ids: list[str] = []
    for condition in first:
        found = methods.filter(condition).order_by().values_list("user_id", flat=True)
        ids += found[: few + 1 - len(ids)]
        if len(ids) > few:
            fits = methods.filter(reduce(or_, first), user=OuterRef("owner_id"))
            return identities.filter(Exists(fits))
    return identities.filter(login_method__user__in=set(ids))


def _owners(identities: QuerySet[LoginIdentity], count: int, *, newest_first: bool) -> list[User]:
    """The first owners, each once: who signs in by several things has several identities, one after the other."""
    rows = identities.select_related("login_method__user")
    rows = rows.order_by("-owner_joined" if newest_first else "owner_joined", "-owner_id")
    users: dict[str, User] = {}
    while True:
        batch = list(rows[:count])
        for row in batch:
            users.setdefault(row.owner_id, row.login_method.user)
        if len(users) >= count or len(batch) < count:
            return _with_details(list(users.values())[:count])
        last = batch[-1]
        same = Q(owner_joined=last.owner_joined, owner_id__lt=last.owner_id)
        rows = rows.filter(_further(last.owner_joined, same, newest_first=newest_first))


def owner_ids(identities: QuerySet[LoginIdentity], count: int, *, newest_first: bool) -> list[str]:
    """The ids of the first owners by time of joining, each once; of very many, the index alone is read."""
    order = ("-owner_joined", "-owner_id") if newest_first else ("owner_joined", "owner_id")
    pairs = identities.order_by(*order).values_list("owner_id", "owner_joined")
    found: dict[str, datetime] = {}
    rows = pairs
    while True:
        batch = list(rows[:count])
        found.update(batch)
        if len(found) >= count or len(batch) < count:
            return list(found)[:count]
        owner_id, joined = batch[-1]
        others = {"owner_id__lt" if newest_first else "owner_id__gt": owner_id}
        rows = pairs.filter(_further(joined, Q(owner_joined=joined, **others), newest_first=newest_first))


def _further(moment: datetime, same: Q, *, newest_first: bool) -> Q:
    """What comes after a moment in the order of the list; ``same`` is for those who joined at it.

    The first half says it again, in a form by which an index is entered in its middle.
    """
    if newest_first:
        return Q(owner_joined__lte=moment) & (Q(owner_joined__lt=moment) | same)
    return Q(owner_joined__gte=moment) & (Q(owner_joined__gt=moment) | same)


def _conditions(name: str, text: str) -> Iterator[Q]:
    for term in filter(None, (part.strip().lower() for part in text.split(";"))):
        if name == "email":
            yield starts_with("email", term)
            if "@" not in term:
                yield starts_with("email_domain", term)
        elif name == "phone":
            yield starts_with("phone_number", term if term.startswith("+") else f"+{term}")
        elif name == "provider":
            yield starts_with("third_party_id", term)
        else:
            raise BadInputError(f"unknown search field: {name}")


def _token_of(user: User) -> str:
    return base64.b64encode(f"{user.id};{clock.milliseconds(user.time_joined)}".encode()).decode()


def _position(token: str) -> tuple[str, datetime]:
    try:
        user_id, _, joined = base64.b64decode(token, validate=True).decode().rpartition(";")
        return user_id, datetime.fromtimestamp(int(joined) / 1000, UTC)
    except (binascii.Error, ValueError, OverflowError, OSError) as error:
        raise BadInputError("invalid pagination token") from error
