"""Settings of the pages, and whether they are served."""

from __future__ import annotations

from django.http import HttpRequest

from supertokens_django import conf
from supertokens_django.conf import Section, option
from supertokens_django.parsers import boolean, optional, string


class PagesConf(Section):
    """``SUPERTOKENS["PAGES"]``."""

    KEY = "PAGES"

    enabled: bool | None = option(
        optional(boolean),
        None,
        help="Serve the pages; None: when API_DOMAIN is the website's origin as well.",
    )
    client_type: str | None = option(
        optional(string),
        None,
        help="Which of a provider's clients the pages use, by client_type, where it has several.",
    )


def may_be_served() -> bool:
    """Tell whether the pages are on, as far as it can be known without a request."""
    enabled = conf.section(PagesConf).enabled
    app = conf.app()
    # A callable ORIGIN answers per request.
    return (
        (callable(app.origin) or app.website_origin(None) == app.api_domain) if enabled is None else enabled
    )


def are_served(request: HttpRequest) -> bool:
    """Tell whether the pages are on for this request."""
    enabled = conf.section(PagesConf).enabled
    return conf.app().website_origin(request) == conf.app().api_domain if enabled is None else enabled


def share_the_base_path_of_the_api() -> bool:
    """Tell whether the pages belong below the URLs of the API; else the project mounts them itself."""
    return conf.app().website_base_path == conf.app().api_base_path
