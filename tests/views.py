"""Views of the imaginary project that the tests call: every kind of view that a session can be verified on.

Each of the "acting" views does what the request's JSON body says (``{"do": "merge", "update": {…}}``, ``{"do":
"revoke"}``, ``{"do": "raise", "error": "unauthorised"}``) and answers what it saw of the session.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie

from supertokens_django.claims import (
    ClaimValidationResult,
    NotAnonymous,
    NotImpersonated,
    SessionClaimValidator,
    also,
)
from supertokens_django.decorators import verify_session
from supertokens_django.exceptions import (
    BadInputError,
    ClearDuplicateSessionCookiesError,
    GeneralError,
    InvalidClaimsError,
    TokenTheftError,
    TryRefreshTokenError,
    UnauthorisedError,
)
from supertokens_django.services import session as sessions

ERRORS: dict[str, Callable[[], Exception]] = {
    "unauthorised": UnauthorisedError,
    "unauthorised without clearing": lambda: UnauthorisedError("no session", clear_tokens=False),
    "try refresh token": TryRefreshTokenError,
    "token theft": lambda: TokenTheftError("handle", "user", "recipe user"),
    "invalid claims": lambda: InvalidClaimsError(
        [{"id": "st-ev", "reason": {"message": "wrong value"}}, {"id": "x"}]
    ),
    "duplicate cookies": ClearDuplicateSessionCookiesError,
    "bad input": lambda: BadInputError("Please provide a fruit"),
    "general": lambda: GeneralError("Not today"),
}


class AlwaysInvalid(SessionClaimValidator):
    """Nobody passes."""

    def validate(self, payload: Mapping[str, Any]) -> ClaimValidationResult:
        return ClaimValidationResult(False, {"message": "too young"})


class NeverInvalid(SessionClaimValidator):
    """Everybody passes."""

    def validate(self, payload: Mapping[str, Any]) -> ClaimValidationResult:
        return ClaimValidationResult(True)


def body_of(request: Any) -> dict[str, Any]:
    """The JSON body, ``{}`` when there is none; also through DRF's wrapper."""
    django_request = getattr(request, "_request", request)
    value: dict[str, Any] = json.loads(django_request.body) if django_request.body else {}
    return value


def seen(request: Any) -> dict[str, Any]:
    """What a view sees of the session."""
    session = request.supertokens
    if session is None:
        return {"session": None}
    return {
        "session": session.get_handle(),
        "userId": session.get_user_id(),
        "tenantId": session.get_tenant_id(),
        "payload": {
            key: value for key, value in session.get_access_token_payload().items() if key.startswith("x-")
        },
    }


def act(request: Any) -> dict[str, Any]:
    """Do to the session what the body says, synchronously; answer what is seen afterwards."""
    body = body_of(request)
    match body.get("do"):
        case "merge":
            request.supertokens.merge_into_access_token_payload(body["update"])
        case "revoke":
            request.supertokens.revoke_session()
        case "raise":
            raise ERRORS[body["error"]]()
    return seen(request)


async def aact(request: Any) -> dict[str, Any]:
    """The same with the asynchronous verbs."""
    body = body_of(request)
    match body.get("do"):
        case "merge":
            await request.supertokens.amerge_into_access_token_payload(body["update"])
        case "revoke":
            await request.supertokens.arevoke_session()
        case "raise":
            raise ERRORS[body["error"]]()
    return seen(request)


# Making sessions


@csrf_exempt
def login(request: HttpRequest) -> HttpResponse:
    """Make a session for ``{"userId", "tenantId"?, "payload"?, "data"?}``."""
    body = body_of(request)
    made = sessions.create_new_session(
        request, body.get("tenantId", "public"), body["userId"], body.get("payload"), body.get("data")
    )
    return JsonResponse({"session": made.get_handle()})


@csrf_exempt
@verify_session()
def login_again(request: HttpRequest) -> HttpResponse:
    """Make another session for who has one."""
    made = sessions.create_new_session(request, "public", body_of(request)["userId"])
    return JsonResponse({"session": made.get_handle()})


