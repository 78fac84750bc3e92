"""The OpenAPI 3.1 document of the auth API, as the settings make it."""

from supertokens_django.openapi.document import openapi_document

__all__ = ["openapi_document"]
