"""Using tokens up, and the e-mail that takes another's place when one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest

from supertokens_django import db, registry
from supertokens_django.delivery.languages import spoken_to
from supertokens_django.delivery.links import link_to
from supertokens_django.exceptions import BadInputError, SuperTokensError
from supertokens_django.recipes.emailverification import emails, holders, rows, signals
from supertokens_django.recipes.emailverification.exceptions import (
    EmailAlreadyVerified,
    EmailTaken,
    EmailVerificationInvalidToken,
    UnknownUserId,
)
from supertokens_django.recipes.emailverification.models import EmailVerificationToken
from supertokens_django.recipes.multitenancy.service import require_tenant
from supertokens_django.users import accounts, details
from supertokens_django.users.accounts import WireIdentity
from supertokens_django.users.models import LoginMethod


@dataclass(frozen=True)
class VerifiedAddress:
    """What a token has shown: the address is that of this user; ids as clients use them."""

    user_id: str
    """Of the (primary) user."""
    recipe_user_id: str
    email: str


class TokenVerbs:
    """The part of :class:`EmailVerificationService` that takes tokens."""

    def verify_email_using_token(self, tenant_id: str, token: str) -> VerifiedAddress:
        """Use a token up, with all others for the same e-mail, and note that the e-mail is the user's.

        One of :meth:`request_email_change` puts the e-mail in the place of the old one as well, which is told.

        Raises:
            EmailVerificationInvalidToken: the token is unknown, used, expired or of another tenant; as
                ``EmailTaken``, where somebody else has the new e-mail by now.
            UnknownTenantError: there is no such tenant.
        """
        found = self._verify(require_tenant(tenant_id), token)
        if isinstance(found, EmailVerificationInvalidToken):
            raise found
        return found

    async def averify_email_using_token(self, tenant_id: str, token: str) -> VerifiedAddress:
        """See :meth:`verify_email_using_token`."""
        return await sync_to_async(self.verify_email_using_token)(tenant_id, token)

    def request_email_change(
        self, tenant_id: str, recipe_user_id: str, new_email: str, request: HttpRequest | None = None
    ) -> None:
        """Mail a link to a new e-mail; it takes the place of the user's own when the link is used, not before.

        Links to other addresses that were asked for before end: the last one may correct one that was mistyped.
        Whether somebody else has the address is not told, nor looked for: whoever opens the link hears of it.
        Ask for the password first, and look at the address with the rules of the sign-up form.

        Raises:
            EmailAlreadyVerified: it is the user's own, and verified.
            UnknownUserId: no login method has the id.
            BadInputError: the e-mail of this login method cannot be changed, or the new one is empty or too long.
            UnknownTenantError: there is no such tenant.
        """
        tenant_id = require_tenant(tenant_id)
        holder = holders.find(recipe_user_id, new_email)
        method = holder.login_method
        if method is None:
            raise UnknownUserId
        if not registry.can_change_email(method.recipe_id):
            raise BadInputError("The e-mail of this login method cannot be changed")
        if holder.has_own_email and accounts.has_verified_email(method):
            raise EmailAlreadyVerified
        email = holder.require_storable()
        token = rows.create_change(
            tenant_id, holder.key, email, "" if holder.has_own_email else method.email or ""
        )
        who = accounts.identity_of(method)
        user = {"id": who.user_id, "recipe_user_id": who.recipe_user_id, "email": email}
        link = self._link(tenant_id, token, request)
        with spoken_to(request):
            self.send_email(email, link, user, tenant_id)

    async def arequest_email_change(
        self, tenant_id: str, recipe_user_id: str, new_email: str, request: HttpRequest | None = None
    ) -> None:
        """See :meth:`request_email_change`."""
        await sync_to_async(self.request_email_change)(tenant_id, recipe_user_id, new_email, request)

    def send_email(self, to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
        """Hand the mail with the link to the delivery; override it to send by other means."""
        emails.send_verification(to, link, user, tenant_id)

    def send_email_changed(self, to: str, new_email: str, user: dict[str, Any], tenant_id: str) -> None:
        """Tell the old address that it was replaced; override it to send by other means."""
        emails.send_changed(to, new_email, user, tenant_id)

    # What the verbs share

    @db.transactional
    def _verify(self, tenant_id: str, token: str) -> VerifiedAddress | EmailVerificationInvalidToken:
        """An error is returned: raised in here, it would bring back the token and its siblings."""
        row = rows.consume(tenant_id, token)
        if row is None:
            return EmailVerificationInvalidToken()
        who = accounts.resolve(row.user_id)
        if row.replaces and (refusal := self._replace(who, row)) is not None:
            return refusal
        self._mark(row.user_id, who.recipe_user_id, row.email)
        return VerifiedAddress(who.user_id, who.recipe_user_id, row.email)

    def _replace(
        self, who: WireIdentity, row: EmailVerificationToken
    ) -> EmailVerificationInvalidToken | None:
        """Put the e-mail of a token in the place of the one that it was asked for; gives why that cannot be."""
        method = db.locked(LoginMethod.objects.filter(pk=row.user_id)).first()
        if method is None or method.email != row.replaces:
            return EmailVerificationInvalidToken()
        try:
            registry.change_email(method.recipe_id, method.id, row.email)
        except SuperTokensError:
            return EmailTaken()
        user = {"id": who.user_id, "recipe_user_id": who.recipe_user_id, "email": row.email}
        self.send_email_changed(row.replaces, row.email, user, row.tenant_id)
        told = {"recipe_user_id": who.recipe_user_id, "old_email": row.replaces, "new_email": row.email}
        db.on_commit(lambda: signals.email_changed.send_robust(type(self), **told))
        return None

    def _mark(self, key: str, recipe_user_id: str, email: str) -> None:
        if rows.mark_verified(key, email):
            details.forget_new(key)
            told = {"recipe_user_id": recipe_user_id, "email": email}
            db.on_commit(lambda: signals.email_verified.send_robust(type(self), **told))

    @staticmethod
    def _link(tenant_id: str, token: str, request: HttpRequest | None) -> str:
        return link_to(request, "verify-email", token=token, tenantId=tenant_id)
