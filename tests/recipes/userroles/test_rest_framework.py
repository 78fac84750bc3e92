"""``HasRole``, ``HasPermission`` and ``HasClaim`` on views of Django REST framework, over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import override_settings
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny, BasePermission, IsAdminUser, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from supertokens_django.claims import BooleanClaim
from supertokens_django.contrib.rest_framework import (
    HasClaim,
    HasPermission,
    HasRole,
    SuperTokensAuthentication,
)
from supertokens_django.decorators import verify_session
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.services import session as sessions
from supertokens_django.services import userroles
from tests.accounts import django_user_of
from tests.assertions import (
    UNAUTHORISED,
    assert_access_token_is_replaced,
    assert_json,
    assert_session_is_untouched,
)
from tests.base import ALICE, PUBLIC, Clock, sql_statements, supertokens_settings
from tests.client import FrontendClient, Mode, Stack

OPEN = BooleanClaim("x-open", lambda *who: Group.objects.exists())


class Refuses(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return False


class RefusesObjects(BasePermission):
    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return False


ADMIN, EDITOR, READ = HasRole("admin"), HasRole("editor"), HasPermission("read")
NOBODY, SOMEBODY, STAFF = Refuses, AllowAny, IsAdminUser

PERMISSIONS: dict[str, list[Any]] = {
    "role": [ADMIN],
    "permission": [READ],
    "fresh-permission": [HasPermission("read", max_age_in_seconds=60)],
    "claim": [HasClaim(OPEN.validators.is_true(300))],
    "both": [ADMIN, READ],
    "authenticated": [IsAuthenticated, ADMIN],
    "and": [ADMIN & READ],
    "or": [ADMIN | EDITOR],
    "not": [~ADMIN],
    "foreign-or": [STAFF | ADMIN],
    "or-foreign": [ADMIN | STAFF],
    "foreign-and": [SOMEBODY & ADMIN],
    "foreign-nested": [(STAFF | NOBODY) | ADMIN | SOMEBODY],
    "not-foreign-nested": [~((STAFF | NOBODY) | ADMIN)],
    "foreign-not": [~SOMEBODY | ADMIN],
    "deep": [(ADMIN & READ) | (EDITOR & ~STAFF)],
    "not-both": [~(ADMIN & READ)],
    "then-refused": [ADMIN | SOMEBODY, NOBODY],
    "object": [ADMIN | EDITOR],
    "object-refused": [(ADMIN & RefusesObjects) | EDITOR],
    "object-not": [~ADMIN],
}


def user_id_of(request: Request) -> str | None:
    return request.auth.get_user_id() if isinstance(request.auth, SessionContainer) else None


def view_of(permissions: list[Any], **attributes: Any) -> Any:
    class View(APIView):
        permission_classes = permissions

        def get(self, request: Request) -> Response:
            return Response({"user": user_id_of(request)})

    return csrf_exempt(View.as_view(**{"authentication_classes": [SuperTokensAuthentication], **attributes}))


def object_view_of(permissions: list[Any]) -> Any:
    class View(APIView):
        authentication_classes = [SuperTokensAuthentication]
        permission_classes = permissions

        def get(self, request: Request) -> Response:
            self.check_object_permissions(request, "the object")
            return Response({"user": user_id_of(request)})

    return View.as_view()


class Articles(ViewSet):
    authentication_classes = [SuperTokensAuthentication]

    def get_permissions(self) -> list[Any]:
        return [HasRole("editor")()] if self.action == "create" else []

    def list(self, request: Request) -> Response:
        return Response([])

    def create(self, request: Request) -> Response:
        return Response({})


class Decorated(APIView):
    authentication_classes = []
    permission_classes = [ADMIN]

    @verify_session()
    def get(self, request: Request) -> Response:
        return Response({"user": request.supertokens.get_user_id()})  # type: ignore[attr-defined]


urlpatterns = [
    path("", include("tests.urls")),
    *(path(f"api/{name}", view_of(classes)) for name, classes in PERMISSIONS.items() if "object" not in name),
    *(
        path(f"api/{name}", object_view_of(classes))
        for name, classes in PERMISSIONS.items()
        if "object" in name
    ),
    path("api/no-authentication", view_of([ADMIN], authentication_classes=[])),
    path("api/django-session", view_of([ADMIN], authentication_classes=[SessionAuthentication])),
    path("api/decorated", Decorated.as_view()),
    path("api/articles", Articles.as_view({"get": "list", "post": "create"})),
]


@pytest.fixture(autouse=True)
def _project(_stage: None) -> Iterator[None]:
    userroles.create_new_role_or_add_permissions("admin", ["read", "write"])
    userroles.create_new_role_or_add_permissions("editor", ["write"])
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def browser(mode: Mode, stack: Stack) -> FrontendClient:
    return FrontendClient(mode, stack=stack)


def signed_in(browser: FrontendClient, *roles: str) -> FrontendClient:
    """Alice signs in with these roles."""
    from supertokens_django.services import users

    (alice,) = users.get_users_oldest_first(PUBLIC).users
    for role in roles:
        userroles.add_role_to_user(PUBLIC, alice.id, role)
    browser.sign_in(ALICE.email, ALICE.password)
    return browser


def missing(claim: str, expected: Any, actual: Any) -> dict[str, Any]:
    reason = {"message": "wrong value", "expectedToInclude": expected, "actualValue": actual}
    return {"id": claim, "reason": reason}


def invalid(*errors: dict[str, Any]) -> dict[str, Any]:
    return {"message": "invalid claim", "claimValidationErrors": list(errors)}


NOT_ADMIN = missing("st-role", "admin", [])
NOT_EDITOR = missing("st-role", "editor", [])
MAY_NOT_READ = missing("st-perm", "read", [])
DETAIL = {"detail": "You do not have permission to perform this action."}


@pytest.mark.usefixtures("alice")
class TestAlone:
    @pytest.mark.parametrize(
        ("name", "error"), [("role", NOT_ADMIN), ("permission", MAY_NOT_READ), ("authenticated", NOT_ADMIN)]
    )
    def test_it_lets_in_who_has_it(
        self, clock: Clock, browser: FrontendClient, name: str, error: dict[str, Any]
    ) -> None:
        response = signed_in(browser).get(f"/api/{name}")
        assert_json(response, 403, invalid(error))
        assert_session_is_untouched(response)

        response = signed_in(browser, "admin").get(f"/api/{name}")
        assert (response.status_code, response.json()) == (200, {"user": browser.user_id})  # type: ignore[attr-defined]

    def test_a_claim_is_fetched_and_reaches_the_client_with_the_refusal(
        self, clock: Clock, browser: FrontendClient
    ) -> None:
        response = signed_in(browser).get("/api/claim")

        reason = {"message": "wrong value", "expectedValue": True, "actualValue": False}
        assert_json(response, 403, invalid({"id": "x-open", "reason": reason}))
        assert_access_token_is_replaced(response, browser.mode)
        assert browser.access_token_payload["x-open"]["v"] is False

        Group.objects.create(name="somebody")
        clock.advance(301)
        response = browser.get("/api/claim")
        assert response.status_code == 200
        assert_access_token_is_replaced(response, browser.mode)

    def test_a_maximal_age_makes_it_hear_of_changes(self, clock: Clock, browser: FrontendClient) -> None:
        signed_in(browser)
        userroles.add_role_to_user(PUBLIC, browser.user_id, "admin")
        clock.advance(61)

        assert browser.get("/api/permission").status_code == 403
        assert browser.get("/api/fresh-permission").status_code == 200
        assert browser.get("/api/permission").status_code == 200

    def test_two_in_a_list_are_asked_in_order(self, browser: FrontendClient) -> None:
        assert_json(signed_in(browser).get("/api/both"), 403, invalid(NOT_ADMIN))
        assert signed_in(browser, "admin").get("/api/both").status_code == 200

    @pytest.mark.parametrize("name", ["role", "no-authentication", "and", "or", "or-foreign"])
    def test_without_a_session_it_is_unauthorised(self, browser: FrontendClient, name: str) -> None:
        response = browser.get(f"/api/{name}")

        assert_json(response, 401, UNAUTHORISED)
        assert_session_is_untouched(response)

    def test_an_expired_session_is_to_be_refreshed(self, clock: Clock, browser: FrontendClient) -> None:
        signed_in(browser, "admin")
        clock.advance(3601)

        for name in ("role", "no-authentication"):
            assert_json(browser.get(f"/api/{name}"), 401, {"message": "try refresh token"})

    @pytest.mark.parametrize("name", ["no-authentication", "decorated", "django-session"])
    def test_the_session_need_not_be_what_authenticates(self, browser: FrontendClient, name: str) -> None:
        assert_json(signed_in(browser).get(f"/api/{name}"), 403, invalid(NOT_ADMIN))
        assert signed_in(browser, "admin").get(f"/api/{name}").status_code == 200

    def test_the_permissions_may_differ_by_action(self, browser: FrontendClient) -> None:
        signed_in(browser)
        assert browser.get("/api/articles").status_code == 200
        assert_json(browser.post("/api/articles"), 403, invalid(NOT_EDITOR))

        assert signed_in(browser, "editor").post("/api/articles").status_code == 200

    def test_what_is_in_the_token_costs_no_query_beside_the_user(self, browser: FrontendClient) -> None:
        signed_in(browser, "admin").get("/api/role")
        with sql_statements() as statements:
            assert browser.get("/api/both").status_code == 200
        assert len(statements) == 1, statements

    def test_the_status_code_is_that_of_the_settings(self, browser: FrontendClient) -> None:
        with supertokens_settings(SESSION={"INVALID_CLAIM_STATUS_CODE": 418}):
            assert_json(signed_in(browser).get("/api/role"), 418, invalid(NOT_ADMIN))

    def test_a_revoked_session_whose_claim_is_due_is_unauthorised(
        self, clock: Clock, browser: FrontendClient
    ) -> None:
        signed_in(browser)
        sessions.revoke_session(browser.session_handle)

        assert_json(browser.get("/api/claim"), 401, UNAUTHORISED)


NOBODY_ELSE = [NOT_ADMIN, NOT_EDITOR]


@pytest.mark.usefixtures("alice")
class TestJoined:
    @pytest.mark.parametrize(
        ("name", "roles", "status", "body"),
        [
            ("and", [], 403, invalid(NOT_ADMIN)),
            ("and", ["admin"], 200, None),
            ("or", [], 403, invalid(*NOBODY_ELSE)),
            ("or", ["editor"], 200, None),
            ("not", [], 200, None),
            ("not", ["admin"], 403, invalid({"id": "st-role"})),
            ("foreign-or", [], 403, invalid(NOT_ADMIN)),
            ("foreign-or", ["admin"], 200, None),
            ("or-foreign", [], 403, invalid(NOT_ADMIN)),
            ("or-foreign", ["admin"], 200, None),
            ("foreign-and", [], 403, invalid(NOT_ADMIN)),
            ("foreign-and", ["admin"], 200, None),
            ("foreign-nested", [], 200, None),
            ("not-foreign-nested", [], 200, None),
            ("not-foreign-nested", ["admin"], 403, invalid({"id": "st-role"})),
            ("foreign-not", [], 403, invalid(NOT_ADMIN)),
            ("foreign-not", ["admin"], 200, None),
            ("deep", ["admin"], 200, None),
            ("deep", ["editor"], 200, None),
            ("deep", [], 403, invalid(*NOBODY_ELSE)),
            ("not-both", ["editor"], 200, None),
            ("not-both", ["admin"], 403, invalid({"id": "st-role"}, {"id": "st-perm"})),
            ("then-refused", [], 403, DETAIL),
            ("object", [], 403, invalid(*NOBODY_ELSE)),
            ("object", ["admin"], 200, None),
            ("object-refused", ["admin"], 403, invalid(missing("st-role", "editor", ["admin"]))),
            ("object-refused", ["editor"], 200, None),
            ("object-not", [], 200, None),
            ("object-not", ["admin"], 403, invalid({"id": "st-role"})),
        ],
    )
    def test_it_decides_and_names_what_is_missing(
        self, browser: FrontendClient, name: str, roles: list[str], status: int, body: Any
    ) -> None:
        response: Any = signed_in(browser, *roles).get(f"/api/{name}")

        assert (response.status_code, response.json() if body else None) == (status, body)

    def test_somebody_of_the_staff_needs_no_role_where_that_suffices(
        self, browser: FrontendClient, alice: str
    ) -> None:
        django_user = django_user_of(alice)
        django_user.is_staff = True
        django_user.save()

        for name in ("foreign-or", "or-foreign"):
            assert signed_in(browser).get(f"/api/{name}").status_code == 200
        assert_json(
            signed_in(browser, "editor").get("/api/deep"),
            403,
            invalid(missing("st-role", "admin", ["editor"])),
        )

    def test_without_a_session_nobody_has_a_role(self, browser: FrontendClient) -> None:
        assert browser.get("/api/not").status_code == 200
        assert browser.get("/api/foreign-nested").status_code == 200
        assert_json(browser.get("/api/foreign-or"), 401, UNAUTHORISED)


def test_a_permission_says_what_it_is() -> None:
    assert HasRole("admin").__name__ == "HasRole('admin')"
    assert HasPermission("read").__name__ == "HasPermission('read')"
    assert HasClaim(OPEN.validators.is_true()).__name__ == "HasClaim('x-open')"
    assert isinstance(HasRole("admin")(), BasePermission)
