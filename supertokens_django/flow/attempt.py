"""One try to sign in or up, as gates and factors see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.users.accounts import AccountInfo
from supertokens_django.users.models import LoginMethod, User


@dataclass
class Attempt:
    """A sign-in or sign-up on its way through the pipeline."""

    tenant_id: str
    recipe_id: str
    factor_id: str
    is_sign_up: bool
    account_info: AccountInfo
    login_method: LoginMethod | None = None
    """Whose credentials were right; None until a sign-up has created it."""
    session: SessionContainer | None = None
    """The session that the request came with, where the client wants it considered."""
    form_fields: dict[str, Any] = field(default_factory=dict, repr=False)
    """What a sign-up form sent beside e-mail and password."""

    @property
    def email(self) -> str | None:
        return self.account_info.email

    @property
    def phone_number(self) -> str | None:
        return self.account_info.phone_number

    @property
    def user(self) -> User | None:
        return self.login_method.user if self.login_method else None
