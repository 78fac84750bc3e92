"""What every SMS backend is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from supertokens_django.delivery.message import Sms


class BaseSmsBackend(ABC):
    """Made anew for each use, with ``SUPERTOKENS["SMS_BACKEND_OPTIONS"]`` as keyword arguments.

    A backend need not derive from it: a class with ``send_messages`` will do.  Making one must not open connections:
    the system checks make one as well.
    """

    @abstractmethod
    def send_messages(self, messages: Sequence[Sms]) -> int:
        """Send the messages; gives how many were sent.  Whatever it raises is a failure, logged without its secrets."""
