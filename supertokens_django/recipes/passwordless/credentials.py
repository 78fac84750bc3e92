"""What somebody presents to sign in, and what comes of it where it is right."""

from __future__ import annotations

from dataclasses import dataclass, field

from supertokens_django.users.accounts import AccountInfo


@dataclass(frozen=True)
class Credentials:
    """What somebody presents: the code with the device it was asked for on, or the code of a link."""

    pre_auth_session_id: str
    user_input_code: str | None = field(default=None, repr=False)
    device_id: str | None = field(default=None, repr=False)
    link_code: str | None = field(default=None, repr=False)

    @property
    def is_link(self) -> bool:
        return self.link_code is not None

    @property
    def are_whole(self) -> bool:
        return self.is_link or (self.device_id is not None and bool(self.user_input_code))


@dataclass(frozen=True)
class ConsumedDevice:
    """The device whose code was right."""

    pre_auth_session_id: str
    failed_code_input_attempt_count: int
    email: str | None
    phone_number: str | None
    tenant_id: str
    keys: tuple[str, ...] = field(default=(), repr=False)
    """Of all devices that go with it."""

    @property
    def account_info(self) -> AccountInfo:
        return AccountInfo(email=self.email, phone_number=self.phone_number)
