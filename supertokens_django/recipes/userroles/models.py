"""Roles, their permissions, and who has which role in which tenant.

Names are compared letter by letter, so that on no database ``admin`` is somebody who was made ``Admin``.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from supertokens_django.db import ExactCharField
from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.users.models import EXTERNAL_ID_LENGTH

NAME_LENGTH = 255


class Role(models.Model):
    """A role; it is the same in every tenant."""

    name = ExactCharField(_("name"), max_length=NAME_LENGTH, unique=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return self.name


class RolePermission(models.Model):
    """A permission of a role: any text, or one of Django's as ``app_label.codename``."""

    role = models.ForeignKey(
        Role, models.CASCADE, db_index=False, related_name="permissions", verbose_name=_("role")
    )
    name = ExactCharField(_("permission"), max_length=NAME_LENGTH)

    class Meta:
        verbose_name = _("permission of a role")
        verbose_name_plural = _("permissions of roles")
        constraints = (
            models.UniqueConstraint(fields=["role", "name"], name="supertokens_role_permission_once"),
        )
        indexes = (models.Index(fields=["name"], name="supertokens_permission"),)

    def __str__(self) -> str:
        return f"{self.role_id} {self.name}"


class UserRole(models.Model):
    """A role that a user has in a tenant.  No foreign key: the user ID may be one that this app does not know."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("tenant"))
    user_id = ExactCharField(_("user ID"), max_length=EXTERNAL_ID_LENGTH)
    role = models.ForeignKey(
        Role, models.CASCADE, db_index=False, related_name="assignments", verbose_name=_("role")
    )

    class Meta:
        verbose_name = _("role of a user")
        verbose_name_plural = _("roles of users")
        constraints = (
            models.UniqueConstraint(fields=["user_id", "tenant", "role"], name="supertokens_user_role_once"),
        )
        indexes = (models.Index(fields=["role", "tenant", "user_id"], name="supertokens_users_of_role"),)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role} ({self.tenant_id})"
