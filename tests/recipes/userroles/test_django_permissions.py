"""A permission of a role answers ``user.has_perm``, and all of Django that asks by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.core.checks import run_checks
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, override_settings
from django.urls import include, path
from django.views import View
from rest_framework.permissions import DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from supertokens_django.contrib.auth import RoleBackend
from supertokens_django.contrib.rest_framework import SuperTokensAuthentication
from supertokens_django.recipes.userroles.rows import Grants
from supertokens_django.recipes.userroles.service import UserRolesService
from supertokens_django.services import userroles
from tests.accounts import django_user_of, make_superuser
from tests.base import ACME, ALICE, PUBLIC, sql_statements, supertokens_settings
from tests.client import FrontendClient, Mode, Stack

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
ROLE_BACKEND = "supertokens_django.contrib.auth.RoleBackend"
BACKENDS = [MODEL_BACKEND, ROLE_BACKEND]
ADD, VIEW = "auth.add_group", "auth.view_group"


class AddsGroups(PermissionRequiredMixin, View):
    permission_required = ADD
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse({})


@permission_required([ADD, VIEW], raise_exception=True)
def adds_and_views_groups(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"all": sorted(request.user.get_all_permissions())})


async def asks_asynchronously(request: HttpRequest) -> HttpResponse:
    user: Any = await request.auser()
    return JsonResponse({"may": await user.ahas_perm(ADD)})


class Groups(APIView):
    authentication_classes = [SuperTokensAuthentication]
    permission_classes = [DjangoModelPermissions]
    queryset = Group.objects.all()

    def post(self, request: Request) -> Response:
        return Response({})


urlpatterns = [
    path("", include("tests.urls")),
    path("mixin", AddsGroups.as_view()),
    path("decorator", adds_and_views_groups),
    path("async", asks_asynchronously),
    path("drf", Groups.as_view()),
]


@pytest.fixture(autouse=True)
def _project(_stage: None) -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__, AUTHENTICATION_BACKENDS=BACKENDS):
        yield


@pytest.fixture(autouse=True)
def _roles(_stage: None) -> None:
    userroles.create_new_role_or_add_permissions("editor", [ADD, VIEW, "fly"])
    userroles.create_new_role_or_add_permissions("reader", [VIEW])


@pytest.fixture
def browser(mode: Mode, stack: Stack) -> FrontendClient:
    return FrontendClient(mode, stack=stack)


def fresh(user_id: str) -> Any:
    """The Django user as the next request loads it."""
    return get_user_model()._default_manager.get(pk=django_user_of(user_id).pk)


class TestTheUser:
    def test_a_permission_of_a_role_is_a_permission(self, alice: str, bob: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")

        user = fresh(alice)
        assert [user.has_perm(name) for name in (ADD, VIEW, "fly", "auth.delete_group")] == [
            True,
            True,
            True,
            False,
        ]
        assert user.has_perms([ADD, VIEW])
        assert user.get_all_permissions() == {ADD, VIEW, "fly"}
        assert user.get_group_permissions() == {ADD, VIEW, "fly"}
        assert user.get_user_permissions() == set()
        assert (user.has_module_perms("auth"), user.has_module_perms("sites")) == (True, False)
        assert not fresh(bob).has_perm(ADD)

    def test_it_stands_beside_those_of_django(self, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "reader")
        fresh(alice).user_permissions.add(Permission.objects.get(codename="delete_group"))

        assert fresh(alice).get_all_permissions() == {VIEW, "auth.delete_group"}

    def test_async_code_asks_the_same(self, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        user = fresh(alice)

        async def ask() -> list[Any]:
            return [
                await user.ahas_perm(ADD),
                await user.ahas_perms([ADD, "auth.delete_group"]),
                await user.aget_all_permissions(),
                await user.ahas_module_perms("auth"),
                await user.ahas_module_perms("sites"),
            ]

        assert async_to_sync(ask)() == [True, False, {ADD, VIEW, "fly"}, True, False]

    def test_it_costs_one_query_however_often_it_is_asked(self, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        backend, user = RoleBackend(), fresh(alice)

        with sql_statements() as statements:
            for _ in range(3):
                assert backend.has_perm(user, ADD)
                assert backend.get_all_permissions(user) == {ADD, VIEW, "fly"}
                assert backend.has_module_perms(user, "auth")

        assert len(statements) == 1

    def test_a_change_counts_from_the_next_request_on(self, alice: str) -> None:
        """Unlike the claims of a session, which are as old as the session or as a validator allows."""
        user = fresh(alice)
        assert not user.has_perm(ADD)
        userroles.add_role_to_user(PUBLIC, alice, "editor")

        assert not user.has_perm(ADD)
        assert fresh(alice).has_perm(ADD)

    def test_somebody_inactive_has_none(self, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        user = fresh(alice)
        user.is_active = False

        with sql_statements() as statements:
            assert not user.has_perm(ADD)
            assert not user.has_module_perms("auth")
            assert user.get_all_permissions() == set()
        assert statements == []

    def test_a_superuser_has_all_and_nobody_asks(self, alice: str) -> None:
        root = make_superuser("root@acme.com")
        with sql_statements() as statements:
            assert root.has_perm("anything at all")
        assert statements == []

    def test_nobody_and_somebody_unlinked_have_none(self) -> None:
        stranger = get_user_model()(email="stranger@acme.com")
        stranger.save()
        assert not AnonymousUser().has_perm(ADD)
        assert not stranger.has_perm(ADD)
        assert stranger.get_all_permissions() == set()

    def test_on_a_single_object_it_says_nothing(self, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        group = Group.objects.create(name="some")

        assert not fresh(alice).has_perm(ADD, group)
        assert fresh(alice).get_all_permissions(group) == set()

    def test_it_authenticates_nobody(self, rf: Any) -> None:
        assert RoleBackend().authenticate(rf.get("/"), username="a", password="b") is None
        assert RoleBackend().get_user(1) is None

    def test_without_the_recipe_roles_say_nothing(self, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        with supertokens_settings(RECIPES=["emailpassword"]):
            assert not fresh(alice).has_perm(ADD)

    def test_without_the_backend_they_do_not_either(self, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        with override_settings(AUTHENTICATION_BACKENDS=[MODEL_BACKEND]):
            assert not fresh(alice).has_perm(ADD)

    def test_a_project_may_answer_by_rules_of_its_own(self, alice: str) -> None:
        path = f"{__name__}.EverybodyFlies"
        with supertokens_settings(USERROLES={"SERVICE_CLASS": path}):
            assert fresh(alice).has_perm("fly")


class EverybodyFlies(UserRolesService):
    def get_grants_for_django_user(self, django_user: Any) -> Grants:
        return Grants(permissions=("fly",))


class TestNoCircles:
    """Roles answer Django, groups answer the session; neither hears of the other by way of the other."""

    def test_a_group_is_no_permission_by_the_backend(self, alice: str) -> None:
        group = Group.objects.create(name="staff")
        group.permissions.set(Permission.objects.filter(codename="add_group"))
        fresh(alice).groups.add(group)

        assert RoleBackend().get_all_permissions(fresh(alice)) == set()
        assert fresh(alice).has_perm(ADD)  # by Django's own backend
        assert userroles.get_grants_for_session(PUBLIC, alice) == Grants(("staff",), (ADD,))

    def test_the_session_does_not_ask_has_perm(self, alice: str) -> None:
        Noting.asked = 0
        with override_settings(AUTHENTICATION_BACKENDS=[f"{__name__}.Noting"]):
            fresh(alice).has_perm(ADD)
            assert Noting.asked == 1
            userroles.get_grants_for_session(PUBLIC, alice)
        assert Noting.asked == 1


class Noting(RoleBackend):
    asked = 0

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        Noting.asked += 1
        return super().get_group_permissions(user_obj, obj)


PATHS = ["/mixin", "/decorator"]


class TestViews:
    @pytest.mark.parametrize("view", PATHS)
    def test_who_has_the_role_comes_in(self, browser: FrontendClient, alice: str, view: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        assert browser.get(view).status_code == 403

        userroles.add_role_to_user(PUBLIC, alice, "editor")
        assert browser.get(view).status_code == 200
        assert FrontendClient(browser.mode).get(view).status_code == 403

    def test_an_async_view_asks_too(self, browser: FrontendClient, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        browser.sign_in(ALICE.email, ALICE.password)

        assert browser.get("/async").json() == {"may": True}  # type: ignore[attr-defined]

    def test_model_permissions_of_rest_framework_ask_too(self, browser: FrontendClient, alice: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        assert browser.post("/drf").status_code == 403

        userroles.add_role_to_user(PUBLIC, alice, "editor")
        assert browser.post("/drf").status_code == 200

    def test_a_request_costs_one_query_for_the_user_and_one_for_each_backend(
        self, browser: FrontendClient, alice: str
    ) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        browser.sign_in(ALICE.email, ALICE.password)
        browser.get("/decorator")

        with sql_statements() as statements:
            assert browser.get("/decorator").status_code == 200

        about_roles = [statement for statement in statements if "userrole" in statement]
        assert len(about_roles) == 1, "\n".join(statements)

    @pytest.mark.parametrize("view", ["/mixin", "/drf"])
    def test_the_tenant_of_the_session_counts(
        self, browser: FrontendClient, alice: str, tenant_acme: str, view: str
    ) -> None:
        userroles.add_role_to_user(ACME, alice, "editor")

        for tenant, status in ((PUBLIC, 403), (ACME, 200)):
            browser.post("/test/login", {"userId": alice, "tenantId": tenant})
            answer = browser.get(view) if view == "/mixin" else browser.post(view)
            assert answer.status_code == status

    def test_a_session_of_djangos_counts_as_public(self, alice: str, tenant_acme: str) -> None:
        client = Client()
        client.force_login(fresh(alice), backend=MODEL_BACKEND)
        userroles.add_role_to_user(tenant_acme, alice, "editor")
        assert client.get("/mixin").status_code == 403

        userroles.add_role_to_user(PUBLIC, alice, "editor")
        assert client.get("/mixin").status_code == 200

    def test_a_role_opens_the_admin_to_a_member_of_staff(self, alice: str) -> None:
        user = fresh(alice)
        user.is_staff = True
        user.save()
        client = Client()
        client.force_login(user, backend=MODEL_BACKEND)
        assert client.get("/admin/auth/group/").status_code == 403

        userroles.add_role_to_user(PUBLIC, alice, "reader")
        assert client.get("/admin/auth/group/").status_code == 200
        assert client.get("/admin/auth/group/add/").status_code == 403


class TestCheck:
    def found(self) -> list[tuple[Any, str]]:
        with override_settings(CORS_ALLOWED_ORIGINS=["https://acme.com"]):
            return [(m.id, m.msg) for m in run_checks() if str(m.id).startswith("supertokens_django.")]

    def test_a_missing_backend_is_told(self) -> None:
        assert self.found() == []
        with override_settings(AUTHENTICATION_BACKENDS=[MODEL_BACKEND]):
            expected = "Roles are on, but user.has_perm() does not know their permissions."
            assert self.found() == [("supertokens_django.W040", expected)]
            with supertokens_settings(RECIPES=["emailpassword"]):
                assert self.found() == []

    @pytest.mark.parametrize("names", [["no.such.Backend"], [f"{__name__}.Own"]])
    def test_a_subclass_will_do_and_one_that_is_not_there_will_not(self, names: list[str]) -> None:
        with override_settings(AUTHENTICATION_BACKENDS=names):
            assert (self.found() == []) is (names == [f"{__name__}.Own"])


class Own(RoleBackend):
    pass
