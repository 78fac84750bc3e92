"""Providers that are stored for a tenant, and the tokens that providers have given."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from supertokens_django.db import ExactCharField
from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.recipes.thirdparty.parsing import CLIENT_TYPE_LENGTH, ID_LENGTH
from supertokens_django.users.models import LoginMethod

URL_LENGTH = 1000


class ThirdPartyProvider(models.Model):
    """A provider of one tenant.  What is empty here comes from the settings, or from what is known of the provider.

    Its parameters and headers are not encrypted; a secret belongs to a client.
    """

    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="+", db_index=False, verbose_name=_("tenant")
    )
    third_party_id = ExactCharField(_("provider"), max_length=ID_LENGTH)
    name = models.CharField(_("name"), max_length=255, blank=True)
    authorization_endpoint = models.CharField(_("authorization endpoint"), max_length=URL_LENGTH, blank=True)
    authorization_endpoint_query_params = models.JSONField(
        _("parameters of the authorization endpoint"), null=True, blank=True
    )
    token_endpoint = models.CharField(_("token endpoint"), max_length=URL_LENGTH, blank=True)
    token_endpoint_body_params = models.JSONField(
        _("parameters of the token endpoint"), null=True, blank=True
    )
    user_info_endpoint = models.CharField(_("user info endpoint"), max_length=URL_LENGTH, blank=True)
    user_info_endpoint_query_params = models.JSONField(
        _("parameters of the user info endpoint"), null=True, blank=True
    )
    user_info_endpoint_headers = models.JSONField(
        _("headers of the user info endpoint"), null=True, blank=True
    )
    jwks_uri = models.CharField(_("URL of the keys"), max_length=URL_LENGTH, blank=True)
    oidc_discovery_endpoint = models.CharField(
        _("URL of the discovery document"), max_length=URL_LENGTH, blank=True
    )
    user_info_map = models.JSONField(_("user info map"), default=dict, blank=True)
    require_email = models.BooleanField(_("requires an e-mail"), null=True, blank=True)

    class Meta:
        verbose_name = _("provider of a tenant")
        verbose_name_plural = _("providers of tenants")
        constraints = (
            models.UniqueConstraint(fields=["tenant", "third_party_id"], name="supertokens_unique_provider"),
        )

    def __str__(self) -> str:
        return f"{self.third_party_id} ({self.tenant_id})"


class ThirdPartyProviderClient(models.Model):
    """A client that is registered with a provider; what is secret of it is encrypted."""

    provider = models.ForeignKey(
        ThirdPartyProvider, models.CASCADE, related_name="clients", db_index=False, verbose_name=_("provider")
    )
    client_type = ExactCharField(_("client type"), max_length=CLIENT_TYPE_LENGTH, blank=True)
    client_id = models.CharField(_("client ID"), max_length=1000)
    client_secret = models.TextField(blank=True, editable=False)
    scope = models.JSONField(_("scope"), null=True, blank=True)
    force_pkce = models.BooleanField(_("always with PKCE"), null=True, blank=True)
    additional_config = models.TextField(blank=True, editable=False)

    class Meta:
        verbose_name = _("client of a provider")
        verbose_name_plural = _("clients of providers")
        constraints = (
            models.UniqueConstraint(fields=["provider", "client_type"], name="supertokens_unique_client"),
        )

    def __str__(self) -> str:
        return self.client_type or self.client_id

    def __repr__(self) -> str:
        return f"<ThirdPartyProviderClient {self.pk}>"


class ProviderTokens(models.Model):
    """What a provider has given for later calls in a user's name; both tokens are encrypted.

    Whoever holds the lease is asking the provider for new ones.
    """

    login_method = models.OneToOneField(
        LoginMethod,
        models.CASCADE,
        primary_key=True,
        related_name="provider_tokens",
        verbose_name=_("login method"),
    )
    tenant_id = models.CharField(_("tenant"), max_length=64)
    client_type = models.CharField(_("client type"), max_length=CLIENT_TYPE_LENGTH, blank=True)
    access_token = models.TextField(editable=False)
    refresh_token = models.TextField(blank=True, editable=False)
    scope = models.TextField(_("scope"), blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, db_index=True)
    lease = models.CharField(max_length=32, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("tokens of a provider")
        verbose_name_plural = _("tokens of providers")

    def __str__(self) -> str:
        return self.login_method_id

    def __repr__(self) -> str:
        return f"<ProviderTokens of {self.login_method_id}>"
