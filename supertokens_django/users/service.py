"""Verbs on users of all recipes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Literal

from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.db.models import Q

from supertokens_django import db, registry
from supertokens_django.exceptions import BadInputError
from supertokens_django.recipes.multitenancy.service import normalise_tenant_id, require_tenant
from supertokens_django.registry import lazy_service
from supertokens_django.users import details, django_user, listing, phone
from supertokens_django.users.accounts import AccountInfo
from supertokens_django.users.conf import UsersConf
from supertokens_django.users.exceptions import (
    UnknownMapping,
    UnknownSuperTokensUserId,
    UserIdInUse,
    UserIdMappingAlreadyExists,
)
from supertokens_django.users.ids import own_user_id
from supertokens_django.users.listing import UserPage
from supertokens_django.users.models import (
    EXTERNAL_ID_LENGTH,
    LoginIdentity,
    LoginMethod,
    User,
    UserIdMapping,
    VerifiedEmail,
)
from supertokens_django.users.signals import user_deleted

RECIPE_IDS = ("emailpassword", "passwordless", "thirdparty", "webauthn")
IdType = Literal["SUPERTOKENS", "EXTERNAL", "ANY"]


class UsersService:
    """Users of all recipes; subclass it and name it in ``SUPERTOKENS["USERS"]["SERVICE_CLASS"]``.

    Every ``user_id`` may be ours or a mapped external one, of a user or of a login method.
    """

    def get_user(self, user_id: str) -> User | None:
        """The user with this id, or to whom the login method with this id belongs; None when there is none."""
        found = listing.with_details(User.objects.filter(pk=own_user_id(user_id)))
        return found[0] if found else None

    async def aget_user(self, user_id: str) -> User | None:
        """See :meth:`get_user`."""
        return await sync_to_async(self.get_user)(user_id)

    def resolve_id(self, user_id: str) -> str:
        """Our own id behind one that clients use."""
        mapping = UserIdMapping.objects.filter(external_user_id=user_id).first()
        return mapping.supertokens_user_id if mapping else user_id

    def list_users_by_account_info(
        self, tenant_id: str, account_info: AccountInfo, do_union_of_account_info: bool = False
    ) -> list[User]:
        """Users of a tenant who have all of the given identifiers (any of them with the union), oldest first.

        Of an e-mail it does not count how it is typed, and of a phone number with its country code neither.
        """
        if account_info.phone_number and phone.is_installed():
            account_info = replace(account_info, phone_number=phone.normalise(account_info.phone_number))
        keys, tenant_id = account_info.identities().values(), normalise_tenant_id(tenant_id)
        if not keys:
            return []
        conditions: list[Q] = [
            Q(pk__in=LoginIdentity.objects.filter(tenant_id=tenant_id, key=key).values("login_method__user"))
            for key in keys
        ]
        users = User.objects.all()
        if do_union_of_account_info:
            users = users.filter(reduce(or_, conditions))
        else:
            for condition in conditions:
                users = users.filter(condition)
        return listing.with_details(users.order_by("time_joined", "id"))

    async def alist_users_by_account_info(
        self, tenant_id: str, account_info: AccountInfo, do_union_of_account_info: bool = False
    ) -> list[User]:
        """See :meth:`list_users_by_account_info`."""
        return await sync_to_async(self.list_users_by_account_info)(
            tenant_id, account_info, do_union_of_account_info
        )

    def get_users_oldest_first(
        self,
        tenant_id: str,
        limit: int | None = None,
        pagination_token: str | None = None,
        include_recipe_ids: Sequence[str] | None = None,
        query: dict[str, str] | None = None,
    ) -> UserPage:
        """A page of the tenant's users; ``query`` searches by the start of ``email``, ``phone`` or ``provider``.

        Raises:
            BadInputError: the limit, the token, a recipe id or a search field is not known.
            UnknownTenantError: there is no such tenant.
        """
        return self._page(tenant_id, limit, pagination_token, include_recipe_ids, query, newest_first=False)

    async def aget_users_oldest_first(
        self,
        tenant_id: str,
        limit: int | None = None,
        pagination_token: str | None = None,
        include_recipe_ids: Sequence[str] | None = None,
        query: dict[str, str] | None = None,
    ) -> UserPage:
        """See :meth:`get_users_oldest_first`."""
        return await sync_to_async(self.get_users_oldest_first)(
            tenant_id, limit, pagination_token, include_recipe_ids, query
        )

    def get_users_newest_first(
        self,
        tenant_id: str,
        limit: int | None = None,
        pagination_token: str | None = None,
        include_recipe_ids: Sequence[str] | None = None,
        query: dict[str, str] | None = None,
    ) -> UserPage:
        """See :meth:`get_users_oldest_first`."""
        return self._page(tenant_id, limit, pagination_token, include_recipe_ids, query, newest_first=True)

    async def aget_users_newest_first(
        self,
        tenant_id: str,
        limit: int | None = None,
        pagination_token: str | None = None,
        include_recipe_ids: Sequence[str] | None = None,
        query: dict[str, str] | None = None,
    ) -> UserPage:
        """See :meth:`get_users_oldest_first`."""
        return await sync_to_async(self.get_users_newest_first)(
            tenant_id, limit, pagination_token, include_recipe_ids, query
        )

    def get_user_count(
        self, include_recipe_ids: Sequence[str] | None = None, tenant_id: str | None = None
    ) -> int:
        """Count users, of all tenants unless one is named."""
        if include_recipe_ids is None and tenant_id is None:
            return User.objects.count()
        identities = LoginIdentity.objects.all()
        if include_recipe_ids is not None:
            identities = identities.filter(recipe_id__in=_known_recipes(include_recipe_ids))
        if tenant_id is not None:
            identities = identities.filter(tenant_id=normalise_tenant_id(tenant_id))
        return identities.values("owner_id").distinct().count()

    async def aget_user_count(
        self, include_recipe_ids: Sequence[str] | None = None, tenant_id: str | None = None
    ) -> int:
        """See :meth:`get_user_count`."""
        return await sync_to_async(self.get_user_count)(include_recipe_ids, tenant_id)

    @db.transactional
    def delete_user(self, user_id: str, remove_all_linked_accounts: bool = True) -> None:
        """Delete a user with everything that belongs to it; an unknown id is fine.

        Without ``remove_all_linked_accounts`` only the login method with this id goes; the user stays as long as it
        has others.  The Django user is switched off, deleted or kept, as ``DJANGO_USER["ON_DELETE"]`` says.
        """
        user = self.get_user(user_id)
        if user is None:
            return
        methods = list(user.login_methods.all())
        if not remove_all_linked_accounts:
            methods = [method for method in methods if method.id == self.resolve_id(user_id)]
        recipe_user_ids = [method.id for method in methods]
        # A sign-in on its way holds the same rows, so that its session is found here, or it finds nobody.
        list(db.locked(LoginMethod.objects.filter(pk__in=recipe_user_ids)))
        if len(methods) == user.login_methods.count():
            self._delete_whole(user)
        else:
            self._forget([own_id for own_id in recipe_user_ids if own_id != user.id])
            LoginMethod.objects.filter(pk__in=recipe_user_ids).delete()
        # After the tokens have gone: one that was just being used has left its address by then.
        VerifiedEmail.objects.filter(user_id__in=recipe_user_ids).delete()
        db.on_commit(
            lambda: user_deleted.send_robust(type(self), user_id=user_id, recipe_user_ids=recipe_user_ids)
        )

    async def adelete_user(self, user_id: str, remove_all_linked_accounts: bool = True) -> None:
        """See :meth:`delete_user`."""
        await sync_to_async(self.delete_user)(user_id, remove_all_linked_accounts)

    def create_user_id_mapping(
        self,
        supertokens_user_id: str,
        external_user_id: str,
        external_user_id_info: str | None = None,
        force: bool = False,
    ) -> None:
        """Let ``external_user_id`` stand for a user's id on the wire from now on.

        Raises:
            UnknownSuperTokensUserId: no user or login method has the id.
            UserIdMappingAlreadyExists: one of the two is mapped already.
            UserIdInUse: the id already has sessions and ``force`` is not set.
            BadInputError: the external id is empty, too long, or our own id of a user.
        """
        _require_external_id(external_user_id)
        method = LoginMethod.objects.filter(id=supertokens_user_id).first()
        if method is None and not User.objects.filter(id=supertokens_user_id).exists():
            raise UnknownSuperTokensUserId
        if not force and method is not None and method.sessions.exists():
            raise UserIdInUse("UserId is already in use in Session recipe")
        try:
            with transaction.atomic(using=db.write_alias()):
                UserIdMapping(supertokens_user_id, external_user_id, external_user_id_info).save(
                    force_insert=True
                )
            details.forget_new(supertokens_user_id)
        except IntegrityError as error:
            raise UserIdMappingAlreadyExists(
                does_supertokens_user_id_exist=UserIdMapping.objects.filter(pk=supertokens_user_id).exists(),
                does_external_user_id_exist=UserIdMapping.objects.filter(
                    external_user_id=external_user_id
                ).exists(),
            ) from error

    async def acreate_user_id_mapping(
        self,
        supertokens_user_id: str,
        external_user_id: str,
        external_user_id_info: str | None = None,
        force: bool = False,
    ) -> None:
        """See :meth:`create_user_id_mapping`."""
        await sync_to_async(self.create_user_id_mapping)(
            supertokens_user_id, external_user_id, external_user_id_info, force
        )

    def get_user_id_mapping(self, user_id: str, user_id_type: IdType = "ANY") -> UserIdMapping:
        """The mapping of an id, ours or external.

        Raises:
            UnknownMapping: there is none.
        """
        mapping = UserIdMapping.objects.filter(_mapping_of(user_id, user_id_type)).first()
        if mapping is None:
            raise UnknownMapping
        return mapping

    async def aget_user_id_mapping(self, user_id: str, user_id_type: IdType = "ANY") -> UserIdMapping:
        """See :meth:`get_user_id_mapping`."""
        return await sync_to_async(self.get_user_id_mapping)(user_id, user_id_type)

    def delete_user_id_mapping(self, user_id: str, user_id_type: IdType = "ANY", force: bool = False) -> bool:
        """Remove a mapping; tells whether there was one.

        Raises:
            UserIdInUse: sessions carry the external id and ``force`` is not set.
        """
        mapping = UserIdMapping.objects.filter(_mapping_of(user_id, user_id_type)).first()
        if mapping is None:
            return False
        method = LoginMethod.objects.filter(id=mapping.supertokens_user_id).first()
        if not force and method is not None and method.sessions.exists():
            raise UserIdInUse("UserId is already in use in Session recipe")
        mapping.delete()
        return True

    async def adelete_user_id_mapping(
        self, user_id: str, user_id_type: IdType = "ANY", force: bool = False
    ) -> bool:
        """See :meth:`delete_user_id_mapping`."""
        return await sync_to_async(self.delete_user_id_mapping)(user_id, user_id_type, force)

    def update_or_delete_user_id_mapping_info(
        self, user_id: str, user_id_type: IdType = "ANY", external_user_id_info: str | None = None
    ) -> None:
        """Replace the information kept with a mapping; None removes it.

        Raises:
            UnknownMapping: there is no mapping.
        """
        found = UserIdMapping.objects.filter(_mapping_of(user_id, user_id_type))
        if not found.update(external_user_id_info=external_user_id_info) and not found.exists():
            raise UnknownMapping

    async def aupdate_or_delete_user_id_mapping_info(
        self, user_id: str, user_id_type: IdType = "ANY", external_user_id_info: str | None = None
    ) -> None:
        """See :meth:`update_or_delete_user_id_mapping_info`."""
        await sync_to_async(self.update_or_delete_user_id_mapping_info)(
            user_id, user_id_type, external_user_id_info
        )

    def _page(
        self,
        tenant_id: str,
        limit: int | None,
        pagination_token: str | None,
        include_recipe_ids: Sequence[str] | None,
        query: dict[str, str] | None,
        *,
        newest_first: bool,
    ) -> UserPage:
        tenant_id = require_tenant(tenant_id)
        recipes = None if include_recipe_ids is None else _known_recipes(include_recipe_ids)
        identities = listing.in_tenant(tenant_id, recipes)
        if not query:
            return listing.page(identities, limit, pagination_token, newest_first=newest_first)
        return listing.search(identities, tenant_id, query, limit, newest_first=newest_first)

    def _delete_whole(self, user: User) -> None:
        django_users = [found] if (found := django_user.of(user)) else []
        ids = [user.id, *(method.id for method in user.login_methods.all())]
        self._forget(ids)
        UserIdMapping.objects.filter(supertokens_user_id__in=ids).delete()
        User.objects.filter(pk=user.pk).delete()
        django_user.release(django_users)

    @staticmethod
    def _forget(own_ids: Sequence[str]) -> None:
        """Let every recipe delete what it keeps without a foreign key, also one that has been switched off since."""
        for recipe in registry.mountable():
            recipe.forget_users(own_ids)


def _require_external_id(external_user_id: str) -> None:
    if not 0 < len(external_user_id) <= EXTERNAL_ID_LENGTH:
        raise BadInputError(f"externalUserId must have 1 to {EXTERNAL_ID_LENGTH} characters")
    own = (model.objects.filter(pk=external_user_id).exists() for model in (LoginMethod, User))
    if any(own):  # whoever has that id would be taken for the other from now on
        raise BadInputError(
            "Cannot create a userId mapping where the externalId is also a SuperTokens userID"
        )


def _known_recipes(recipe_ids: Sequence[str]) -> list[str]:
    for recipe_id in recipe_ids:
        if recipe_id not in RECIPE_IDS:
            raise BadInputError(f"Unknown recipe ID: {recipe_id}")
    return list(recipe_ids)


def _mapping_of(user_id: str, user_id_type: IdType) -> Q:
    own, external = Q(supertokens_user_id=user_id), Q(external_user_id=user_id)
    return {"SUPERTOKENS": own, "EXTERNAL": external}.get(user_id_type, own | external)


users: UsersService = lazy_service(UsersService, UsersConf)
