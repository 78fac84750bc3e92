"""docs/guides/spa.md: the backend of it; the frontend is in tests/browser/test_guide_spa.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.checks import run_checks

from supertokens_django.recipes.session.conf import anti_csrf_mode, cookie_same_site
from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient, Mode, Stack, json_of_view
from tests.docs.conftest import ProjectOf
from tests.docs.project import Project
from tests.docs.snippets import text_of

PAGE = "docs/guides/spa.md"
ROWS = re.findall(
    r"^\| `(https?:\S+)` \| `(https?:\S+)` \| `(\w+)` \| `(\w+)` \| (.+) \|$", text_of(PAGE), re.M
)

pytestmark = pytest.mark.django_db


def test_the_table_of_sites_has_its_rows() -> None:
    assert len(ROWS) == 7


@pytest.mark.parametrize(("website", "api", "same_site", "anti_csrf", "cors"), ROWS)
def test_the_cookies_follow_from_the_domains(
    website: str, api: str, same_site: str, anti_csrf: str, cors: str
) -> None:
    with supertokens_settings(WEBSITE_DOMAIN=website, API_DOMAIN=api):
        assert (cookie_same_site(None), anti_csrf_mode(None)) == (same_site, anti_csrf)
    assert cors == ("not needed" if website == api else "needed")


@pytest.mark.parametrize(("website", "api", "same_site", "anti_csrf", "cors"), ROWS)
def test_a_visitor_of_each_row_signs_up_by_cookie(
    website: str, api: str, same_site: str, anti_csrf: str, cors: str
) -> None:
    with supertokens_settings(WEBSITE_DOMAIN=website, API_DOMAIN=api):
        host = urlsplit(api)
        browser = FrontendClient("cookie", host=host.netloc, secure=host.scheme == "https")
        answer = browser.sign_up(ALICE.email, ALICE.password)
        assert answer.cookies["sAccessToken"]["samesite"] == same_site
        assert bool(answer.cookies["sAccessToken"]["secure"]) == (host.scheme == "https")


class TestOneSite:
    @pytest.fixture(autouse=True)
    def stage(self, project_of: ProjectOf) -> Iterator[None]:
        project = project_of(PAGE)
        with project.running(project.settings_with("CorsMiddleware")):
            yield

    def test_reading_and_writing_work_without_a_csrf_token(self, mode: Mode, stack: Stack) -> None:
        browser = FrontendClient(mode, stack=stack, enforce_csrf_checks=True)
        browser.sign_up(ALICE.email, ALICE.password)
        assert json_of_view(browser.get("/api/me")) == {"email": ALICE.email}
        assert json_of_view(browser.post("/api/notes", {"text": "tea"})) == {"savedBy": ALICE.email}

    @pytest.mark.parametrize(("path", "method"), [("/api/notes", "POST"), ("/auth/session/refresh", "POST")])
    def test_the_website_may_ask_first(self, path: str, method: str) -> None:
        asks = {
            "origin": "https://acme.com",
            "access-control-request-method": method,
            "access-control-request-headers": "anti-csrf,authorization,fdi-version,rid,st-auth-mode",
        }
        allowed = FrontendClient("cookie").request("OPTIONS", path, headers=asks).headers
        assert allowed["access-control-allow-origin"] == "https://acme.com"
        assert allowed["access-control-allow-credentials"] == "true"
        wanted = set(asks["access-control-request-headers"].split(","))
        assert wanted <= set(allowed["access-control-allow-headers"].split(", "))


class TestSeveralSubdomains:
    @pytest.fixture(autouse=True)
    def stage(self, project_of: ProjectOf) -> Iterator[None]:
        project = project_of(PAGE)
        with project.running(project.settings_with("website_of")):
            yield

    def test_the_cookies_are_for_all_of_them(self) -> None:
        answer = FrontendClient("cookie").sign_up(ALICE.email, ALICE.password)
        assert {morsel["domain"] for morsel in answer.cookies.values()} == {".acme.com"}

    @pytest.mark.parametrize(
        ("origin", "website"),
        [
            ("https://admin.acme.com", "https://admin.acme.com"),
            ("https://app.acme.com", "https://app.acme.com"),
            ("https://evil.example", "https://app.acme.com"),
        ],
    )
    def test_a_mail_leads_back_to_where_it_was_asked_for(
        self,
        origin: str,
        website: str,
        django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
    ) -> None:
        browser = FrontendClient("cookie")
        browser.sign_up(ALICE.email, ALICE.password)
        with django_capture_on_commit_callbacks(execute=True):
            body = {"formFields": [{"id": "email", "value": ALICE.email}]}
            browser.request(
                "POST", "/auth/user/password/reset/token", json_body=body, headers={"origin": origin}
            )
        assert f"{website}/auth/reset-password?token=" in str(mail.outbox[0].body)


class TestOneOrigin:
    @pytest.fixture
    def project(self, project_of: ProjectOf, tmp_path: Path) -> Iterator[Project]:
        project = project_of(PAGE)
        templates = tmp_path / "templates"
        templates.mkdir()
        (templates / "index.html").write_text("the page")
        engine = {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [templates],
            "APP_DIRS": True,
        }
        settings = project.settings_with("/api/auth")
        with project.running(settings, ROOT_URLCONF="acme.single_origin_urls", TEMPLATES=[engine]):
            yield project

    def test_the_api_and_the_page_have_their_paths(self, project: Project, mode: Mode) -> None:
        assert [str(m) for m in run_checks(tags=["urls"])] == []
        browser = FrontendClient(mode, host="acme.com", base_path="/api/auth")
        browser.sign_up(ALICE.email, ALICE.password)
        assert browser.refresh().status_code == 200
        assert json_of_view(browser.get("/api/me")) == {"email": ALICE.email}
        shown = [browser.get(path) for path in ("/", "/auth/", "/auth/reset-password", "/settings")]
        assert [answer.content for answer in shown] == [b"the page"] * 4  # type: ignore[attr-defined]
        assert browser.get("/api/nothing").status_code == 404
