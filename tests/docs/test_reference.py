"""What the documentation lists is what there is: nothing is missing, nothing is invented."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver

from supertokens_django import cors, signals, urls
from supertokens_django import exceptions as shared_exceptions
from supertokens_django.checks import MISTAKES, catalogue
from supertokens_django.limits.service import RateLimits
from supertokens_django.recipes.emailpassword import exceptions as emailpassword_exceptions
from supertokens_django.recipes.emailpassword.service import EmailPasswordService
from supertokens_django.recipes.emailverification import exceptions as emailverification_exceptions
from supertokens_django.recipes.emailverification.service import EmailVerificationService
from supertokens_django.recipes.jwt.service import JwtService
from supertokens_django.recipes.openid.service import OpenIdService
from supertokens_django.recipes.passwordless import exceptions as passwordless_exceptions
from supertokens_django.recipes.passwordless.service import PasswordlessService
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.outputs import ErrorHandlers
from supertokens_django.recipes.session.service import SessionService
from supertokens_django.recipes.thirdparty import exceptions as thirdparty_exceptions
from supertokens_django.recipes.thirdparty.service import ThirdPartyService
from supertokens_django.recipes.usermetadata.service import UserMetadataService
from supertokens_django.recipes.userroles.service import UserRolesService
from supertokens_django.users.service import UsersService
from tests.docs.snippets import DOCS, PAGES, ROOT, snippets_of, text_of


def _extension() -> ModuleType:
    spec = spec_from_file_location("settings_table", DOCS / "_ext/settings_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


extension = _extension()
SECTIONS: dict[str, type[Any]] = {
    key: section
    for key, section in extension.sections().items()
    if section.__module__.startswith("supertokens")
}


class TestSettings:
    @pytest.mark.parametrize("key", SECTIONS)
    def test_every_option_is_described(self, key: str) -> None:
        described = re.findall(
            r"^`([A-Z_]+)`\n: .+\. (?:Default: `.*`\.|\*\*Required\.\*\*)$", extension.markdown(key), re.M
        )
        assert described == [item.name.upper() for item in fields(SECTIONS[key])]

    @pytest.mark.parametrize("key", SECTIONS)
    def test_every_option_says_what_it_means(self, key: str) -> None:
        options = [option for item in fields(SECTIONS[key]) for option in (item, *extension.nested(item))]
        assert [item.name for item in options if len(item.metadata["help"]) < 20] == []

    def test_the_keys_of_a_dict_inside_a_section_are_described(self) -> None:
        described = extension.markdown("SESSION").partition("`JWT`\n: dict. Default: `{}`.")[2]
        assert re.findall(r"^  - `([A-Z_]+)`: .+\. Default: `.*`\. .+\.$", described, re.M) == [
            "ENABLE",
            "ISSUER",
            "PROPERTY_NAME_IN_ACCESS_TOKEN_PAYLOAD",
        ]

    def test_every_section_is_on_the_page_once(self) -> None:
        page = text_of("docs/settings.md")
        assert re.findall(r"^```\{settings\} ?(\w*)$", page, re.M) == [
            "", "SESSION", "EMAILPASSWORD", "PASSWORDLESS", "THIRDPARTY", "DELIVERY", "EMAILVERIFICATION",
            "USERROLES", "USERMETADATA", "DJANGO_USER", "USERS", "RATE_LIMITS", "PAGES", "JWT", "OPENID", "CLEANUP",
            "OUTGOING",
        ]  # fmt: skip
        assert len(SECTIONS) == 17

    def test_bounds_are_told(self) -> None:
        text = extension.markdown("SESSION")
        assert (
            "`timedelta` or number of seconds, at least 0 and at most 300 seconds. Default: `timedelta(seconds=30)`."
            in text
        )
        assert "text or `None`, `lax`, `strict` or `none`. Default: `None`." in text
        assert "integer, from 400 to 599. Default: `401`." in text

    def test_every_setting_of_django_that_is_read_is_on_the_page(self) -> None:
        sources = "".join(path.read_text() for path in (ROOT / "supertokens_django").rglob("*.py"))
        names = set(re.findall(r'(?:django_settings\.|of_project\(")([A-Z_]{4,})', sources))
        told = set(
            re.findall(r"`([A-Z_]+)`", text_of("docs/settings.md").partition("These are honoured:")[2])
        )
        assert names - told == set()

    def test_no_page_names_an_option_that_is_not_there(self) -> None:
        known = {
            option.name.upper()
            for section in SECTIONS.values()
            for item in fields(section)
            for option in (item, *extension.nested(item))
        }
        named = {
            (page, name)
            for page in PAGES
            for name in re.findall(r'"([A-Z_]{4,})": ', text_of(page))
            if name not in known | set(SECTIONS) | OTHERS
        }
        assert named == set()


OTHERS = {
    *("DEFAULT_AUTHENTICATION_CLASSES", "DEFAULT_PERMISSION_CLASSES"),  # of REST framework
    *("DEFAULT_SCHEMA_CLASS", "POSTPROCESSING_HOOKS"),  # of REST framework and drf-spectacular
    *("ENGINE", "NAME", "OPTIONS"),  # of Django's databases
    *("BACKEND", "LOCATION"),  # of its caches
    *("ACCOUNT", "ACCOUNT_AND_IP"),  # of the limits of an endpoint
    *("PROFILE", "SHOW_EMAIL"),  # of the recipe in docs/extending.md
}


class TestChecks:
    def test_each_has_its_heading_in_order_of_number(self) -> None:
        headings = re.findall(r"^## (\S+)$", text_of("docs/checks.md"), re.M)
        assert headings == sorted(MISTAKES, key=lambda id: id[-3:]) == list(MISTAKES)

    def test_each_can_be_linked_to(self) -> None:
        targets = re.findall(r"^\((\w+)\)=$", text_of("docs/checks.md"), re.M)
        assert targets == [id.rpartition(".")[2].lower() for id in MISTAKES]

    @pytest.mark.parametrize("id", MISTAKES)
    def test_each_begins_with_the_title_that_the_code_has(self, id: str) -> None:
        section = text_of("docs/checks.md").partition(f"## {id}\n")[2].partition("\n## ")[0]
        said = " ".join(section.split())
        assert said.startswith(f"*{MISTAKES[id].title}* ")
        assert ("Looked for by `check --deploy`" in said) == MISTAKES[id].is_for_deployment

    def test_every_number_is_used(self) -> None:
        """One that nothing finds any more is left out of the catalogue, and never given to another mistake."""
        sources = [path.read_text() for path in (ROOT / "supertokens_django/checks").glob("*.py")]
        used = set(re.findall(r"catalogue\.([A-Z_]+)", "".join(sources)))
        assert used == {
            name for name, value in vars(catalogue).items() if isinstance(value, catalogue.Mistake)
        }


def _endpoints() -> set[tuple[str, str, str]]:
    """Method, path and name of every endpoint."""
    found = set()
    for resolver in urls.urlpatterns:
        if not isinstance(resolver, URLResolver) or "tenant" in str(resolver.pattern):
            continue
        for pattern in resolver.url_patterns:
            assert isinstance(pattern, URLPattern)
            path = "/" + str(pattern.pattern).strip("^$").removesuffix("/?").replace("\\", "")
            endpoints = getattr(pattern.callback, "endpoints", ())  # the pages have none
            found |= {(item.method, path, item.name) for item in endpoints}
    return found


class TestProtocol:
    def test_every_endpoint_is_listed(self) -> None:
        rows = re.findall(r"^\| `(GET|POST) (\S+)` \| `(\w+:\w+)` \|", text_of("docs/protocol.md"), re.M)
        assert set(rows) == _endpoints()

    @pytest.mark.parametrize("recipe", ["emailpassword", "emailverification", "passwordless", "thirdparty"])
    def test_every_endpoint_of_the_recipe_is_on_its_page(self, recipe: str) -> None:
        page = text_of(f"docs/recipes/{recipe}.md")
        own = [(method, path) for method, path, name in _endpoints() if name.startswith(f"{recipe}:")]
        assert [path for method, path in own if f"`{method} {path}" not in page] == []

    def test_every_status_that_an_endpoint_answers_is_listed(self) -> None:
        answered = {
            "GENERAL_ERROR",
            "FIELD_ERROR",
            "WRONG_CREDENTIALS_ERROR",
            "RESET_PASSWORD_INVALID_TOKEN_ERROR",
            "NO_EMAIL_GIVEN_BY_PROVIDER",
            "INCORRECT_USER_INPUT_CODE_ERROR",
            "EXPIRED_USER_INPUT_CODE_ERROR",
            "RESTART_FLOW_ERROR",
            "SIGN_IN_UP_NOT_ALLOWED",
            "EMAIL_ALREADY_VERIFIED_ERROR",
            "EMAIL_VERIFICATION_INVALID_TOKEN_ERROR",
            "OK",
        }
        rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", text_of("docs/protocol.md"), re.M)
        assert set(re.findall(r"`([A-Z_]+)`", " ".join(rows))) == answered
        known = {
            error.status
            for module in (
                shared_exceptions,
                emailpassword_exceptions,
                passwordless_exceptions,
                thirdparty_exceptions,
                emailverification_exceptions,
            )
            for error in vars(module).values()
            if inspect.isclass(error) and hasattr(error, "status")
        }
        assert answered - {"OK"} <= known

    def test_the_headers_of_cors_are_listed(self) -> None:
        page = text_of("docs/protocol.md")
        names = [*cors.get_all_cors_headers(), *cors.get_all_exposed_headers()]
        assert [name for name in names if f"`{name}" not in page and f"`{name.title()}" not in page] == []


def public_verbs(service: type[Any]) -> set[str]:
    """The methods that a project calls or overrides, async twins left out."""
    names = {
        name for name, value in inspect.getmembers(service, inspect.isfunction) if not name.startswith("_")
    }
    return {name for name in names if not (name.startswith("a") and name[1:] in names)}


INTERNAL = {"forget_users", "verifies_locally", "regenerate_access_token", "container_service"} | {
    "claim_value",
    "claim_value_of_new_session",
}
"""What services offer to each other."""


@pytest.mark.parametrize(
    ("service", "document"),
    [
        (EmailVerificationService, "docs/recipes/emailverification.md"),
        (EmailPasswordService, "docs/recipes/emailpassword.md"),
        (PasswordlessService, "docs/recipes/passwordless.md"),
        (SessionService, "docs/recipes/session.md"),
        (SessionContainer, "docs/recipes/session.md"),
        (JwtService, "docs/recipes/jwt.md"),
        (OpenIdService, "docs/recipes/openid.md"),
        (UserMetadataService, "docs/recipes/usermetadata.md"),
        (UserRolesService, "docs/recipes/userroles.md"),
        (ThirdPartyService, "docs/recipes/thirdparty.md"),
        (UsersService, "docs/django.md"),
        (RateLimits, "docs/rate-limits.md"),
        (ErrorHandlers, "docs/extending.md"),
    ],
)
class TestVerbs:
    def test_every_verb_is_on_the_page(self, service: type[Any], document: str) -> None:
        text = text_of(document)
        missing = [verb for verb in public_verbs(service) - INTERNAL if not re.search(rf"\b{verb}\b", text)]
        assert missing == []

    def test_signatures_on_the_page_are_the_right_ones(self, service: type[Any], document: str) -> None:
        wrong = []
        for verb, arguments in re.findall(r"`(\w+)\(([^)`]*)\)`", text_of(document)):
            if hasattr(service, verb) and "…" not in arguments:
                expected = _arguments(getattr(service, verb))
                given = [part.strip() for part in arguments.split(",")] if arguments else []
                wrong += [(verb, given, expected)] if given != expected else []
        assert [row for row in wrong if not _belongs_elsewhere(service, row[0], row[1])] == []


@pytest.mark.parametrize(
    "document", [page for page in PAGES if re.search(r"^\| (?:verb|method)\b", text_of(page), re.M)]
)
def test_no_page_lists_a_verb_that_is_not_there(document: str) -> None:
    services = (
        EmailPasswordService,
        EmailVerificationService,
        PasswordlessService,
        SessionService,
        SessionContainer,
        JwtService,
        OpenIdService,
        ThirdPartyService,
        UserMetadataService,
        UserRolesService,
        UsersService,
        RateLimits,
    )
    known = {name for service in services for name in dir(service)}
    tables = re.findall(r"^\| (?:verb|method)\b.*\n(?:\|.*\n)+", text_of(document), re.M)
    listed = {
        name for row in "".join(tables).splitlines() for name in re.findall(r"`(\w+)\(", row.split(" | ")[0])
    }
    assert listed
    assert listed - known == set()


def _arguments(function: Any) -> list[str]:
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return [
        p.name if p.default is p.empty else f"{p.name}={p.default!r}".replace("'", '"') for p in parameters
    ]


def _belongs_elsewhere(service: type[Any], verb: str, given: list[str]) -> bool:
    """The session's page lists the verbs of the service and of the container, some by the same name."""
    others = {SessionService: SessionContainer, SessionContainer: SessionService}
    other = others.get(service)
    return other is not None and hasattr(other, verb) and _arguments(getattr(other, verb)) == given


def test_every_signal_is_listed_with_its_arguments() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ", text_of("docs/extending.md").partition("## Signals")[2], re.M)
    assert sorted(rows) == sorted(signals.__all__)
    for page in ("docs/recipes/session.md", "docs/recipes/emailpassword.md"):
        named = set(re.findall(r"`((?:user|session|token)_\w+)` \(?`?request", text_of(page)))
        assert named <= set(signals.__all__)


def test_the_threat_model_says_how_every_table_is_stored() -> None:
    section = text_of("docs/security.md").partition("## What is stored")[2].partition("\n## ")[0]
    models = {model.__name__ for model in apps.get_app_config("supertokens_django").get_models()}
    assert {name for name in models if f"`{name}`" not in section} == set()


def test_every_decision_has_its_number() -> None:
    for number, path in enumerate(sorted((DOCS / "decisions").glob("*.md")), start=1):
        assert path.name.startswith(f"{number:03}-")
        assert path.read_text().startswith(f"# {number}. ")


def test_the_tests_read_all_pages() -> None:
    assert len(PAGES) > 20
    assert sum(len(snippets_of(page)) for page in PAGES) > 100
