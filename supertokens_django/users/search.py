"""Finding users by what somebody has of them; each look-up goes through an index, however many users there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.db import connections
from django.db.models import Q

from supertokens_django import db
from supertokens_django.users.accounts import normalise_email
from supertokens_django.users.ids import own_id
from supertokens_django.users.models import LoginMethod

LIMIT = 1000
_PHONE_NUMBER = re.compile(r"\+?\d[\d ()./-]*")
_PROVIDER = re.compile(r"[\w-]{2,28}", re.ASCII)
_LAST_CHARACTER = "\U0010ffff"


def login_methods_found_by(term: str) -> list[tuple[str, str]]:
    """The ids of login methods and of their users.

    Found by the start of an e-mail or a phone number, by any whole id: of the user, of the login method, at a provider
    (``865``, or ``google: 865`` as it is shown), and by the provider (``google``).
    """
    found: dict[str, str] = {}
    for condition in _conditions(term):
        rows = LoginMethod.objects.filter(condition).order_by().values_list("pk", "user_id")
        found.update(rows[: LIMIT - len(found)])
    return list(found.items())


def user_ids_found_by(term: str) -> list[str]:
    """The ids of users; see :func:`login_methods_found_by`."""
    return list({user_id for _, user_id in login_methods_found_by(term)})


def names_of(user_ids: Iterable[str]) -> dict[str, str]:
    """What users sign in by, by their ids of ours, in one query; what is no user's id is left out."""
    names: dict[str, list[str]] = {}
    methods = LoginMethod.objects.filter(user__in=list(user_ids)).order_by("time_joined", "id")
    for method in methods:
        names.setdefault(method.user_id, []).extend(method.identifiers())
    return {user_id: ", ".join(dict.fromkeys(found)) for user_id, found in names.items()}


def starts_with(field: str, text: str) -> Q:
    """A condition on a column of :class:`LoginMethod` for which every database has an index."""
    vendor = connections[db.read_alias()].vendor
    if vendor == "mysql":
        # It has none for a comparison of bytes; without regard to case it has one, and addresses are lower case.
        return Q(**{f"{field}__istartswith": text})
    if vendor == "sqlite":  # none for LIKE with an escape character
        return Q(**{f"{field}__gte": text, f"{field}__lt": text + _LAST_CHARACTER})
    return Q(**{f"{field}__startswith": text})


def _conditions(term: str) -> Iterator[Q]:
    """Asked one after the other: of several in one, databases may make a walk through the table."""
    provider, _, user_id = (part.strip() for part in term.partition(":"))
    at_provider = Q(third_party_id=provider, third_party_user_id=user_id)
    yield Q(pk=own_id(term)) | Q(user_id=own_id(term)) | Q(third_party_user_id=term) | at_provider
    yield starts_with("email", normalise_email(term))
    if _PHONE_NUMBER.fullmatch(term):
        yield starts_with("phone_number", "+" + re.sub(r"\D", "", term))
    elif _PROVIDER.fullmatch(term):
        yield Q(third_party_id=term.lower())
