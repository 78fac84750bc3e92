"""The row of ``AUTH_USER_MODEL`` that belongs to a user; works with any user model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Exists, OuterRef, Subquery, Value

from supertokens_django import conf, db
from supertokens_django.prepared import PreparedQuery
from supertokens_django.recipes.multitenancy.service import PUBLIC_TENANT
from supertokens_django.users.conf import DjangoUserConf
from supertokens_django.users.ids import own_id
from supertokens_django.users.models import DjangoUserLink, LoginMethod, User, UserIdMapping


def create(user: User, login_method: LoginMethod) -> AbstractBaseUser | None:
    """Create and link the Django user of a new user, as ``DJANGO_USER`` says; None when that is switched off.

    Raises:
        IntegrityError: the user model has a unique field that is taken, an e-mail for instance.
    """
    settings = conf.section(DjangoUserConf)
    if not settings.create:
        return None
    values = default_fields(user, login_method)
    if settings.fields is not None:
        values.update(settings.fields(user, login_method))
    django_user = get_user_model()(**values)
    django_user.set_unusable_password()
    django_user.save(force_insert=True)
    DjangoUserLink.objects.create(user=user, django_user=django_user)
    return django_user


def default_fields(user: User, login_method: LoginMethod) -> dict[str, Any]:
    """The login field gets the e-mail when it is an e-mail field, else our user id; the e-mail field the e-mail.

    ``first_name`` and ``last_name``, where the model has them, get what a provider tells.
    For somebody without an e-mail the e-mail field stays empty.  Where it must not be, because it is unique, it gets an
    address that can be nobody's (RFC 2606).
    """
    model = get_user_model()
    values: dict[str, Any] = _names(model, login_method.third_party_profile or {})
    email_field = _email_field(model)
    if email_field:
        values[email_field] = _email_value(model, email_field, user, login_method.email)
    if model.USERNAME_FIELD not in values:
        is_email = isinstance(model._meta.get_field(model.USERNAME_FIELD), models.EmailField)
        values[model.USERNAME_FIELD] = login_method.email if is_email and login_method.email else user.id
    return values


def _names(model: type[AbstractBaseUser], profile: Mapping[str, Any]) -> dict[str, Any]:
    """The names that are told, cut to what their columns take."""
    values = {}
    for name in ("first_name", "last_name"):
        if (text := profile.get(name)) and _has_field(model, name):
            length = getattr(model._meta.get_field(name), "max_length", None)
            values[name] = _storable(text)[:length]
    return values


def _storable(text: str) -> str:
    """Text without what databases refuse: NUL, and halves of characters, which JSON may have."""
    return text.replace("\x00", "").encode(errors="ignore").decode()


def change_email(user: User, old_email: str | None, new_email: str | None) -> None:
    """Follow a changed e-mail where the Django user still has the old one."""
    django_user, model = of(user), get_user_model()
    field = _email_field(model)
    if django_user is None or not field:
        return
    if getattr(django_user, field) != _email_value(model, field, user, old_email):
        return
    setattr(django_user, field, _email_value(model, field, user, new_email))
    django_user.save(update_fields=[field])


def _email_value(model: type[AbstractBaseUser], name: str, user: User, email: str | None) -> str | None:
    if email:
        return email
    field = model._meta.get_field(name)
    if getattr(field, "null", False):
        return None
    return f"{user.id}@no-email.invalid" if getattr(field, "unique", False) else ""


def of(user: User) -> AbstractBaseUser | None:
    """The Django user of ``user``; no query when the link was selected with it."""
    try:
        return user.django_link.django_user
    except DjangoUserLink.DoesNotExist:
        return None


def is_inactive(user: User) -> bool:
    """Tell whether the Django user is there and switched off."""
    django_user = of(user)
    return django_user is not None and not django_user.is_active


def is_switched_off(user_id: OuterRef) -> Exists | Value:
    """Whether the Django user behind our user id is there and switched off, as part of a query."""
    if not _has_field(get_user_model(), "is_active"):
        return Value(False)
    return Exists(DjangoUserLink.objects.filter(user=user_id, django_user__is_active=False))


def release(django_users: list[AbstractBaseUser]) -> None:
    """Delete or switch off Django users whose SuperTokens users are gone, as ``DJANGO_USER["ON_DELETE"]`` says."""
    what = conf.section(DjangoUserConf).on_delete
    for django_user in django_users:
        if what == "delete":
            django_user.delete()
        elif what == "deactivate" and _has_field(type(django_user), "is_active"):
            type(django_user)._base_manager.filter(pk=django_user.pk).update(**{"is_active": False})


def _email_field(model: type[AbstractBaseUser]) -> str | None:
    name = model.get_email_field_name()
    return name if _has_field(model, name) else None


def _has_field(model: type[models.Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def for_user_id(user_id: str) -> AbstractBaseUser | None:
    """The Django user behind a user id that clients use, in one query."""
    link = _LINK.first(user_id)
    return link.django_user if link else None


def for_session(user_id: str, tenant_id: str) -> AbstractBaseUser | None:
    """The Django user of a session in a tenant, in one query; see :func:`tenant_of`."""
    found = for_user_id(user_id)
    if found is not None:
        found._supertokens_tenant_id = tenant_id  # type: ignore[attr-defined]
    return found


def tenant_of(django_user: AbstractBaseUser) -> str:
    """The tenant of the session that a Django user was loaded for; ``public`` where it was loaded otherwise."""
    tenant_id: str = getattr(django_user, "_supertokens_tenant_id", PUBLIC_TENANT)
    return tenant_id


_LINK: PreparedQuery[DjangoUserLink] = PreparedQuery(
    lambda user_id: DjangoUserLink.objects.filter(user=own_id(user_id)).select_related("django_user"),
    alias=db.read_alias,
)


def supertokens_id(django_user: AbstractBaseUser) -> str | None:
    """The user id that clients use, of the SuperTokens user linked to a Django user."""
    mapped = UserIdMapping.objects.filter(supertokens_user_id=OuterRef("user_id")).values("external_user_id")
    link = (
        DjangoUserLink.objects.filter(django_user_id=django_user.pk)
        .annotate(external_id=Subquery(mapped))
        .first()
    )
    return (link.external_id or link.user_id) if link else None
