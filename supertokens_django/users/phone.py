"""Phone numbers by ``phonenumbers``, which is imported when the first one is seen."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

LENGTH = 32
"""Characters of the column; a number in E.164 has 16 at most."""


def normalise(text: str) -> str:
    """The stored form: E.164.  What is no number with a country code stays as it is, without blanks around it.

    Raises:
        ImproperlyConfigured: the package is not installed.
    """
    found = _parsed(text)
    if found is None:
        return text.strip()
    phonenumbers = _library()
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def is_valid(text: str) -> bool:
    """Tell whether it is a number with its country code that can exist, and fits into its column.

    Raises:
        ImproperlyConfigured: the package is not installed.
    """
    found = _parsed(text)
    return found is not None and bool(_library().is_valid_number(found)) and is_storable(normalise(text))


def is_storable(number: str) -> bool:
    """Tell whether some database could have it as somebody's number, whatever rule the project has for them."""
    return 0 < len(number) <= LENGTH and number.isprintable()


def in_groups(number: str) -> str:
    """A stored number as people write it: "+36 30 123 4567"."""
    found = _parsed(number)
    if found is None:
        return number
    phonenumbers = _library()
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def is_installed() -> bool:
    """Tell whether numbers can be read."""
    return find_spec("phonenumbers") is not None


def _parsed(text: str) -> Any:
    phonenumbers = _library()
    try:
        return phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None


def _library() -> Any:
    try:
        import phonenumbers
    except ImportError as error:
        raise ImproperlyConfigured(
            "Phone numbers need the package phonenumbers: pip install supertokens-django[passwordless]"
        ) from error
    return phonenumbers
