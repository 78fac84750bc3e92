"""The measured view as one of REST framework."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import cases


def view(
    *authentication: type, permissions: Sequence[type] = (), answer: Callable[[Any], Any] = cases.bare
) -> Any:
    """A view with these authentication and permission classes, in place of the framework's defaults."""
    from rest_framework.views import APIView

    class View(APIView):
        def get(self, request: Any) -> Any:
            return answer(request)

    return View.as_view(authentication_classes=authentication, permission_classes=permissions)
