"""Signals of the e-mail verification recipe; see :mod:`supertokens_django.signals`."""

from __future__ import annotations

from django.dispatch import Signal

# Arguments: recipe_user_id, email
email_verified = Signal()
# Arguments: recipe_user_id, old_email, new_email
email_changed = Signal()
