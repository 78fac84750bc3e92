"""Signals of the e-mail and password recipe; see :mod:`supertokens_django.signals`."""

from __future__ import annotations

from django.dispatch import Signal

# Arguments: request (or None), user, login_method
password_reset = Signal()
