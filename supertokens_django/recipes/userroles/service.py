"""Roles: making them, giving them to users, and what follows from them.  Subclass point of the user roles recipe."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from asgiref.sync import sync_to_async
from django.contrib.auth.base_user import AbstractBaseUser

from supertokens_django.recipes.multitenancy.service import normalise_tenant_id, require_tenant
from supertokens_django.recipes.userroles import inputs, rows
from supertokens_django.recipes.userroles.conf import UserRolesConf, userroles_conf
from supertokens_django.recipes.userroles.models import Role, UserRole
from supertokens_django.recipes.userroles.rows import Grants
from supertokens_django.registry import lazy_service
from supertokens_django.users import django_user as django_users


class UserRolesService:
    """Subclass it and name it in ``SUPERTOKENS["USERROLES"]["SERVICE_CLASS"]``.

    Roles are the same in every tenant; who has them is said for each.  Every ``user_id`` may be ours or a mapped
    external one, of a user or of a login method; whether there is such a user is not asked (FDI).  Names are compared
    letter by letter, blanks around them do not count, and what gives names gives them sorted.

    Raises (each verb that takes a name):
        BadInputError: it is empty, longer than 255 characters, or cannot be printed.
    """

    # Roles

    def create_new_role_or_add_permissions(self, role: str, permissions: Sequence[str]) -> bool:
        """Make a role with permissions, or add permissions to one; tells whether the role is new."""
        return rows.create_or_extend(inputs.role_name(role), inputs.permission_names(permissions))

    async def acreate_new_role_or_add_permissions(self, role: str, permissions: Sequence[str]) -> bool:
        """See :meth:`create_new_role_or_add_permissions`."""
        return await sync_to_async(self.create_new_role_or_add_permissions)(role, permissions)

    def get_permissions_for_role(self, role: str) -> list[str]:
        """The permissions of a role.

        Raises:
            UnknownRole: there is no such role.
        """
        return rows.permissions_of(inputs.role_name(role))

    async def aget_permissions_for_role(self, role: str) -> list[str]:
        """See :meth:`get_permissions_for_role`."""
        return await sync_to_async(self.get_permissions_for_role)(role)

    def remove_permissions_from_role(self, role: str, permissions: Sequence[str]) -> None:
        """Take permissions from a role; those that it has not are no matter.

        Raises:
            UnknownRole: there is no such role.
        """
        rows.remove_permissions(inputs.role_name(role), inputs.permission_names(permissions))

    async def aremove_permissions_from_role(self, role: str, permissions: Sequence[str]) -> None:
        """See :meth:`remove_permissions_from_role`."""
        await sync_to_async(self.remove_permissions_from_role)(role, permissions)

    def get_roles_that_have_permission(self, permission: str) -> list[str]:
        """The roles with a permission."""
        (name,) = inputs.permission_names([permission])
        return sorted(Role.objects.filter(permissions__name=name).values_list("name", flat=True))

    async def aget_roles_that_have_permission(self, permission: str) -> list[str]:
        """See :meth:`get_roles_that_have_permission`."""
        return await sync_to_async(self.get_roles_that_have_permission)(permission)

    def get_all_roles(self) -> list[str]:
        """Every role."""
        return sorted(Role.objects.values_list("name", flat=True))

    async def aget_all_roles(self) -> list[str]:
        """See :meth:`get_all_roles`."""
        return await sync_to_async(self.get_all_roles)()

    def delete_role(self, role: str) -> bool:
        """Delete a role and take it from everybody, in every tenant; tells whether it was there."""
        return rows.delete(inputs.role_name(role))

    async def adelete_role(self, role: str) -> bool:
        """See :meth:`delete_role`."""
        return await sync_to_async(self.delete_role)(role)

    # Who has them

    def add_role_to_user(self, tenant_id: str, user_id: str, role: str) -> bool:
        """Give a user a role in a tenant; tells whether they had it already.

        Sessions that are there hear of it when their claims are fetched again.

        Raises:
            UnknownRole: there is no such role.
            UnknownTenantError: there is no such tenant.
            BadInputError: the user id is empty, longer than 128 characters, or cannot be printed.
        """
        return rows.assign(require_tenant(tenant_id), user_id, inputs.role_name(role))

    async def aadd_role_to_user(self, tenant_id: str, user_id: str, role: str) -> bool:
        """See :meth:`add_role_to_user`."""
        return await sync_to_async(self.add_role_to_user)(tenant_id, user_id, role)

    def remove_user_role(self, tenant_id: str, user_id: str, role: str) -> bool:
        """Take a role from a user in a tenant; tells whether they had it.

        Raises:
            UnknownRole: there is no such role.
        """
        return rows.withdraw(normalise_tenant_id(tenant_id), user_id, inputs.role_name(role))

    async def aremove_user_role(self, tenant_id: str, user_id: str, role: str) -> bool:
        """See :meth:`remove_user_role`."""
        return await sync_to_async(self.remove_user_role)(tenant_id, user_id, role)

    def get_roles_for_user(self, tenant_id: str, user_id: str) -> list[str]:
        """The roles that a user was given in a tenant; Django's groups are not among them."""
        return rows.roles_of(normalise_tenant_id(tenant_id), user_id)

    async def aget_roles_for_user(self, tenant_id: str, user_id: str) -> list[str]:
        """See :meth:`get_roles_for_user`."""
        return await sync_to_async(self.get_roles_for_user)(tenant_id, user_id)

    def get_users_that_have_role(self, tenant_id: str, role: str) -> list[str]:
        """The ids of everybody who was given a role in a tenant; it may be a long list.

        Raises:
            UnknownRole: there is no such role.
        """
        return rows.users_with(normalise_tenant_id(tenant_id), inputs.role_name(role))

    async def aget_users_that_have_role(self, tenant_id: str, role: str) -> list[str]:
        """See :meth:`get_users_that_have_role`."""
        return await sync_to_async(self.get_users_that_have_role)(tenant_id, role)

    # What follows from them: override these to give roles by rules of your own

    def get_grants_for_session(self, tenant_id: str, user_id: str) -> Grants:
        """The ``roles`` and ``permissions`` of a session: those given, and those of the Django user's groups."""
        read = rows.grants_with_groups if userroles_conf().django_groups_in_claims else rows.grants
        return read(normalise_tenant_id(tenant_id), user_id)

    async def aget_grants_for_session(self, tenant_id: str, user_id: str) -> Grants:
        """See :meth:`get_grants_for_session`."""
        return await sync_to_async(self.get_grants_for_session)(tenant_id, user_id)

    def get_grants_for_django_user(self, django_user: AbstractBaseUser) -> Grants:
        """The ``roles`` and ``permissions`` behind ``has_perm``: those given in the tenant of the user's session."""
        return rows.grants_of_django_user(django_users.tenant_of(django_user), django_user)

    async def aget_grants_for_django_user(self, django_user: AbstractBaseUser) -> Grants:
        """See :meth:`get_grants_for_django_user`."""
        return await sync_to_async(self.get_grants_for_django_user)(django_user)

    def forget_users(self, user_ids: Collection[str]) -> None:
        """Take all roles from users, by ids of ours; part of their deletion."""
        UserRole.objects.filter(user_id__in=user_ids).delete()


userroles: UserRolesService = lazy_service(UserRolesService, UserRolesConf)
