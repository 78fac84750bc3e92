"""A project whose views demand claims that ask the database, in every way that a claim may be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from supertokens_django.claims import (
    BooleanClaim,
    ClaimValidationResult,
    PrimitiveArrayClaim,
    PrimitiveClaim,
    SessionClaim,
    SessionClaimValidator,
)
from supertokens_django.decorators import verify_session
from supertokens_django.recipes.session.service import ValidatorOverride
from supertokens_django.services import session as sessions
from tests.views import seen

ALIVE = PrimitiveClaim[str]("x-alive", lambda *who: "yes")


def fetch_groups(*who: Any) -> list[str]:
    return list(Group.objects.order_by("name").values_list("name", flat=True))


async def afetch_groups(*who: Any) -> list[str]:
    return [group.name async for group in Group.objects.order_by("name")]


SYNC_GROUPS = PrimitiveArrayClaim[str]("x-groups", fetch_groups)
ASYNC_GROUPS = PrimitiveArrayClaim[str]("x-groups", afetch_groups)


class AsksTheDatabase(SessionClaimValidator):
    def validate(self, payload: Any) -> ClaimValidationResult:
        return ClaimValidationResult(Group.objects.filter(name="editors").exists(), {"message": "no editors"})


class AsksTheDatabaseLater(SessionClaimValidator):
    async def validate(self, payload: Any) -> ClaimValidationResult:
        return ClaimValidationResult(
            await Group.objects.filter(name="editors").aexists(), {"message": "no editors"}
        )


def editors_only(validators: list[SessionClaimValidator], session: Any) -> list[SessionClaimValidator]:
    return [*validators, SYNC_GROUPS.validators.includes("editors", 60)]


def asking_editors_only(validators: list[SessionClaimValidator], session: Any) -> list[SessionClaimValidator]:
    assert Group.objects.count() < 100
    return [*validators, SYNC_GROUPS.validators.includes("editors", 60)]


async def aeditors_only(validators: list[SessionClaimValidator], session: Any) -> list[SessionClaimValidator]:
    assert await Group.objects.acount() < 100
    return [*validators, ASYNC_GROUPS.validators.includes("editors", 60)]


OVERRIDES: dict[str, ValidatorOverride] = {
    "function": editors_only,
    "asking-function": asking_editors_only,
    "coroutine": aeditors_only,
    "coroutine-claim": lambda validators, session: [
        *validators,
        ASYNC_GROUPS.validators.includes("editors", 60),
    ],
    "validator": lambda validators, session: [AsksTheDatabase("x-editors")],
    "coroutine-validator": lambda validators, session: [AsksTheDatabaseLater("x-editors")],
}
"""Every way to demand the same of a session, by what asks the database."""


def views_of(name: str, override: ValidatorOverride) -> list[Any]:
    """The same demand on every kind of view."""
    demands = verify_session(override_global_claim_validators=override)

    @csrf_exempt
    @demands
    def sync_view(request: HttpRequest) -> HttpResponse:
        return JsonResponse(seen(request))

    @csrf_exempt
    @demands
    async def async_view(request: HttpRequest) -> HttpResponse:
        return JsonResponse(seen(request))

    @method_decorator(csrf_exempt, name="dispatch")
    class AsyncMethodView(View):
        @demands
        async def get(self, request: HttpRequest) -> HttpResponse:
            return JsonResponse(seen(request))

    @method_decorator(demands, name="dispatch")
    class AsyncDispatchView(View):
        async def get(self, request: HttpRequest) -> HttpResponse:
            return JsonResponse(seen(request))

    class ApiView(APIView):
        @demands
        def get(self, request: Request) -> Response:
            return Response(seen(request))

    return [
        path(f"{name}/sync", sync_view),
        path(f"{name}/async", async_view),
        path(f"{name}/async-method", AsyncMethodView.as_view()),
        path(f"{name}/async-dispatch", AsyncDispatchView.as_view()),
        path(f"{name}/drf", ApiView.as_view()),
    ]


KINDS_OF_VIEW = ("sync", "async", "async-method", "async-dispatch", "drf")

PLAN = PrimitiveClaim[str]("x-plan", lambda user_id, *rest: f"plan of {user_id[:4]}")
NO_PLAN = PrimitiveClaim[str]("x-plan", lambda *who: None)
LATER = PrimitiveClaim[str](
    "x-later", lambda user_id, recipe_user_id, tenant_id, payload: payload["x-plan"]["v"] + "!"
)
STAFF = BooleanClaim("x-staff", lambda *who: False)

CLAIMS: dict[str, SessionClaim[Any]] = {
    "plan": PLAN,
    "no-plan": NO_PLAN,
    "groups": SYNC_GROUPS,
    "async-groups": ASYNC_GROUPS,
}


@csrf_exempt
@verify_session()
def verbs(request: HttpRequest, verb: str, name: str) -> HttpResponse:
    """Does one thing to a claim of the session."""
    session, claim = request.supertokens, CLAIMS[name]  # type: ignore[attr-defined]
    answer: dict[str, Callable[[], Any]] = {
        "fetch": lambda: session.fetch_and_set_claim(claim),
        "set": lambda: session.set_claim_value(claim, "gold"),
        "get": lambda: session.get_claim_value(claim),
        "remove": lambda: session.remove_claim(claim),
    }
    return JsonResponse({"answer": answer[verb](), **seen(request)})


@csrf_exempt
@verify_session()
async def averbs(request: HttpRequest, verb: str, name: str) -> HttpResponse:
    session, claim = request.supertokens, CLAIMS[name]  # type: ignore[attr-defined]
    answer: dict[str, Callable[[], Any]] = {
        "fetch": lambda: session.afetch_and_set_claim(claim),
        "set": lambda: session.aset_claim_value(claim, "gold"),
        "get": lambda: session.aget_claim_value(claim),
        "remove": lambda: session.aremove_claim(claim),
    }
    return JsonResponse({"answer": await answer[verb](), **seen(request)})


ASSERTED = [PLAN.validators.has_value("plan of"), LATER.validators.has_value("?"), STAFF.validators.is_true()]


@csrf_exempt
@verify_session()
def asserting(request: HttpRequest) -> HttpResponse:
    request.supertokens.assert_claims(ASSERTED)  # type: ignore[attr-defined]
    raise AssertionError("the claims do not hold")


@csrf_exempt
@verify_session()
async def aasserting(request: HttpRequest) -> HttpResponse:
    await request.supertokens.aassert_claims(ASSERTED)  # type: ignore[attr-defined]
    raise AssertionError("the claims do not hold")


@verify_session(session_required=False, override_global_claim_validators=lambda *_: ASSERTED)
def optional(request: HttpRequest) -> HttpResponse:
    return JsonResponse(seen(request))


@csrf_exempt
def plain(request: HttpRequest) -> HttpResponse:
    """No decorator: asks for the session itself."""
    sessions.get_session(request, override_global_claim_validators=editors_only)
    return JsonResponse(seen(request))


@csrf_exempt
async def aplain(request: HttpRequest) -> HttpResponse:
    await sessions.aget_session(request, override_global_claim_validators=aeditors_only)
    return JsonResponse(seen(request))


urlpatterns = [
    path("", include("tests.urls")),
    *(view for name, override in OVERRIDES.items() for view in views_of(name, override)),
    path("plain/sync", plain),
    path("plain/async", aplain),
    path("verbs/sync/<verb>/<name>", verbs),
    path("verbs/async/<verb>/<name>", averbs),
    path("assert/sync", asserting),
    path("assert/async", aasserting),
    path("optional", optional),
]
