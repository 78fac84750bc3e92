"""Rows of the recipe: devices and codes.  Whatever is decided about a contact waits for the lock of its devices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Subquery

from supertokens_django import clock, conf, db
from supertokens_django.crypto.secrets import DecryptionError, decrypt, encrypt
from supertokens_django.prepared import PreparedQuery
from supertokens_django.recipes.passwordless import codes
from supertokens_django.recipes.passwordless.conf import PasswordlessConf
from supertokens_django.recipes.passwordless.exceptions import RestartFlow, UserInputCodeAlreadyUsed
from supertokens_django.recipes.passwordless.models import PasswordlessCode, PasswordlessDevice
from supertokens_django.users import accounts
from supertokens_django.users.accounts import AccountInfo
from supertokens_django.users.models import LoginIdentity, LoginMethod

RECIPE_ID = "passwordless"
Kind = PasswordlessDevice.Kind


@dataclass(frozen=True)
class CreatedCode:
    """A code that was made just now; nothing of it but the ids can be asked for again."""

    pre_auth_session_id: str
    code_id: str
    device_id: str = field(repr=False)
    user_input_code: str = field(repr=False)
    link_code: str = field(repr=False)
    code_life_time: int
    """In milliseconds."""
    time_created: int
    """In milliseconds since the epoch."""


def contact_of(info: AccountInfo) -> tuple[str, str]:
    """Kind and text of the one contact in ``info``, which are in their stored forms."""
    if info.email:
        return Kind.EMAIL, info.email
    return Kind.PHONE_NUMBER, info.phone_number or ""


def info_of(device: PasswordlessDevice) -> AccountInfo:
    return AccountInfo(email=device.email, phone_number=device.phone_number)


@db.transactional
def create_device(tenant_id: str, info: AccountInfo, user_input_code: str) -> CreatedCode:
    """Insert a device with its first code."""
    kind, contact = contact_of(info)
    device_id, salt, now = codes.new_device_id(), codes.new_salt(), clock.now()
    device = PasswordlessDevice.objects.create(
        device_id_hash=codes.pre_auth_session_id_of(device_id),
        tenant_id=tenant_id,
        kind=kind,
        contact=contact,
        link_code_salt=encrypt(salt),
        created_at=now,
        expires_at=_end(now),
    )
    return _add_code(device, device_id, salt, user_input_code, now)


@db.transactional
def add_code(tenant_id: str, device_id: str, user_input_code: str) -> CreatedCode | None:
    """Insert one more code of a device; None for a device that is not there.

    Raises:
        BadInputError: the device id is no base64.
        UserInputCodeAlreadyUsed: it has a code of this text.
    """
    key = codes.pre_auth_session_id_of(device_id)
    device = db.locked(PasswordlessDevice.objects.filter(pk=key, tenant=tenant_id)).first()
    if device is None or (salt := _salt_of(device)) is None:
        return None
    now = clock.now()
    try:
        with transaction.atomic(using=db.write_alias()):
            made = _add_code(device, device_id, salt, user_input_code, now)
    except IntegrityError as error:
        raise UserInputCodeAlreadyUsed from error
    PasswordlessDevice.objects.filter(pk=key).update(expires_at=_end(now))
    return made


def _add_code(
    device: PasswordlessDevice, device_id: str, salt: str, user_input_code: str, now: datetime
) -> CreatedCode:
    link_code, end = codes.link_code_of(device_id, salt, user_input_code), _end(now)
    code = PasswordlessCode(
        tenant_id=device.tenant_id,
        device=device,
        link_code_hash=codes.link_code_hash_of(link_code),
        created_at=now,
        expires_at=end,
    )
    code.save(force_insert=True)
    return CreatedCode(
        pre_auth_session_id=device.pk,
        code_id=code.pk,
        device_id=device_id,
        user_input_code=user_input_code,
        link_code=link_code,
        code_life_time=clock.milliseconds(end) - clock.milliseconds(now),
        time_created=clock.milliseconds(now),
    )


def _end(now: datetime) -> datetime:
    return now + conf.section(PasswordlessConf).code_lifetime


def _salt_of(device: PasswordlessDevice) -> str | None:
    try:
        return decrypt(device.link_code_salt)
    except DecryptionError:  # SECRET_KEY was replaced: as if the code had been too old
        return None


# Finding

_CODES_OF_CONTACT: PreparedQuery[PasswordlessCode] = PreparedQuery(
    lambda tenant_id, key: (
        PasswordlessCode.objects.filter(
            device__tenant=tenant_id,
            device__contact=Subquery(PasswordlessDevice.objects.filter(pk=key).values("contact")),
        )
        .select_related("device")
        .order_by("device", "pk")
        .select_for_update()
    )
)


def locked_codes(tenant_id: str, pre_auth_session_id: str) -> list[PasswordlessCode]:
    """The codes of all devices that were sent something to the same contact as this one, locked with their devices.

    In one order, so that of two who do the same one waits for the other, and neither for each other.
    """
    found = _CODES_OF_CONTACT.all(tenant_id, pre_auth_session_id)
    kinds = {code.device.kind for code in found if code.device_id == pre_auth_session_id}
    return [code for code in found if code.device.kind in kinds]


def link_code_of(device: PasswordlessDevice, device_id: str, user_input_code: str) -> str | None:
    """The link code that belongs to a code on this device; None where that cannot be told any more."""
    salt = _salt_of(device)
    return None if salt is None else codes.link_code_of(device_id, salt, user_input_code)


def contact_of_device(tenant_id: str, pre_auth_session_id: str) -> str | None:
    """Where the codes of a device are sent; None for a device that is not there."""
    found = PasswordlessDevice.objects.filter(pk=pre_auth_session_id, tenant=tenant_id)
    return found.values_list("contact", flat=True).first()


def is_known_link(tenant_id: str, link_code_hash: str) -> bool:
    return PasswordlessCode.objects.filter(device__tenant=tenant_id, link_code_hash=link_code_hash).exists()


def devices(tenant_id: str) -> QuerySet[PasswordlessDevice]:
    """The devices of a tenant, with their codes."""
    return PasswordlessDevice.objects.filter(tenant=tenant_id).prefetch_related("codes")


def devices_of(tenant_id: str, info: AccountInfo) -> QuerySet[PasswordlessDevice]:
    """The devices that were sent something to a contact."""
    kind, contact = contact_of(info)
    return devices(tenant_id).filter(kind=kind, contact=contact).order_by("created_at", "pk")


# Deleting


@db.transactional
def delete_devices(found: QuerySet[PasswordlessDevice]) -> int:
    """Delete devices with their codes; gives how many there were."""
    keys = list(db.locked(found.order_by("pk")).values_list("pk", flat=True))
    return delete_by_key(keys)


def delete_by_key(keys: Collection[str]) -> int:
    """Delete devices that are locked; their codes are good for nothing without them."""
    PasswordlessDevice.objects.filter(pk__in=list(keys)).delete()
    return len(keys)


@db.transactional
def delete_code(tenant_id: str, code_id: str) -> None:
    """Delete a code, and its device with the last one."""
    code = PasswordlessCode.objects.filter(pk=code_id, tenant=tenant_id).first()
    if code is None or db.locked(PasswordlessDevice.objects.filter(pk=code.device_id)).first() is None:
        return
    PasswordlessCode.objects.filter(pk=code.pk).delete()
    if not PasswordlessCode.objects.filter(device=code.device_id).exists():
        delete_by_key([code.device_id])


# Users


def hold_user(tenant_id: str, info: AccountInfo) -> LoginMethod | None:
    """Whoever signs in by a contact, locked until the transaction ends.

    Raises:
        RestartFlow: they had it when the question was asked, and another one when the lock was free.
    """
    found = accounts.find_login_method(tenant_id, RECIPE_ID, info, is_held=True)
    if found is None:
        return None
    if info.email not in (None, found.email) or info.phone_number not in (None, found.phone_number):
        raise RestartFlow
    return found


def forget_contacts_of(user_ids: Collection[str]) -> None:
    """Delete what was sent to users who are being deleted, so that nothing names them any more."""
    identities = LoginIdentity.objects.filter(login_method__in=list(user_ids), recipe_id=RECIPE_ID)
    for row in identities.select_related("login_method"):
        method = row.login_method
        for info in (AccountInfo(email=method.email), AccountInfo(phone_number=method.phone_number)):
            if info.identities():
                delete_devices(devices_of(row.tenant_id, info))
