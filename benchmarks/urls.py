"""The bare view, and what the measured project adds."""

from django.urls import path

from benchmarks import peers
from benchmarks.cases import bare

urlpatterns = [path("bare", bare), *peers.current().urls()]
