import pytest

# Their failures are explained as those of the tests themselves.
pytest.register_assert_rewrite("tests.assertions", "tests.base", "tests.client")
