"""Signing keys."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from supertokens_django import clock


class SigningKey(models.Model):
    """One RSA key pair; the private half is encrypted.  Dynamic keys rotate, static ones stay.

    A key that was retired signs no more; ``accepted_until`` is when it stops verifying too, where that was decided.
    """

    class Kind(models.TextChoices):
        DYNAMIC = "dynamic", _("dynamic")
        STATIC = "static", _("static")

    kid = models.CharField(_("key ID"), primary_key=True, max_length=64)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    public_key = models.TextField(_("public key"))
    private_key = models.TextField(editable=False)
    predecessor = models.CharField(max_length=64, blank=True, editable=False)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)
    accepted_until = models.DateTimeField(_("accepted until"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        ordering = ("-created_at",)
        constraints = (
            # Two processes that both find the same newest key (or none) cannot both append one.
            models.UniqueConstraint(fields=["kind", "predecessor"], name="supertokens_one_next_key"),
        )

    def __str__(self) -> str:
        return self.kid

    def __repr__(self) -> str:
        return f"<SigningKey {self.kid}>"
