"""What docs/openapi.md says works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from supertokens_django.openapi import openapi_document
from tests.client import FrontendClient, json_of
from tests.docs.conftest import ProjectOf
from tests.docs.project import PLAIN_URLS, QUICKSTART, Project, settings_of
from tests.docs.snippets import ROOT

VIEWS = """
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView
from supertokens_django.decorators import verify_session

SESSION = [{"superTokensCookie": []}, {"superTokensBearer": []}]


class Profile(APIView):
    @extend_schema(responses={200: str})
    def get(self, request):
        return Response("")


class Decorated(APIView):
    authentication_classes = []
    permission_classes = []

    @extend_schema(responses={200: str}, auth=SESSION)
    @verify_session()
    def get(self, request):
        return Response("")
"""
URLS = """
from django.urls import include, path
from acme import views

urlpatterns = [
    path("auth/", include("supertokens_django.urls")),
    path("profile", views.Profile.as_view()),
    path("decorated", views.Decorated.as_view()),
]
"""


@pytest.fixture
def project(project_of: ProjectOf) -> Project:
    return project_of("docs/openapi.md")


def test_the_document_is_served_and_can_be_switched_off(project: Project) -> None:
    visitor = Client(headers={"host": "api.acme.com"})
    with project.running(ROOT_URLCONF=PLAIN_URLS):
        assert json_of(visitor.get("/auth/openapi.json")) == openapi_document()
    with project.running(project.settings_with("openapi:document"), ROOT_URLCONF=PLAIN_URLS):
        assert visitor.get("/auth/openapi.json").status_code == 404


def test_it_can_be_written_to_a_file(project: Project, tmp_path: Path) -> None:
    (command,) = (snippet for snippet in project.all_snippets if "supertokens_openapi" in snippet.code)
    name, *arguments = command.code.split()[3:]
    file = tmp_path / arguments.pop()
    with project.running(ROOT_URLCONF=PLAIN_URLS):
        call_command(name, *arguments, str(file))
        assert yaml.safe_load(file.read_text()) == openapi_document()


@pytest.mark.django_db
def test_a_recipe_of_the_project_describes_its_endpoints(project: Project) -> None:
    with project.running(project.settings_with("StampsRecipe"), ROOT_URLCONF=PLAIN_URLS):
        operation = openapi_document()["paths"]["/stamps"]["post"]
        assert operation["summary"] == "Collect a stamp"
        answer = FrontendClient("header").post("/auth/stamps")  # which compares it with the document
        assert json_of(answer) == {"status": "OK", "stamps": 1}


def test_drf_spectacular_makes_a_document_without_a_warning(project: Project, tmp_path: Path) -> None:
    settings = settings_of(project.settings_with("SPECTACULAR_SETTINGS"), QUICKSTART)
    project.write()
    text = "\n".join(f"{name} = {value!r}" for name, value in settings.items())
    files = {
        "settings": f"from tests.settings import *\n{text}\nROOT_URLCONF = 'acme.api_urls'\n",
        "views": VIEWS,
        "api_urls": URLS,
    }
    for name, code in files.items():
        (tmp_path / f"acme/{name}.py").write_text(code)
    command = [sys.executable, "-m", "django", "spectacular", "--validate", "--fail-on-warn"]
    environment = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "DJANGO_SETTINGS_MODULE": "acme.settings"}
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = yaml.safe_load(done.stdout)
    for path in ("/profile", "/decorated"):
        operation = found["paths"][path]["get"]
        assert operation["security"] == [{"superTokensCookie": []}, {"superTokensBearer": []}]
        assert set(operation["responses"]) == {"200", "401", "403"}
