"""Refusals of the rate limits."""

from __future__ import annotations

from collections.abc import Mapping

from supertokens_django.exceptions import GeneralError


class LimitError(GeneralError):
    """Not now: frontends show the text (FDI ``GENERAL_ERROR``), other clients see the HTTP status.

    ``retry_after`` is in whole seconds, at least one.
    """

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(self.retry_after)}


class TooManyRequests(LimitError):
    """A rate limit is reached (RFC 6585 §4)."""

    http_status = 429


class LimitsUnavailable(LimitError):
    """The cache that counts is broken, and ``FAIL_OPEN`` is off."""

    http_status = 503
