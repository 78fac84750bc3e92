"""What a project keeps of its users beside their accounts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from supertokens_django.db import ExactCharField
from supertokens_django.users.models import EXTERNAL_ID_LENGTH


class UserMetadata(models.Model):
    """The metadata of one user ID.  No foreign key: the ID may be one that this app does not know."""

    user_id = ExactCharField(_("user ID"), primary_key=True, max_length=EXTERNAL_ID_LENGTH)
    metadata = models.JSONField(_("metadata"), default=dict)

    class Meta:
        verbose_name = _("user metadata")
        verbose_name_plural = _("user metadata")

    def __str__(self) -> str:
        return self.user_id
