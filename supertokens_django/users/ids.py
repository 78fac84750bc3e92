"""User ids: ours, and the external ones that stand for them on the wire where they are mapped."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import CharField, Expression, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from supertokens_django.exceptions import BadInputError
from supertokens_django.users.models import EXTERNAL_ID_LENGTH, LoginMethod, UserIdMapping


def own_id(user_id: str) -> Expression:
    """Our id behind one that clients use, as part of a query: a single value, so that indexes are used."""
    mapped = UserIdMapping.objects.filter(external_user_id=user_id).values("supertokens_user_id")
    return Coalesce(Subquery(mapped[:1]), Value(user_id), output_field=CharField())


def own_user_id(user_id: str) -> Expression:
    """Our id of the user behind an id that clients use, be it the user's or that of one of its login methods."""
    users = LoginMethod.objects.filter(pk=own_id(user_id)).values("user_id")
    return Coalesce(Subquery(users[:1]), own_id(user_id), output_field=CharField())


def own_user_id_of(user_id: str) -> str:
    """The same as a text, for a row that is kept for any ID, also for one that this app does not know.

    Raises:
        BadInputError: the id is empty or too long, or a text that not every database can store.
    """
    if not 0 < len(user_id) <= EXTERNAL_ID_LENGTH or not user_id.isprintable():
        raise BadInputError(f"The user ID must have 1 to {EXTERNAL_ID_LENGTH} printable characters")
    found = LoginMethod.objects.filter(pk=own_id(user_id)).values_list("user_id", flat=True).first()
    mapped = UserIdMapping.objects.filter(external_user_id=user_id)
    return found or mapped.values_list("pk", flat=True).first() or user_id


def wire_ids(own_ids: Sequence[str]) -> list[str]:
    """The ids that clients use for users of ours, in the same order; a query for every thousand."""
    external: dict[str, str] = {}
    for start in range(0, len(own_ids), _AT_ONCE):
        mapped = UserIdMapping.objects.filter(pk__in=own_ids[start : start + _AT_ONCE])
        external.update(mapped.values_list("pk", "external_user_id"))
    return [external.get(own_id, own_id) for own_id in own_ids]


_AT_ONCE = 1000


def with_wire_ids(methods: QuerySet[LoginMethod]) -> QuerySet[LoginMethod]:
    """Annotate ``external_id`` of the login method and ``external_user_id`` of its user; None where not mapped."""
    external = UserIdMapping.objects.values("external_user_id")
    return methods.annotate(
        external_id=Subquery(external.filter(supertokens_user_id=OuterRef("pk"))),
        external_user_id=Subquery(external.filter(supertokens_user_id=OuterRef("user_id"))),
    )
