"""Whether a code or a link is right; wrong codes are counted under the device's lock (SuperTokens' core, §4.5)."""

from __future__ import annotations

from supertokens_django import clock, conf, db
from supertokens_django.exceptions import BadInputError, SuperTokensError
from supertokens_django.recipes.passwordless import codes, rows
from supertokens_django.recipes.passwordless.conf import PasswordlessConf
from supertokens_django.recipes.passwordless.credentials import ConsumedDevice, Credentials
from supertokens_django.recipes.passwordless.exceptions import (
    ExpiredUserInputCode,
    IncorrectUserInputCode,
    RestartFlow,
)
from supertokens_django.recipes.passwordless.models import PasswordlessCode, PasswordlessDevice


@db.transactional
def judge(tenant_id: str, given: Credentials) -> ConsumedDevice | SuperTokensError:
    """The device, locked until the transaction ends, or why not.

    An error is a value: raised in here, it would undo the count of wrong codes.

    Raises:
        BadInputError: the parts do not belong together, or are not what they should be.
    """
    key = codes.without_padding(given.pre_auth_session_id)
    of_contact = rows.locked_codes(tenant_id, key)
    own = [code for code in of_contact if code.device_id == key]
    if not own or not given.are_whole:
        return RestartFlow()
    device = own[0].device
    wanted = _hash_of(tenant_id, device, given, own)
    if wanted is None:
        return RestartFlow()
    maximum = conf.section(PasswordlessConf).max_code_input_attempts
    if device.failed_attempts >= maximum:  # the setting was lowered
        rows.delete_by_key([device.pk])
        return RestartFlow()
    code = next((code for code in own if code.link_code_hash == wanted), None)
    if code is None or code.expires_at < clock.now():
        return RestartFlow() if given.is_link else _count_failure(device, code, maximum)
    return ConsumedDevice(
        pre_auth_session_id=device.pk,
        failed_code_input_attempt_count=device.failed_attempts,
        email=device.email,
        phone_number=device.phone_number,
        tenant_id=tenant_id,
        keys=tuple(dict.fromkeys(code.device_id for code in of_contact)),
    )


def _hash_of(
    tenant_id: str, device: PasswordlessDevice, given: Credentials, own: list[PasswordlessCode]
) -> str | None:
    """The hash that the right code has; None where there can be none."""
    if given.link_code is not None:
        found = codes.link_code_hash_of(given.link_code)
        if all(code.link_code_hash != found for code in own) and rows.is_known_link(tenant_id, found):
            raise BadInputError("preAuthSessionId and linkCode do not belong together")
        return found
    device_id = given.device_id or ""
    if codes.pre_auth_session_id_of(device_id) != device.pk:
        raise BadInputError("preAuthSessionId and deviceId do not belong together")
    link_code = rows.link_code_of(device, device_id, given.user_input_code or "")
    return None if link_code is None else codes.link_code_hash_of(link_code)


def _count_failure(
    device: PasswordlessDevice, code: PasswordlessCode | None, maximum: int
) -> SuperTokensError:
    failed = device.failed_attempts + 1
    if failed >= maximum:
        rows.delete_by_key([device.pk])
        return RestartFlow()
    PasswordlessDevice.objects.filter(pk=device.pk).update(failed_attempts=failed)
    wrong = IncorrectUserInputCode if code is None else ExpiredUserInputCode
    return wrong(failed, maximum)
