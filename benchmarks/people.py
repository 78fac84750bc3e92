"""The users of the projects whose accounts are Django's."""

from __future__ import annotations

from benchmarks.cases import COMER, PERSON

LOGIN = {"username": PERSON["email"], "password": PERSON["password"]}
LOGIN_OF_COMER = {"username": COMER["email"], "password": COMER["password"]}


def make_people() -> None:
    from django.contrib.auth.models import User

    for person in (PERSON, COMER):
        User.objects.create_user(person["email"], person["email"], person["password"])
