"""Signals about users; see :mod:`supertokens_django.signals`."""

from __future__ import annotations

from django.dispatch import Signal

# Arguments: user_id, recipe_user_ids (all of the deleted login methods)
user_deleted = Signal()
