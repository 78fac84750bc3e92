"""Third-party login: providers, accounts, providers' tokens.  Subclass point of the recipe."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from supertokens_django import clock, conf
from supertokens_django.exceptions import BadInputError
from supertokens_django.recipes.multitenancy.service import PUBLIC_TENANT, require_tenant
from supertokens_django.recipes.thirdparty import merging, rows, stored_validation, token_rows
from supertokens_django.recipes.thirdparty.conf import ThirdPartyConf
from supertokens_django.recipes.thirdparty.configuration import ClientConfig, ProviderConfig
from supertokens_django.recipes.thirdparty.exceptions import (
    ProviderFailure,
    ProviderTokensExpired,
    UnknownClientType,
    UnknownProvider,
    UnknownUserId,
)
from supertokens_django.recipes.thirdparty.models import ProviderTokens
from supertokens_django.recipes.thirdparty.providers.base import Provider, Tokens, UserInfo
from supertokens_django.recipes.thirdparty.providers.catalogue import class_of
from supertokens_django.registry import lazy_service
from supertokens_django.users import accounts
from supertokens_django.users.accounts import WireIdentity, normalise_email
from supertokens_django.users.exceptions import IdentityTaken
from supertokens_django.users.models import LoginMethod

EMAIL_LENGTH = 255
USER_ID_LENGTH = 256
PAUSE = 0.05
"""Seconds between two looks at whether somebody else's refresh is done."""


