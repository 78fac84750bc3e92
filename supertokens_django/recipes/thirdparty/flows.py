"""What a sign-in with a provider does with clean input; the API and the pages share it.

The provider is asked before the transaction begins; whatever it does, nothing is half-written.
"""

from __future__ import annotations

import hashlib
import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from supertokens_django import conf
from supertokens_django.exceptions import SuperTokensError
from supertokens_django.flow import authenticate
from supertokens_django.flow.attempt import Attempt
from supertokens_django.http.endpoint import JsonObject
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.thirdparty import exceptions, inputs, rows
from supertokens_django.recipes.thirdparty.conf import ThirdPartyConf
from supertokens_django.recipes.thirdparty.exceptions import (
    NoEmailGivenByProvider,
    ProviderFailure,
    ProviderMisconfigured,
    SignInUpNotAllowed,
    UnknownProvider,
)
from supertokens_django.recipes.thirdparty.inputs import RedirectInfo, SignInUp
from supertokens_django.recipes.thirdparty.providers.base import AuthorisationUrl, Provider, UserInfo
from supertokens_django.recipes.thirdparty.service import EMAIL_LENGTH, USER_ID_LENGTH, thirdparty
from supertokens_django.users import django_user
from supertokens_django.users.accounts import AccountInfo, WireIdentity, normalise_email
from supertokens_django.users.exceptions import IdentityTaken
from supertokens_django.users.models import LoginMethod

logger = logging.getLogger("supertokens_django")

FAKE_EMAIL_DOMAIN = "stfakeemail.supertokens.com"
ATTEMPTS = 3
"""How often to look again for an account that others make or delete at this very moment."""


class _Gone(Exception):
    """The login method was deleted while somebody signed in by it."""


def provider_of(tenant_id: str, third_party_id: str, client_type: str | None) -> Provider:
    """The provider with which somebody wants to sign in.

    Raises:
        UnknownProvider: the tenant has no such provider.
        UnknownClientType: the provider has no such client.
    """
    with _asking(third_party_id):
        provider = thirdparty.get_provider(tenant_id, third_party_id, client_type)
    if provider is None:
        raise UnknownProvider(third_party_id)
    return provider


def authorisation_url(
    provider: Provider, redirect_uri: str, *, state: str | None = None, nonce: str | None = None
) -> AuthorisationUrl:
    """Where the browser begins.

    Raises:
        ProviderFailure: the provider's endpoint is not known.
    """
    with _asking(provider.third_party_id):
        return provider.authorisation_url(redirect_uri, state=state, nonce=nonce)


def by_input(
    request: HttpRequest, data: JsonObject, tenant_id: str, provider: Provider, given: SignInUp
) -> tuple[LoginMethod, bool]:
    """Sign in with what a frontend sent; tells whether the user is new."""
    # An expired session is told before the code is used up: the frontend refreshes and sends it once more.
    considered = authenticate.session_to_consider(request, data)
    if considered is not None and considered.get_tenant_id() != tenant_id:
        # The account is looked for in the session's tenant (FDI).  It is that tenant's provider that has to tell whose
        # it is: whoever configures the provider of another tenant could be anybody there.
        tenant_id = considered.get_tenant_id()
        provider = provider_of(tenant_id, given.third_party_id, given.client_type)
    if given.redirect_info is not None:
        tokens, info = exchange(provider, given.redirect_info)
    else:
        tokens = given.tokens
        with _asking(provider.third_party_id):
            info = provider.user_info(tokens, from_device=True)
    return _sign_in_up(request, considered, tenant_id, provider, tokens, info)


def exchange(
    provider: Provider, redirect: RedirectInfo, *, nonce: str | None = None
) -> tuple[Mapping[str, Any], UserInfo]:
    """The tokens for the code that a redirect has brought, and whose they are.

    Raises:
        BadInputError: there is no code.
        ProviderFailure: the provider has refused, or sent what must not be believed.
    """
    with _asking(provider.third_party_id):
        if redirect.query_params.get("error"):
            raise provider.failure("the provider sent the browser back with an error")
        inputs.require_code(redirect.query_params)
        tokens = provider.exchange_code(
            redirect.redirect_uri, redirect.query_params, redirect.pkce_code_verifier
        )
        return tokens, provider.user_info(tokens, nonce=nonce)


def sign_in_up(
    request: HttpRequest,
    data: JsonObject,
    tenant_id: str,
    provider: Provider,
    tokens: Mapping[str, Any],
    info: UserInfo,
) -> tuple[LoginMethod, bool]:
    """Sign in the user whom the provider has told; tells whether the user is new.

    Raises:
        NoEmailGivenByProvider: the provider told none, and one is required.
        SignInUpNotAllowed: the user is switched off, or the address cannot be given to the user.
    """
    considered = authenticate.session_to_consider(request, data)
    if considered is not None and considered.get_tenant_id() != tenant_id:
        considered = None  # the provider has spoken for this tenant and for no other
    return _sign_in_up(request, considered, tenant_id, provider, tokens, info)


