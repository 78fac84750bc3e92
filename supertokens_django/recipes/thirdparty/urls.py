"""URLs of the third-party recipe."""

from __future__ import annotations

from supertokens_django.http.endpoint import route
from supertokens_django.recipes.thirdparty import views

urlpatterns = [
    *route("authorisationurl", views.authorisationurl),
    *route("signinup", views.signinup),
    *route("callback/apple", views.callback_apple),
]
