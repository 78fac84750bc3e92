"""Where the document is served, below the API base path."""

from __future__ import annotations

from supertokens_django.http.endpoint import route
from supertokens_django.openapi import document, views

urlpatterns = [*route(document.PATH, views.document)]
