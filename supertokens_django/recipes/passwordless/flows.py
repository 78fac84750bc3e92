"""What the endpoints do with clean input; the API and the pages share it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.utils.translation import gettext_noop as _

from supertokens_django import conf, db
from supertokens_django.delivery.languages import spoken_to
from supertokens_django.exceptions import GeneralError, SuperTokensError
from supertokens_django.flow import authenticate
from supertokens_django.flow.attempt import Attempt
from supertokens_django.http.client import ip_address
from supertokens_django.http.endpoint import JsonObject
from supertokens_django.limits import attempts
from supertokens_django.recipes.multitenancy.service import require_tenant
from supertokens_django.recipes.passwordless import factors, inputs, rows
from supertokens_django.recipes.passwordless.conf import MAGIC_LINK, USER_INPUT_CODE, PasswordlessConf
from supertokens_django.recipes.passwordless.credentials import ConsumedDevice, Credentials
from supertokens_django.recipes.passwordless.exceptions import (
    SIGN_IN_REFUSED,
    SIGN_UP_REFUSED,
    ExpiredUserInputCode,
    IncorrectUserInputCode,
    RestartFlow,
    SignInUpNotAllowed,
    UserInputCodeAlreadyUsed,
)
from supertokens_django.recipes.passwordless.rows import RECIPE_ID, CreatedCode
from supertokens_django.recipes.passwordless.service import passwordless
from supertokens_django.recipes.session import mint, transport
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.registry import Account
from supertokens_django.users import accounts, django_user
from supertokens_django.users.accounts import AccountInfo, WireIdentity
from supertokens_django.users.models import LoginMethod

NO_NEW_CODE = _("Failed to generate a one time code. Please try again")
TRIES = 3
"""For a code that the device does not have yet."""


@dataclass(frozen=True)
class Sent:
    """A code that is on its way, and whether as a code, as a link, or as both."""

    code: CreatedCode
    flow_type: str


def account_of(request: HttpRequest, data: JsonObject, tenant_id: str) -> Account | None:
    """For the rate limits: whom a code is to be sent to."""
    if not (identifier := inputs.identifier(data)):
        return None
    return Account(authenticate.tenant_to_consider(request, data, tenant_id), identifier)


def account_of_device(request: HttpRequest, data: JsonObject, tenant_id: str) -> Account | None:
    """For the rate limits: whom another code is to be sent to, whatever else the request may say.

    It is the contact that counts: one who asks on many devices fills but one mailbox.
    """
    if (key := inputs.device_key(data)) is None:
        return None
    tenant_id = authenticate.tenant_to_consider(request, data, tenant_id)
    contact = rows.contact_of_device(tenant_id, key)
    return None if contact is None else Account(tenant_id, contact)


def send_code(request: HttpRequest, data: JsonObject, tenant_id: str, info: AccountInfo) -> Sent:
    """Make a code for a contact, and send it.

    Raises:
        SignInUpNotAllowed: nobody signs in by this address.
    """
    considered = authenticate.session_to_consider(request, data)
    tenant_id = considered.get_tenant_id() if considered else tenant_id
    if info.email and authenticate.is_fake_email(info.email):
        raise SignInUpNotAllowed(SIGN_UP_REFUSED)
    flow_type = _flow_type(info, considered)

    def work() -> Sent:
        made = passwordless.create_code(tenant_id, info.email, info.phone_number)
        return _send(request, tenant_id, info, made, flow_type)

    return db.transactional(work)()


def resend_code(request: HttpRequest, data: JsonObject, tenant_id: str, device_id: str) -> Sent:
    """Make one more code for a device, and send it to where the first one was sent.

    Raises:
        RestartFlow: there is no such device, or the settings do not want such contacts any more.
        GeneralError: no code was found that the device does not have.
        UnknownTenantError: there is no such tenant.
    """
    considered = authenticate.session_to_consider(request, data)
    tenant_id = considered.get_tenant_id() if considered else tenant_id
    device = passwordless.list_codes_by_device_id(tenant_id, device_id)
    if device is None:
        require_tenant(tenant_id)
    settings = conf.section(PasswordlessConf)
    if device is None or not (settings.takes_emails if device.email else settings.takes_phone_numbers):
        raise RestartFlow
    info = AccountInfo(email=device.email, phone_number=device.phone_number)
    flow_type = _flow_type(info, considered)

    def work() -> Sent:
        made = passwordless.create_new_code_for_device(tenant_id, device_id)
        return _send(request, tenant_id, info, made, flow_type)

    for _number in range(TRIES):
        try:
            return db.transactional(work)()
        except UserInputCodeAlreadyUsed:
            continue
    raise GeneralError(NO_NEW_CODE)


def _flow_type(info: AccountInfo, considered: SessionContainer | None) -> str:
    return factors.flow_type_of(factors.offered_to(info, has_session=considered is not None))


def _send(request: HttpRequest, tenant_id: str, info: AccountInfo, made: CreatedCode, flow_type: str) -> Sent:
    link = passwordless.link_of(tenant_id, made, request)
    context = {
        "user_input_code": None if flow_type == MAGIC_LINK else made.user_input_code,
        "url_with_link_code": None if flow_type == USER_INPUT_CODE else link,
        "code_lifetime": made.code_life_time,
        "pre_auth_session_id": made.pre_auth_session_id,
        "tenant_id": tenant_id,
        "is_first_factor": True,
    }
    with spoken_to(request):
        if info.email:
            passwordless.send_email(info.email, {"email": info.email, **context})
        if info.phone_number:
            passwordless.send_sms(info.phone_number, {"phone_number": info.phone_number, **context})
    return Sent(made, flow_type)


# Consuming


def consume_code(
    request: HttpRequest, data: JsonObject, tenant_id: str, given: Credentials
) -> tuple[LoginMethod, bool]:
    """Sign in, or up, by a code or a link; tells whether the user is new.

    Raises:
        IncorrectUserInputCode, ExpiredUserInputCode: the code is wrong; it was counted.
        RestartFlow: there is no such code, it was used, or too many were wrong.
        SignInUpNotAllowed: the account is switched off, or none can be made; the code stays good.
        BadInputError: the parts do not belong together.
    """
    considered = authenticate.session_to_consider(request, data)
    tenant_id = considered.get_tenant_id() if considered else tenant_id
    mint.have_signing_key()
    found = _consume(request, transport.mark(request), tenant_id, given, considered)
    if isinstance(found, SuperTokensError):
        user_login_failed.send_robust(
            __name__, credentials={"pre_auth_session_id": given.pre_auth_session_id}, request=request
        )
        raise found
    device, method, is_new = found
    # From here on, codes that others ask for do not use up the owner's.
    contact = device.email or device.phone_number or ""
    attempts.remember(Account(tenant_id, contact), ip_address(request))
    return method, is_new


@db.transactional
def _consume(
    request: HttpRequest,
    mark: int,
    tenant_id: str,
    given: Credentials,
    considered: SessionContainer | None,
) -> tuple[ConsumedDevice, LoginMethod, bool] | SuperTokensError:
    """In one transaction with the session; a refusal of the code is a value, as raised it would undo its count.

    It is run again where its commit met another one: the first session has not come to be then, nor have its tokens.
    """
    transport.rewind(request, mark)
    try:
        device = passwordless.check_code(
            tenant_id, given.pre_auth_session_id, given.user_input_code, given.device_id, given.link_code
        )
    except (IncorrectUserInputCode, ExpiredUserInputCode, RestartFlow) as error:
        return error
    if considered is not None:
        _verify_email_of_session(considered, device)
    info = device.account_info
    method = passwordless.hold_user(tenant_id, info)
    attempt = Attempt(
        tenant_id=tenant_id,
        recipe_id=RECIPE_ID,
        factor_id=factors.factor_of(info, by_link=given.is_link),
        is_sign_up=method is None,
        account_info=info,
        session=considered,
    )
    if method is None:
        return device, _sign_up(request, attempt, device), True
    return device, _sign_in(request, attempt, device, method), False


def _sign_up(request: HttpRequest, attempt: Attempt, device: ConsumedDevice) -> LoginMethod:
    def create() -> LoginMethod:
        passwordless.use_up(device)
        return passwordless.create_user(attempt.tenant_id, device.account_info)

    return authenticate.sign_up(attempt, request, create)


def _sign_in(
    request: HttpRequest, attempt: Attempt, device: ConsumedDevice, method: LoginMethod
) -> LoginMethod:
    if django_user.is_inactive(method.user):
        raise SignInUpNotAllowed(SIGN_IN_REFUSED)

    def hold() -> WireIdentity:
        passwordless.use_up(device)
        return passwordless.confirm(method, device.account_info)

    return authenticate.sign_in(attempt, request, method, hold)


def _verify_email_of_session(considered: SessionContainer, device: ConsumedDevice) -> None:
    """Whoever is signed in and has a code that was sent to their own address has shown it to be theirs (FDI)."""
    method = accounts.resolve(considered.get_recipe_user_id()).login_method
    if method is not None and device.email is not None and method.email == device.email:
        accounts.mark_verified(method)
