"""Manifest of the session recipe."""

from __future__ import annotations

from collections.abc import Sequence

from supertokens_django.recipes.session.conf import SessionConf
from supertokens_django.registry import Expired, Recipe


class SessionRecipe(Recipe):
    name = "session"
    section = SessionConf
    urls = "supertokens_django.recipes.session.urls"
    openapi = "supertokens_django.recipes.session.openapi"

    def expired(self) -> Sequence[Expired]:
        from supertokens_django.recipes.session.models import Session

        return (Expired("sessions", lambda moment: Session.objects.filter(expires_at__lt=moment)),)


recipe = SessionRecipe()
