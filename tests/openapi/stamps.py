"""What the recipe of ``test_document.py`` says about its endpoint."""

from tests.openapi.test_document import operations_of_stamps as operations

__all__ = ["operations"]
