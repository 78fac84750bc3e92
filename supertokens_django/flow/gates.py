"""Gates: asked in order inside every sign-in and sign-up, whatever the factor."""

from __future__ import annotations

from django.http import HttpRequest

from supertokens_django import conf
from supertokens_django.flow.attempt import Attempt


class Gate:
    """Base of the classes in ``SUPERTOKENS["FLOW_GATES"]``."""

    def check(self, attempt: Attempt, request: HttpRequest) -> None:
        """Let the attempt pass by returning, refuse it by raising ``GeneralError("text for the user")``.

        A sign-up's gates are asked before anything is created; a sign-in's after its credentials were found right.
        """


def check_all(attempt: Attempt, request: HttpRequest) -> None:
    """Ask the project's gates in their order."""
    for gate in conf.app().flow_gates:
        gate().check(attempt, request)
