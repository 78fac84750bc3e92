"""What people do while things break, and what must be true afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.faults.frontend import Frontend
from tests.faults.server import Server

HALF_MADE = """
import json
from django.contrib.auth import get_user_model
from supertokens_django import models
print(json.dumps({
    "users without login method": models.User.objects.filter(login_methods=None).count(),
    "users without Django user": models.User.objects.filter(django_link=None).count(),
    "login methods without password": models.LoginMethod.objects.filter(password=None).count(),
    "login methods in no tenant": models.LoginMethod.objects.filter(identities=None).count(),
    "Django users of nobody": get_user_model().objects.filter(supertokens_link=None).count(),
    "users": models.User.objects.count(),
}))
"""


def sign_up_all_the_time(frontend: Frontend, person: int, is_over: Callable[[], bool]) -> list[str]:
    """Sign up again and again; gives the addresses that the server has acknowledged."""
    acknowledged: list[str] = []
    while not is_over():
        email = f"person{person}-{len(acknowledged)}@example.com"
        answer = frontend.sign_up(email)
        # After a lost answer the account may be there already: that says so, too.
        assert answer.status == 200
        assert answer.body["status"] in ("OK", "FIELD_ERROR")
        acknowledged.append(email)
    return acknowledged


def refresh_all_the_time(frontend: Frontend, is_over: Callable[[], bool]) -> int:
    """Refresh again and again; gives how often."""
    times = 0
    while not is_over():
        answer = frontend.refresh()
        assert (answer.status, answer.body) == (200, {}), "a lost answer has logged its client out"
        times += 1
    return times


def check_accounts(server: Server, acknowledged: list[str], members: list[Frontend]) -> None:
    """Everybody who was told so has an account, everybody is signed in still, and nobody is half made."""
    for email in acknowledged:
        assert Frontend(server.port).sign_in(email).body["status"] == "OK"
    for member in members:
        assert member.refresh().status == 200
    found = json.loads(server.manage("shell", "--verbosity", "0", "-c", HALF_MADE))
    users = found.pop("users")
    assert found == dict.fromkeys(found, 0)
    assert users == len(acknowledged) + len(members)
