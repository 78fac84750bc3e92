"""Services of a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from supertokens_django.exceptions import GeneralError
from supertokens_django.recipes.thirdparty.providers.base import Provider, UserInfo
from supertokens_django.recipes.thirdparty.service import ThirdPartyService
from supertokens_django.users.models import LoginMethod


class Refusing(ThirdPartyService):
    def on_sign_up(
        self, login_method: LoginMethod, user_info: UserInfo, tokens: Mapping[str, Any], request: HttpRequest
    ) -> None:
        raise GeneralError(f"Not you, {user_info.first_name}")


class Clumsy(Provider):
    def fetch_user_info(self, tokens: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"sub": tokens["a secret token"]}
