"""Verbs on users: signing in or up by a code, and changing what they sign in by."""

from __future__ import annotations

from asgiref.sync import sync_to_async

from supertokens_django import db
from supertokens_django.exceptions import BadInputError, SuperTokensError
from supertokens_django.recipes.multitenancy.service import normalise_tenant_id, require_tenant
from supertokens_django.recipes.passwordless import rows
from supertokens_django.recipes.passwordless.code_verbs import CodeVerbs, contact_of
from supertokens_django.recipes.passwordless.credentials import ConsumedDevice
from supertokens_django.recipes.passwordless.exceptions import (
    SIGN_UP_REFUSED,
    EmailAlreadyExists,
    PhoneNumberAlreadyExists,
    RestartFlow,
    SignInUpNotAllowed,
    UnknownUserId,
)
from supertokens_django.recipes.passwordless.rows import RECIPE_ID
from supertokens_django.users import accounts, contacts
from supertokens_django.users.accounts import AccountInfo, WireIdentity
from supertokens_django.users.exceptions import IdentityTaken
from supertokens_django.users.models import LoginIdentity, LoginMethod

CLEARED_BOTH = "You cannot clear both email and phone number of a user"
Kind = LoginIdentity.Kind


class SignInVerbs(CodeVerbs):
    """See :class:`supertokens_django.recipes.passwordless.service.PasswordlessService`."""

    def consume_code(
        self,
        tenant_id: str,
        pre_auth_session_id: str,
        user_input_code: str | None = None,
        device_id: str | None = None,
        link_code: str | None = None,
    ) -> tuple[LoginMethod, bool]:
        """Use a code or the code of a link up; gives whom it signs in, and whether the user was created now.

        It starts no session.  All codes that were sent to the same contact end.

        Raises:
            IncorrectUserInputCode, ExpiredUserInputCode: the code is wrong; it was counted.
            RestartFlow: there is no such code, it was used, or too many were wrong.
            SignInUpNotAllowed: no user can be made; the code stays good.
            BadInputError: the parts do not belong together.
            UnknownTenantError: there is no such tenant.
        """
        found = self._consume(tenant_id, pre_auth_session_id, user_input_code, device_id, link_code)
        if isinstance(found, SuperTokensError):
            raise found
        return found

    async def aconsume_code(
        self,
        tenant_id: str,
        pre_auth_session_id: str,
        user_input_code: str | None = None,
        device_id: str | None = None,
        link_code: str | None = None,
    ) -> tuple[LoginMethod, bool]:
        """See :meth:`consume_code`."""
        return await sync_to_async(self.consume_code)(
            tenant_id, pre_auth_session_id, user_input_code, device_id, link_code
        )

    def signinup(
        self, tenant_id: str, email: str | None = None, phone_number: str | None = None
    ) -> tuple[LoginMethod, bool]:
        """Find the user with this contact, or create one; whether it is theirs is taken as known.

        Raises:
            BadInputError: there are both contacts or none.
            SignInUpNotAllowed: no user can be made.
            UnknownTenantError: there is no such tenant.
        """
        made = self.create_code(tenant_id, email, phone_number)
        return self.consume_code(tenant_id, made.pre_auth_session_id, link_code=made.link_code)

    async def asigninup(
        self, tenant_id: str, email: str | None = None, phone_number: str | None = None
    ) -> tuple[LoginMethod, bool]:
        """See :meth:`signinup`."""
        return await sync_to_async(self.signinup)(tenant_id, email, phone_number)

    def email_exists(self, tenant_id: str, email: str) -> bool:
        """Tell whether somebody in the tenant signs in by codes sent to this e-mail.

        Raises:
            UnknownTenantError: there is no such tenant.
        """
        found = accounts.is_taken(tenant_id, RECIPE_ID, contact_of(email, None))
        if not found:
            require_tenant(tenant_id)
        return found

    async def aemail_exists(self, tenant_id: str, email: str) -> bool:
        """See :meth:`email_exists`."""
        return await sync_to_async(self.email_exists)(tenant_id, email)

    def phone_number_exists(self, tenant_id: str, phone_number: str) -> bool:
        """Tell whether somebody in the tenant has this phone number, by whatever recipe.

        Raises:
            UnknownTenantError: there is no such tenant.
        """
        found = contacts.is_known(tenant_id, contact_of(None, phone_number))
        if not found:
            require_tenant(tenant_id)
        return found

    async def aphone_number_exists(self, tenant_id: str, phone_number: str) -> bool:
        """See :meth:`phone_number_exists`."""
        return await sync_to_async(self.phone_number_exists)(tenant_id, phone_number)

    # Changing

    @db.transactional
    def update_user(
        self, recipe_user_id: str, email: str | None = None, phone_number: str | None = None
    ) -> LoginMethod:
        """Change the e-mail, the phone number or both; codes that were sent to the old and the new ones end.

        A new e-mail is not verified before a code was sent there.

        Raises:
            UnknownUserId: the id is not that of a passwordless login.
            EmailAlreadyExists, PhoneNumberAlreadyExists: it is taken in one of the login's tenants.
        """
        method = self._method_of(recipe_user_id)
        changes: dict[str, str | None] = {}
        if email is not None:
            changes[Kind.EMAIL] = contact_of(email, None).email
        if phone_number is not None:
            changes[Kind.PHONE_NUMBER] = contact_of(None, phone_number).phone_number
        self._change(method, changes)
        return method

    async def aupdate_user(
        self, recipe_user_id: str, email: str | None = None, phone_number: str | None = None
    ) -> LoginMethod:
        """See :meth:`update_user`."""
        return await sync_to_async(self.update_user)(recipe_user_id, email, phone_number)

    @db.transactional
    def delete_email_for_user(self, recipe_user_id: str) -> LoginMethod:
        """Let a user sign in by the phone number alone.

        Raises:
            UnknownUserId: the id is not that of a passwordless login.
            BadInputError: the user has no phone number.
        """
        method = self._method_of(recipe_user_id)
        self._change(method, {Kind.EMAIL: None})
        return method

    async def adelete_email_for_user(self, recipe_user_id: str) -> LoginMethod:
        """See :meth:`delete_email_for_user`."""
        return await sync_to_async(self.delete_email_for_user)(recipe_user_id)

    @db.transactional
    def delete_phone_number_for_user(self, recipe_user_id: str) -> LoginMethod:
        """Let a user sign in by the e-mail alone.

        Raises:
            UnknownUserId: the id is not that of a passwordless login.
            BadInputError: the user has no e-mail.
        """
        method = self._method_of(recipe_user_id)
        self._change(method, {Kind.PHONE_NUMBER: None})
        return method

    async def adelete_phone_number_for_user(self, recipe_user_id: str) -> LoginMethod:
        """See :meth:`delete_phone_number_for_user`."""
        return await sync_to_async(self.delete_phone_number_for_user)(recipe_user_id)

    # What the sign-in of the API is made of

    def hold_user(self, tenant_id: str, account_info: AccountInfo) -> LoginMethod | None:
        """Whoever signs in by a contact, which is in its stored form; locked until the transaction ends.

        Raises:
            RestartFlow: they have just changed it.
        """
        return rows.hold_user(tenant_id, account_info)

    @db.transactional
    def create_user(self, tenant_id: str, account_info: AccountInfo) -> LoginMethod:
        """Create a user whose contact was shown to be theirs.

        Raises:
            RestartFlow: somebody else has just done that.
            SignInUpNotAllowed: the Django user model has a unique field that is taken.
        """
        try:
            return accounts.create_login_method(
                tenant_id, RECIPE_ID, account_info, is_verified=account_info.email is not None
            )
        except IdentityTaken as error:
            if accounts.is_taken(tenant_id, RECIPE_ID, account_info):
                raise RestartFlow from error
            raise SignInUpNotAllowed(SIGN_UP_REFUSED) from error

    def confirm(self, login_method: LoginMethod, account_info: AccountInfo) -> WireIdentity:
        """Note that the contact, by which :meth:`hold_user` has found and locked the login method, is theirs.

        A number says nothing about the e-mail that the login method has besides.
        """
        if account_info.email:
            contacts.mark_verified_if_new(login_method)
        return accounts.identity_of(login_method)

    # What the verbs share

    @db.transactional
    def _consume(
        self,
        tenant_id: str,
        pre_auth_session_id: str,
        user_input_code: str | None,
        device_id: str | None,
        link_code: str | None,
    ) -> tuple[LoginMethod, bool] | SuperTokensError:
        """An error of the code itself is a value: raised in here, it would undo the count of wrong ones."""
        try:
            device = self.check_code(tenant_id, pre_auth_session_id, user_input_code, device_id, link_code)
        except BadInputError:
            raise
        except SuperTokensError as error:
            return error
        return self._sign_in_up(device)

    def _sign_in_up(self, device: ConsumedDevice) -> tuple[LoginMethod, bool]:
        tenant_id = normalise_tenant_id(device.tenant_id)
        self.use_up(device)
        method = self.hold_user(tenant_id, device.account_info)
        if method is None:
            return self.create_user(tenant_id, device.account_info), True
        self.confirm(method, device.account_info)
        return method, False

    @staticmethod
    def _method_of(recipe_user_id: str) -> LoginMethod:
        method = accounts.resolve(recipe_user_id).login_method
        if method is None or method.recipe_id != RECIPE_ID:
            raise UnknownUserId
        found = db.locked(LoginMethod.objects.filter(pk=method.pk)).select_related("user").first()
        if found is None:
            raise UnknownUserId
        return found

    def _change(self, method: LoginMethod, changes: dict[str, str | None]) -> None:
        now: dict[str, str | None] = {Kind.EMAIL: method.email, Kind.PHONE_NUMBER: method.phone_number}
        after = {**now, **changes}
        if not any(after.values()):
            raise BadInputError(CLEARED_BOTH)
        changed = {kind: value for kind, value in changes.items() if value != now[kind]}
        of_both = [(kind, value) for kind in changed for value in (now[kind], changed[kind]) if value]
        tenants = contacts.tenants_of(method)
        for kind, value in changed.items():
            try:
                contacts.change(method, Kind(kind), value)
            except IdentityTaken as error:
                taken = EmailAlreadyExists if kind == Kind.EMAIL else PhoneNumberAlreadyExists
                raise taken from error
        for tenant_id in tenants:
            for kind, value in of_both:
                info = AccountInfo(email=value) if kind == Kind.EMAIL else AccountInfo(phone_number=value)
                rows.delete_devices(rows.devices_of(tenant_id, info))
