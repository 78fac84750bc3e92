"""Sessions."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from supertokens_django import clock
from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.recipes.session import revocations
from supertokens_django.users.models import EXTERNAL_ID_LENGTH, LoginMethod


class SessionQuerySet(models.QuerySet["Session"]):
    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete sessions, and tell ``REVOCATION_CACHE`` which were alive."""
        alive = self.filter(expires_at__gt=clock.now()) if revocations.is_on() else self.none()
        handles = list(alive.values_list("pk", flat=True))
        deleted = super().delete()
        revocations.note(handles)
        return deleted


class Session(models.Model):
    """One signed-in device.

    ``generation`` counts refreshes; the refresh token of each generation is computed from the handle, the generation,
    ``secret`` and Django's SECRET_KEY, so this row alone forges none.
    """

    handle = models.CharField(_("handle"), primary_key=True, max_length=101)
    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="+", db_index=False, verbose_name=_("tenant")
    )
    recipe_user_id = models.CharField(_("recipe user ID"), max_length=EXTERNAL_ID_LENGTH)
    login_method = models.ForeignKey(
        LoginMethod,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="sessions",
        db_index=False,
        verbose_name=_("login method"),
        help_text=_("Empty for a session of a user ID that this app does not know."),
    )
    access_token_payload = models.JSONField(_("access token payload"), default=dict)
    session_data = models.JSONField(_("session data"), default=dict)
    generation = models.PositiveIntegerField(_("refreshes"), default=0)
    secret = models.CharField(max_length=64, editable=False)
    anti_csrf_since = models.PositiveIntegerField(null=True, editable=False)
    use_static_key = models.BooleanField(_("static signing key"), default=False)
    created_at = models.DateTimeField(_("created"), default=clock.now)
    refreshed_at = models.DateTimeField(_("last refreshed"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    ip_address = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    user_agent = models.CharField(_("user agent"), max_length=512, blank=True)
    is_anonymous = models.BooleanField(_("anonymous"), default=False, help_text=_("The user ID is nobody's."))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("impersonated by"),
        help_text=_("The member of staff who acts as the user in this session."),
    )
    actor_sub = models.CharField(max_length=EXTERNAL_ID_LENGTH, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=255, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        # Not of the fields: on PostgreSQL those come twice, once for LIKE, and every refresh writes into all indexes.
        indexes = (
            models.Index(fields=["tenant"], name="supertokens_session_tenant"),
            models.Index(fields=["recipe_user_id"], name="supertokens_session_user"),
            models.Index(fields=["login_method"], name="supertokens_session_method"),
        )

    def __str__(self) -> str:
        return self.handle

    def __repr__(self) -> str:
        return f"<Session {self.handle}>"
