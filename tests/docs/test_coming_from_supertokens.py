"""docs/coming-from/supertokens.md: everything of the SDK is named, and every name of ours exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver
from django.utils.module_loading import import_string

from supertokens_django import services
from supertokens_django.recipes.session.container import SessionContainer
from tests.base import ALICE
from tests.client import FrontendClient, Mode, json_of, json_of_view
from tests.docs.conftest import ProjectOf
from tests.docs.project import PLAIN_URLS, Project
from tests.docs.snippets import text_of
from tests.docs.test_reference import SECTIONS

PAGE = "docs/coming-from/supertokens.md"
TEXT = text_of(PAGE)

FUNCTIONS = {
    "session": """
        create_new_session create_new_session_without_request_response validate_claims_for_session_handle
        fetch_and_set_claim get_claim_value set_claim_value remove_claim get_session
        get_session_without_request_response refresh_session refresh_session_without_request_response
        revoke_session revoke_all_sessions_for_user get_all_session_handles_for_user
        revoke_multiple_sessions get_session_information update_session_data_in_database
        merge_into_access_token_payload create_jwt get_jwks get_open_id_discovery_configuration
    """,
    "emailpassword": """
        sign_up sign_in verify_credentials create_reset_password_token reset_password_using_token
        consume_password_reset_token update_email_or_password create_reset_password_link
        send_reset_password_email send_email
    """,
    "emailverification": """
        create_email_verification_token create_email_verification_link send_email_verification_email
        verify_email_using_token is_email_verified revoke_email_verification_tokens unverify_email send_email
    """,
    "passwordless": """
        create_code create_new_code_for_device consume_code check_code create_magic_link signinup
        list_codes_by_email list_codes_by_phone_number list_codes_by_device_id
        list_codes_by_pre_auth_session_id revoke_all_codes revoke_code update_user delete_email_for_user
        delete_phone_number_for_user send_email send_sms
    """,
    "thirdparty": "manually_create_or_update_user get_provider",
    "userroles": """
        add_role_to_user remove_user_role get_roles_for_user get_users_that_have_role
        create_new_role_or_add_permissions get_permissions_for_role remove_permissions_from_role
        get_roles_that_have_permission delete_role get_all_roles
    """,
    "usermetadata": "get_user_metadata update_user_metadata clear_user_metadata",
    "jwt": "create_jwt get_jwks",
    "openid": "create_jwt get_jwks get_open_id_discovery_configuration",
    "users": """
        get_users_oldest_first get_users_newest_first get_user_count delete_user get_user
        create_user_id_mapping get_user_id_mapping delete_user_id_mapping
        update_or_delete_user_id_mapping_info list_users_by_account_info get_available_first_factors
    """,
}
"""The functions of supertokens-python 0.31.3 that are public, recipe by recipe."""

OPTIONS = {
    "InputAppInfo": """
        app_name api_domain api_gateway_path api_base_path website_base_path website_domain origin
    """,
    "init": "framework mode recipe_list telemetry debug experimental",
    "session": (
        "cookie_domain older_cookie_domain cookie_secure cookie_same_site session_expired_status_code anti_csrf "
        "get_token_transfer_method error_handlers override invalid_claim_status_code "
        "use_dynamic_access_token_signing_key expose_access_token_to_frontend_in_cookie_based_auth "
        "jwks_refresh_interval_sec"
    ),
    "emailpassword": "sign_up_feature override email_delivery",
    "emailverification": "mode get_email_for_recipe_user_id override email_delivery",
    "passwordless": (
        "contact_config flow_type get_custom_user_input_code override email_delivery sms_delivery"
    ),
    "thirdparty": "sign_in_and_up_feature override",
    "userroles": "skip_adding_roles_to_access_token skip_adding_permissions_to_access_token override",
    "usermetadata": "override",
    "multitenancy": "get_allowed_domains_for_tenant_id override",
    "jwt": "jwt_validity_seconds override",
    "openid": "issuer override",
}
"""The options of its ``init`` functions."""

CONTAINER = (
    "assert_claims attach_to_request_response fetch_and_set_claim get_access_token get_access_token_payload "
    "get_all_session_tokens_dangerously get_claim_value get_expiry get_handle get_recipe_user_id "
    "get_session_data_from_database get_tenant_id get_time_created get_user_id merge_into_access_token_payload "
    "remove_claim revoke_session set_claim_value update_session_data_in_database"
)
"""The methods of its SessionContainer, without the sync twins."""

ROWS = re.findall(r"^\| (`[^|]+) \| ([^|]+) \| ?([^|]*) ?\|$", TEXT, re.M)
urlpatterns: list[URLPattern | URLResolver] = []


def rows_below(heading: str) -> dict[str, str]:
    part = TEXT.partition(f"### `{heading}`")[2].partition("\n#")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", part, re.M))


def named() -> set[str]:
    return {name for left, _, _ in ROWS for name in re.findall(r"`([\w.]+)`", left)}


class TestTheLeftHand:
    @pytest.mark.parametrize("recipe", FUNCTIONS)
    def test_every_function_has_its_row(self, recipe: str) -> None:
        module = "supertokens_python" + ("" if recipe == "users" else f".recipe.{recipe}")
        assert list(rows_below(module)) == FUNCTIONS[recipe].split()

    @pytest.mark.parametrize("recipe", OPTIONS)
    def test_every_option_has_its_row(self, recipe: str) -> None:
        prefix = "InputAppInfo." if recipe == "InputAppInfo" else ""
        missing = {f"{prefix}{name}" for name in OPTIONS[recipe].split()} - named()
        assert missing == set()

    def test_every_method_of_the_container_has_its_row(self) -> None:
        assert set(CONTAINER.split()) - named() == set()


class TestTheRightHand:
    @pytest.mark.parametrize("recipe", FUNCTIONS)
    def test_every_verb_exists_with_its_twin(self, recipe: str) -> None:
        without = {
            "services.emailpassword.send_email",
            "services.emailverification.send_email",
            "services.passwordless.send_email",
            "services.passwordless.send_sms",
        }
        rights = [right for _, right, _ in ROWS if right.startswith(f"`services.{recipe}.")]
        for path_ in (right.strip("`") for right in rights):
            verb = path_.rpartition(".")[2]
            assert callable(getattr(getattr(services, recipe), verb)), path_
            assert path_ in without or callable(getattr(getattr(services, recipe), f"a{verb}")), path_
        assert len(rights) >= len(FUNCTIONS[recipe].split()) - 1

    def test_every_setting_exists(self) -> None:
        known = {
            (key, field.upper())
            for key, section in SECTIONS.items()
            for field in section.__dataclass_fields__
        }
        given = re.findall(r'`SUPERTOKENS(?:\["([A-Z]+)"\])?\["([A-Z_]+)"\]`', TEXT)
        assert len(given) > 25
        assert set(given) - known == set()

    def test_every_dotted_path_exists(self) -> None:
        paths = set(re.findall(r"`(supertokens_django\.[\w.]+\.\w+)`", TEXT))
        assert len(paths) > 20
        for dotted in paths:
            import_string(dotted)

    def test_every_method_of_the_container_exists_with_its_twin(self) -> None:
        pairs = re.findall(r"^\| `\w+` \| `(\w+)` \| `(a\w+)` \|$", TEXT, re.M)
        assert len(pairs) == 12
        names = {name for pair in pairs for name in pair} | set(CONTAINER.split())
        assert [name for name in names if not hasattr(SessionContainer, name)] == []


@pytest.mark.django_db
class TestTheCode:
    @pytest.fixture
    def project(self, project_of: ProjectOf) -> Iterator[Project]:
        project = project_of(PAGE)
        with project.running(project.settings_with("acme.accounts.Accounts"), ROOT_URLCONF=__name__):
            views: Any = project.load("acme/views.py")
            urlpatterns[:] = [
                path("", include(PLAIN_URLS)),
                path("everywhere", views.sign_out_everywhere),
                path("confirm", views.confirm),
            ]
            yield project
            urlpatterns.clear()

    def test_a_sign_up_fills_in_the_profile(self, project: Project, mode: Mode) -> None:
        FrontendClient(mode).sign_up(ALICE.email, ALICE.password, name="Alice")
        assert get_user_model().objects.get().first_name == "Alice"

    def test_the_views_do_what_they_did(self, project: Project, mode: Mode) -> None:
        alice = FrontendClient(mode)
        alice.sign_up(ALICE.email, ALICE.password, name="Alice")
        for password, status in (("guessed 1234", "WRONG_CREDENTIALS_ERROR"), (ALICE.password, "OK")):
            form = f"password={password.replace(' ', '+')}".encode()
            answer = alice.request(
                "POST", "/confirm", body=form, content_type="application/x-www-form-urlencoded"
            )
            assert json_of_view(answer) == {"status": status}
        assert json_of_view(alice.post("/everywhere")) == {"ended": 1}
        assert json_of(alice.refresh()) == {"message": "unauthorised"}
