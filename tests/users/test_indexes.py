"""Indexes of the tables that every sign-up, sign-in and refresh writes into: each of them is written as well."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.db.models import Model

from supertokens_django.models import LoginIdentity, LoginMethod, Session

pytestmark = pytest.mark.django_db

SEARCHED = {("email",), ("email_domain",), ("phone_number",), ("third_party_id",), ("third_party_user_id",)}
"""PostgreSQL has a second index of these, for LIKE; that of a key cannot be helped."""


@pytest.mark.parametrize("model", [LoginMethod, LoginIdentity, Session])
def test_no_column_is_indexed_twice(model: type[Model]) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    indexes = [tuple(each["columns"]) for each in found.values() if each["index"] or each["unique"]]
    twice = {columns for columns, count in Counter(indexes).items() if count > 1}
    assert twice - SEARCHED - {(model._meta.pk.column,)} == set()
    led = {columns[0] for columns in indexes}
    foreign_keys = {field.column for field in model._meta.local_concrete_fields if field.is_relation}
    assert foreign_keys - led == set()
