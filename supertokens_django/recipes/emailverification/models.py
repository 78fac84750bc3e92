"""Tokens that were mailed to an address, to show that it is the user's."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from supertokens_django.db import ExactCharField
from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.users.models import EXTERNAL_ID_LENGTH

EMAIL_LENGTH = 255


class EmailVerificationToken(models.Model):
    """A token that was mailed; only its SHA-256 is kept.  It is good in its tenant alone (FDI).

    No foreign key to a login method: the ID may be one of a user whom only the project knows.
    """

    token_hash = models.CharField(primary_key=True, max_length=64, editable=False)
    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="+", db_index=False, verbose_name=_("tenant")
    )
    user_id = ExactCharField(_("recipe user ID"), max_length=EXTERNAL_ID_LENGTH)
    email = ExactCharField(_("e-mail"), max_length=EMAIL_LENGTH)
    replaces = ExactCharField(
        _("replaces"),
        max_length=EMAIL_LENGTH,
        default="",
        blank=True,
        help_text=_("The e-mail that the user has now, where this one is to take its place."),
    )
    expires_at = models.DateTimeField(_("expires"), db_index=True)

    class Meta:
        verbose_name = _("e-mail verification token")
        verbose_name_plural = _("e-mail verification tokens")
        indexes = (
            models.Index(fields=["user_id", "email", "tenant"], name="supertokens_ev_tokens_of_user"),
            models.Index(fields=["tenant"], name="supertokens_ev_tokens_tenant"),
        )

    def __str__(self) -> str:
        return f"{self.email} until {self.expires_at}"

    def __repr__(self) -> str:
        return f"<EmailVerificationToken of {self.user_id}>"
