"""Users, their login methods, and the row that links a user to the project's own user model."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.db.models.functions import StrIndex, Substr
from django.utils.translation import gettext_lazy as _

from supertokens_django import clock
from supertokens_django.crypto.secrets import sha256_hex
from supertokens_django.db import ExactCharField
from supertokens_django.recipes.multitenancy.models import Tenant

ID_LENGTH = 36
EXTERNAL_ID_LENGTH = 128


def new_id() -> str:
    return str(uuid.uuid4())


class User(models.Model):
    """A person: one login method, or several that were linked.  The id is that of the first login method."""

    id = models.CharField(
        _("user ID"), primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False
    )
    is_primary = models.BooleanField(
        _("primary"), default=False, help_text=_("Other login methods may be linked.")
    )
    time_joined = models.DateTimeField(_("joined"), default=clock.now, editable=False)
    last_active_at = models.DateTimeField(_("last sign-in"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("SuperTokens user")
        verbose_name_plural = _("SuperTokens users")
        permissions = (("impersonate_user", "Can sign in as another user"),)
        indexes = (models.Index(fields=["time_joined", "id"], name="supertokens_user_joined"),)

    def __str__(self) -> str:
        return self.id


class LoginMethod(models.Model):
    """One way in (a "recipe user"): an e-mail and password, a provider's account, a phone number, …"""

    id = models.CharField(
        _("recipe user ID"), primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False
    )
    user = models.ForeignKey(
        User, models.CASCADE, related_name="login_methods", db_index=False, verbose_name=_("user")
    )
    recipe_id = models.CharField(_("recipe"), max_length=32)
    email = models.CharField(_("e-mail"), max_length=255, null=True, blank=True, db_index=True)  # noqa: DJ001
    email_domain = models.GeneratedField(
        expression=Substr("email", StrIndex("email", Value("@")) + 1),
        output_field=models.CharField(max_length=255, null=True),
        db_persist=True,
        db_index=True,
        editable=False,
    )
    phone_number = models.CharField(  # noqa: DJ001 - absent and empty differ on the wire
        _("phone number"), max_length=32, null=True, blank=True, db_index=True
    )
    third_party_id = models.CharField(  # noqa: DJ001
        _("provider"), max_length=28, null=True, blank=True, db_index=True
    )
    third_party_user_id = models.CharField(  # noqa: DJ001
        _("user ID at the provider"), max_length=256, null=True, blank=True, db_index=True
    )
    time_joined = models.DateTimeField(_("joined"), default=clock.now, editable=False)

    third_party_profile: Mapping[str, Any] | None = None
    """What a provider tells of the user, while somebody signs in with it: ``first_name``, ``last_name`` and
    ``raw_user_info``.  It is not kept.
    """

    class Meta:
        verbose_name = _("login method")
        verbose_name_plural = _("login methods")
        ordering = ("time_joined", "id")
        # Not of the field: on PostgreSQL that comes twice, once for LIKE.
        indexes = (models.Index(fields=["user"], name="supertokens_method_user"),)

    def __str__(self) -> str:
        return f"{self.recipe_id}: {self.email or self.phone_number or self.third_party_user_id or self.id}"

    def identifiers(self) -> list[str]:
        """What somebody signs in by: e-mail, phone number, the account at a provider."""
        provider = f"{self.third_party_id}: {self.third_party_user_id}" if self.third_party_id else None
        return [text for text in (self.email, self.phone_number, provider) if text]


