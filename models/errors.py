"""What can go wrong in training, scoring and judging."""


class ModelError(Exception):
    """Base of every error that the package ``models`` raises."""
