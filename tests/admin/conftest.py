"""The stage of the admin tests: an operator with the permissions that a test names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.test.html import Element, parse_html

from tests.accounts import has_username, make_superuser, make_tenant, tenant_acme

__all__ = ["make_tenant", "tenant_acme"]

Operator = Callable[..., Client]


@pytest.fixture
def superuser(acme: None, db: None) -> Client:
    client = Client()
    client.force_login(make_superuser("root@acme.com"))
    return client


@pytest.fixture
def operator(acme: None, db: None) -> Operator:
    """``operator("view_user", "delete_session")``: a member of staff with exactly these permissions."""

    def make(*permissions: str) -> Client:
        name = {"username": "operator"} if has_username() else {}
        user = get_user_model()(email="operator@acme.com", is_staff=True, **name)
        user.save()
        for codename in permissions:
            user.user_permissions.add(
                Permission.objects.get(content_type__app_label="supertokens_django", codename=codename)
            )
        client = Client()
        client.force_login(user)
        return client

    return make


def rows(html: str) -> list[list[str]]:
    """The cells of a list page, row by row, without the box to tick."""
    table = next(
        element for element in _walk(parse_html(html)) if ("id", "result_list") in element.attributes
    )
    body = next(child for child in table.children if isinstance(child, Element) and child.name == "tbody")
    found = [[_text(cell) for cell in _cells(row)] for row in body.children if isinstance(row, Element)]
    return found


def _cells(row: Element) -> list[Element]:
    return [
        cell
        for cell in row.children
        if isinstance(cell, Element) and ("class", "action-checkbox") not in cell.attributes
    ]


def _walk(element: Element) -> list[Element]:
    children = [child for child in element.children if isinstance(child, Element)]
    return [element, *(found for child in children for found in _walk(child))]


def _text(element: Element) -> str:
    parts = [child if isinstance(child, str) else _text(child) for child in element.children]
    return " ".join(" ".join(parts).split())
