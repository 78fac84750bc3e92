"""Creating and finding login methods; the recipes' services build on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Subquery

from supertokens_django import clock, db
from supertokens_django.prepared import PreparedQuery
from supertokens_django.recipes.multitenancy.service import normalise_tenant_id
from supertokens_django.users import details, django_user
from supertokens_django.users.exceptions import IdentityTaken
from supertokens_django.users.ids import own_id, own_user_id, with_wire_ids
from supertokens_django.users.models import LoginIdentity, LoginMethod, User, VerifiedEmail

Kind = LoginIdentity.Kind
ACTIVITY_RESOLUTION = timedelta(minutes=5)


@dataclass(frozen=True)
class AccountInfo:
    """What a user may be found by; a phone number in its stored form, an e-mail as it was typed."""

    email: str | None = None
    phone_number: str | None = None
    third_party_id: str | None = None
    third_party_user_id: str | None = None

    def identities(self) -> dict[str, str]:
        """Kind of identity -> key in the table."""
        found: dict[str, str] = {}
        if self.email:
            found[Kind.EMAIL] = normalise_email(self.email)
        if self.phone_number:
            found[Kind.PHONE_NUMBER] = self.phone_number
        if self.third_party_id:
            found[Kind.THIRD_PARTY] = f"{self.third_party_id}::{self.third_party_user_id}"
        return {kind: LoginIdentity.key_of(kind, value) for kind, value in found.items()}


def normalise_email(email: str) -> str:
    """The stored form of an e-mail address: no surrounding blanks, lower case (as the core does, whole address)."""
    return email.strip().lower()


def create_login_method(
    tenant_id: str,
    recipe_id: str,
    info: AccountInfo,
    *,
    is_verified: bool = False,
    profile: Mapping[str, Any] | None = None,
) -> LoginMethod:
    """Create a user with one login method, and its Django user.  Call it inside a transaction.

    ``is_verified`` says that the e-mail was shown to be the user's, ``profile`` is what a provider tells of the user.

    Raises:
        IdentityTaken: another login method of the recipe has the identity in this tenant, or the Django user model has
            a unique field that is taken.
    """
    now = clock.now()
    user = User(time_joined=now, last_active_at=now)
    method = LoginMethod(
        id=user.id,
        user=user,
        recipe_id=recipe_id,
        email=info.email,
        phone_number=info.phone_number,
        third_party_id=info.third_party_id,
        third_party_user_id=info.third_party_user_id,
        time_joined=now,
    )
    method.third_party_profile = profile
    try:
        with transaction.atomic(using=db.write_alias()):
            user.save(force_insert=True)
            method.save(force_insert=True)
            add_to_tenant(method, tenant_id, info)
            if is_verified and method.email:
                VerifiedEmail.objects.create(user_id=method.id, email=method.email)
            django_user.create(user, method)
    except IntegrityError as error:
        raise IdentityTaken from error
    details.remember_new(user, method, tenant_id, is_verified=is_verified and bool(method.email))
    return method


def add_to_tenant(method: LoginMethod, tenant_id: str, info: AccountInfo) -> None:
    """Let the login method be found in a tenant.

    Raises:
        IntegrityError: the identity is taken there.
    """
    LoginIdentity.objects.bulk_create(
        LoginIdentity.of(method, tenant_id, kind, key) for kind, key in info.identities().items()
    )


def find_login_method(
    tenant_id: str, recipe_id: str, info: AccountInfo, *related: str, is_held: bool = False
) -> LoginMethod | None:
    """The login method of a recipe with this identity in the tenant, its user and Django user selected with it.

    What clients may see of the user comes in the same query.  ``related`` names further relations of the login method
    to select.  With ``is_held`` it is locked until the transaction ends, and what it says is what it says now.
    """
    query, tenant_id = _users_methods(related, is_held), normalise_tenant_id(tenant_id)
    for key in info.identities().values():
        if rows := query.all(tenant_id, recipe_id, key):
            found = next(row for row in rows if row.id == row.found_id)  # type: ignore[attr-defined]
            details.remember(found.user, rows)
            return found
    return None


@cache
def _users_methods(related: tuple[str, ...], is_held: bool) -> PreparedQuery[LoginMethod]:
    """All login methods of the user who is found by an identity; ``found_id`` is the one that has it."""

    def build(tenant_id: str, recipe_id: str, key: str) -> QuerySet[LoginMethod]:
        # Scalar subqueries, not joins: PostgreSQL plans each query anew, and for eight tables it takes longer to
        # think about their order than to read the rows.
        found = LoginIdentity.objects.filter(tenant_id=tenant_id, recipe_id=recipe_id, key=key)
        methods = LoginMethod.objects.filter(user=Subquery(found.values("login_method__user"))).annotate(
            found_id=Subquery(found.values("login_method"))
        )
        whole = details.with_details(methods).select_related("user__django_link__django_user", *related)
        return db.locking(whole) if is_held else whole

    return PreparedQuery(build)


def is_taken(tenant_id: str, recipe_id: str, info: AccountInfo) -> bool:
    keys, tenant_id = list(info.identities().values()), normalise_tenant_id(tenant_id)
    return LoginIdentity.objects.filter(tenant_id=tenant_id, recipe_id=recipe_id, key__in=keys).exists()


def mark_verified(method: LoginMethod) -> None:
    """Note that the e-mail of a login method was shown to be the user's; once noted, it stays."""
    if method.email:
        rows = [VerifiedEmail(user_id=method.id, email=method.email)]
        VerifiedEmail.objects.bulk_create(rows, ignore_conflicts=True)
        details.forget(method.user)


