"""Devices that have asked for a code, and the codes they were sent."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from supertokens_django import clock
from supertokens_django.db import ExactCharField
from supertokens_django.recipes.multitenancy.models import Tenant


def new_code_id() -> str:
    return str(uuid.uuid4())


class PasswordlessDevice(models.Model):
    """A browser or phone on which somebody is about to sign in.

    The device id itself is known to it alone; the server keeps its hash, which is the ``preAuthSessionId`` of the wire.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE_NUMBER = "phone", _("phone number")

    device_id_hash = ExactCharField(_("pre-auth session ID"), primary_key=True, max_length=44, editable=False)
    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="+", db_index=False, verbose_name=_("tenant")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    contact = ExactCharField(_("sent to"), max_length=255)
    link_code_salt = models.CharField(max_length=255, editable=False)
    failed_attempts = models.PositiveIntegerField(_("wrong codes"), default=0)
    created_at = models.DateTimeField(_("asked for"), default=clock.now)
    expires_at = models.DateTimeField(_("expires"), db_index=True)

    class Meta:
        verbose_name = _("passwordless device")
        verbose_name_plural = _("passwordless devices")
        indexes = (models.Index(fields=["tenant", "contact"], name="supertokens_device_contact"),)

    def __str__(self) -> str:
        return self.contact

    def __repr__(self) -> str:
        return f"<PasswordlessDevice {self.device_id_hash}>"

    @property
    def email(self) -> str | None:
        return self.contact if self.kind == self.Kind.EMAIL else None

    @property
    def phone_number(self) -> str | None:
        return self.contact if self.kind == self.Kind.PHONE_NUMBER else None


class PasswordlessCode(models.Model):
    """A code that was sent, and the link that came with it; both are found by the hash of the link code alone."""

    id = models.CharField(_("code ID"), primary_key=True, max_length=36, default=new_code_id, editable=False)
    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="+", db_index=False, verbose_name=_("tenant")
    )
    # Without a constraint: to sign in deletes the device, and leaves to the clean-up what is good for nothing then.
    device = models.ForeignKey(
        PasswordlessDevice,
        models.DO_NOTHING,
        related_name="codes",
        db_constraint=False,
        verbose_name=_("device"),
    )
    link_code_hash = ExactCharField(max_length=44, editable=False)
    created_at = models.DateTimeField(_("sent"), default=clock.now)
    expires_at = models.DateTimeField(_("expires"), db_index=True)

    class Meta:
        verbose_name = _("passwordless code")
        verbose_name_plural = _("passwordless codes")
        constraints = (
            models.UniqueConstraint(fields=["tenant", "link_code_hash"], name="supertokens_one_link_code"),
        )

    def __str__(self) -> str:
        return self.id
