"""Signals of the sign-in pipeline; see :mod:`supertokens_django.signals`."""

from __future__ import annotations

from django.dispatch import Signal

# Arguments: request, user, login_method, session, and for user_signed_up form_fields
user_signed_up = Signal()
user_signed_in = Signal()
