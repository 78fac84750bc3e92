"""Every message that the package sends, with what its recipe tells the templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.base import ALICE

CODE = "482913"
TOKEN = "Zk3" + "x7Qw" * 30
RESET_LINK = f"https://acme.com/auth/reset-password?token={TOKEN}&tenantId=public"
SIGN_IN_PAGE = "https://acme.com/auth/?show=signin"
VERIFY_LINK = f"https://acme.com/auth/verify-email?token={TOKEN}&tenantId=public"
LINK_CODE = "sOOeJcRFtVvRR4lEAWwHkhcsJ0sdEyUmVTcbaRhUbS8"
PRE_AUTH = "hVDL0pcx0XOXA9kYJOhpVRZzQYmuxCWCQnS7GiBN9SQ"
LOGIN_LINK = f"https://acme.com/auth/verify?preAuthSessionId={PRE_AUTH}&tenantId=public#{LINK_CODE}"
PHONE = "+4915112345678"

USER = {"id": "5d4355e2-67a2-42af-9558-220ee00bfd95", "recipe_user_id": "5d43", "email": ALICE.email}
LOGIN: Mapping[str, Any] = {
    "code_lifetime": 900_000,
    "pre_auth_session_id": PRE_AUTH,
    "is_first_factor": True,
}
BY_CODE = {**LOGIN, "user_input_code": CODE}
BY_LINK = {**LOGIN, "url_with_link_code": LOGIN_LINK}
BY_BOTH = {**BY_CODE, **BY_LINK}
SECOND_FACTOR = {**BY_CODE, "is_first_factor": False}

RESET = {"user": USER, "password_reset_link": RESET_LINK, "link_lifetime": timedelta(hours=1)}
VERIFY = {"user": USER, "email_verify_link": VERIFY_LINK, "link_lifetime": timedelta(days=1)}
CHANGED = {"user": USER, "old_email": ALICE.email, "new_email": "alice@wonderland.example"}

MAILS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "reset_password": ("reset_password", RESET),
    "verify_email": ("verify_email", VERIFY),
    "login_by_code": ("passwordless_login", {**BY_CODE, "email": ALICE.email}),
    "login_by_link": ("passwordless_login", {**BY_LINK, "email": ALICE.email}),
    "login_by_both": ("passwordless_login", {**BY_BOTH, "email": ALICE.email}),
    "second_factor": ("passwordless_login", {**SECOND_FACTOR, "email": ALICE.email}),
    "email_changed": ("email_changed", CHANGED),
    "finish_sign_up": ("finish_sign_up", RESET),
    "account_exists": ("account_exists", {**RESET, "sign_in_page": SIGN_IN_PAGE}),
}
TEXTS: Mapping[str, Mapping[str, Any]] = {
    "code": {**BY_CODE, "phone_number": PHONE},
    "link": {**BY_LINK, "phone_number": PHONE},
    "both": {**BY_BOTH, "phone_number": PHONE},
    "second_factor": {**SECOND_FACTOR, "phone_number": PHONE},
}
LANGUAGES = ("en", "de", "es", "fr", "ja")
