"""What can go wrong in training, scoring and judging."""

from configs.errors import BurnwatchError


class ModelError(BurnwatchError):
    """Base of every error that the package ``models`` raises."""
