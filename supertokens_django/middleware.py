"""Sessions on every request: ``request.user`` on the way in, tokens and errors on the way out."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.functional import SimpleLazyObject

from supertokens_django.exceptions import SuperTokensError
from supertokens_django.http import aftermath
from supertokens_django.pages import navigation
from supertokens_django.recipes.session import authentication, transport
from supertokens_django.recipes.session.outputs import error_response
from supertokens_django.recipes.session.policy import SAFE_METHODS
from supertokens_django.recipes.session.service import session
from supertokens_django.users import django_user

GetResponse = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class SuperTokensMiddleware:
    """Stands after ``AuthenticationMiddleware``; works under WSGI and ASGI.

    ``request.user`` is the Django user of the request's session, loaded when it is read; without a session it is what
    Django's own session says.  Inside the admin it is the other way round, so that a browser with both stays in both.
    Where the pages are served, a browser on the way to a page is led through a refresh, or to sign-in, as needed.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if self._is_async:
            return self._acall(request)
        self._before(request)
        try:
            response = navigation.detour(request) or self.get_response(request)
        except SuperTokensError as error:
            response = error_response(request, error)
        return self._after(request, response)

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        self._before(request)
        try:
            detour = navigation.detour(request, may_query=False)
            response = detour or await self.get_response(request)  # type: ignore[misc]
        except SuperTokensError as error:
            response = await sync_to_async(error_response)(request, error)
        except CancelledError:
            aftermath.abandon(request)
            raise
        return self._after(request, response)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for a view that let an error of ours through."""
        return error_response(request, exception) if isinstance(exception, SuperTokensError) else None

    @staticmethod
    def _before(request: HttpRequest) -> None:
        aftermath.begin(request)
        before = getattr(request, "user", None)
        request.user = SimpleLazyObject(lambda: _user(request, before))  # type: ignore[assignment]
        request.auser = lambda: _auser(request)
        if request.method not in SAFE_METHODS and _proves_itself(request):
            _lift_csrf_check(request)

    @staticmethod
    def _after(request: HttpRequest, response: Any) -> HttpResponseBase:
        answer: Any = navigation.led_on(request, response)
        transport.write(request, answer)
        aftermath.attach(request, answer)
        return answer  # type: ignore[no-any-return]


def _lift_csrf_check(request: HttpRequest) -> None:
    """Have Django's CSRF check let the request pass, except in the admin, where Django's own sessions come first."""
    if not getattr(request, "_dont_enforce_csrf_checks", False):
        # Lazy: when Django asks, it has resolved the URL.
        is_lifted = SimpleLazyObject(lambda: not _is_in_admin(request))
        request._dont_enforce_csrf_checks = is_lifted  # type: ignore[attr-defined]


def _proves_itself(request: HttpRequest) -> bool:
    """Tell whether the request carries what no cross-site form can send: a header of ours, or our Bearer token."""
    if any(
        transport.header(request, name) is not None for name in (transport.RECIPE_ID, transport.ANTI_CSRF)
    ):
        return True
    raw = transport.bearer_token(request)
    return bool(raw) and authentication.is_ours(raw)


def _user(request: HttpRequest, before: Any) -> Any:
    """Decide who ``request.user`` is."""
    if _is_in_admin(request):
        if before is not None and before.is_authenticated:
            return before
        return _session_user(request, in_person=True) or _or_anonymous(before)
    return _session_user(request) or _or_anonymous(before)


async def _auser(request: HttpRequest) -> Any:
    user: Any = request.user
    await sync_to_async(bool)(user)  # loads it, in a thread where the database may be asked
    return user


def _or_anonymous(before: Any) -> Any:
    return AnonymousUser() if before is None else before


def _session_user(request: HttpRequest, *, in_person: bool = False) -> Any:
    """The Django user of the session; ``in_person`` not where somebody else acts as them, for the admin's log."""
    found = getattr(request, "supertokens", None) or session.peek_session(request)
    if found is None or found.is_anonymous() or (in_person and found.get_actor() is not None):
        return None
    user = django_user.for_session(found.get_user_id(), found.get_tenant_id())
    return user if user is not None and user.is_active else None


def _is_in_admin(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None:
        try:
            match = resolve(request.path_info, getattr(request, "urlconf", None))
        except Resolver404:
            return False
    return "admin" in match.app_names
