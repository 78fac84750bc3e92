"""Verbs on codes: making, sending, checking, listing and revoking them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from supertokens_django import clock, conf
from supertokens_django.delivery.links import link_to
from supertokens_django.exceptions import BadInputError, SuperTokensError
from supertokens_django.recipes.multitenancy.service import normalise_tenant_id, require_tenant
from supertokens_django.recipes.passwordless import codes, rows, verdicts
from supertokens_django.recipes.passwordless.conf import PasswordlessConf
from supertokens_django.recipes.passwordless.credentials import ConsumedDevice, Credentials
from supertokens_django.recipes.passwordless.exceptions import RestartFlow
from supertokens_django.recipes.passwordless.models import PasswordlessDevice
from supertokens_django.recipes.passwordless.rows import CreatedCode
from supertokens_django.users import addresses, phone
from supertokens_django.users.accounts import AccountInfo, normalise_email


@dataclass(frozen=True)
class CodeInformation:
    """A code that was sent; what it says is known to nobody but its receiver."""

    code_id: str
    time_created: int
    """In milliseconds since the epoch."""
    code_life_time: int
    """In milliseconds."""


@dataclass(frozen=True)
class DeviceInformation:
    """A device that has asked for codes."""

    pre_auth_session_id: str
    failed_code_input_attempt_count: int
    codes: tuple[CodeInformation, ...]
    email: str | None = None
    phone_number: str | None = None


class CodeVerbs:
    """See :class:`supertokens_django.recipes.passwordless.service.PasswordlessService`."""

    def create_code(
        self,
        tenant_id: str,
        email: str | None = None,
        phone_number: str | None = None,
        user_input_code: str | None = None,
    ) -> CreatedCode:
        """Make a code, and the code of a link, for a new device; nothing is sent.

        Raises:
            BadInputError: there are both contacts or none, one that is nobody's, or the code is empty.
            UnknownTenantError: there is no such tenant.
        """
        tenant_id, info = require_tenant(tenant_id), contact_of(email, phone_number)
        return rows.create_device(tenant_id, info, self._code_or_new(tenant_id, user_input_code))

    async def acreate_code(
        self,
        tenant_id: str,
        email: str | None = None,
        phone_number: str | None = None,
        user_input_code: str | None = None,
    ) -> CreatedCode:
        """See :meth:`create_code`."""
        return await sync_to_async(self.create_code)(tenant_id, email, phone_number, user_input_code)

    def create_new_code_for_device(
        self, tenant_id: str, device_id: str, user_input_code: str | None = None
    ) -> CreatedCode:
        """Make one more code for a device; the earlier ones stay good.

        Raises:
            RestartFlow: there is no such device.
            UserInputCodeAlreadyUsed: the device has a code of this text.
            BadInputError: the device id is no base64, or the code is empty.
            UnknownTenantError: there is no such tenant.
        """
        tenant_id = require_tenant(tenant_id)
        made = rows.add_code(tenant_id, device_id, self._code_or_new(tenant_id, user_input_code))
        if made is None:
            raise RestartFlow
        return made

    async def acreate_new_code_for_device(
        self, tenant_id: str, device_id: str, user_input_code: str | None = None
    ) -> CreatedCode:
        """See :meth:`create_new_code_for_device`."""
        return await sync_to_async(self.create_new_code_for_device)(tenant_id, device_id, user_input_code)

    def create_magic_link(
        self,
        tenant_id: str,
        email: str | None = None,
        phone_number: str | None = None,
        request: HttpRequest | None = None,
    ) -> str:
        """Make a code and give its link, whatever ``FLOW_TYPE`` says.

        Raises:
            BadInputError: there are both contacts or none.
            UnknownTenantError: there is no such tenant.
        """
        return self.link_of(tenant_id, self.create_code(tenant_id, email, phone_number), request)

    async def acreate_magic_link(
        self,
        tenant_id: str,
        email: str | None = None,
        phone_number: str | None = None,
        request: HttpRequest | None = None,
    ) -> str:
        """See :meth:`create_magic_link`."""
        return await sync_to_async(self.create_magic_link)(tenant_id, email, phone_number, request)

    def link_of(self, tenant_id: str, created: CreatedCode, request: HttpRequest | None = None) -> str:
        """The link that belongs to a code (FDI): its secret is in the fragment, which browsers send to no server."""
        query = {"preAuthSessionId": created.pre_auth_session_id, "tenantId": tenant_id}
        return f"{link_to(request, 'verify', **query)}#{created.link_code}"

    # Checking

    def check_code(
        self,
        tenant_id: str,
        pre_auth_session_id: str,
        user_input_code: str | None = None,
        device_id: str | None = None,
        link_code: str | None = None,
    ) -> ConsumedDevice:
        """Tell whether a code is right without using it up; a wrong one counts as a wrong one.

        Raises:
            IncorrectUserInputCode, ExpiredUserInputCode: the code is wrong; it was counted.
            RestartFlow: there is no such code, it was used, or too many were wrong.
            BadInputError: the parts do not belong together.
            UnknownTenantError: there is no such tenant.
        """
        tenant_id = normalise_tenant_id(tenant_id)
        given = Credentials(pre_auth_session_id, user_input_code, device_id, link_code)
        found = verdicts.judge(tenant_id, given)
        if isinstance(found, RestartFlow):
            require_tenant(tenant_id)
        if isinstance(found, SuperTokensError):
            raise found
        return found

    async def acheck_code(
        self,
        tenant_id: str,
        pre_auth_session_id: str,
        user_input_code: str | None = None,
        device_id: str | None = None,
        link_code: str | None = None,
    ) -> ConsumedDevice:
        """See :meth:`check_code`."""
        return await sync_to_async(self.check_code)(
            tenant_id, pre_auth_session_id, user_input_code, device_id, link_code
        )

    def use_up(self, device: ConsumedDevice) -> None:
        """End all codes that were sent to the contact of a device, which :meth:`check_code` has locked."""
        rows.delete_by_key(device.keys)

    # Listing and revoking

    def list_codes_by_email(self, tenant_id: str, email: str) -> list[DeviceInformation]:
        """The devices that were sent a code to this address, the oldest first."""
        return _listed(rows.devices_of(normalise_tenant_id(tenant_id), contact_of(email, None)))

    async def alist_codes_by_email(self, tenant_id: str, email: str) -> list[DeviceInformation]:
        """See :meth:`list_codes_by_email`."""
        return await sync_to_async(self.list_codes_by_email)(tenant_id, email)

    def list_codes_by_phone_number(self, tenant_id: str, phone_number: str) -> list[DeviceInformation]:
        """The devices that were sent a code to this phone number, the oldest first."""
        return _listed(rows.devices_of(normalise_tenant_id(tenant_id), contact_of(None, phone_number)))

    async def alist_codes_by_phone_number(self, tenant_id: str, phone_number: str) -> list[DeviceInformation]:
        """See :meth:`list_codes_by_phone_number`."""
        return await sync_to_async(self.list_codes_by_phone_number)(tenant_id, phone_number)

    def list_codes_by_device_id(self, tenant_id: str, device_id: str) -> DeviceInformation | None:
        """The device with this id, which is known to it alone.

        Raises:
            BadInputError: the device id is no base64.
        """
        return self.list_codes_by_pre_auth_session_id(tenant_id, codes.pre_auth_session_id_of(device_id))

    async def alist_codes_by_device_id(self, tenant_id: str, device_id: str) -> DeviceInformation | None:
        """See :meth:`list_codes_by_device_id`."""
        return await sync_to_async(self.list_codes_by_device_id)(tenant_id, device_id)

    def list_codes_by_pre_auth_session_id(
        self, tenant_id: str, pre_auth_session_id: str
    ) -> DeviceInformation | None:
        """The device with this id of the wire."""
        key = codes.without_padding(pre_auth_session_id)
        found = _listed(rows.devices(normalise_tenant_id(tenant_id)).filter(pk=key))
        return found[0] if found else None

    async def alist_codes_by_pre_auth_session_id(
        self, tenant_id: str, pre_auth_session_id: str
    ) -> DeviceInformation | None:
        """See :meth:`list_codes_by_pre_auth_session_id`."""
        return await sync_to_async(self.list_codes_by_pre_auth_session_id)(tenant_id, pre_auth_session_id)

    def revoke_all_codes(
        self, tenant_id: str, email: str | None = None, phone_number: str | None = None
    ) -> None:
        """End all codes that were sent to a contact.

        Raises:
            BadInputError: there are both contacts or none.
        """
        info = contact_of(email, phone_number)
        rows.delete_devices(rows.devices_of(normalise_tenant_id(tenant_id), info))

    async def arevoke_all_codes(
        self, tenant_id: str, email: str | None = None, phone_number: str | None = None
    ) -> None:
        """See :meth:`revoke_all_codes`."""
        await sync_to_async(self.revoke_all_codes)(tenant_id, email, phone_number)

    def revoke_code(
        self, tenant_id: str, code_id: str | None = None, pre_auth_session_id: str | None = None
    ) -> None:
        """End one code (the device goes with its last one), or all of a device; one that is not there is fine.

        Raises:
            BadInputError: there are both ids or none.
        """
        tenant_id = normalise_tenant_id(tenant_id)
        if (code_id is None) == (pre_auth_session_id is None):
            raise BadInputError("Please provide exactly one of code_id or pre_auth_session_id")
        if code_id is not None:
            rows.delete_code(tenant_id, code_id)
        if pre_auth_session_id is not None:
            key = codes.without_padding(pre_auth_session_id)
            rows.delete_devices(rows.devices(tenant_id).filter(pk=key))

    async def arevoke_code(
        self, tenant_id: str, code_id: str | None = None, pre_auth_session_id: str | None = None
    ) -> None:
        """See :meth:`revoke_code`."""
        await sync_to_async(self.revoke_code)(tenant_id, code_id, pre_auth_session_id)

    # To be overridden

    def new_user_input_code(self, tenant_id: str) -> str:
        """The code to be sent next: six digits, or what ``GET_CUSTOM_USER_INPUT_CODE`` gives."""
        custom = conf.section(PasswordlessConf).get_custom_user_input_code
        return codes.new_user_input_code() if custom is None else custom(tenant_id)

    def _code_or_new(self, tenant_id: str, given: str | None) -> str:
        if given is not None:
            if not given.strip():
                raise BadInputError("The code cannot be an empty string")
            return given.strip()
        made: Any = self.new_user_input_code(tenant_id)
        if not isinstance(made, str) or not made.strip():
            where = "SUPERTOKENS['PASSWORDLESS']['GET_CUSTOM_USER_INPUT_CODE']"
            raise ImproperlyConfigured(f"{where} must give a non-empty string.")
        return made.strip()


def contact_of(email: str | None, phone_number: str | None) -> AccountInfo:
    """The one contact that is given, in its stored form.

    Raises:
        BadInputError: there are both or none, or it is empty or too long to be anybody's.
    """
    if (email is None) == (phone_number is None):
        raise BadInputError("Please provide exactly one of email or phone_number")
    if email is not None:
        info = AccountInfo(email=normalise_email(email))
        is_good = addresses.is_storable(info.email or "")
    else:
        info = AccountInfo(phone_number=phone.normalise(phone_number or ""))
        is_good = phone.is_storable(info.phone_number or "")
    if not is_good:
        raise BadInputError("The email or phone_number is empty or too long")
    return info


def _listed(found: Any) -> list[DeviceInformation]:
    return [_information(device) for device in found]


def _information(device: PasswordlessDevice) -> DeviceInformation:
    return DeviceInformation(
        pre_auth_session_id=device.pk,
        failed_code_input_attempt_count=device.failed_attempts,
        codes=tuple(
            CodeInformation(
                code.pk,
                clock.milliseconds(code.created_at),
                clock.milliseconds(code.expires_at) - clock.milliseconds(code.created_at),
            )
            for code in sorted(device.codes.all(), key=lambda code: (code.created_at, code.pk))
        ),
        email=device.email,
        phone_number=device.phone_number,
    )
