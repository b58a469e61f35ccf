"""One browser for all tests that look at pages."""

from tests.browser import browser

__all__ = ["browser"]
