"""A middleware whose module wants a setting that the project has not."""

from django.core.exceptions import ImproperlyConfigured

raise ImproperlyConfigured("a setting is missing")
