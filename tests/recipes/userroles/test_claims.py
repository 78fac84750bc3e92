"""``st-role`` and ``st-perm``: what a session says of its user's roles, and from when on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import override_settings
from django.urls import include, path

from supertokens_django.claims import PermissionClaim, UserRoleClaim
from supertokens_django.decorators import verify_session
from supertokens_django.services import session as sessions
from supertokens_django.services import userroles, users
from tests.accounts import django_user_of
from tests.assertions import assert_access_token_is_replaced, assert_json
from tests.base import ACME, ALICE, BOB, PUBLIC, Clock, sql_statements, supertokens_settings
from tests.client import FrontendClient, Mode, Stack


@verify_session(
    override_global_claim_validators=lambda validators, session: [
        *validators,
        UserRoleClaim.validators.includes("admin"),
        PermissionClaim.validators.includes_all(["read", "write"], 60),
    ]
)
def admins_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse({})


@verify_session(
    override_global_claim_validators=lambda validators, session: [
        *validators,
        UserRoleClaim.validators.includes("admin"),
        PermissionClaim.validators.includes_all(["read", "write"], 60),
    ]
)
async def async_admins_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse({})


urlpatterns = [
    path("", include("tests.urls")),
    path("admins", admins_view),
    path("admins-async", async_admins_view),
]


@pytest.fixture(autouse=True)
def _views() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture(autouse=True)
def _roles(_stage: None) -> None:
    userroles.create_new_role_or_add_permissions("admin", ["read", "write"])
    userroles.create_new_role_or_add_permissions("editor", ["write", "blog.add_post"])


@pytest.fixture
def browser(mode: Mode, stack: Stack) -> FrontendClient:
    return FrontendClient(mode, stack=stack)


def claims_of(payload: dict[str, Any]) -> dict[str, Any]:
    return {key: payload[key] for key in ("st-role", "st-perm") if key in payload}


def claimed(roles: list[str], permissions: list[str], clock: Clock) -> dict[str, Any]:
    now = clock.milliseconds
    return {"st-role": {"v": roles, "t": now}, "st-perm": {"v": permissions, "t": now}}


class TestANewSession:
    def test_it_says_what_its_user_may(self, clock: Clock, browser: FrontendClient, alice: str) -> None:
        """Every role and every permission once, sorted."""
        for role in ("editor", "admin"):
            userroles.add_role_to_user(PUBLIC, alice, role)

        browser.sign_in(ALICE.email, ALICE.password)

        expected = claimed(["admin", "editor"], ["blog.add_post", "read", "write"], clock)
        assert claims_of(browser.access_token_payload) == expected
        assert claims_of(browser.front_token["up"]) == expected

    def test_who_has_no_roles_has_empty_claims(self, clock: Clock, browser: FrontendClient) -> None:
        browser.sign_up(BOB.email, BOB.password)

        assert claims_of(browser.access_token_payload) == claimed([], [], clock)

    def test_both_cost_one_query(self, clock: Clock, alice: str) -> None:
        sessions.create_new_session_without_request_response(PUBLIC, alice)  # with the project's first key
        with sql_statements() as with_roles:
            sessions.create_new_session_without_request_response(PUBLIC, alice)
        with supertokens_settings(RECIPES=["emailpassword"]), sql_statements() as without:
            sessions.create_new_session_without_request_response(PUBLIC, alice)

        assert len(with_roles) == len(without) + 1

    @pytest.mark.parametrize(
        ("skipped", "left"),
        [
            (["ROLES"], ["st-perm"]),
            (["PERMISSIONS"], ["st-role"]),
            (["ROLES", "PERMISSIONS"], []),
        ],
    )
    def test_either_can_be_left_out(
        self, clock: Clock, browser: FrontendClient, alice: str, skipped: list[str], left: list[str]
    ) -> None:
        options = {f"SKIP_ADDING_{name}_TO_ACCESS_TOKEN": True for name in skipped}
        with supertokens_settings(USERROLES=options):
            browser.sign_in(ALICE.email, ALICE.password)

        assert list(claims_of(browser.access_token_payload)) == left

    def test_without_the_recipe_there_is_neither(self, browser: FrontendClient, alice: str) -> None:
        with supertokens_settings(RECIPES=["emailpassword"]):
            browser.sign_in(ALICE.email, ALICE.password)

        assert claims_of(browser.access_token_payload) == {}

    def test_its_tenant_counts(self, clock: Clock, alice: str, tenant_acme: str) -> None:
        userroles.add_role_to_user(ACME, alice, "admin")

        for tenant, roles, permissions in ((ACME, ["admin"], ["read", "write"]), (PUBLIC, [], [])):
            made = sessions.create_new_session_without_request_response(tenant, alice)
            assert claims_of(made.get_access_token_payload()) == claimed(roles, permissions, clock)

    def test_an_external_id_is_the_user(self, clock: Clock, browser: FrontendClient, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "admin")
        users.create_user_id_mapping(alice, "crm-7")

        browser.sign_in(ALICE.email, ALICE.password)

        assert browser.user_id == "crm-7"
        assert browser.access_token_payload["st-role"]["v"] == ["admin"]

    def test_a_user_that_the_app_does_not_know_has_roles_too(self, clock: Clock) -> None:
        userroles.add_role_to_user(PUBLIC, "stranger", "admin")
        made = sessions.create_new_session_without_request_response(PUBLIC, "stranger")

        assert claims_of(made.get_access_token_payload()) == claimed(["admin"], ["read", "write"], clock)


@pytest.mark.parametrize("view", ["/admins", "/admins-async"])
class TestDemands:
    def test_who_has_the_role_passes(
        self, clock: Clock, browser: FrontendClient, alice: str, view: str
    ) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "admin")
        browser.sign_in(ALICE.email, ALICE.password)

        assert browser.get(view).status_code == 200

    def test_who_has_not_is_told_what_is_missing(
        self, clock: Clock, browser: FrontendClient, alice: str, view: str
    ) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        browser.sign_in(ALICE.email, ALICE.password)

        wrong = "wrong value"
        errors = [
            {
                "id": "st-role",
                "reason": {"message": wrong, "expectedToInclude": "admin", "actualValue": ["editor"]},
            },
            {
                "id": "st-perm",
                "reason": {
                    "message": wrong,
                    "expectedToInclude": ["read", "write"],
                    "actualValue": ["blog.add_post", "write"],
                },
            },
        ]
        assert_json(browser.get(view), 403, {"message": "invalid claim", "claimValidationErrors": errors})

    def test_a_change_is_heard_of_when_the_claim_is_fetched_again(
        self, clock: Clock, browser: FrontendClient, alice: str, view: str
    ) -> None:
        """Permissions here after a minute, roles with the next session: they are demanded without a maximal age."""
        browser.sign_in(ALICE.email, ALICE.password)
        userroles.add_role_to_user(PUBLIC, alice, "admin")
        assert browser.get(view).status_code == 403

        clock.advance(61)
        response = browser.get(view)

        reason = {"message": "wrong value", "expectedToInclude": "admin", "actualValue": []}
        errors = [{"id": "st-role", "reason": reason}]
        assert_json(response, 403, {"message": "invalid claim", "claimValidationErrors": errors})
        assert_access_token_is_replaced(response, browser.mode)
        assert browser.access_token_payload["st-perm"]["v"] == ["read", "write"]

        browser.refresh()
        assert browser.get(view).status_code == 403
        browser.sign_in(ALICE.email, ALICE.password)
        assert browser.get(view).status_code == 200

    def test_a_session_of_before_the_recipe_gets_both(
        self, clock: Clock, browser: FrontendClient, alice: str, view: str
    ) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "admin")
        with supertokens_settings(RECIPES=["emailpassword"]):
            browser.sign_in(ALICE.email, ALICE.password)

        assert browser.get(view).status_code == 200
        assert claims_of(browser.access_token_payload) == claimed(["admin"], ["read", "write"], clock)

    def test_what_is_in_the_token_costs_no_query(
        self, clock: Clock, browser: FrontendClient, alice: str, view: str
    ) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "admin")
        browser.sign_in(ALICE.email, ALICE.password)

        with sql_statements() as statements:
            assert browser.get(view).status_code == 200
        assert statements == []


def test_a_session_that_is_open_is_told_by_handle(clock: Clock, browser: FrontendClient, alice: str) -> None:
    browser.sign_in(ALICE.email, ALICE.password)
    userroles.add_role_to_user(PUBLIC, alice, "admin")
    for handle in sessions.get_all_session_handles_for_user(alice):
        sessions.fetch_and_set_claim(handle, UserRoleClaim)

    assert browser.access_token_payload["st-role"]["v"] == []
    browser.refresh()
    assert browser.access_token_payload["st-role"]["v"] == ["admin"]


class TestDjangoGroups:
    """A group given in the admin is a role in the session, its permissions are the role's."""

    @pytest.fixture(autouse=True)
    def staff(self, alice: str) -> Group:
        group = Group.objects.create(name="staff")
        group.permissions.set(
            Permission.objects.filter(
                codename__in=["add_group", "view_group"], content_type__app_label="auth"
            )
        )
        django_user_of(alice).groups.add(group, Group.objects.create(name="empty"))
        return group

    def test_it_stands_beside_the_roles(self, clock: Clock, browser: FrontendClient, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")

        browser.sign_in(ALICE.email, ALICE.password)

        expected = claimed(
            ["editor", "empty", "staff"],
            ["auth.add_group", "auth.view_group", "blog.add_post", "write"],
            clock,
        )
        assert claims_of(browser.access_token_payload) == expected

    def test_a_group_and_a_role_of_one_name_are_one_role(
        self, clock: Clock, browser: FrontendClient, alice: str
    ) -> None:
        userroles.create_new_role_or_add_permissions("staff", ["auth.add_group", "fire"])
        userroles.add_role_to_user(PUBLIC, alice, "staff")

        browser.sign_in(ALICE.email, ALICE.password)

        payload = browser.access_token_payload
        assert payload["st-role"]["v"] == ["empty", "staff"]
        assert payload["st-perm"]["v"] == ["auth.add_group", "auth.view_group", "fire"]

    def test_it_counts_in_every_tenant(self, clock: Clock, alice: str, tenant_acme: str) -> None:
        made = sessions.create_new_session_without_request_response(tenant_acme, alice)

        assert made.get_claim_value(UserRoleClaim) == ["empty", "staff"]

    def test_it_can_be_switched_off(self, clock: Clock, browser: FrontendClient, alice: str) -> None:
        with supertokens_settings(USERROLES={"DJANGO_GROUPS_IN_CLAIMS": False}):
            browser.sign_in(ALICE.email, ALICE.password)

        assert claims_of(browser.access_token_payload) == claimed([], [], clock)

    def test_a_group_that_is_taken_away_goes_when_the_claim_is_fetched_again(
        self, clock: Clock, browser: FrontendClient, alice: str, staff: Group
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        django_user_of(alice).groups.remove(staff)
        browser.sign_in(ALICE.email, ALICE.password)

        assert browser.access_token_payload["st-role"]["v"] == ["empty"]

    def test_verbs_on_roles_know_nothing_of_groups(self, alice: str) -> None:
        assert userroles.get_roles_for_user(PUBLIC, alice) == []
        assert "staff" not in userroles.get_all_roles()

    def test_one_query_finds_both(self, alice: str) -> None:
        with sql_statements() as statements:
            grants = userroles.get_grants_for_session(PUBLIC, alice)
        assert len(statements) == 1
        assert grants.roles == ("empty", "staff")
