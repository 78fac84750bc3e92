"""The address kept with a session is the one that the project's own proxy saw, whatever the client claims."""

from __future__ import annotations

import pytest

from supertokens_django.recipes.session.models import Session
from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient

HONEST, CLAIMED, PROXY = "203.0.113.7", "198.51.100.1", "192.0.2.9"


def address_kept(forwarded_for: str, trusted_proxies: int) -> str | None:
    with supertokens_settings(TRUSTED_PROXY_COUNT=trusted_proxies):
        FrontendClient("header").post(
            "/auth/signin",
            {
                "formFields": [
                    {"id": "email", "value": ALICE.email},
                    {"id": "password", "value": ALICE.password},
                ]
            },
            headers={"x-forwarded-for": forwarded_for},
        )
    return Session.objects.get().ip_address


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    ("forwarded_for", "trusted_proxies", "kept"),
    [
        (CLAIMED, 0, "127.0.0.1"),
        (f"{CLAIMED}, {HONEST}", 1, HONEST),
        (f"{CLAIMED},{CLAIMED} , {HONEST}", 1, HONEST),
        (f"{CLAIMED}, {HONEST}, {PROXY}", 2, HONEST),
        (HONEST, 2, HONEST),
        ("2001:DB8::1", 1, "2001:db8::1"),
        (f"{HONEST}:5678", 1, HONEST),
        (f"{CLAIMED}:1, {HONEST}:65535 , {PROXY}:443", 2, HONEST),
        ("[2001:db8::1]:443", 1, "2001:db8::1"),
        ("[2001:DB8::1]", 1, "2001:db8::1"),
        ("[fe80::1%eth0]:443", 1, "fe80::1"),
        ("unknown", 1, None),
        ("", 1, None),
        (f"{HONEST}:", 1, None),
        (f"{HONEST}:port", 1, None),
        (f"{HONEST}:1:2", 1, None),
        (f"[{HONEST}]:443", 1, None),
        ("[2001:db8::1", 1, None),
        ("[2001:db8::1]443", 1, None),
        ("[]:443", 1, None),
    ],
)
def test_what_a_client_claims_is_not_believed(
    forwarded_for: str, trusted_proxies: int, kept: str | None
) -> None:
    assert address_kept(forwarded_for, trusted_proxies) == kept


@pytest.mark.usefixtures("alice")
def test_the_zone_of_an_address_is_left_out() -> None:
    """It means something on one machine alone, may be of any length, and no column takes it."""
    assert address_kept(f"fe80::1%{'z' * 200}", trusted_proxies=1) == "fe80::1"
