"""Outcomes of the passwordless recipe in the JSON of the wire."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from supertokens_django.http.fdi import fdi_version, uses_new_user_shape
from supertokens_django.recipes.passwordless.flows import Sent
from supertokens_django.users.models import LoginMethod
from supertokens_django.users.outputs import user_for_client


def code_sent(sent: Sent) -> dict[str, Any]:
    """The answer to somebody who asked for a code."""
    return {
        "status": "OK",
        "deviceId": sent.code.device_id,
        "preAuthSessionId": sent.code.pre_auth_session_id,
        "flowType": sent.flow_type,
    }


def signed_in(request: HttpRequest, method: LoginMethod, *, is_new: bool) -> dict[str, Any]:
    """The answer to a right code; tokens travel beside it."""
    version = fdi_version(request)
    flag = "createdNewRecipeUser" if uses_new_user_shape(version) else "createdNewUser"
    return {"status": "OK", flag: is_new, "user": user_for_client(method.user, method.id, version)}
