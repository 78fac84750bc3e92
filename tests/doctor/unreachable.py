"""A module that asks a server while it is imported, which is not there, and says so with its address."""

raise ConnectionError("cannot reach redis://:open-sesame@cache.acme.com:6379/0")
