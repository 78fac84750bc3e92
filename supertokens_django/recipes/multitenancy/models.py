"""Tenants.  Every row that belongs to one says so from the first migration on."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Tenant(models.Model):
    """A group of users with login methods of its own; ``public`` always exists."""

    id = models.CharField(_("tenant ID"), primary_key=True, max_length=64)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")

    def __str__(self) -> str:
        return self.id
