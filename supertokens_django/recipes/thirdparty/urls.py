"""URLs of the third-party recipe."""

from __future__ import annotations

from supertokens_django.http.endpoint import route
from supertokens_django.recipes.thirdparty import views

_form_post = route("callback/apple", views.callback_apple)
apples_form_post = _form_post[0].callback
"""The view, for the page that has the same path."""
urlpatterns = [
    *route("authorisationurl", views.authorisationurl),
    *route("signinup", views.signinup),
    *_form_post,
]
