"""User metadata: a JSON object for each user.  Subclass point of the user metadata recipe."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from asgiref.sync import sync_to_async

from supertokens_django import db
from supertokens_django.recipes.usermetadata import inputs
from supertokens_django.recipes.usermetadata.conf import UserMetadataConf
from supertokens_django.recipes.usermetadata.models import UserMetadata
from supertokens_django.registry import lazy_service
from supertokens_django.users import ids


class UserMetadataService:
    """Subclass it and name it in ``SUPERTOKENS["USERMETADATA"]["SERVICE_CLASS"]``.

    Every ``user_id`` may be ours or a mapped external one, of a user or of a login method; an unknown one stands for
    itself, for whether there is such a user is not asked (FDI).
    """

    def get_user_metadata(self, user_id: str) -> dict[str, Any]:
        """The metadata of a user; {} where there is none."""
        row = UserMetadata.objects.filter(pk=ids.own_user_id(user_id)).first()
        return row.metadata if row else {}

    async def aget_user_metadata(self, user_id: str) -> dict[str, Any]:
        """See :meth:`get_user_metadata`."""
        return await sync_to_async(self.get_user_metadata)(user_id)

    def update_user_metadata(self, user_id: str, metadata_update: Mapping[str, Any]) -> dict[str, Any]:
        """Merge at the top level and give the result; None removes a key there, and stays where it is nested (FDI).

        Raises:
            BadInputError: the update is no JSON object, or the ID is empty or too long.
        """
        update = inputs.metadata(metadata_update)
        return _merge(ids.own_user_id_of(user_id), update)

    async def aupdate_user_metadata(self, user_id: str, metadata_update: Mapping[str, Any]) -> dict[str, Any]:
        """See :meth:`update_user_metadata`."""
        return await sync_to_async(self.update_user_metadata)(user_id, metadata_update)

    def clear_user_metadata(self, user_id: str) -> None:
        """Remove all metadata of a user.

        Raises:
            BadInputError: the ID is empty or too long.
        """
        _clear(ids.own_user_id_of(user_id))

    async def aclear_user_metadata(self, user_id: str) -> None:
        """See :meth:`clear_user_metadata`."""
        await sync_to_async(self.clear_user_metadata)(user_id)

    def forget_users(self, user_ids: Collection[str]) -> None:
        """Remove what is kept under these ids of ours; part of the deletion of a user."""
        UserMetadata.objects.filter(pk__in=user_ids).delete()


# The ID is looked up first: in a DELETE MariaDB walks through the tables of a subquery.
@db.transactional
def _clear(own_id: str) -> None:
    UserMetadata.objects.filter(pk=own_id).delete()


@db.transactional
def _merge(own_id: str, update: Mapping[str, Any]) -> dict[str, Any]:
    row, _ = db.locked_or_new(UserMetadata.objects.filter(pk=own_id), lambda: UserMetadata(own_id))
    merged = {key: value for key, value in {**row.metadata, **update}.items() if value is not None}
    UserMetadata.objects.filter(pk=own_id).update(metadata=merged)
    return merged


usermetadata: UserMetadataService = lazy_service(UserMetadataService, UserMetadataConf)
