"""The bare view as an async one, and with its session verified."""

from django.urls import path

from benchmarks.async_views import bare
from supertokens_django.decorators import verify_session

urlpatterns = [
    path("bare", bare),
    path("verified", verify_session()(bare)),
    path("checked", verify_session(check_database=True)(bare)),
]
