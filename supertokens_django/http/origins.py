"""Sites, for the SameSite and anti-CSRF defaults: do the API and the website count as one site for a browser?"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from supertokens_django.parsers import is_local_host


@lru_cache(maxsize=1)
def _public_suffixes() -> PublicSuffixList:
    # The copy inside the package is used; nothing is fetched.
    return PublicSuffixList()


@lru_cache(maxsize=256)
def top_level_domain(origin: str) -> str:
    """The registrable domain of ``origin``; "localhost" for localhost and IPv4 addresses (FDI).

    Private suffixes count: two hosts below github.io are two sites.  A host that is itself a suffix stands for itself.
    """
    host = urlsplit(origin).hostname or ""
    if is_local_host(host):
        return "localhost"
    return _public_suffixes().privatesuffix(host) or host


def same_site(api: str, website: str) -> bool:
    """Tell whether cookies of ``api`` are first-party on ``website``: one registrable domain and one scheme."""
    return (
        top_level_domain(api) == top_level_domain(website)
        and urlsplit(api).scheme == urlsplit(website).scheme
    )


def is_public_suffix(host: str) -> bool:
    """Tell whether anybody may register a domain below ``host``, so that browsers refuse cookies for all of it."""
    return _public_suffixes().is_public(host)
