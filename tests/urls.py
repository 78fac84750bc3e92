"""The URLs of the imaginary project: the auth API, the admin and the tests' views."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from tests import drf_views, views

test_urls = [
    path("login", views.login),
    path("login/async", views.alogin),
    path("login/again", views.login_again),
    path("visit", views.visit),
    path("visit/async", views.avisit),
    path("impersonate", views.impersonate),
    path("impersonate/async", views.aimpersonate),
    path("impersonate/form", views.impersonate_by_form),
    path("stop", views.stop_impersonating),
    path("stop/async", views.astop_impersonating),
    path("login/regretted", views.regretted_login),
    path("login/forgiven", views.forgiven_login),
    path("merge/regretted", views.regretted_merge),
    path("sync", views.sync_view),
    path("async", views.async_view),
    path("method", views.MethodView.as_view()),
    path("method/<slug:thing>", views.MethodView.as_view()),
    path("method-async", views.AsyncMethodView.as_view()),
    path("dispatch", views.DispatchView.as_view()),
    path("dispatch-async", views.AsyncDispatchView.as_view()),
    path("object", views.ObjectView.as_view()),
    path("optional", views.optional_view),
    path("optional-async", views.optional_async_view),
    path("checked", views.checked_view),
    path("checked-async", views.checked_async_view),
    path("always-anti-csrf", views.always_anti_csrf_view),
    path("never-anti-csrf", views.never_anti_csrf_view),
    path("invalid-claim", views.invalid_claim_view),
    path("personal", views.personal_view),
    path("exposing", views.exposing_view),
    path("plain", views.plain_view),
    path("plain-async", views.plain_async_view),
    path("refreshing", views.refreshing_view),
    path("raising", views.raising_view),
    path("raising-async", views.raising_async_view),
    path("any-email", views.any_email_view),
    path("unverified", views.unverified_view),
    path("whoami", views.whoami),
    path("whoami-async", views.awhoami),
    path("verified-whoami", views.verified_whoami),
    path("verified-whoami-async", views.averified_whoami),
    path("members", views.members_view),
    path("permitted", views.PermittedView.as_view()),
    path("form", views.form_view),
    path("verified-form", views.verified_form_view),
    path("form-page", views.form_page),
    path("drf/view", drf_views.VerifiedAPIView.as_view()),
    path("drf/bare", drf_views.BareAPIView.as_view()),
    path("drf/function", drf_views.verified_api_function),
    path("drf/likes", drf_views.LikeViewSet.as_view({"get": "list", "post": "create"})),
    path("drf/likes/like", drf_views.LikeViewSet.as_view({"get": "like", "post": "like"})),
    path("drf/object", drf_views.ObjectAPIView.as_view()),
    path("drf/authenticated", drf_views.AuthenticatedAPIView.as_view()),
    path("drf/email-verified", drf_views.EmailVerifiedAPIView.as_view()),
    path("drf/open", drf_views.OpenAPIView.as_view()),
]

urlpatterns = [
    path("test/", include(test_urls)),
    path("auth/", include("supertokens_django.urls")),
    path("admin/", admin.site.urls),
]
