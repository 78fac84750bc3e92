"""``@verify_session()`` for every kind of view."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from supertokens_django.exceptions import SuperTokensError
from supertokens_django.recipes.session import liveness, transport
from supertokens_django.recipes.session.outputs import error_response
from supertokens_django.recipes.session.service import ValidatorOverride, session

View = TypeVar("View", bound=Callable[..., Any])


def verify_session(
    session_required: bool = True,
    anti_csrf_check: bool | None = None,
    check_database: bool = False,
    override_global_claim_validators: ValidatorOverride | None = None,
) -> Callable[[View], View]:
    """Let only requests with a valid session through; it is ``request.supertokens`` then.

    Works on sync and async functions, on methods of class-based and Django REST framework views (or on their
    ``dispatch``), and on methods that take no request and belong to a view, ``get_object`` for instance.

    Args:
        session_required: False lets requests without a session through, with ``request.supertokens`` None.
        anti_csrf_check: None checks every method but GET.
        check_database: Ask the database whether the session is still there; one query.
        override_global_claim_validators: ``(validators, session) -> validators`` to check in place of the global ones.
    """
    options = (session_required, anti_csrf_check, check_database, override_global_claim_validators)

    def decorate(view: View) -> View:
        wrap = _wrap_async if iscoroutinefunction(view) else _wrap_sync
        return cast(View, wrap(view, options))

    return decorate


_Options = tuple[bool, bool | None, bool, ValidatorOverride | None]


def _wrap_sync(view: Callable[..., Any], options: _Options) -> Callable[..., Any]:
    in_async_view = _wrap_async(view, options)
    is_dispatch = getattr(view, "__name__", "") == "dispatch"

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if is_dispatch and _is_async_dispatch(view, args):
            return in_async_view(*args, **kwargs)
        request, answers = _request_of(args, kwargs)
        try:
            session.verify_session(request, *options)
            return _varying(request, view(*args, **kwargs))
        except SuperTokensError as error:
            if not answers:
                raise
            return _answer(request, error)

    return wrapper


def _wrap_async(view: Callable[..., Any], options: _Options) -> Callable[..., Any]:
    @wraps(view)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        request, answers = _request_of(args, kwargs)
        try:
            if session.verifies_locally(request, *options[2:]) and await liveness.is_known(request):
                session.verify_session(request, *options)  # needs no database, so no thread
            else:
                await session.averify_session(request, *options)
            return _varying(request, await view(*args, **kwargs))
        except SuperTokensError as error:
            if not answers:
                raise
            return await sync_to_async(_answer)(request, error)

    return wrapper


def _varying(request: HttpRequest, result: Any) -> Any:
    """Tell caches between this decorator and the middleware (``cache_page``) that the answer is one client's."""
    if isinstance(result, HttpResponseBase):
        transport.vary(request, result)
    return result


def _answer(request: HttpRequest, error: SuperTokensError) -> HttpResponse:
    """The response to an error, tokens cleared: also in a project that has not installed the middleware (FDI)."""
    response = error_response(request, error)
    transport.write(request, response)
    return response


def _is_async_dispatch(view: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    """Tell whether ``view`` is the ``dispatch`` of a class with async handlers: not a coroutine function itself.

    It comes as a function that takes the view, or, from ``method_decorator``, as a partial of the bound method.
    """
    owner = getattr(getattr(view, "func", None), "__self__", args[0] if args else None)
    return bool(getattr(owner, "view_is_async", False))


def _request_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[HttpRequest, bool]:
    """Find the request of a call, and whether the call answers it (else its errors are for the view's caller)."""
    if args and isinstance(args[0], HttpRequest):
        return args[0], True
    for candidate in (*args[:2], kwargs.get("request")):
        if _is_request(candidate):
            return transport.django_request(candidate), True
    view = args[0] if args else None
    if _is_request(getattr(view, "request", None)):
        return transport.django_request(cast(Any, view).request), False
    raise TypeError(
        "verify_session must decorate a view or a method of one: no request was found in the call"
    )


def _is_request(candidate: Any) -> bool:
    return isinstance(getattr(candidate, "_request", candidate), HttpRequest)
