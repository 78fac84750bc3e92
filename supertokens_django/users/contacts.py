"""What a login method is reached by, e-mail and phone number: asked for, added, changed and taken away."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from supertokens_django import db
from supertokens_django.recipes.multitenancy.service import normalise_tenant_id
from supertokens_django.users import accounts, details, django_user
from supertokens_django.users.accounts import AccountInfo
from supertokens_django.users.exceptions import IdentityTaken
from supertokens_django.users.models import LoginIdentity, LoginMethod

Kind = LoginIdentity.Kind
_FIELDS = {Kind.EMAIL: "email", Kind.PHONE_NUMBER: "phone_number"}


def is_known(tenant_id: str, info: AccountInfo) -> bool:
    """Tell whether anybody in the tenant has the contact, by whatever recipe."""
    keys = list(info.identities().values())
    return LoginIdentity.objects.filter(tenant_id=normalise_tenant_id(tenant_id), key__in=keys).exists()


def tenants_of(method: LoginMethod) -> list[str]:
    """The tenants in which a login method is found."""
    found = LoginIdentity.objects.filter(login_method=method).order_by("tenant_id")
    return list(found.values_list("tenant_id", flat=True).distinct())


def mark_verified_if_new(method: LoginMethod) -> None:
    """Note that the e-mail is the user's, where that is not known yet; no query where it is."""
    known = next((item for item in details.of(method.user).methods if item.method.id == method.id), None)
    if method.email and not (known and known.is_verified):
        accounts.mark_verified(method)


def change(method: LoginMethod, kind: LoginIdentity.Kind, value: str | None) -> None:
    """Give a login method another e-mail or phone number in all of its tenants, or none; in its stored form.

    Call it inside a transaction.  The Django user's e-mail follows where it was the same.

    Raises:
        IdentityTaken: another login method of the recipe has it in one of these tenants, or the Django user model has
            a unique field that is taken.
    """
    old, tenants = getattr(method, _FIELDS[kind]), tenants_of(method)
    identities = LoginIdentity.objects.filter(login_method=method, kind=kind)
    try:
        with transaction.atomic(using=db.write_alias()):
            LoginMethod.objects.filter(pk=method.pk).update(**{_FIELDS[kind]: value})
            if value is None:
                identities.delete()
            elif old:
                identities.update(key=LoginIdentity.key_of(kind, value))
            else:
                key = LoginIdentity.key_of(kind, value)
                LoginIdentity.objects.bulk_create(
                    LoginIdentity.of(method, tenant_id, kind, key) for tenant_id in tenants
                )
            if kind == Kind.EMAIL:
                django_user.change_email(method.user, old, value)
    except IntegrityError as error:
        raise IdentityTaken from error
    setattr(method, _FIELDS[kind], value)
    details.forget(method.user)
