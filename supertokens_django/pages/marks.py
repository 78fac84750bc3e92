"""The marks on the buttons of providers."""

from __future__ import annotations

import re

MARKS = (
    "active-directory",
    "apple",
    "bitbucket",
    "boxy-saml",
    "discord",
    "facebook",
    "github",
    "gitlab",
    "google-workspaces",
    "google",
    "linkedin",
    "okta",
    "twitter",
)
"""Those that come with the package, by how a third party id begins."""


def templates(third_party_id: str) -> list[str]:
    """The templates to look for: the project's own for the id, the provider's, the one that fits everybody."""
    own = [third_party_id] if re.fullmatch(r"[A-Za-z0-9_-]+", third_party_id) else []
    built_in = [name for name in MARKS if third_party_id.startswith(name)][:1]
    return [
        f"supertokens_django/pages/marks/{name}.html" for name in dict.fromkeys([*own, *built_in, "provider"])
    ]
