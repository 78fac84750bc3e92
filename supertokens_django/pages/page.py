"""What all pages have in common: the decorator of their views, and the way in which a form does an endpoint's work."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from supertokens_django import conf
from supertokens_django.exceptions import SessionError, SuperTokensError
from supertokens_django.http.endpoint import JsonObject, admitted
from supertokens_django.http.responses import add_headers
from supertokens_django.limits.exceptions import LimitError
from supertokens_django.pages import links, texts
from supertokens_django.pages.conf import are_served
from supertokens_django.pages.inputs import RecipeForm
from supertokens_django.recipes.emailpassword.inputs import clean_form
from supertokens_django.recipes.session import transport
from supertokens_django.registry import Account

View = Callable[..., HttpResponse]
"""``(request)``, and what the URL has to say by name."""
Act = Callable[[HttpRequest, JsonObject, str, dict[str, Any]], Any]
"""``(request, data, tenant_id, fields)``, as the flows of a recipe take them."""


def page(view: View) -> View:
    """Make a view a page: Django's CSRF check, no caching, no framing, sessions by cookie; 404 while pages are off."""
    return _page(csrf_protect(_served(view)))


def passage(view: View) -> View:
    """Make a view what browsers pass through on the way to a page: like :func:`page`, but reading no form."""
    found = csrf_exempt(_page(_served(view)))
    found.is_passage = True  # type: ignore[attr-defined]  # where nobody is led to a passage
    return found


def _served(view: View) -> View:
    @sensitive_variables()
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def wrapper(request: HttpRequest, **captured: str) -> HttpResponse:
        if not are_served(request):
            raise Http404
        transport.prefer(request, transport.COOKIE)
        response = view(request, **captured)
        if (limit := getattr(request, "_supertokens_limit", None)) is not None:
            response.status_code = limit.http_status
            add_headers(response, limit.headers())
        # Reset links stand in the address; "no-referrer" would hide the origin from Django's CSRF check.
        response.setdefault("Referrer-Policy", "same-origin")
        return response

    return wrapper


def _page(view: View) -> View:
    wrapped = sensitive_post_parameters()(never_cache(xframe_options_deny(view)))
    return login_not_required(transaction.non_atomic_requests(wrapped))


def show(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """Render ``supertokens_django/pages/<template>.html``.

    Context beside ``context``: ``app_name``, ``links`` (:class:`links.Links`) and ``notice`` (a text or None).
    """
    notice = texts.NOTICES.get(request.GET.get("notice", "")) if request.method != "POST" else None
    common = {"app_name": conf.app().app_name, "links": links.Links.of(request), "notice": notice}
    return render(request, f"supertokens_django/pages/{template}.html", {**common, **context})


def submit(
    request: HttpRequest,
    endpoint: str,
    form: RecipeForm,
    act: Act,
    account: Account | None = None,
    **extra: Any,
) -> bool:
    """Do with a posted form what the API does at ``endpoint``; False, the reasons in the form, where it is refused.

    ``account`` is whom rate limits count, where the form does not say it; ``extra`` is what a frontend sends beside the
    form.
    """
    if not form.is_valid():
        return False
    tenant_id = links.tenant_id(request)
    data = {**form.wire_data(), **extra}
    try:
        with admitted(endpoint, request, data, tenant_id, account):
            act(request, data, tenant_id, clean_form(data, form.wire_fields, tenant_id))
    except SessionError:
        raise
    except SuperTokensError as error:
        remember_limit(request, error)
        form.refuse(error)
        return False
    # Whoever planted a CSRF cookie before must not know the one that is good afterwards.
    rotate_token(request)
    return True


def remember_limit(request: HttpRequest, error: SuperTokensError) -> None:
    """Have the page say in its status and headers, too, that it was a rate limit that refused."""
    if isinstance(error, LimitError):
        request._supertokens_limit = error  # type: ignore[attr-defined]
