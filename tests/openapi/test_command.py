"""``manage.py supertokens_openapi`` writes the document."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from supertokens_django.openapi import openapi_document
from supertokens_django.openapi.yaml import to_yaml


def written(*arguments: str) -> str:
    output = StringIO()
    call_command("supertokens_openapi", *arguments, stdout=output)
    return output.getvalue()


def test_it_writes_json() -> None:
    assert json.loads(written()) == openapi_document()
    assert written().startswith('{\n  "openapi": "3.1.1",\n')
    assert written().endswith("}\n")


def test_it_writes_yaml() -> None:
    text = written("--format", "yaml")
    assert yaml.safe_load(text) == openapi_document()
    assert text.startswith('openapi: "3.1.1"\n')


@pytest.mark.parametrize("format", ["json", "yaml"])
def test_it_writes_a_file(tmp_path: Path, format: str) -> None:
    file = tmp_path / "auth"
    assert written("--format", format, "--file", str(file)) == ""
    assert file.read_text() == written("--format", format)


def test_a_file_that_cannot_be_written_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file or directory"):
        written("--file", str(tmp_path / "nowhere/auth.json"))


@pytest.mark.parametrize(
    "document",
    [
        {"no": "no", "on": True, "y": None, "200": 200, "$ref": "#/a", "a-b": "- x", "": {}},
        {"list": [[1, [2, {"deep": [{}], "more": []}]], "x: y", "# z", 'quo"te', "é\n\t\\", 1.5, []]},
        {"null": {"Yes": [{"a": {"b": [{"cc": 1, "dd": [True, False]}]}}]}},
    ],
)
def test_any_json_is_the_same_in_yaml(document: dict[str, Any]) -> None:
    assert yaml.safe_load(to_yaml(document)) == document
