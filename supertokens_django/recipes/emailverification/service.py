"""Verifying e-mail addresses: tokens, links, what is verified.  Subclass point of the recipe."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest

from supertokens_django.delivery.languages import spoken_to
from supertokens_django.exceptions import UnauthorisedError
from supertokens_django.recipes.emailverification import holders, rows
from supertokens_django.recipes.emailverification.conf import EmailVerificationConf, emailverification_conf
from supertokens_django.recipes.emailverification.exceptions import EmailAlreadyVerified, UnknownUserId
from supertokens_django.recipes.emailverification.token_verbs import TokenVerbs
from supertokens_django.recipes.multitenancy.service import require_tenant
from supertokens_django.registry import lazy_service
from supertokens_django.users import accounts, details
from supertokens_django.users.accounts import normalise_email
from supertokens_django.users.models import LoginMethod


class EmailVerificationService(TokenVerbs):
    """The verbs of the recipe; subclass it and name it in ``SUPERTOKENS["EMAILVERIFICATION"]["SERVICE_CLASS"]``.

    Every ``recipe_user_id`` may be ours or a mapped external one, or any other where the e-mail is given or
    ``GET_EMAIL_FOR_RECIPE_USER_ID`` knows it.  What is verified is known of each login method, never of a whole user.
    """

    def is_email_verified(self, recipe_user_id: str, email: str | None = None) -> bool:
        """Tell whether an e-mail, by default the user's own, is verified; whoever has none counts as verified.

        Raises:
            UnknownUserId: no e-mail was given, and nobody has the id.
        """
        holder = holders.find(recipe_user_id, email)
        if holder.email is None:
            return True
        if holder.login_method is not None and holder.has_own_email:
            return accounts.has_verified_email(holder.login_method)
        return rows.is_verified(holder.key, holder.email)

    async def ais_email_verified(self, recipe_user_id: str, email: str | None = None) -> bool:
        """See :meth:`is_email_verified`."""
        return await sync_to_async(self.is_email_verified)(recipe_user_id, email)

    def get_email_for_recipe_user_id(self, recipe_user_id: str) -> str | None:
        """The e-mail that is to be verified of a user; None for one without.

        Raises:
            UnknownUserId: nobody has the id.
        """
        return holders.find(recipe_user_id).email

    async def aget_email_for_recipe_user_id(self, recipe_user_id: str) -> str | None:
        """See :meth:`get_email_for_recipe_user_id`."""
        return await sync_to_async(self.get_email_for_recipe_user_id)(recipe_user_id)

    def create_email_verification_token(
        self, tenant_id: str, recipe_user_id: str, email: str | None = None
    ) -> str:
        """Make a token of 128 characters that verifies the e-mail in this tenant; earlier ones stay good.

        Raises:
            EmailAlreadyVerified: it is, or the user has no e-mail.
            UnknownUserId: no e-mail was given, and nobody has the id.
            UnknownTenantError: there is no such tenant.
            BadInputError: the id or the e-mail is empty, or too long to be kept.
        """
        tenant_id = require_tenant(tenant_id)
        holder = holders.find(recipe_user_id, email)
        if holder.email is None or self.is_email_verified(recipe_user_id, holder.email):
            raise EmailAlreadyVerified
        return rows.create_token(tenant_id, holder.key, holder.require_storable())

    async def acreate_email_verification_token(
        self, tenant_id: str, recipe_user_id: str, email: str | None = None
    ) -> str:
        """See :meth:`create_email_verification_token`."""
        return await sync_to_async(self.create_email_verification_token)(tenant_id, recipe_user_id, email)

    def create_email_verification_link(
        self,
        tenant_id: str,
        recipe_user_id: str,
        email: str | None = None,
        request: HttpRequest | None = None,
    ) -> str:
        """Make a token and give the link to the page that takes it (FDI).

        Raises:
            EmailAlreadyVerified, UnknownUserId, UnknownTenantError, BadInputError: see
                :meth:`create_email_verification_token`.
        """
        token = self.create_email_verification_token(tenant_id, recipe_user_id, email)
        return self._link(tenant_id, token, request)

    async def acreate_email_verification_link(
        self,
        tenant_id: str,
        recipe_user_id: str,
        email: str | None = None,
        request: HttpRequest | None = None,
    ) -> str:
        """See :meth:`create_email_verification_link`."""
        return await sync_to_async(self.create_email_verification_link)(
            tenant_id, recipe_user_id, email, request
        )

    def send_email_verification_email(
        self,
        tenant_id: str,
        user_id: str,
        recipe_user_id: str,
        email: str | None = None,
        request: HttpRequest | None = None,
    ) -> None:
        """Mail a verification link; ``user_id`` is that of the (primary) user, for the template.

        Raises:
            EmailAlreadyVerified, UnknownUserId, UnknownTenantError, BadInputError: see
                :meth:`create_email_verification_token`.
        """
        of = self.get_email_for_recipe_user_id
        address = of(recipe_user_id) if email is None else normalise_email(email)
        link = self.create_email_verification_link(tenant_id, recipe_user_id, address, request)
        user = {"id": user_id, "recipe_user_id": recipe_user_id, "email": address}
        with spoken_to(request):
            self.send_email(address or "", link, user, tenant_id)

    async def asend_email_verification_email(
        self,
        tenant_id: str,
        user_id: str,
        recipe_user_id: str,
        email: str | None = None,
        request: HttpRequest | None = None,
    ) -> None:
        """See :meth:`send_email_verification_email`."""
        await sync_to_async(self.send_email_verification_email)(
            tenant_id, user_id, recipe_user_id, email, request
        )

    def revoke_email_verification_tokens(
        self, tenant_id: str, recipe_user_id: str, email: str | None = None
    ) -> None:
        """End the tokens that are out for an e-mail, by default the user's own, in a tenant.

        Raises:
            UnknownUserId: no e-mail was given, and nobody has the id.
            UnknownTenantError: there is no such tenant.
        """
        tenant_id = require_tenant(tenant_id)
        holder = holders.find(recipe_user_id, email)
        if holder.email is not None:
            rows.revoke(tenant_id, holder.key, holder.email)

    async def arevoke_email_verification_tokens(
        self, tenant_id: str, recipe_user_id: str, email: str | None = None
    ) -> None:
        """See :meth:`revoke_email_verification_tokens`."""
        await sync_to_async(self.revoke_email_verification_tokens)(tenant_id, recipe_user_id, email)

    def mark_email_verified(self, recipe_user_id: str, email: str | None = None) -> None:
        """Note that an e-mail, by default the user's own, was shown to be theirs by other means.

        Raises:
            UnknownUserId: no e-mail was given, and nobody has the id.
            BadInputError: the id or the e-mail is empty, or too long to be kept.
        """
        holder = holders.find(recipe_user_id, email)
        if holder.email is not None:
            self._mark(holder.key, holder.recipe_user_id, holder.require_storable())

    async def amark_email_verified(self, recipe_user_id: str, email: str | None = None) -> None:
        """See :meth:`mark_email_verified`."""
        await sync_to_async(self.mark_email_verified)(recipe_user_id, email)

    def unverify_email(self, recipe_user_id: str, email: str | None = None) -> None:
        """Forget that an e-mail, by default the user's own, was verified; sessions hear of it at the next fetch.

        Raises:
            UnknownUserId: no e-mail was given, and nobody has the id.
        """
        holder = holders.find(recipe_user_id, email)
        if holder.email is not None:
            rows.unverify(holder.key, holder.email)
            details.forget_new(holder.key)

    async def aunverify_email(self, recipe_user_id: str, email: str | None = None) -> None:
        """See :meth:`unverify_email`."""
        await sync_to_async(self.unverify_email)(recipe_user_id, email)

    # For the claim

    def claim_value(self, recipe_user_id: str) -> bool:
        """What a session is to say.

        Raises:
            UnauthorisedError: nobody has the id any more.
        """
        try:
            return self.is_email_verified(recipe_user_id)
        except UnknownUserId as error:
            raise UnauthorisedError("Unknown User ID provided") from error

    def claim_value_of_new_session(
        self, login_method: LoginMethod | None, recipe_user_id: str
    ) -> bool | None:
        """What a new session says; None, where nobody has the id.  No query for a login method as it was found."""
        own = type(self)
        is_usual = (own.is_email_verified, own.get_email_for_recipe_user_id) == (
            EmailVerificationService.is_email_verified,
            EmailVerificationService.get_email_for_recipe_user_id,
        )
        has_hook = emailverification_conf().get_email_for_recipe_user_id is not None
        if login_method is not None and is_usual and not has_hook:
            return not login_method.email or accounts.has_verified_email(login_method)
        try:
            return self.is_email_verified(recipe_user_id)
        except UnknownUserId:
            return None


emailverification: EmailVerificationService = lazy_service(EmailVerificationService, EmailVerificationConf)
