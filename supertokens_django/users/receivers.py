"""What happens to a user when its Django user is deleted."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from supertokens_django.users.models import DjangoUserLink
from supertokens_django.users.service import users


def delete_with_django_user(instance: AbstractBaseUser, **kwargs: Any) -> None:
    """Delete the SuperTokens user in the same transaction, so that nobody signs in to an account that is gone."""
    link = DjangoUserLink.objects.filter(django_user_id=instance.pk).first()
    if link is not None:
        user_id = link.user_id  # a deleted row forgets its key
        link.delete()
        users.delete_user(user_id)
