"""URLs of the pages, at the paths that SuperTokens' frontends use.

``supertokens_django.urls`` serves them while WEBSITE_BASE_PATH equals API_BASE_PATH.  A project with two different
paths includes this module at WEBSITE_BASE_PATH.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RegexPattern, RoutePattern

from supertokens_django import conf
from supertokens_django.http.endpoint import is_enabled
from supertokens_django.pages import account, passwordless, thirdparty, verification, views
from supertokens_django.pages.conf import may_be_served, share_the_base_path_of_the_api


class PagePattern(URLPattern):
    """A URL pattern that does not match while the pages are off."""

    def resolve(self, path: str) -> ResolverMatch | None:
        return super().resolve(path) if may_be_served() else None


class CallbackPattern(PagePattern):
    """Not while the recipe is off, either: the path is the project's then."""

    def resolve(self, path: str) -> ResolverMatch | None:
        return super().resolve(path) if is_enabled(thirdparty.FINISH) else None


class PagesBelowApi(URLResolver):
    """The pages among the URLs of the API; they do not match while the settings give them a path of their own."""

    def resolve(self, path: str) -> ResolverMatch:
        if not share_the_base_path_of_the_api():
            raise Resolver404({"path": path})
        return super().resolve(path)


def _page(path: str, view: Callable[..., HttpResponse], name: str) -> PagePattern:
    return PagePattern(RegexPattern(rf"^{path}/?$" if path else "^$", is_endpoint=True), view, {}, name)


def below_api() -> PagesBelowApi:
    """The pages as ``supertokens_django.urls`` mounts them.

    Where they are not served there, their namespace is another, so that it is free for the project's own include.
    """
    app = conf.parse(conf.AppConf)[0]  # mistakes in the settings are for the system checks to report
    is_theirs = app is not None and app.website_base_path != app.api_base_path
    namespace: Any = f"{app_name}_below_api" if is_theirs else app_name
    return PagesBelowApi(RoutePattern(""), urlpatterns, None, app_name=app_name, namespace=namespace)


def refresh_page() -> URLPattern:
    """The page that refreshes on the way to another; always below the API, where refresh tokens are sent."""
    return _page("session/refresh/page", views.refresh, "refresh_page")


app_name = "supertokens_pages"
urlpatterns = [
    _page("", views.signin, "signin"),
    _page("code", passwordless.code, "code"),
    _page("verify", passwordless.link, "code_link"),
    _page("account", account.account, "account"),
    _page("sign-out", views.signout, "signout"),
    _page("reset-password", views.reset_password, "reset_password"),
    _page("verify-email", verification.verify_email, "verify_email"),
    CallbackPattern(
        RegexPattern(r"^callback/(?P<third_party_id>[!-~]+?)/?$", is_endpoint=True),
        thirdparty.callback,
        {},
        "callback",
    ),
]
