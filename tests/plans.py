"""How the database finds rows, for tests; see :mod:`benchmarks.plans`."""

from benchmarks.plans import plans, walks_through

__all__ = ["plans", "walks_through"]
