"""Settings of the link to the project's own user model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from supertokens_django.conf import Problem, Section, option
from supertokens_django.parsers import boolean, choice, class_path, function, optional


class DjangoUserConf(Section):
    """``SUPERTOKENS["DJANGO_USER"]``: how users become rows of ``AUTH_USER_MODEL``."""

    KEY = "DJANGO_USER"

    create: bool = option(
        boolean, True, help="Create a Django user with every sign-up, in the same transaction."
    )
    fields: Callable[..., dict[str, Any]] | None = option(
        optional(function),
        None,
        help="Callable (user, login_method) -> values of further fields of the Django user.",
    )
    on_delete: str = option(
        choice("deactivate", "delete", "keep"),
        "deactivate",
        help="What becomes of the Django user when its SuperTokens user is deleted.",
    )

    def contradictions(self) -> Iterator[Problem]:
        if self.fields is not None and not self.create:
            yield Problem(
                "contradiction", "SUPERTOKENS['DJANGO_USER']", "FIELDS has no effect while CREATE is False."
            )


class UsersConf(Section):
    """``SUPERTOKENS["USERS"]``."""

    KEY = "USERS"

    service_class: type | None = option(optional(class_path), None, help="Subclass of UsersService.")
