"""What the system checks say."""

from __future__ import annotations

from django.core.checks import CheckMessage, run_checks


def found(*, deploy: bool = False) -> list[CheckMessage]:
    """The messages of this app."""
    messages = run_checks(include_deployment_checks=deploy)
    return [message for message in messages if str(message.id).startswith("supertokens_django.")]


def numbers(*, deploy: bool = False) -> list[str]:
    """Their numbers."""
    return [str(message.id).rpartition(".")[2] for message in found(deploy=deploy)]


def the_only(*, deploy: bool = False) -> tuple[str, str, str]:
    """Id, text and hint of the one message that there is."""
    (message,) = found(deploy=deploy)
    return str(message.id), message.msg, str(message.hint)