def has_verified_email(method: LoginMethod) -> bool:
    """Tell whether the e-mail of a login method is verified; no query where that came with it."""
    found: bool | None = getattr(method, "has_verified_email", None)
    if found is not None:
        return found
    return any(item.is_verified for item in details.of(method.user).methods if item.method.pk == method.pk)


def change_email(method: LoginMethod, new_email: str) -> None:
    """Give a login method another e-mail in all of its tenants.  Call it inside a transaction.

    Raises:
        IdentityTaken: another login method of the recipe has it in one of these tenants.
    """
    old_email, key = method.email, LoginIdentity.key_of(Kind.EMAIL, new_email)
    try:
        with transaction.atomic(using=db.write_alias()):
            LoginIdentity.objects.filter(login_method=method, kind=Kind.EMAIL).update(key=key)
            LoginMethod.objects.filter(pk=method.pk).update(email=new_email)
            django_user.change_email(method.user, old_email, new_email)
    except IntegrityError as error:
        raise IdentityTaken from error
    method.email = new_email
    details.forget(method.user)


@dataclass(frozen=True)
class WireIdentity:
    """A login method as clients name it; ids are the external ones where they are mapped."""

    user_id: str
    recipe_user_id: str
    login_method: LoginMethod | None


def resolve(recipe_user_id: str) -> WireIdentity:
    """Find the login method behind an id that clients use, in one query; an unknown id stands for itself."""
    method = _BY_WIRE_ID.first(recipe_user_id)
    return WireIdentity(recipe_user_id, recipe_user_id, None) if method is None else identity_of(method)


def with_identity(methods: QuerySet[LoginMethod]) -> QuerySet[LoginMethod]:
    """Select with login methods what :func:`identity_of` and :func:`has_verified_email` need."""
    return with_wire_ids(methods).annotate(has_verified_email=details.is_verified()).select_related("user")


def hold(method: LoginMethod) -> LoginMethod | None:
    """Lock a login method until the transaction ends; None when it is gone."""
    return _HOLD.first(method.pk)


_HOLD: PreparedQuery[LoginMethod] = PreparedQuery(
    lambda method_id: with_identity(LoginMethod.objects.filter(pk=method_id)).select_for_update()
)
_BY_WIRE_ID: PreparedQuery[LoginMethod] = PreparedQuery(
    lambda recipe_user_id: with_identity(LoginMethod.objects.filter(pk=own_id(recipe_user_id)))
)


def identity_of(method: LoginMethod) -> WireIdentity:
    """The ids of a login method from :func:`with_identity`."""
    return WireIdentity(
        method.external_user_id or method.user_id,  # type: ignore[attr-defined]
        method.external_id or method.id,  # type: ignore[attr-defined]
        method,
    )


def identity_of_new(method: LoginMethod) -> WireIdentity | None:
    """The ids of a login method that was made just now, without a query; None where that has to be asked."""
    return WireIdentity(method.user_id, method.id, method) if details.is_new(method) else None


def mark_active(user: User, now: datetime) -> None:
    """Note that the user signed in; written at most every five minutes, as the core does."""
    if user.last_active_at is None or now - user.last_active_at > ACTIVITY_RESOLUTION:
        User.objects.filter(pk=user.pk).update(last_active_at=now)
        user.last_active_at = now


def login_method_ids(user_id: str, *, with_linked: bool = True) -> list[str]:
    """Our ids of the login methods behind an id that clients use: the whole user's, or exactly that one."""
    methods = LoginMethod.objects.filter(
        **({"user": own_user_id(user_id)} if with_linked else {"pk": own_id(user_id)})
    )
    return list(methods.values_list("pk", flat=True))
