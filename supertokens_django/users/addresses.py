"""What an e-mail address must look like."""

from __future__ import annotations

import re
from typing import Any

EMAIL_LENGTH = 254
"""Characters of the longest address that mail systems take (RFC 5321) and Django's user model has room for."""

# Mail software decodes an encoded word wherever it meets one, though addresses must not have any (RFC 2047, 5):
# `=?utf-8?q?alic=65?=@acme.com` would be one of endless names for one mailbox, each with rate limits of its own.
_NO_ENCODED_WORD = r"(?!.*=\?.*\?=)"
_ATOM = r'[^<>()\[\]\\.,;:\s@"\x00-\x1f\x7f]+'
# A quotation mark in quotes is escaped (RFC 5321, 4.1.2): `"x"@evil.com,"y"@acme.com` is two addresses.
_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029]|\\[\x20-\x7e])+"'
_LOCAL = rf"(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})"
_DOMAIN = r"(?:\[[0-9]{1,3}(?:\.[0-9]{1,3}){3}\]|(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]{2,})"
_EMAIL = re.compile(rf"{_NO_ENCODED_WORD}{_LOCAL}@{_DOMAIN}")


def is_email(value: Any) -> bool:
    """Tell whether the address has the form that FDI asks for and fits into its column."""
    # Lower case may be longer: İ is two characters in it.
    return (
        isinstance(value, str) and len(value.lower()) <= EMAIL_LENGTH and _EMAIL.fullmatch(value) is not None
    )


def is_storable(email: str) -> bool:
    """Tell whether some database could have it as somebody's address, in its stored form, whatever it looks like."""
    return 0 < len(email) <= EMAIL_LENGTH and "\0" not in email