@csrf_exempt
def visit(request: HttpRequest) -> HttpResponse:
    """Make an anonymous session for ``{"tenantId"?, "payload"?, "data"?}``."""
    body = body_of(request)
    made = sessions.create_anonymous_session(
        request, body.get("tenantId", "public"), body.get("payload"), body.get("data")
    )
    return JsonResponse({"session": made.get_handle()})


@csrf_exempt
@verify_session(session_required=False)
def impersonate(request: HttpRequest) -> HttpResponse:
    """Act as ``{"userId", "reason"?, "tenantId"?}``, as the Django user of the request."""
    body = body_of(request)
    made = sessions.impersonate(request, body["userId"], body.get("reason", ""), body.get("tenantId"))
    return JsonResponse({"session": made.get_handle()})


def impersonate_by_form(request: HttpRequest) -> HttpResponse:
    """The same for a form, which Django's CSRF check protects."""
    user_id = request.POST.get("user", request.GET.get("user", ""))
    return JsonResponse({"session": sessions.impersonate(request, user_id).get_handle()})


@csrf_exempt
async def aimpersonate(request: HttpRequest) -> HttpResponse:
    made = await sessions.aimpersonate(request, body_of(request)["userId"])
    return JsonResponse({"session": made.get_handle()})


@csrf_exempt
def stop_impersonating(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"stopped": sessions.stop_impersonating(request)})


@csrf_exempt
async def astop_impersonating(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"stopped": await sessions.astop_impersonating(request)})


@csrf_exempt
async def avisit(request: HttpRequest) -> HttpResponse:
    made = await sessions.acreate_anonymous_session(
        request, session_data_in_database=body_of(request).get("data")
    )
    return JsonResponse({"session": made.get_handle()})


@csrf_exempt
async def alogin(request: HttpRequest) -> HttpResponse:
    body = body_of(request)
    made = await sessions.acreate_new_session(
        request, "public", body["userId"], body.get("payload"), body.get("data")
    )
    return JsonResponse({"session": made.get_handle()})


class Mishap(Exception):
    """Something that goes wrong in the project's own code."""


@csrf_exempt
@transaction.atomic
def regretted_login(request: HttpRequest) -> HttpResponse:
    """Make a session in a transaction that does not come to its end, as with ``ATOMIC_REQUESTS``."""
    body = body_of(request)
    sessions.create_new_session(request, "public", body["userId"])
    raise Mishap if body["error"] == "mishap" else ERRORS[body["error"]]()


@csrf_exempt
def forgiven_login(request: HttpRequest) -> HttpResponse:
    """Make a session in a transaction that is rolled back, and go on without it."""
    with suppress(Mishap), transaction.atomic():
        sessions.create_new_session(request, "public", body_of(request)["userId"])
        raise Mishap
    return JsonResponse({})


@csrf_exempt
@transaction.atomic
@verify_session()
def regretted_merge(request: HttpRequest) -> HttpResponse:
    request.supertokens.merge_into_access_token_payload({"x-liked": 1})  # type: ignore[attr-defined]
    raise Mishap


# Every kind of decorated view


@csrf_exempt
@verify_session()
def sync_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse(act(request))


@csrf_exempt
@verify_session()
async def async_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse(await aact(request))


@method_decorator(csrf_exempt, name="dispatch")
class MethodView(View):
    @verify_session()
    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        return JsonResponse(act(request))

    post = get


@method_decorator(csrf_exempt, name="dispatch")
class AsyncMethodView(View):
    @verify_session()
    async def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse(await aact(request))

    post = get


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(verify_session(), name="dispatch")
class DispatchView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse(act(request))

    post = get


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(verify_session(), name="dispatch")
class AsyncDispatchView(View):
    async def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse(await aact(request))

    post = get


