"""Signing keys and tenants in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.recipes.jwt.models import SigningKey
from supertokens_django.services import jwt as jwts
from tests.admin.conftest import Operator, rows
from tests.base import Clock, sql_statements

pytestmark = pytest.mark.django_db

KEYS = "/admin/supertokens_django/signingkey/"
TENANTS = "/admin/supertokens_django/tenant/"


def html(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


class TestSigningKeys:
    @pytest.fixture(autouse=True)
    def _keys(self, acme: None, db: None) -> None:
        ring.published()

    def test_the_list_shows_both_kinds(self, superuser: Client) -> None:
        shown = {(row[0], row[1]) for row in rows(html(superuser.get(KEYS)))}
        assert shown == {(key.kid, str(key.get_kind_display())) for key in SigningKey.objects.all()}
        assert len(shown) == 2

    def test_a_key_shows_its_public_half_alone(self, superuser: Client) -> None:
        for key in SigningKey.objects.all():
            page = html(superuser.get(f"{KEYS}{key.kid}/change/"))
            assert key.public_key.strip().splitlines()[1] in page
            assert key.private_key not in page
            assert "PRIVATE" not in page

    def test_every_key_shows_what_it_does(self, superuser: Client, clock: Clock) -> None:
        SigningKey.objects.all().delete()
        ring.forget()
        old, static = jwts.get_signing_kid(), jwts.get_signing_kid(static=True)
        clock.advance(600)
        signing, leaked = jwts.rotate_signing_key().kid, static
        jwts.retire_signing_key(leaked, now=True)
        jwts.retire_signing_key(old)
        clock.advance(60)
        following = jwts.rotate_signing_key().kid

        shown = {row[0]: row[1:] for row in rows(html(superuser.get(KEYS)))}

        began, later = "Jan. 15, 2026, noon", "Jan. 15, 2026, 12:10 p.m."
        assert shown[old] == ["dynamic", "retired, verifies", began, later, "Jan. 15, 2026, 2:11 p.m."]
        assert shown[leaked] == ["static", "ended", began, later, later]
        assert shown[signing] == ["dynamic", "signs", later, "-", "Jan. 22, 2026, 2:10 p.m."]
        assert shown[following][:2] == ["dynamic", "signs next"]
        clock.advance(60)
        assert {row[0]: row[2] for row in rows(html(superuser.get(KEYS)))}[signing] == "verifies"

    def test_nothing_changes_them(self, superuser: Client) -> None:
        kid = ring.published()[0].kid
        for verb in ("change", "delete"):
            assert superuser.post(f"{KEYS}{kid}/{verb}/", {"post": "yes", "kid": "x"}).status_code == 403
        assert superuser.get(f"{KEYS}add/").status_code == 403
        assert "<select" not in html(superuser.get(KEYS))

    def test_they_are_for_those_who_may_see_them(self, operator: Operator) -> None:
        client = operator("view_signingkey")
        assert len(rows(html(client.get(KEYS)))) == 2
        assert client.get(TENANTS).status_code == 403

    def test_the_list_is_cheap(self, superuser: Client) -> None:
        superuser.get(KEYS)
        with sql_statements() as statements:
            superuser.get(KEYS)
        assert len(statements) == 4, "\n".join(statements)


class TestTenants:
    @pytest.fixture(autouse=True)
    def _tenants(self, make_tenant: Callable[[str], str]) -> None:
        for name in ("acme", "zenith"):
            make_tenant(name)

    def test_the_list_is_by_name(self, superuser: Client) -> None:
        assert [row[0] for row in rows(html(superuser.get(TENANTS)))] == ["acme", "public", "zenith"]

    def test_search_finds_by_the_start_of_the_name(self, superuser: Client) -> None:
        assert [row[0] for row in rows(html(superuser.get(TENANTS, {"q": "ac"})))] == ["acme"]

    def test_nothing_changes_them(self, superuser: Client) -> None:
        for verb in ("change", "delete"):
            assert superuser.post(f"{TENANTS}acme/{verb}/", {"post": "yes", "id": "x"}).status_code == 403
        assert superuser.get(f"{TENANTS}add/").status_code == 403

    def test_the_list_is_cheap(self, superuser: Client) -> None:
        superuser.get(TENANTS)
        with sql_statements() as statements:
            superuser.get(TENANTS)
        assert len(statements) == 4, "\n".join(statements)
