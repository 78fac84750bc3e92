"""Passwords and password reset tokens."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from supertokens_django.users.models import LoginMethod


class Password(models.Model):
    """The password of a login method, hashed."""

    login_method = models.OneToOneField(
        LoginMethod, models.CASCADE, primary_key=True, related_name="password", verbose_name=_("login method")
    )
    encoded = models.CharField(max_length=256, editable=False)

    class Meta:
        verbose_name = _("password")
        verbose_name_plural = _("passwords")

    def __str__(self) -> str:
        return self.login_method_id


class PasswordResetToken(models.Model):
    """A token that was mailed; only its SHA-256 is kept.  It is good in every tenant (FDI)."""

    token_hash = models.CharField(primary_key=True, max_length=64, editable=False)
    login_method = models.ForeignKey(
        LoginMethod, models.CASCADE, related_name="+", verbose_name=_("login method")
    )
    email = models.CharField(_("e-mail"), max_length=255)
    expires_at = models.DateTimeField(_("expires"), db_index=True)

    class Meta:
        verbose_name = _("password reset token")
        verbose_name_plural = _("password reset tokens")

    def __str__(self) -> str:
        return f"{self.email} until {self.expires_at}"

    def __repr__(self) -> str:
        return f"<PasswordResetToken of {self.login_method_id}>"
