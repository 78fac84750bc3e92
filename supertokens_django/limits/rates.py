"""Rates as settings write them: ``"5/m"``, ``"10/15m"``, several with commas between them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = 31 * 86400
MOST = 1_000_000
_RATE = re.compile(r"(\d{1,7}) ?/ ?(\d{0,7}) ?([smhd])", re.ASCII)


@dataclass(frozen=True)
class Rate:
    """So many tries in any period of so many seconds."""

    count: int
    seconds: int

    def __str__(self) -> str:
        unit = next(name for name in reversed(UNITS) if self.seconds % UNITS[name] == 0)
        number = self.seconds // UNITS[unit]
        return f"{self.count}/{'' if number == 1 else number}{unit}"


@lru_cache(maxsize=256)
def parse_rates(text: str) -> tuple[Rate, ...]:
    """Read rates; "" gives none.

    Raises:
        ValueError: a part of the text is no rate, in a sentence that says what is expected.
    """
    return tuple(_parse(part.strip()) for part in text.split(",")) if text.strip() else ()


def _parse(text: str) -> Rate:
    found = _RATE.fullmatch(text)
    if found is None:
        raise ValueError(
            f'must be rates such as "5/m" or "10/15m, 100/d" (units: s, m, h, d); {text!r} is none.'
        )
    count, seconds = int(found[1]), int(found[2] or 1) * UNITS[found[3]]
    if not 1 <= count <= MOST:
        raise ValueError(f"must allow from 1 to {MOST} tries; {text!r} allows {count}.")
    if not 1 <= seconds <= LONGEST:
        raise ValueError(
            f"must have a period from one second to 31 days; that of {text!r} is {seconds} seconds."
        )
    return Rate(count, seconds)
