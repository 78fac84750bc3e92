"""Which factors a code is for, and what is sent for them (FDI §1.7)."""

from __future__ import annotations

from supertokens_django import conf
from supertokens_django.recipes.passwordless.conf import (
    BOTH,
    MAGIC_LINK,
    USER_INPUT_CODE,
    PasswordlessConf,
)
from supertokens_django.users.accounts import AccountInfo

OTP, LINK = "otp", "link"
ALL = ("otp-email", "otp-phone", "link-email", "link-phone")
_WAYS = {USER_INPUT_CODE: (OTP,), MAGIC_LINK: (LINK,), BOTH: (OTP, LINK)}


def factor_of(info: AccountInfo, *, by_link: bool) -> str:
    """The factor that a right code, or a right link, completes."""
    return f"{LINK if by_link else OTP}-{'email' if info.email else 'phone'}"


def offered_to(info: AccountInfo, *, has_session: bool) -> tuple[str, ...]:
    """The factors that a contact can be used for: who is signed in already is sent codes alone (FDI)."""
    ways = (OTP,) if has_session else _WAYS[conf.section(PasswordlessConf).flow_type]
    return tuple(factor_of(info, by_link=way == LINK) for way in ways)


def flow_type_of(factors: tuple[str, ...]) -> str:
    """What is sent, by the factors that it is for."""
    kinds = {factor.partition("-")[0] for factor in factors}
    if kinds == {LINK}:
        return MAGIC_LINK
    return USER_INPUT_CODE if kinds == {OTP} else BOTH