@method_decorator(csrf_exempt, name="dispatch")
class ObjectView(View):
    """The decorated method takes no request; it is found on ``self``, as in Django's ``SingleObjectMixin``."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse(self.get_object())

    post = get

    @verify_session()
    def get_object(self) -> dict[str, Any]:
        return act(self.request)


# Options of the decorator


@verify_session(session_required=False)
def optional_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse(seen(request))


@verify_session(session_required=False)
async def optional_async_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse(seen(request))


@csrf_exempt
@verify_session(check_database=True)
def checked_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse(act(request))


@csrf_exempt
@verify_session(check_database=True)
async def checked_async_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse(await aact(request))


@verify_session(anti_csrf_check=True)
def always_anti_csrf_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse(seen(request))


@csrf_exempt
@verify_session(anti_csrf_check=False)
def never_anti_csrf_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse(seen(request))


@csrf_exempt
@verify_session(
    override_global_claim_validators=lambda validators, session: [
        AlwaysInvalid("x-grown-up"),
        NeverInvalid("x-alive"),
    ]
)
def invalid_claim_view(request: HttpRequest) -> HttpResponse:
    raise AssertionError("a view is not reached with invalid claims")


@csrf_exempt
@verify_session(override_global_claim_validators=also(NotAnonymous(), NotImpersonated()))
def personal_view(request: HttpRequest) -> HttpResponse:
    """For the user in person alone."""
    return JsonResponse(act(request))


@verify_session()
def exposing_view(request: HttpRequest) -> HttpResponse:
    """Exposes a header of its own; the session's are added to it."""
    request.supertokens.merge_into_access_token_payload({"x-seen": True})  # type: ignore[attr-defined]
    return JsonResponse({}, headers={"Access-Control-Expose-Headers": "x-page"})


# Views without the decorator


@csrf_exempt
def plain_view(request: HttpRequest) -> HttpResponse:
    """Asks for the session itself."""
    sessions.get_session(request)
    return JsonResponse(act(request))


@csrf_exempt
async def plain_async_view(request: HttpRequest) -> HttpResponse:
    await sessions.aget_session(request)
    return JsonResponse(await aact(request))


@csrf_exempt
def refreshing_view(request: HttpRequest) -> HttpResponse:
    """An own refresh endpoint."""
    sessions.refresh_session(request)
    return JsonResponse(act(request))


@csrf_exempt
def raising_view(request: HttpRequest) -> HttpResponse:
    raise ERRORS[body_of(request)["error"]]()


@csrf_exempt
async def raising_async_view(request: HttpRequest) -> HttpResponse:
    raise ERRORS[body_of(request)["error"]]()


@verify_session(
    override_global_claim_validators=lambda validators, session: [
        validator for validator in validators if validator.id != "st-ev"
    ]
)
def any_email_view(request: HttpRequest) -> HttpResponse:
    """For users whose e-mail is not verified as well."""
    return JsonResponse(seen(request))


def unverified_view(request: HttpRequest) -> HttpResponse:
    """Looks at nothing."""
    return JsonResponse({"hasSession": hasattr(request, "supertokens")})


# Django's own ways of asking who is there


def who(user: Any) -> dict[str, Any]:
    return {"authenticated": user.is_authenticated, "pk": None if user.pk is None else str(user.pk)}


def whoami(request: HttpRequest) -> HttpResponse:
    return JsonResponse(who(request.user))


async def awhoami(request: HttpRequest) -> HttpResponse:
    return JsonResponse(who(await request.auser()))


@verify_session()
def verified_whoami(request: HttpRequest) -> HttpResponse:
    return JsonResponse({**who(request.user), **seen(request)})


@verify_session()
async def averified_whoami(request: HttpRequest) -> HttpResponse:
    return JsonResponse({**who(await request.auser()), **seen(request)})


@login_required(login_url="/test/sign-in-page")
def members_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse(who(request.user))


class PermittedView(PermissionRequiredMixin, View):
    permission_required = "auth.view_group"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse(who(request.user))


# Django's CSRF check stays on here


def form_view(request: HttpRequest) -> HttpResponse:
    """A plain view of the project, of the kind that ``CsrfViewMiddleware`` protects."""
    return JsonResponse({"posted": request.method == "POST"})


@verify_session()
def verified_form_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"posted": request.method == "POST"})


@ensure_csrf_cookie
def form_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a form")
