"""Asking before something that cannot be undone, as Django's own commands do."""

from __future__ import annotations

from django.core.management.base import CommandError


def confirm(question: str) -> None:
    """Go on only after a "yes".

    Raises:
        CommandError: the answer is another one, or nobody is there to give it.
    """
    try:
        answer = input(question)
    except EOFError:
        raise CommandError("Cancelled: there is nobody to ask. Say --no-input to go on without.") from None
    if answer.strip().lower() != "yes":
        raise CommandError("Cancelled.")
