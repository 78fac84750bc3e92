"""Every signal, sent after the commit with ``send_robust``: a receiver that fails is logged and changes nothing.

==========================  =====================================================================================
``user_signed_up``          ``request``, ``user``, ``login_method``, ``session``, ``form_fields``
``user_signed_in``          ``request``, ``user``, ``login_method``, ``session``; after a sign-up as well
``password_reset``          ``request``, ``user``, ``login_method``
``email_verified``          ``recipe_user_id``, ``email``
``email_changed``           ``recipe_user_id``, ``old_email``, ``new_email``; by the link to the new one
``user_deleted``            ``user_id``, ``recipe_user_ids``
``session_created``         ``request`` (or None), ``session_handle``, ``user_id``, ``recipe_user_id``
``session_refreshed``       the same
``token_theft_detected``    the same; the session has been revoked
``session_revoked``         ``session_handles``
``anonymous_session_left``  ``request``, ``anonymous_user_id``, ``user_id``, ``session``; by a sign-in or sign-up
``impersonation_started``   ``request``, ``session_handle``, ``user_id``, ``actor`` (Django user), ``reason``
``impersonation_ended``     the same; ``request`` may be None, and ``actor`` when it is gone
``message_sent``            ``channel``, ``template``, ``to``, ``tenant_id``, ``language``, ``message_id``
``delivery_failed``         the same, and ``error``
==========================  =====================================================================================

Django's ``user_logged_in``, ``user_logged_out`` and ``user_login_failed`` are sent as well.
"""

from supertokens_django.delivery.signals import delivery_failed, message_sent
from supertokens_django.flow.signals import user_signed_in, user_signed_up
from supertokens_django.recipes.emailpassword.signals import password_reset
from supertokens_django.recipes.emailverification.signals import email_changed, email_verified
from supertokens_django.recipes.session.signals import (
    anonymous_session_left,
    impersonation_ended,
    impersonation_started,
    session_created,
    session_refreshed,
    session_revoked,
    token_theft_detected,
)
from supertokens_django.users.signals import user_deleted

__all__ = [
    "anonymous_session_left",
    "delivery_failed",
    "email_changed",
    "email_verified",
    "impersonation_ended",
    "impersonation_started",
    "message_sent",
    "password_reset",
    "session_created",
    "session_refreshed",
    "session_revoked",
    "token_theft_detected",
    "user_deleted",
    "user_signed_in",
    "user_signed_up",
]