class ThirdPartyService:
    """The verbs of the recipe; subclass it and name it in ``SUPERTOKENS["THIRDPARTY"]["SERVICE_CLASS"]``.

    A verb may refuse with ``GeneralError("text for the user")``.
    """

    # Providers

    def list_provider_configs(self, tenant_id: str) -> list[ProviderConfig]:
        """The providers of a tenant, in their order: those of the settings, or those stored for it.

        Raises:
            UnknownTenantError: there is no such tenant.
        """
        tenant_id = tenant_id.strip().lower()
        stored = rows.stored_configs(tenant_id)
        if not stored:
            tenant_id = require_tenant(tenant_id)
        static = conf.section(ThirdPartyConf).providers
        return merging.effective(static, stored, is_public_tenant=tenant_id == PUBLIC_TENANT)

    async def alist_provider_configs(self, tenant_id: str) -> list[ProviderConfig]:
        """See :meth:`list_provider_configs`."""
        return await sync_to_async(self.list_provider_configs)(tenant_id)

    def list_providers(self, tenant_id: str, client_type: str | None = None) -> list[Provider]:
        """The providers with which somebody can sign in to a tenant, for buttons, where the client is known.

        Raises:
            UnknownTenantError: there is no such tenant.
        """
        found = ((config, _client(config, client_type)) for config in self.list_provider_configs(tenant_id))
        return [class_of(config)(config, client) for config, client in found if client is not None]

    async def alist_providers(self, tenant_id: str, client_type: str | None = None) -> list[Provider]:
        """See :meth:`list_providers`."""
        return await sync_to_async(self.list_providers)(tenant_id, client_type)

    def get_provider(
        self, tenant_id: str, third_party_id: str, client_type: str | None = None
    ) -> Provider | None:
        """A provider of a tenant, with the client that is meant; None when the tenant has no such provider.

        Raises:
            UnknownClientType: no client has the type, or there are several and none is named.
            UnknownTenantError: there is no such tenant.
        """
        for config in self.list_provider_configs(tenant_id):
            if config.third_party_id == third_party_id:
                client = _client(config, client_type)
                if client is None:
                    raise UnknownClientType(third_party_id, client_type)
                return class_of(config)(config, client)
        return None

    async def aget_provider(
        self, tenant_id: str, third_party_id: str, client_type: str | None = None
    ) -> Provider | None:
        """See :meth:`get_provider`."""
        return await sync_to_async(self.get_provider)(tenant_id, third_party_id, client_type)

    # Providers that are stored for a tenant

    def list_third_party_configs(self, tenant_id: str) -> list[ProviderConfig]:
        """What is stored for a tenant, as it is stored.

        Raises:
            UnknownTenantError: there is no such tenant.
        """
        return rows.stored_configs(require_tenant(tenant_id))

    async def alist_third_party_configs(self, tenant_id: str) -> list[ProviderConfig]:
        """See :meth:`list_third_party_configs`."""
        return await sync_to_async(self.list_third_party_configs)(tenant_id)

    @sensitive_variables()
    def create_or_update_third_party_config(
        self, tenant_id: str, config: Mapping[str, Any] | ProviderConfig
    ) -> bool:
        """Store a provider for a tenant, in the place of the one with its id; tells whether there was none.

        From the first one on, the tenant has no others than those that are stored for it.

        Raises:
            BadInputError: something in it is missing or not good.
            UnknownTenantError: there is no such tenant.
        """
        return rows.store(require_tenant(tenant_id), stored_validation.checked(config))

    async def acreate_or_update_third_party_config(
        self, tenant_id: str, config: Mapping[str, Any] | ProviderConfig
    ) -> bool:
        """See :meth:`create_or_update_third_party_config`."""
        return await sync_to_async(self.create_or_update_third_party_config)(tenant_id, config)

    def delete_third_party_config(self, tenant_id: str, third_party_id: str) -> bool:
        """Delete a provider that is stored for a tenant; tells whether there was one.

        Raises:
            UnknownTenantError: there is no such tenant.
        """
        return rows.delete(require_tenant(tenant_id), third_party_id.strip())

    async def adelete_third_party_config(self, tenant_id: str, third_party_id: str) -> bool:
        """See :meth:`delete_third_party_config`."""
        return await sync_to_async(self.delete_third_party_config)(tenant_id, third_party_id)

    # Accounts

    def sign_up(
        self,
        tenant_id: str,
        third_party_id: str,
        third_party_user_id: str,
        email: str | None,
        is_verified: bool,
        user_info: UserInfo | None = None,
    ) -> LoginMethod:
        """Create a user for an account at a provider, and the Django user, whose names ``user_info`` gives.

        Raises:
            IdentityTaken: there is one, or the Django user model has a unique field that is taken.
            BadInputError: an id or the address is empty or too long, or no database stores it.
            UnknownTenantError: there is no such tenant.
        """
        address = None if email is None else normalise_email(email)
        _require_storable(third_party_id, third_party_user_id, address)
        return rows.create(
            require_tenant(tenant_id), third_party_id, third_party_user_id, address, is_verified, user_info
        )

    def update(self, login_method: LoginMethod, email: str | None, is_verified: bool) -> None:
        """Take over what the provider says today: another address, and that it is the user's.

        What was verified once stays so, whatever the provider says later (FDI).

        Raises:
            IdentityTaken: the Django user model has unique addresses, and it is somebody else's.
            BadInputError: the address is too long, or no database stores it.
        """
        address = None if email is None else normalise_email(email)
        _require_storable("-", "-", address)
        rows.update(login_method, address, is_verified)

    def manually_create_or_update_user(
        self, tenant_id: str, third_party_id: str, third_party_user_id: str, email: str, is_verified: bool
    ) -> tuple[LoginMethod, bool]:
        """Create a user for an account at a provider, or update the one there is; tells whether it is new.

        Raises:
            IdentityTaken: the Django user model has unique addresses, and this one is somebody else's.
            BadInputError: an id or the address is empty or too long, or no database stores it.
            UnknownTenantError: there is no such tenant.
        """
        for attempt in (1, 2):
            method = rows.find(tenant_id, third_party_id, third_party_user_id)
            if method is not None:
                self.update(method, email, is_verified)
                return method, False
            try:
                return self.sign_up(tenant_id, third_party_id, third_party_user_id, email, is_verified), True
            except IdentityTaken:
                if attempt == 2:
                    raise  # else somebody else has just created it
        raise AssertionError

    async def amanually_create_or_update_user(
        self, tenant_id: str, third_party_id: str, third_party_user_id: str, email: str, is_verified: bool
    ) -> tuple[LoginMethod, bool]:
        """See :meth:`manually_create_or_update_user`."""
        return await sync_to_async(self.manually_create_or_update_user)(
            tenant_id, third_party_id, third_party_user_id, email, is_verified
        )

    def on_sign_up(
        self, login_method: LoginMethod, user_info: UserInfo, tokens: Mapping[str, Any], request: HttpRequest
    ) -> None:
        """Called inside the transaction of a sign-up: keep what the provider tells here, or refuse."""

    def on_sign_in(
        self, login_method: LoginMethod, user_info: UserInfo, tokens: Mapping[str, Any], request: HttpRequest
    ) -> None:
        """The same at each sign-in that follows."""

    def hold(self, login_method: LoginMethod) -> WireIdentity | None:
        """Lock a login method until the transaction ends; None when it is gone."""
        found = accounts.hold(login_method)
        return None if found is None else accounts.identity_of(found)

    # Providers' tokens

    def keep_tokens(
        self, login_method: LoginMethod, tenant_id: str, client_type: str | None, tokens: Mapping[str, Any]
    ) -> None:
        """Keep what a provider has given, encrypted, where ``STORE_TOKENS`` says so."""
        if conf.section(ThirdPartyConf).store_tokens:
            token_rows.keep(login_method, tenant_id, client_type, tokens)

    @sensitive_variables()
    def get_provider_tokens(self, recipe_user_id: str) -> Tokens | None:
        """What a provider gave for a user: ``access_token``, ``scope`` and, where it is known, ``expires_at``.

        One that is about to expire is refreshed first, by one caller while the others wait; no lock of the database is
        held meanwhile, unless the caller is in a transaction.  None when none are kept.

        Raises:
            UnknownUserId: the id is not that of a login with a provider.
            ProviderTokensExpired: they are good no more; the user has to sign in again.
            ProviderFailure: the provider cannot be asked for new ones now.
        """
        method = accounts.resolve(recipe_user_id).login_method
        if method is None or method.recipe_id != rows.RECIPE_ID:
            raise UnknownUserId
        deadline = clock.monotonic() + token_rows.LEASE.total_seconds()
        while (row := ProviderTokens.objects.filter(pk=method.pk).first()) is not None:
            if not token_rows.is_readable(row):
                raise ProviderTokensExpired
            if token_rows.is_fresh(row):
                return token_rows.tokens_of(row)
            if not row.refresh_token:
                raise ProviderTokensExpired
            if (lease := token_rows.take_lease(row)) is not None:
                # As they came: some last no minute, and asking again would give no better ones.
                return token_rows.tokens_of(self._refresh(method, row, lease))
            if clock.monotonic() > deadline:
                raise ProviderFailure(method.third_party_id or "", "is taking too long to refresh a token")
            time.sleep(PAUSE)
        return None

    async def aget_provider_tokens(self, recipe_user_id: str) -> Tokens | None:
        """See :meth:`get_provider_tokens`."""
        return await sync_to_async(self.get_provider_tokens)(recipe_user_id)

    def _refresh(self, method: LoginMethod, row: ProviderTokens, lease: str) -> ProviderTokens:
        """Ask the provider for new tokens, and give the lease back whatever comes of it; the row as it is then."""
        found: Tokens | None = None
        try:
            provider = self.get_provider(row.tenant_id, method.third_party_id or "", row.client_type or None)
            if provider is None:
                raise UnknownProvider(method.third_party_id or "")
            given = provider.refresh(token_rows.refresh_token_of(row))
            if not given.get("access_token"):
                raise provider.failure("the token endpoint gave no access token")
            found = given
        except ProviderFailure as error:
            if error.is_final:
                raise ProviderTokensExpired from error
            raise
        finally:
            token_rows.give_back(row, lease, found)
        return row


def _client(config: ProviderConfig, client_type: str | None) -> ClientConfig | None:
    """The client of a type; without a type the only one there is (FDI)."""
    if client_type is None:
        return config.clients[0] if len(config.clients) == 1 else None
    return next((client for client in config.clients if client.client_type == client_type), None)


def _require_storable(third_party_id: str, third_party_user_id: str, email: str | None) -> None:
    for name, text, length in (
        ("third party ID", third_party_id, 28),
        ("third party user ID", third_party_user_id, USER_ID_LENGTH),
        ("e-mail address", "-" if email is None else email, EMAIL_LENGTH),
    ):
        if not 0 < len(text) <= length or not text.isprintable():
            raise BadInputError(f"The {name} must have 1 to {length} printable characters")


thirdparty: ThirdPartyService = lazy_service(ThirdPartyService, ThirdPartyConf)
