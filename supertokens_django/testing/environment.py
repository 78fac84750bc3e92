"""Where the helpers work: in a test run."""

from __future__ import annotations

from django.core import mail


def require_test_run() -> None:
    """Refuse to work anywhere but in a test run.

    Raises:
        RuntimeError: Django's test environment was not set up.
    """
    if not hasattr(mail, "outbox"):  # Django puts it there for tests and takes it away again
        raise RuntimeError(
            "supertokens_django.testing works in tests only. Test runners of Django and pytest-django prepare for "
            "them; elsewhere call django.test.utils.setup_test_environment() first."
        )
