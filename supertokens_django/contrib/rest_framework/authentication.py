"""The authentication class for Django REST framework."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.service import session
from supertokens_django.users import django_user


class SuperTokensAuthentication(BaseAuthentication):
    """Authenticates by the session of the request; ``request.auth`` is the :class:`SessionContainer`.

    Without a session the next class is asked.  A session that has to be refreshed answers 401 at once, as frontends
    expect, and its own anti-CSRF rule takes the place of Django's check.
    """

    def authenticate(self, request: Request) -> tuple[Any, SessionContainer] | None:
        found = session.get_session(request._request, session_required=False)
        if found is None:
            return None
        user = (
            None
            if found.is_anonymous()
            else django_user.for_session(found.get_user_id(), found.get_tenant_id())
        )
        if user is not None and not user.is_active:
            raise AuthenticationFailed("User inactive or deleted.")
        return user or AnonymousUser(), found

    def authenticate_header(self, request: Request) -> str:
        """Makes Django REST framework answer 401, and not 403, to a request without a session."""
        return "Bearer"
