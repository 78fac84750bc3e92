"""Rows of the recipe: roles with their permissions, and who has them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError
from django.db.models import CharField, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from supertokens_django import db
from supertokens_django.recipes.userroles.exceptions import UnknownRole
from supertokens_django.recipes.userroles.models import Role, RolePermission, UserRole
from supertokens_django.users import ids
from supertokens_django.users.models import DjangoUserLink


@dataclass(frozen=True)
class Grants:
    """What somebody may do in a tenant: roles and their permissions, each once, sorted."""

    roles: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str | None]]) -> Grants:
        """Collect rows of a role, the app label of Django's permissions, "" for others, and a permission or None."""
        roles, permissions = set[str](), set[str]()
        for role, app_label, permission in rows:
            roles.add(role)
            if permission is not None:
                permissions.add(f"{app_label}.{permission}" if app_label else permission)
        return cls(tuple(sorted(roles)), tuple(sorted(permissions)))


# Roles


@db.transactional
def create_or_extend(role: str, permissions: Collection[str]) -> bool:
    """Make a role, or add permissions to it; tells whether it is new."""
    row, is_new = db.locked_or_new(Role.objects.filter(name=role), lambda: Role(name=role))
    # Read under a lock, too: the snapshot of a transaction may be older than the lock on the role (InnoDB).
    held = set(db.locked(RolePermission.objects.filter(role=row)).values_list("name", flat=True))
    RolePermission.objects.using(db.write_alias()).bulk_create(
        RolePermission(role=row, name=name) for name in permissions if name not in held
    )
    return is_new


@db.transactional
def remove_permissions(role: str, permissions: Collection[str]) -> None:
    row = db.locked(Role.objects.filter(name=role)).first()
    if row is None:
        raise UnknownRole
    RolePermission.objects.filter(role=row, name__in=permissions).delete()


@db.transactional
def delete(role: str) -> bool:
    """Delete a role and take it from everybody; tells whether it was there."""
    # Locked first: who is being given the role waits, and finds it gone.
    row = db.locked(Role.objects.filter(name=role)).first()
    if row is None:
        return False
    row.delete()
    return True


def permissions_of(role: str) -> list[str]:
    found: list[str | None] = list(Role.objects.filter(name=role).values_list("permissions__name", flat=True))
    if not found:
        raise UnknownRole
    return sorted(name for name in found if name is not None)


# Who has them


def assign(tenant_id: str, user_id: str, role: str) -> bool:
    """Give a user a role; tells whether they had it already."""
    own_id = ids.own_user_id_of(user_id)
    held = UserRole.objects.filter(role=OuterRef("pk"), tenant_id=tenant_id, user_id=own_id)
    found = Role.objects.using(db.write_alias()).filter(name=role).annotate(is_held=Exists(held)).first()
    if found is None:
        raise UnknownRole
    return found.is_held or not _insert(UserRole(tenant_id=tenant_id, user_id=own_id, role=found))


def _insert(row: UserRole) -> bool:
    """Insert an assignment; tells whether it was missing."""
    try:
        _save(row)
    except IntegrityError as error:
        if db.is_duplicate(error):
            return False
        raise UnknownRole from error  # deleted since
    return True


# With the commit, where this is the outermost transaction: foreign keys may be checked as late as then.
@db.transactional
def _save(row: UserRole) -> None:
    row.save(force_insert=True, using=db.write_alias())


@db.transactional
def withdraw(tenant_id: str, user_id: str, role: str) -> bool:
    """Take a role from a user; tells whether they had it."""
    found = Role.objects.using(db.write_alias()).filter(name=role).first()
    if found is None:
        raise UnknownRole
    # Looked up first: in a DELETE MariaDB walks through the tables of a subquery.
    held = UserRole.objects.filter(role=found, tenant_id=tenant_id, user_id=ids.own_user_id_of(user_id))
    return bool(held.delete()[0])


def roles_of(tenant_id: str, user_id: str) -> list[str]:
    held = UserRole.objects.filter(tenant_id=tenant_id, user_id=ids.own_user_id(user_id))
    return sorted(held.values_list("role__name", flat=True))


def users_with(tenant_id: str, role: str) -> list[str]:
    """The users as clients name them, in the order of our ids."""
    found = Role.objects.filter(name=role).first()
    if found is None:
        raise UnknownRole
    held = UserRole.objects.filter(role=found, tenant_id=tenant_id).order_by("user_id")
    return ids.wire_ids(list(held.values_list("user_id", flat=True)))


# What follows from them, in one query each


def grants(tenant_id: str, user_id: str) -> Grants:
    return Grants.of(_of_roles(tenant_id, ids.own_user_id(user_id)))


def grants_with_groups(tenant_id: str, user_id: str) -> Grants:
    """Those of the roles, and those of the Django user's groups, which know no tenant."""
    own_id = ids.own_user_id(user_id)
    if not _has_groups():
        return Grants.of(_of_roles(tenant_id, own_id))
    return Grants.of(_of_roles(tenant_id, own_id).union(_of_groups(own_id), all=True))


def grants_of_django_user(tenant_id: str, django_user: AbstractBaseUser) -> Grants:
    """Those of the roles alone: a Django user's groups are asked about by Django itself."""
    link = DjangoUserLink.objects.filter(django_user=django_user.pk).values("user_id")
    return Grants.of(_of_roles(tenant_id, Subquery(link)))


def _of_roles(tenant_id: str, own_id: Combinable) -> QuerySet[Any, Any]:
    held = UserRole.objects.filter(tenant_id=tenant_id, user_id=own_id)
    no_app = Value("", output_field=CharField())
    return held.values_list("role__name", no_app, "role__permissions__name")


def _of_groups(own_id: Combinable) -> QuerySet[Any, Any]:
    members = DjangoUserLink.objects.filter(user=own_id, django_user__groups__isnull=False)
    group = "django_user__groups"
    return members.values_list(
        f"{group}__name",
        Coalesce(f"{group}__permissions__content_type__app_label", Value("")),
        f"{group}__permissions__codename",
    )


def _has_groups() -> bool:
    """Tell whether the user model has Django's groups."""
    fields = {field.name: field for field in get_user_model()._meta.many_to_many}
    return "groups" in fields and fields["groups"].related_model._meta.label == "auth.Group"
