"""Signals of the delivery; see :mod:`supertokens_django.signals`."""

from __future__ import annotations

from django.dispatch import Signal

# Arguments: channel ("email" or "sms"), template, to, tenant_id, language, message_id
message_sent = Signal()
# The same, and error: a DeliveryError, whose text names no secret
delivery_failed = Signal()
