"""What can go wrong on the way out.  None of it reaches a client."""

from __future__ import annotations


class DeliveryError(Exception):
    """A message could not be sent.  Its text names no secret: neither code nor link nor token."""


class GatewayError(Exception):
    """A gateway refused a message; a backend raises it with what the gateway says."""
