"""What is measured on a large database, each time with another user or session of it, drawn at random."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from django.core.handlers.wsgi import WSGIHandler

from benchmarks import wsgi
from benchmarks.cases import Case, InAdvance, Request, bearer
from benchmarks.peers.ours import form
from benchmarks.seed import PASSWORD, SESSIONS_PER_USER, SMALL_TENANT, Person

CLEANUP_BATCH = 100
USERS, SESSIONS = "/admin/supertokens_django/user/", "/admin/supertokens_django/session/"


class Verb:
    """A call with arguments that are made anew each time, outside of what is measured."""

    def __init__(self, make: Callable[[], Any], call: Callable[[Any], Any]) -> None:
        self.make = make
        self.call = call

    def __call__(self) -> float:
        argument = self.make()
        start = time.perf_counter_ns()
        self.call(argument)
        return (time.perf_counter_ns() - start) / 1000


def cases(own: WSGIHandler) -> dict[str, Case]:
    crowd = Crowd(int(os.environ["BENCHMARKS_USERS"]))
    return {**_requests(own, crowd), **_admin(own, crowd), **_verbs(crowd)}


class Crowd:
    """The people of a seeded database."""

    def __init__(self, size: int) -> None:
        from supertokens_django.models import Session

        self.size = size
        self.generations: dict[str, int] = {}
        # An earlier run has refreshed some; of the rest it is known that nobody has.
        Session.objects.filter(generation__gt=0).update(generation=0)

    def anybody(self) -> Person:
        return Person(random.randint(1, self.size))

    def of_recipe(self, recipe_id: str) -> Person:
        person = self.anybody()
        while person.recipe_id != recipe_id or person.tenant_id != "public":
            person = self.anybody()
        return person

    def session(self) -> tuple[Person, str]:
        """A person, and the handle of one of their sessions that is alive."""
        person = self.anybody()
        return person, person.session_handle(random.randint(1, SESSIONS_PER_USER - 1))

    def refresh_token(self) -> str:
        """The current one of any session; it has to be used, for the next one is remembered."""
        from supertokens_django.recipes.session.tokens import SessionKey

        person, handle = self.session()
        generation = self.generations.get(handle, 0)
        self.generations[handle] = generation + 1
        return SessionKey(handle, generation, person.session_secret).refresh_token


def _requests(own: WSGIHandler, crowd: Crowd) -> dict[str, Case]:
    newcomers = count(int(time.time() * 1000))

    def post(path: str, body: Any = None, **headers: str) -> wsgi.Environ:
        return wsgi.post(path, body, HTTP_RID="anti-csrf", HTTP_ST_AUTH_MODE="header", **headers)

    def person_form(email: str) -> Any:
        return form({"email": email, "password": PASSWORD})

    def refresh() -> wsgi.Environ:
        return post("/auth/session/refresh", **bearer(crowd.refresh_token()))

    def access_token() -> str:
        return str(wsgi.expect(own, refresh())[0].headers["st-access-token"])

    devices = InAdvance(access_token, 10)
    return {
        "sign-in": Request(
            own, lambda: post("/auth/signin", person_form(crowd.of_recipe("emailpassword").email)), _is_ok
        ),
        "sign-up": Request(
            own, lambda: post("/auth/signup", person_form(f"new{next(newcomers)}@example.com")), _is_ok
        ),
        "refresh": Request(own, refresh),
        "verify, database asked": Request(own, lambda: wsgi.get("/checked", **bearer(devices.next()))),
    }


def _is_ok(answer: wsgi.Answer) -> None:
    if answer.json()["status"] != "OK":
        raise RuntimeError(f"answered {answer.body!r}")


def _admin(own: WSGIHandler, crowd: Crowd) -> dict[str, Case]:
    cookie = f"sessionid={_operator()}"

    def page(path: str, find: Callable[[], str] | None = None) -> Request:
        def make() -> wsgi.Environ:
            query = f"q={find().replace('+', '%2B')}" if find else ""
            return wsgi.get(path, HTTP_COOKIE=cookie, QUERY_STRING=query)

        def has_found(answer: wsgi.Answer) -> None:
            if find is not None and b'class="field-' not in answer.body:
                raise RuntimeError(f"nothing was found by {path}")

        return Request(own, make, has_found)

    def somebody_by_password() -> Person:
        return crowd.of_recipe("emailpassword")

    return {
        "admin: users": page(USERS),
        "admin: users by ID": page(USERS, lambda: crowd.anybody().id),
        "admin: users by e-mail": page(USERS, lambda: somebody_by_password().email),
        "admin: users by start of e-mail": page(USERS, lambda: somebody_by_password().email[:9]),
        "admin: users by phone number": page(USERS, lambda: crowd.of_recipe("passwordless").phone_number),
        "admin: users by ID at provider": page(
            USERS, lambda: crowd.of_recipe("thirdparty").third_party_user_id
        ),
        "admin: page of a user": Request(
            own, lambda: wsgi.get(f"{USERS}{crowd.anybody().id}/change/", HTTP_COOKIE=cookie)
        ),
        "admin: sessions": page(SESSIONS),
        "admin: sessions by handle": page(SESSIONS, lambda: crowd.session()[1]),
        "admin: sessions of a user": page(SESSIONS, lambda: crowd.anybody().id),
        "admin: sessions by e-mail": page(SESSIONS, lambda: somebody_by_password().email),
    }


def _operator() -> str:
    """The key of a Django session of a superuser."""
    from django.contrib.auth.models import User
    from django.test import Client

    user = User.objects.filter(username="operator").first()
    client = Client()
    client.force_login(user or User.objects.create_superuser("operator"))
    return client.cookies["sessionid"].value


def _verbs(crowd: Crowd) -> dict[str, Case]:
    from supertokens_django.services import session, users
    from supertokens_django.users.accounts import AccountInfo

    def page(**options: Any) -> Callable[[Any], Any]:
        return lambda token: users.get_users_newest_first("public", 100, token, **options)

    def found_by(field: str) -> Callable[[str], Any]:
        return lambda text: users.get_users_newest_first("public", 10, query={field: text})

    def token_of_a_page() -> str | None:
        """Of one that begins anywhere."""
        from supertokens_django.models import LoginIdentity, LoginMethod
        from supertokens_django.users.listing import page

        method = LoginMethod.objects.get(pk=crowd.anybody().id)
        begins = LoginIdentity.objects.filter(tenant_id="public", owner_joined__lte=method.time_joined)
        return page(begins, 1, None, newest_first=True).next_pagination_token

    return {
        "users, first page": Verb(lambda: None, page()),
        "users, any page": Verb(token_of_a_page, page()),
        "users of one recipe": Verb(lambda: None, page(include_recipe_ids=["thirdparty"])),
        "users of a small tenant": Verb(
            lambda: None, lambda _: users.get_users_newest_first(SMALL_TENANT, 2)
        ),
        "users by start of e-mail": Verb(
            lambda: crowd.of_recipe("emailpassword").email[:9], found_by("email")
        ),
        "users by domain": Verb(
            lambda: crowd.of_recipe("emailpassword").email.partition("@")[2], found_by("email")
        ),
        "users by domain, many": Verb(lambda: "mail", found_by("email")),
        "users by phone number": Verb(
            lambda: crowd.of_recipe("passwordless").phone_number, found_by("phone")
        ),
        "users by provider": Verb(lambda: "google", found_by("provider")),
        "user by ID": Verb(lambda: crowd.anybody().id, users.get_user),
        "users by account info": Verb(
            lambda: AccountInfo(email=crowd.of_recipe("emailpassword").email),
            lambda info: users.list_users_by_account_info("public", info),
        ),
        "sessions of a user": Verb(lambda: crowd.anybody().id, session.get_all_session_handles_for_user),
        "revoke all sessions of a user": Verb(_signed_in_five_times, session.revoke_all_sessions_for_user),
        "clean-up batch": Verb(_make_expired, _clean_up),
    }


def _signed_in_five_times() -> str:
    """The id of a new user with five sessions: those of the seed are for others to be found."""
    from supertokens_django.services import emailpassword, session

    user_id = emailpassword.sign_up("public", f"gone{time.time_ns()}@example.com", PASSWORD).id
    for _ in range(5):
        session.create_new_session_without_request_response("public", user_id)
    return user_id


def _make_expired() -> None:
    """As many of the oldest as a batch deletes."""
    from django.utils import timezone

    from supertokens_django.models import Session

    moment, mark = timezone.now() - timedelta(days=400), time.time_ns()
    Session.objects.bulk_create(
        Session(handle=f"expired-{mark}-{number}", tenant_id="public", recipe_user_id="x", expires_at=moment)
        for number in range(CLEANUP_BATCH)
    )


def _clean_up(_: None) -> None:
    from supertokens_django.cleanup import service

    (kind,) = (kind for kind in service.kinds() if kind.name == "sessions")
    if service.delete_batch(kind, CLEANUP_BATCH).deleted != CLEANUP_BATCH:
        raise RuntimeError("fewer rows were deleted than there were to delete")
