"""Signing keys that cost nothing: making one takes a tenth of a second, and every test needs one.

The key of the test before went with its transaction.  No key comes with this package: they are made in the process
that uses them, and are gone with it, so none can end up in a database that anybody relies on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from itertools import cycle

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from supertokens_django.crypto import jwt
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.testing.environment import require_test_run


@contextmanager
def reused_signing_keys(count: int = 1) -> Iterator[None]:
    """Use ``count`` key pairs in turn, made once per process, wherever a new signing key is due in the block.

    Rows, key IDs and signatures are real; only the numbers inside come again.

    Raises:
        RuntimeError: this is no test run.
    """
    require_test_run()
    numbers = cycle(range(count))
    before = ring.generate
    ring.generate = lambda: _key_pair(next(numbers))
    try:
        yield
    finally:
        ring.generate = before


def cheap_signing_keys() -> AbstractContextManager[None]:
    """The same, unless somebody sees to it already."""
    makes_real_ones: bool = ring.generate is _REAL
    return reused_signing_keys() if makes_real_ones else nullcontext()


@cache
def _key_pair(number: int) -> RSAPrivateKey:
    return _REAL()


_REAL: Callable[[], RSAPrivateKey] = jwt.generate_private_key
