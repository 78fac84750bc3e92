"""Fills the example project with accounts to sign in with, and says where it is served."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from supertokens_django.services import emailpassword, emailverification

ADMIN = "admin@example.com"
PEOPLE = ("alice@example.com", "bob@example.com")
UNVERIFIED = PEOPLE[1]
PASSWORD = "demo-password-1"

BANNER = """
  The example project is served at

    {site}/                 home page
    {site}/auth/            sign in, sign up
    {site}/auth/?show=code  sign in without a password, by a code or a link
    {site}/protected/       a page for people who are signed in
    {site}/verified/        a page for people whose e-mail address is verified
    {site}/admin/           the admin

  Accounts, all with the password {password}

    {admin}    superuser
    {alice}
    {bob}, whose address is not verified yet

  Mails and text messages are printed here. Whoever signs in without a password, by any address or phone number,
  gets an account of their own.

  To sign in with Google or GitHub as well, register a client there, with the callback
  {site}/auth/callback/google or {site}/auth/callback/github, and begin with

    GOOGLE_CLIENT_ID=… GOOGLE_CLIENT_SECRET=… make run      (or GITHUB_CLIENT_ID, …)
"""


class Command(BaseCommand):
    help = "Create the demo accounts where they are missing, and print them."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Accounts with a known password are for development only (DEBUG is off).")
        for email in (ADMIN, *PEOPLE):
            sign_up_once(email)
        alice, bob = PEOPLE
        where = {"site": settings.SITE, "password": PASSWORD}
        self.stdout.write(BANNER.format(**where, admin=ADMIN, alice=alice, bob=bob))


@transaction.atomic
def sign_up_once(email: str) -> None:
    if User.objects.filter(email=email).exists():
        return
    user = emailpassword.sign_up("public", email, PASSWORD)
    if email != UNVERIFIED:
        emailverification.mark_email_verified(user.id)
    if email == ADMIN:
        make_superuser(User.objects.get(email=email))


def make_superuser(user: User) -> None:
    """Promote the Django user of a sign-up; the password of its own is for the admin's log-in form."""
    user.username = user.email
    user.is_staff = user.is_superuser = True
    user.set_password(PASSWORD)
    user.save()
