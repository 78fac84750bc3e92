"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SuperTokensConfig(AppConfig):
    """Registers checks and receivers; does no work at import."""

    name = "supertokens_django"
    label = "supertokens_django"
    verbose_name = _("SuperTokens")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings
        from django.contrib.auth.signals import user_logged_out
        from django.db.models.signals import post_migrate, post_save, pre_delete

        from supertokens_django import checks, services, signals  # noqa: F401 - registers the first two
        from supertokens_django.cleanup.receivers import delete_now_and_then
        from supertokens_django.http import conf as outgoing  # noqa: F401 - registers its section
        from supertokens_django.pages import conf  # noqa: F401 - so does this
        from supertokens_django.recipes.jwt.keys import ring
        from supertokens_django.recipes.multitenancy.service import ensure_public_tenant
        from supertokens_django.recipes.session import receivers
        from supertokens_django.users.receivers import delete_with_django_user

        uid = "supertokens_django"
        post_migrate.connect(ensure_public_tenant, sender=self, dispatch_uid=uid)
        post_migrate.connect(ring.forget, sender=self, dispatch_uid=f"{uid}.keys")
        post_save.connect(
            receivers.revoke_when_deactivated, sender=settings.AUTH_USER_MODEL, dispatch_uid=uid
        )
        pre_delete.connect(delete_with_django_user, sender=settings.AUTH_USER_MODEL, dispatch_uid=uid)
        pre_delete.connect(
            receivers.note_end_with_actor, sender=settings.AUTH_USER_MODEL, dispatch_uid=f"{uid}.actor"
        )
        for signal in (signals.session_created, signals.session_refreshed):
            signal.connect(delete_now_and_then, dispatch_uid=uid)
        user_logged_out.connect(receivers.revoke_when_logged_out, dispatch_uid=uid)
        for sender, receiver in (
            ("User", receivers.note_end_with_user),
            ("LoginMethod", receivers.note_end_with_login_method),
            ("Tenant", receivers.note_end_with_tenant),
        ):
            pre_delete.connect(receiver, sender=self.get_model(sender), dispatch_uid=uid)
