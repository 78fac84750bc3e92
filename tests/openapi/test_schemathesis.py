"""Schemathesis reads the document and sends what it makes of it: examples, edge cases, random data."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connections
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient
from tests.docs.snippets import ROOT

CONFIG = ROOT / "schemathesis.toml"


def schema_of_app(*, max_examples: int, accepted: Sequence[int] = (), **always: str) -> Any:
    """The document of the app as schemathesis reads it. ``always`` are headers that every request has."""
    options = tomllib.loads(CONFIG.read_text())
    options |= {"seed": 2026, "generation": {"max-examples": max_examples}}
    options["checks"]["positive_data_acceptance"]["expected-statuses"] += accepted
    if "authorization" in always:
        options["checks"]["ignored_auth"] = {"enabled": False}  # it leaves out what is added afterwards
    config = SchemathesisConfig.from_dict(options)
    return schemathesis.openapi.from_wsgi("/auth/openapi.json", with_headers(always), config=config)


def with_headers(headers: Mapping[str, str]) -> Any:
    app = get_wsgi_application()
    given = {f"HTTP_{name.upper()}": value for name, value in headers.items()}

    def call(environ: Mapping[str, Any], start_response: Any) -> Any:
        try:
            return app({**given, **environ}, start_response)
        finally:
            if threading.current_thread() is not threading.main_thread():
                connections.close_all()  # nobody does it when the engine's thread ends

    return call


def failures(schema: Any) -> Iterator[str]:
    """What schemathesis finds wrong."""
    tested: set[str | None] = set()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield repr(event)
        if isinstance(event, events.ScenarioFinished):
            tested.update({event.label} if event.status is Status.SUCCESS else ())
            for checks in event.recorder.checks.values():
                for check in checks:
                    if check.failure_info is not None:
                        failure = check.failure_info.failure
                        yield f"{failure.operation}: {check.name}: {failure.message}"
    yield from (f"{item.label} was not tested" for item in operations(schema) if item.label not in tested)


def operations(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        yield found.ok()


def test_the_document_is_a_valid_one(db: None) -> None:
    schema_of_app(max_examples=1).validate()


@pytest.mark.django_db(transaction=True)
class TestCleanRuns:
    def test_it_finds_nothing(self, alice: str) -> None:
        assert list(failures(schema_of_app(max_examples=5))) == []

    @pytest.mark.slow
    def test_it_finds_nothing_in_a_long_run(self, alice: str) -> None:
        assert list(failures(schema_of_app(max_examples=50))) == []

    @pytest.mark.slow
    @pytest.mark.parametrize("fdi_version", ["1.17", "3.0"])
    def test_it_finds_nothing_of_older_versions(self, alice: str, fdi_version: str) -> None:
        schema = schema_of_app(max_examples=15, fdi_version=fdi_version)
        assert list(failures(schema)) == []

    @pytest.mark.slow
    def test_it_finds_nothing_with_a_session(self, alice: str) -> None:
        browser = FrontendClient("header")
        browser.sign_in(ALICE.email, ALICE.password)
        schema = schema_of_app(
            max_examples=15, authorization=f"Bearer {browser.access_token}", fdi_version="3.0"
        )
        assert list(failures(schema)) == []

    @pytest.mark.slow
    def test_it_finds_nothing_with_other_settings(self, alice: str) -> None:
        fields = [{"id": "age"}, {"id": "nickname", "optional": True}]
        statuses = {"SESSION_EXPIRED_STATUS_CODE": 440, "INVALID_CLAIM_STATUS_CODE": 441}
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": fields}, SESSION=statuses):
            assert list(failures(schema_of_app(max_examples=15, accepted=[440]))) == []
