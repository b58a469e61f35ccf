"""What can go wrong with data from outside."""


class CatalogError(Exception):
    """Base of every error that the package ``catalog`` raises."""
