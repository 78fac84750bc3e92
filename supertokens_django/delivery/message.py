"""Messages on their way: a draft as a recipe hands it in, and the message as it leaves."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, cast

from django.http import HttpRequest

Channel = Literal["email", "sms"]
CHANNELS: tuple[Channel, ...] = ("email", "sms")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is to be said, to whom, by which template; not yet in words."""

    channel: Channel
    template: str
    to: str
    context: Mapping[str, Any] = field(repr=False)
    tenant_id: str
    language: str | None = None
    """The language that the caller asks for; None where the settings decide."""
    request: HttpRequest | None = field(default=None, repr=False)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, kw_only=True)
class Message:
    """A mail or a text message in its final words.  What it says is a secret: it has no place in logs."""

    id: str
    """Stays the same however often it is tried."""
    channel: Channel
    template: str
    tenant_id: str
    language: str
    to: str
    sender: str | None
    """None: the default of Django's mail system, or of the SMS backend."""
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must not be logged, however a gateway complains."""

    def as_dict(self) -> dict[str, Any]:
        """In a form that every queue can carry: texts, lists and dicts."""
        return {**asdict(self), "headers": dict(self.headers), "secrets": list(self.secrets)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Message:
        """What :meth:`as_dict` made.

        Raises:
            ValueError: it is not that.
        """
        try:
            message = cls(**{**values, "secrets": tuple(values["secrets"])})
        except (TypeError, KeyError) as error:
            raise ValueError("This is no message of supertokens_django.") from error
        if message.channel not in CHANNELS:
            raise ValueError(f"A message leaves by mail or as SMS, not by {message.channel!r}.")
        return message


@dataclass(frozen=True, kw_only=True)
class Sms:
    """One text message, as a backend is given it."""

    id: str
    """Stays the same however often it is tried: gateways can tell a repetition by it."""
    to: str
    """A phone number (E.164)."""
    text: str = field(repr=False)
    sender: str | None = None
    """A number, a name or what else the gateway takes; None: its own default."""
    template: str
    tenant_id: str
    language: str

    @classmethod
    def of(cls, message: Message) -> Sms:
        names = ("id", "to", "text", "sender", "template", "tenant_id", "language")
        return cls(**{name: cast(Any, getattr(message, name)) for name in names})
