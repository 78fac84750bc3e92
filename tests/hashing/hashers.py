"""Password hashers that tests can look into."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.hashers import Argon2PasswordHasher, MD5PasswordHasher


class CountingHasher(MD5PasswordHasher):
    """Counts the hashes it computes: ``verify`` computes one too, through ``encode``."""

    algorithm = "counted"
    computed: ClassVar[int] = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.computed += 1
        return super().encode(password, salt)

    @classmethod
    def count(cls, call: Any, *args: Any) -> int:
        """How many hashes ``call(*args)`` computes."""
        before = cls.computed
        call(*args)
        return cls.computed - before


class SlowArgon2(Argon2PasswordHasher):
    """Slow enough to stand out of the noise of a busy machine."""

    algorithm = "argon2"
    time_cost = 6
    memory_cost = 65_536
    parallelism = 1


class QuickArgon2(Argon2PasswordHasher):
    """Django's in all but what it costs: most tests are not about that."""

    time_cost = 1
    memory_cost = 1024
    parallelism = 1
