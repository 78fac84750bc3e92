"""No list and no search of the admin walks through a table, and each takes a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.utils import timezone

from supertokens_django.models import LoginMethod, Role, Session, Tenant, User, UserMetadata, UserRole
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.recipes.thirdparty.models import ThirdPartyProvider, ThirdPartyProviderClient
from supertokens_django.users.models import LoginIdentity
from tests.accounts import make_superuser
from tests.base import sql_statements, supertokens_settings
from tests.plans import plans, walks_through
from tests.users.test_pages_of_users import make_login_methods

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("crowd")]

ADMIN = "/admin/supertokens_django/"
PAGES: Mapping[str, int] = {
    # the path, and how many statements it may take, two of them for who is signed in
    "user/": 7,
    "user/?p=19": 7,
    "user/?o=5": 7,
    "user/?o=-5": 7,
    "user/?tenant=small": 8,
    "user/?tenant=empty": 4,
    "user/?tenant=public&o=5": 8,
    "user/?recipe=thirdparty": 8,
    "user/?recipe=webauthn": 4,
    "user/?tenant=public&recipe=passwordless&p=1": 8,
    "user/?q=user+7": 9,
    "user/?q=person7@": 9,
    "user/?q=person7@&tenant=public": 9,
    "user/?q=%2B4418658": 10,
    "user/?q=19": 10,
    "user/?q=google:+19": 9,
    "user/?q=google": 10,
    "user/?q=google&tenant=small&recipe=thirdparty": 10,
    "user/user 7/change/": 8,
    "session/": 4,
    "session/?p=19": 4,
    "session/?o=6": 4,
    "session/?acted=staff": 4,
    "session/?q=handle+7": 6,
    "session/?q=user+7": 6,
    "session/?q=person7@": 6,
    "session/handle 7/change/": 5,
    "signingkey/": 4,
    "tenant/": 4,
    "tenant/?q=sm": 4,
    "role/": 4,
    "role/?q=role+7": 4,
    "userrole/": 5,
    "userrole/?q=user+7": 8,
    "userrole/?q=role+7": 8,
    "thirdpartyprovider/": 4,
    "thirdpartyprovider/?q=small": 4,
    "usermetadata/": 5,
    "usermetadata/?q=person7@": 7,
}


@pytest.fixture
def crowd(acme: None, transactional_db: None) -> None:
    now = timezone.now()
    people = [User(id=f"user {n}", time_joined=now + timedelta(seconds=n)) for n in range(2000)]
    User.objects.bulk_create(people)
    make_login_methods(people)
    Tenant.objects.bulk_create(Tenant(id=name) for name in ("small", "empty"))
    LoginIdentity.objects.filter(owner_id__in=["user 3", "user 1009"]).update(tenant_id="small")
    Session.objects.bulk_create(
        Session(
            handle=f"handle {n}",
            tenant_id="public",
            recipe_user_id=f"user {n}",
            login_method=LoginMethod(id=f"user {n}"),
            expires_at=now + timedelta(days=1, seconds=n),
        )
        for n in range(2000)
    )
    UserMetadata.objects.bulk_create(UserMetadata(user_id=f"user {n}", metadata={}) for n in range(2000))
    roles = Role.objects.bulk_create(Role(name=f"role {n}") for n in range(200))
    roles = list(Role.objects.order_by("pk"))
    UserRole.objects.bulk_create(
        UserRole(user_id=f"user {n}", tenant_id="public", role=roles[n % 200]) for n in range(2000)
    )
    make_providers()
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            cursor.execute(f"ANALYZE TABLE {', '.join(tables())}")
            cursor.fetchall()
        else:
            cursor.execute("ANALYZE")


def make_providers() -> None:
    providers = [
        ThirdPartyProvider(tenant_id=tenant, third_party_id=f"oidc-{n}")
        for tenant in ("public", "small")
        for n in range(1000)
    ]
    ThirdPartyProvider.objects.bulk_create(providers)
    ThirdPartyProviderClient.objects.bulk_create(
        ThirdPartyProviderClient(provider=provider, client_id="x")
        for provider in ThirdPartyProvider.objects.all()
    )


def tables() -> list[str]:
    return [model._meta.db_table for model in apps.get_app_config("supertokens_django").get_models()]


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_superuser("root@acme.com"))
    ring.forget()
    client.get(f"{ADMIN}signingkey/")  # makes the keys
    for model in apps.get_app_config("supertokens_django").get_models():
        ContentType.objects.get_for_model(model)  # is remembered
    return client


EXPLAINED = [page for page in PAGES if connection.vendor != "mysql" or "?q=" in page]
"""MySQL and MariaDB rather sort two thousand rows than read fifty by an index, and cannot be forbidden to."""

SMALL = {"supertokens_django_tenant", "supertokens_django_signingkey", "supertokens_django_role"}
"""Tables of a few hundred rows, which databases read whole however they are indexed."""


def is_its_own_index(plan: str) -> bool:
    """SQLite keeps a table in the order of its number, and stops at the limit."""
    return connection.vendor == "sqlite" and "userrole" in plan and "LIMIT" in plan and "B-TREE" not in plan


def test_no_page_walks_through_a_table(admin: Client) -> None:
    walks: list[str] = []
    with supertokens_settings(RECIPES=["emailpassword", "userroles"]):
        for page in EXPLAINED:
            with plans() as found:
                assert admin.get(f"{ADMIN}{page}").status_code == 200
            assert found
            walks += [
                f"{page}\n{plan}"
                for plan in found
                for table in {*tables()} - SMALL
                if walks_through(plan, table) and not is_its_own_index(plan)
            ]
    assert walks == [], "\n\n".join(walks)


def test_every_page_has_its_number_of_statements(admin: Client) -> None:
    counted: dict[str, int] = {}
    with supertokens_settings(RECIPES=["emailpassword", "userroles"]):
        for page in PAGES:
            with sql_statements() as statements:
                admin.get(f"{ADMIN}{page}")
            counted[page] = len(statements)
    assert {page: count for page, count in counted.items() if count != PAGES[page]} == {}
