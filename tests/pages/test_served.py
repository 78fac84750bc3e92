"""When and where the pages are served."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import override_settings
from django.urls import reverse

from tests.base import ALICE, ONE_SITE, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.pages.test_sign_in import sign_in
from tests.pages.visiting import ORIGIN, Visitor

pytestmark = pytest.mark.django_db

PATHS = [
    "/auth/",
    "/auth/?show=signup",
    "/auth/sign-out",
    "/auth/reset-password",
    "/auth/reset-password?token=x",
]
API_PATHS = ["/auth/signin", "/auth/signup", "/auth/signout", "/auth/user/password/reset"]
LATER_PAGES = override_settings(ROOT_URLCONF="tests.pages.urls_of_the_project_too")


def is_ours(visitor: Visitor, path: str) -> bool:
    page = visitor.open(path)
    return page.status == 302 or (page.status == 200 and "st-page" in page.response.content.decode())


@pytest.mark.parametrize("path", PATHS)
class TestOnAndOff:
    def test_one_origin_has_them(self, path: str, visitor: Visitor) -> None:
        assert is_ours(visitor, path)

    def test_two_origins_have_them_not(self, path: str, visitor: Visitor) -> None:
        with supertokens_settings(**ONE_SITE):
            assert visitor.open(path).status == 404

    def test_they_can_be_switched_off(self, path: str, visitor: Visitor) -> None:
        with supertokens_settings(PAGES={"ENABLED": False}):
            assert visitor.open(path).status == 404
        assert is_ours(visitor, path)

    def test_they_can_be_switched_on(self, path: str, visitor: Visitor) -> None:
        with supertokens_settings(**ONE_SITE, PAGES={"ENABLED": True}):
            assert is_ours(visitor, path)

    @LATER_PAGES
    def test_while_they_are_off_pages_of_the_project_answer(self, path: str, visitor: Visitor) -> None:
        with supertokens_settings(PAGES={"ENABLED": False}):
            assert visitor.open(path).response.content == b"a page of the project"
        assert is_ours(visitor, path)

    def test_an_origin_of_each_request_decides_for_each_request(self, path: str, visitor: Visitor) -> None:
        def origin(request: Any) -> str:
            return str(request.headers.get("x-site", "https://elsewhere.example"))

        with supertokens_settings(ORIGIN=origin):
            assert visitor.open(path).status == 404
            assert is_ours(Visitor(headers={"x-site": ORIGIN}), path)


class TestPlace:
    def test_their_names_are_public(self) -> None:
        assert reverse("supertokens_pages:signin") == "/auth/"
        assert reverse("supertokens_pages:signout") == "/auth/sign-out"
        assert reverse("supertokens_pages:reset_password") == "/auth/reset-password"

    @pytest.mark.parametrize("path", ["/auth/sign-out/", "/auth/reset-password/"])
    def test_a_slash_more_is_fine(self, path: str, visitor: Visitor) -> None:
        assert is_ours(visitor, path)

    def test_a_slash_less_is_redirected_by_django(self, visitor: Visitor) -> None:
        page = visitor.open("/auth?show=signup")
        assert (page.status, page.response["Location"]) == (301, "/auth/?show=signup")

    @pytest.mark.parametrize("path", API_PATHS)
    def test_the_api_comes_first(self, path: str, visitor: Visitor) -> None:
        assert visitor.open(path).status == 404
        assert visitor.post(path, {}).response["Content-Type"].startswith("application/json")

    def test_the_api_works_beside_them(self, alice: str) -> None:
        frontend = FrontendClient("cookie", host="acme.com")
        assert json_of(frontend.sign_in(ALICE.email, ALICE.password))["status"] == "OK"

    def test_another_website_path_is_not_below_the_api(self, visitor: Visitor) -> None:
        with supertokens_settings(WEBSITE_BASE_PATH="/account"):
            assert [visitor.open(path).status for path in PATHS] == [404] * len(PATHS)

    @override_settings(ROOT_URLCONF="tests.pages.urls_of_two_paths")
    def test_a_project_mounts_them_where_they_belong(self, visitor: Visitor, alice: str) -> None:
        with supertokens_settings(API_BASE_PATH="/api/auth", WEBSITE_BASE_PATH="/account"):
            assert visitor.open("/api/auth/").status == 404
            assert visitor.open("/account/").links == {
                "Forgot your password?": "/account/reset-password",
                "Create an account": "/account/?show=signup",
            }
            assert sign_in(visitor, "/account/").status == 302
            assert reverse("supertokens_pages:signout") == "/account/sign-out"


class TestTheProjectsMiddleware:
    def test_a_project_that_wants_everybody_signed_in_lets_people_sign_in(
        self, visitor: Visitor, alice: str, settings: Any
    ) -> None:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
        settings.LOGIN_URL = "/auth/"
        assert visitor.open("/test/whoami").response["Location"] == "/auth/?next=/test/whoami"
        assert json_of(FrontendClient("cookie").sign_in(ALICE.email, ALICE.password))["status"] == "OK"
        assert sign_in(visitor).status == 302
        assert visitor.open("/test/whoami").status == 200


class TestSettings:
    @pytest.mark.parametrize(
        ("pages", "ids"),
        [
            ({}, []),
            ({"ENABLED": None}, []),
            ({"ENABLED": "yes"}, ["supertokens_django.E003"]),
            ({"ENABLE": True}, ["supertokens_django.E002"]),
        ],
    )
    def test_mistakes_are_reported(self, pages: dict[str, Any], ids: list[str]) -> None:
        with supertokens_settings(PAGES=pages):
            found = [message.id for message in run_checks() if "PAGES" in str(message.msg)]
        assert found == ids

    def test_their_namespace_is_theirs_alone(self) -> None:
        with override_settings(ROOT_URLCONF="tests.urls"):
            assert [message for message in run_checks() if message.id == "urls.W005"] == []
