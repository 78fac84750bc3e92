"""E-mail and password: accounts, credentials, password reset.  Subclass point of the recipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest

from supertokens_django import clock, conf, db
from supertokens_django.crypto import hashing
from supertokens_django.crypto.secrets import sha256_hex
from supertokens_django.delivery.languages import spoken_to
from supertokens_django.delivery.links import link_to
from supertokens_django.exceptions import BadInputError
from supertokens_django.http.aftermath import after_answer
from supertokens_django.recipes.emailpassword import emails, inputs, rows
from supertokens_django.recipes.emailpassword.conf import EmailPasswordConf
from supertokens_django.recipes.emailpassword.exceptions import (
    PasswordPolicyViolated,
    ResetPasswordInvalidToken,
    UnknownUserId,
    WrongCredentials,
)
from supertokens_django.recipes.emailpassword.models import Password, PasswordResetToken
from supertokens_django.recipes.emailpassword.rows import RECIPE_ID
from supertokens_django.recipes.emailverification.conf import RECIPE as EMAIL_VERIFICATION
from supertokens_django.recipes.emailverification.service import emailverification
from supertokens_django.recipes.multitenancy.service import require_tenant
from supertokens_django.registry import lazy_service
from supertokens_django.users import accounts, django_user
from supertokens_django.users.accounts import AccountInfo, WireIdentity, normalise_email
from supertokens_django.users.models import LoginMethod


class EmailPasswordService:
    """The verbs of the recipe; subclass it and name it in ``SUPERTOKENS["EMAILPASSWORD"]["SERVICE_CLASS"]``.

    A verb may refuse with ``GeneralError("text for the user")``.
    """

    def sign_up(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        """Create a user, its Django user and its password.  Validators are the caller's business (the API asks them).

        Raises:
            EmailAlreadyExists: the e-mail is taken in the tenant.
            UnknownTenantError: there is no such tenant.
            BadInputError: the password is empty.
        """
        if not password:
            raise BadInputError("Password cannot be an empty string")
        encoded = hashing.make(password)  # before the transaction: hashing is slow and holds no lock that way
        return rows.create(require_tenant(tenant_id), email, encoded)

    async def asign_up(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        """See :meth:`sign_up`."""
        return await sync_to_async(self.sign_up)(tenant_id, email, password)

    def hash_password(self, password: str) -> str:
        """Hash a password with the preferred hasher."""
        return hashing.make(password)

    def on_sign_up(
        self, login_method: LoginMethod, form_fields: dict[str, Any], request: HttpRequest
    ) -> None:
        """Called inside the transaction of a sign-up over the API: keep further form fields here, or refuse."""

    def sign_in(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        """Find the login method that these credentials sign in; it starts no session.

        Raises:
            WrongCredentials: they are not right, or the Django user is switched off.
            UnknownTenantError: there is no such tenant.
        """
        return self.verify_credentials(tenant_id, email, password)

    async def asign_in(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        """See :meth:`sign_in`."""
        return await sync_to_async(self.sign_in)(tenant_id, email, password)

    def verify_credentials(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        """Find the login method with these credentials, to ask a user for the password once more for instance.

        An outdated hash is replaced by one of today's.  An unknown e-mail takes as long as a wrong password.

        Raises:
            WrongCredentials: they are not right, or the Django user is switched off.
            UnknownTenantError: there is no such tenant.
        """
        info = AccountInfo(email=normalise_email(email))
        method = accounts.find_login_method(tenant_id, RECIPE_ID, info, "password")
        if method is None:
            hashing.make(password)
            require_tenant(tenant_id)
            raise WrongCredentials
        is_right, is_outdated = hashing.verify(password, method.password.encoded)
        if not is_right or django_user.is_inactive(method.user):
            raise WrongCredentials
        if is_outdated:
            rows.upgrade(method, password)
        return method

    async def averify_credentials(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        """See :meth:`verify_credentials`."""
        return await sync_to_async(self.verify_credentials)(tenant_id, email, password)

    def hold(self, login_method: LoginMethod) -> WireIdentity:
        """Lock a login method whose password was found right until the transaction ends.

        Comparing takes its time, in which the password may have been reset and all sessions revoked, or the user
        deleted: a session made now would outlive that.

        Raises:
            WrongCredentials: the password was changed, or the login method is gone.
        """
        unchanged = rows.hold(login_method)
        if unchanged is None:
            raise WrongCredentials
        return accounts.identity_of(unchanged)

    def email_exists(self, tenant_id: str, email: str) -> bool:
        """Tell whether somebody in the tenant signs in by this e-mail and a password.

        Raises:
            UnknownTenantError: there is no such tenant.
        """
        found = accounts.is_taken(tenant_id, RECIPE_ID, AccountInfo(email=normalise_email(email)))
        if not found:
            require_tenant(tenant_id)
        return found

    async def aemail_exists(self, tenant_id: str, email: str) -> bool:
        """See :meth:`email_exists`."""
        return await sync_to_async(self.email_exists)(tenant_id, email)

    # Password reset

    def create_reset_password_token(self, tenant_id: str, user_id: str, email: str) -> str:
        """Make a token of 128 letters and digits that lets its bearer set a new password; earlier ones stay good.

        Raises:
            UnknownUserId: no login method has the id.
            UnknownTenantError: there is no such tenant.
        """
        require_tenant(tenant_id)
        method = accounts.resolve(user_id).login_method
        if method is None:
            raise UnknownUserId
        token = rows.random_token()
        lifetime = conf.section(EmailPasswordConf).password_reset_token_lifetime
        PasswordResetToken.objects.create(
            token_hash=sha256_hex(token),
            login_method=method,
            email=email.strip(),
            expires_at=clock.now() + lifetime,
        )
        return token

    async def acreate_reset_password_token(self, tenant_id: str, user_id: str, email: str) -> str:
        """See :meth:`create_reset_password_token`."""
        return await sync_to_async(self.create_reset_password_token)(tenant_id, user_id, email)

    def create_reset_password_link(
        self, tenant_id: str, user_id: str, email: str, request: HttpRequest | None = None
    ) -> str:
        """Make a token and give the link to the page that takes it (FDI).

        Raises:
            UnknownUserId: the user has no e-mail and password login with this e-mail.
            UnknownTenantError: there is no such tenant.
        """
        method = accounts.resolve(user_id).login_method
        if method is None or method.recipe_id != RECIPE_ID or method.email != normalise_email(email):
            raise UnknownUserId
        token = self.create_reset_password_token(tenant_id, user_id, email)
        return link_to(request, "reset-password", token=token, tenantId=tenant_id)

    async def acreate_reset_password_link(
        self, tenant_id: str, user_id: str, email: str, request: HttpRequest | None = None
    ) -> str:
        """See :meth:`create_reset_password_link`."""
        return await sync_to_async(self.create_reset_password_link)(tenant_id, user_id, email, request)

    def send_reset_password_email(
        self, tenant_id: str, user_id: str, email: str, request: HttpRequest | None = None
    ) -> None:
        """Mail a reset link to the user.

        Raises:
            UnknownUserId: the user has no e-mail and password login with this e-mail.
            UnknownTenantError: there is no such tenant.
        """
        self._mail_link(self.send_email, tenant_id, user_id, email, request)

    async def asend_reset_password_email(
        self, tenant_id: str, user_id: str, email: str, request: HttpRequest | None = None
    ) -> None:
        """See :meth:`send_reset_password_email`."""
        await sync_to_async(self.send_reset_password_email)(tenant_id, user_id, email, request)

    def send_email(self, to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
        """Hand the reset mail to the delivery; override it to send by other means."""
        emails.send_reset_password(to, link, user, tenant_id)

    @db.transactional
    def send_sign_up_email(
        self, tenant_id: str, email: str, request: HttpRequest | None = None, *, is_new: bool
    ) -> None:
        """Mail what the answer to a hidden sign-up does not say: how it is finished, or that there was an account.

        Either has a link to choose a password.
        """
        method = accounts.find_login_method(tenant_id, RECIPE_ID, AccountInfo(email=normalise_email(email)))
        send = self.send_finish_sign_up_email if is_new else self.send_account_exists_email
        if method is not None:
            self._mail_link(send, tenant_id, method.id, email, request)

    def send_finish_sign_up_email(self, to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
        """Hand the mail to a new user to the delivery; override it to send by other means."""
        emails.send_finish_sign_up(to, link, user, tenant_id)

    def send_account_exists_email(self, to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
        """Hand the mail to who had an account already to the delivery; override it to send by other means."""
        emails.send_account_exists(to, link, user, tenant_id)

    def request_password_reset(self, tenant_id: str, email: str, request: HttpRequest | None = None) -> None:
        """Mail a reset link where the e-mail has a password login; do nothing for an unknown one.

        Where a request is given, its answer comes first: the time it takes does not tell whether there is an account.

        Raises:
            UnknownTenantError: there is no such tenant.
        """
        tenant_id = require_tenant(tenant_id)
        if accounts.is_taken(tenant_id, RECIPE_ID, AccountInfo(email=normalise_email(email))):
            after_answer(request, lambda: self._mail_reset_link(tenant_id, email, request))

    def consume_password_reset_token(self, tenant_id: str, token: str) -> tuple[LoginMethod, str]:
        """Use a token up, and with it all others of its user; gives the login method and the e-mail it was made for.

        An expired token ends its siblings as well.  It changes no password.

        Raises:
            UnknownTenantError: there is no such tenant.
            ResetPasswordInvalidToken: the token is unknown, used or expired.
        """
        require_tenant(tenant_id)
        found = rows.consume(token)
        if found is None:
            raise ResetPasswordInvalidToken
        return found

    async def aconsume_password_reset_token(self, tenant_id: str, token: str) -> tuple[LoginMethod, str]:
        """See :meth:`consume_password_reset_token`."""
        return await sync_to_async(self.consume_password_reset_token)(tenant_id, token)

    def reset_password_using_token(self, tenant_id: str, token: str, new_password: str) -> LoginMethod:
        """Use a token up and set the password of its user.

        Raises:
            ResetPasswordInvalidToken: the token is unknown, used or expired.
            PasswordPolicyViolated: the password is not good enough; the token stays good.
            UnknownTenantError: there is no such tenant.
        """
        if (error := inputs.password_error(new_password, tenant_id)) is not None:
            raise PasswordPolicyViolated(error)
        method = self._reset(tenant_id, token, hashing.make(new_password))
        if method is None:
            raise ResetPasswordInvalidToken
        return method

    async def areset_password_using_token(self, tenant_id: str, token: str, new_password: str) -> LoginMethod:
        """See :meth:`reset_password_using_token`."""
        return await sync_to_async(self.reset_password_using_token)(tenant_id, token, new_password)

    # Changing and importing

    def update_email_or_password(
        self,
        recipe_user_id: str,
        email: str | None = None,
        password: str | None = None,
        apply_password_policy: bool = True,
        tenant_id_for_password_policy: str = "public",
    ) -> LoginMethod:
        """Change the e-mail, the password or both; reset tokens of the user end.

        Raises:
            BadInputError: neither is given.
            UnknownUserId: the id is not that of an e-mail and password login.
            EmailAlreadyExists: the e-mail is taken in one of the login's tenants.
            PasswordPolicyViolated: the password is not good enough.
        """
        if email is None and password is None:
            raise BadInputError("You must provide either email or password")
        method = accounts.resolve(recipe_user_id).login_method
        if method is None or method.recipe_id != RECIPE_ID:
            raise UnknownUserId
        if password is not None and apply_password_policy:
            error = inputs.password_error(password, tenant_id_for_password_policy, email or method.email)
            if error is not None:
                raise PasswordPolicyViolated(error)
        encoded = None if password is None else hashing.make(password)
        rows.update(method, None if email is None else normalise_email(email), encoded)
        return method

    async def aupdate_email_or_password(
        self,
        recipe_user_id: str,
        email: str | None = None,
        password: str | None = None,
        apply_password_policy: bool = True,
        tenant_id_for_password_policy: str = "public",
    ) -> LoginMethod:
        """See :meth:`update_email_or_password`."""
        return await sync_to_async(self.update_email_or_password)(
            recipe_user_id, email, password, apply_password_policy, tenant_id_for_password_policy
        )

    def import_user_with_password_hash(
        self, tenant_id: str, email: str, password_hash: str, hashing_algorithm: str | None = None
    ) -> tuple[LoginMethod, bool]:
        """Create a user with a hash from a SuperTokens core, or give an existing one this hash.

        Returns the login method and whether it was there before.  The hash is replaced at the next sign-in.

        Raises:
            BadInputError: the algorithm is not known or the hash is not one of it.
            UnknownTenantError: there is no such tenant.
        """
        tenant_id = require_tenant(tenant_id)
        rows.require_importable(password_hash, hashing_algorithm)
        info = AccountInfo(email=normalise_email(email))
        method = accounts.find_login_method(tenant_id, RECIPE_ID, info)
        if method is None:
            return rows.create(tenant_id, email, password_hash), False
        Password.objects.filter(pk=method.pk).update(encoded=password_hash)
        return method, True

    async def aimport_user_with_password_hash(
        self, tenant_id: str, email: str, password_hash: str, hashing_algorithm: str | None = None
    ) -> tuple[LoginMethod, bool]:
        """See :meth:`import_user_with_password_hash`."""
        return await sync_to_async(self.import_user_with_password_hash)(
            tenant_id, email, password_hash, hashing_algorithm
        )

    # What the verbs share

    @db.transactional
    def _mail_reset_link(self, tenant_id: str, email: str, request: HttpRequest | None) -> None:
        method = accounts.find_login_method(tenant_id, RECIPE_ID, AccountInfo(email=normalise_email(email)))
        if method is not None:  # it may have been deleted since
            self.send_reset_password_email(tenant_id, method.id, email, request)

    def _mail_link(
        self,
        send: Callable[[str, str, dict[str, Any], str], None],
        tenant_id: str,
        user_id: str,
        email: str,
        request: HttpRequest | None,
    ) -> None:
        link = self.create_reset_password_link(tenant_id, user_id, email, request)
        who = accounts.resolve(user_id)
        # To the address on record: lower case takes a Kelvin sign for a k, and its mailbox may be somebody else's.
        address = normalise_email(email)
        user = {"id": who.user_id, "recipe_user_id": who.recipe_user_id, "email": address}
        with spoken_to(request):
            send(address, link, user, tenant_id)

    @db.transactional
    def _reset(self, tenant_id: str, token: str, encoded: str) -> LoginMethod | None:
        """None for an invalid token: raised in here, it would bring back the siblings of an expired one."""
        try:
            method, email = self.consume_password_reset_token(tenant_id, token)
        except ResetPasswordInvalidToken:
            return None
        rows.update(method, normalise_email(email) or None, encoded)
        if normalise_email(email) and conf.app().is_enabled(EMAIL_VERIFICATION):
            # Whoever has the link reads the mails of this address (FDI).
            emailverification.mark_email_verified(method.id, method.email)
        return method


emailpassword: EmailPasswordService = lazy_service(EmailPasswordService, EmailPasswordConf)
