"""Settings of the user roles recipe, under the names that supertokens-python has, and what is Django's own."""

from __future__ import annotations

from supertokens_django import conf
from supertokens_django.conf import Section, option
from supertokens_django.parsers import boolean, class_path, optional


class UserRolesConf(Section):
    """``SUPERTOKENS["USERROLES"]``."""

    KEY = "USERROLES"

    skip_adding_roles_to_access_token: bool = option(
        boolean, False, help="Leave the claim st-role out of new sessions."
    )
    skip_adding_permissions_to_access_token: bool = option(
        boolean, False, help="Leave the claim st-perm out of new sessions."
    )
    django_groups_in_claims: bool = option(
        boolean, True, help="Count a Django user's groups as roles in st-role, their permissions in st-perm."
    )
    service_class: type | None = option(optional(class_path), None, help="Subclass of UserRolesService.")


def userroles_conf() -> UserRolesConf:
    return conf.section(UserRolesConf)