class LoginIdentity(models.Model):
    """What a login method is found by in one tenant; the unique constraint is what keeps accounts apart.

    ``key`` is a hash of the identifier, not the text: a database with a case- or accent-insensitive collation must not
    take ``josé@example.com`` for ``jose@example.com``.

    The e-mail of a provider's account may be that of other accounts there as well: it finds them all and keeps nobody
    away.  ``distinguisher`` is the login method's id there, and empty wherever an identifier is somebody's alone.

    Whose it is, and since when they are here, is repeated from the user, so that the users of a tenant, or those of one
    recipe in it, stand in an index in the order in which they are listed.  It changes with the login method's user.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE_NUMBER = "phone", _("phone number")
        THIRD_PARTY = "tparty", _("provider account")

    login_method = models.ForeignKey(
        LoginMethod,
        models.CASCADE,
        related_name="identities",
        db_index=False,
        verbose_name=_("login method"),
    )
    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="+", db_index=False, verbose_name=_("tenant")
    )
    recipe_id = models.CharField(_("recipe"), max_length=32)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    key = models.CharField(max_length=64, editable=False)
    distinguisher = models.CharField(max_length=ID_LENGTH, default="", db_default="", editable=False)
    owner_id = models.CharField(max_length=ID_LENGTH, editable=False)
    owner_joined = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("login identity")
        verbose_name_plural = _("login identities")
        indexes = (
            models.Index(fields=["login_method"], name="supertokens_identity_method"),
            models.Index(fields=["tenant", "owner_joined", "owner_id"], name="supertokens_users_of_tenant"),
            models.Index(
                fields=["recipe_id", "owner_joined", "owner_id"], name="supertokens_users_by_recipe"
            ),
            models.Index(
                fields=["tenant", "recipe_id", "owner_joined", "owner_id"], name="supertokens_users_of_recipe"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "key", "recipe_id", "distinguisher"], name="supertokens_one_identity"
            ),
        )

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.recipe_id} {self.kind}"

    @classmethod
    def of(cls, method: LoginMethod, tenant_id: str, kind: str, key: str) -> LoginIdentity:
        """A new one, not saved yet."""
        return cls(
            login_method=method,
            tenant_id=tenant_id,
            recipe_id=method.recipe_id,
            kind=kind,
            key=key,
            distinguisher=method.id if method.third_party_id and kind == cls.Kind.EMAIL else "",
            owner_id=method.user_id,
            owner_joined=method.user.time_joined,
        )

    @staticmethod
    def key_of(kind: str, value: str) -> str:
        """The stored form of an identifier: SHA-256 over its kind and its normalised text."""
        return sha256_hex(f"{kind}\0{value}")


class VerifiedEmail(models.Model):
    """An e-mail address that was shown to be the user's: by a link or a code sent there, or by a provider.

    Whoever changes back to an address has it verified still.  There is no foreign key: the id may be one that no login
    method has, of a user whom only the project knows.
    """

    user_id = ExactCharField(_("recipe user ID"), max_length=EXTERNAL_ID_LENGTH)
    email = ExactCharField(_("e-mail"), max_length=255)

    class Meta:
        verbose_name = _("verified e-mail")
        verbose_name_plural = _("verified e-mails")
        constraints = (
            models.UniqueConstraint(fields=["user_id", "email"], name="supertokens_verified_once"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.email}"


class DjangoUserLink(models.Model):
    """Links a user to the row of ``AUTH_USER_MODEL`` that ``request.user`` gives."""

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="django_link", verbose_name=_("SuperTokens user")
    )
    django_user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="supertokens_link",
        verbose_name=_("Django user"),
    )

    class Meta:
        verbose_name = _("link to a Django user")
        verbose_name_plural = _("links to Django users")

    def __str__(self) -> str:
        return f"{self.user_id} = {self.django_user_id}"


class UserIdMapping(models.Model):
    """An id of another system that stands for a user id on the wire."""

    supertokens_user_id = models.CharField(_("user ID"), primary_key=True, max_length=ID_LENGTH)
    external_user_id = models.CharField(_("external user ID"), max_length=EXTERNAL_ID_LENGTH, unique=True)
    external_user_id_info = models.TextField(_("information"), null=True, blank=True)  # noqa: DJ001

    class Meta:
        verbose_name = _("user ID mapping")
        verbose_name_plural = _("user ID mappings")

    def __str__(self) -> str:
        return f"{self.supertokens_user_id} = {self.external_user_id}"