def _sign_in_up(
    request: HttpRequest,
    considered: SessionContainer | None,
    tenant_id: str,
    provider: Provider,
    tokens: Mapping[str, Any],
    info: UserInfo,
) -> tuple[LoginMethod, bool]:
    with _asking(provider.third_party_id):
        info = _complete(provider, tenant_id, info)
    step = _Step(request, considered, tenant_id, provider, tokens, info)
    for _ in range(ATTEMPTS):
        method = rows.find(tenant_id, provider.third_party_id, info.third_party_user_id)
        try:
            return (step.sign_up(), True) if method is None else (step.sign_in(method), False)
        except (IdentityTaken, _Gone) as error:
            # Two first sign-ins at once, or a deletion: what there is now decides.
            failure = error
    reason = exceptions.SIGN_UP_REFUSED if method is None else exceptions.SIGN_IN_REFUSED
    raise SignInUpNotAllowed(reason) from failure


class _Step:
    """One way through the pipeline, for an account that is there or is not."""

    def __init__(
        self,
        request: HttpRequest,
        considered: SessionContainer | None,
        tenant_id: str,
        provider: Provider,
        tokens: Mapping[str, Any],
        info: UserInfo,
    ) -> None:
        self.request = request
        self.considered = considered
        self.tenant_id = tenant_id
        self.provider = provider
        self.tokens = tokens
        self.info = info

    def sign_up(self) -> LoginMethod:
        return authenticate.sign_up(self._attempt(is_sign_up=True), self.request, self._create)

    def sign_in(self, method: LoginMethod) -> LoginMethod:
        if django_user.is_inactive(method.user):
            raise SignInUpNotAllowed(exceptions.SIGN_IN_REFUSED)
        method.third_party_profile = rows.profile_of(self.info)
        attempt = self._attempt(is_sign_up=False)
        return authenticate.sign_in(attempt, self.request, method, lambda: self._take_over(method))

    def _create(self) -> LoginMethod:
        info = self.info
        method = thirdparty.sign_up(
            self.tenant_id,
            self.provider.third_party_id,
            info.third_party_user_id,
            info.email,
            info.is_verified,
            info,
        )
        thirdparty.on_sign_up(method, info, self.tokens, self.request)
        self._keep_tokens(method)
        return method

    def _take_over(self, method: LoginMethod) -> WireIdentity:
        """Hold the login method, and note what the provider says today."""
        if (identity := thirdparty.hold(method)) is None:
            raise _Gone
        if identity.login_method is not None:
            method.email = identity.login_method.email
        try:
            thirdparty.update(method, self.info.email, self.info.is_verified)
        except IdentityTaken as error:
            raise SignInUpNotAllowed(exceptions.EMAIL_TAKEN) from error
        thirdparty.on_sign_in(method, self.info, self.tokens, self.request)
        self._keep_tokens(method)
        return identity

    def _keep_tokens(self, method: LoginMethod) -> None:
        thirdparty.keep_tokens(method, self.tenant_id, self.provider.client.client_type, self.tokens)

    def _attempt(self, *, is_sign_up: bool) -> Attempt:
        info = AccountInfo(
            email=self.info.email,
            third_party_id=self.provider.third_party_id,
            third_party_user_id=self.info.third_party_user_id,
        )
        return Attempt(
            tenant_id=self.tenant_id,
            recipe_id="thirdparty",
            factor_id="thirdparty",
            is_sign_up=is_sign_up,
            account_info=info,
            session=self.considered,
        )


def _complete(provider: Provider, tenant_id: str, info: UserInfo) -> UserInfo:
    """What can be stored of a user, with a made-up address where the provider need not tell one."""
    user_id = info.third_party_user_id
    if not 0 < len(user_id) <= USER_ID_LENGTH or not user_id.isprintable():
        raise provider.failure("told a user id that cannot be stored")
    email, is_verified = info.email, info.is_verified
    if not email:
        if provider.config.require_email is not False:
            raise NoEmailGivenByProvider
        generate = provider.config.generate_fake_email
        email = generate(tenant_id, user_id) if generate else _fake_email(user_id, provider.third_party_id)
        is_verified = True
    email = normalise_email(email)
    if len(email) > EMAIL_LENGTH or not email.isprintable() or "@" not in email:
        raise provider.failure("told an e-mail address that is none")
    return replace(info, email=email, is_verified=is_verified)


def _fake_email(user_id: str, third_party_id: str) -> str:
    """An address that nobody has, always the same for a user (FDI)."""
    address = f"{user_id}.{third_party_id}@{FAKE_EMAIL_DOMAIN}"
    if len(address) > EMAIL_LENGTH:
        digest = hashlib.sha256(user_id.encode()).hexdigest()
        address = f"{digest}.{third_party_id}@{FAKE_EMAIL_DOMAIN}"
    return address


@contextmanager
def _asking(third_party_id: str) -> Iterator[None]:
    """Log what goes wrong while a provider is asked; it ends in an answer that a user can read.

    Whatever a provider sends may break the code that reads it, the project's own above all.  Messages of exceptions are
    not logged: they may quote a token.
    """
    try:
        yield
    except ProviderMisconfigured as error:
        logger.error("Third-party login with %s is misconfigured: %s", third_party_id, error.reason)
        raise
    except ProviderFailure as error:
        logger.warning("Third-party login with %s failed: %s", third_party_id, error.reason)
        raise
    except SuperTokensError:
        raise
    except ImproperlyConfigured as error:
        if not conf.parse(ThirdPartyConf)[1]:
            logger.error("Third-party login with %s is misconfigured: %s", third_party_id, error)
            raise ProviderMisconfigured(third_party_id, str(error)) from error
        raise
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} in {place.filename}, line {place.lineno}"
        logger.error("Third-party login with %s failed: %s", third_party_id, where)
        raise ProviderFailure(third_party_id, where) from error
