"""What can go wrong in the physics."""

from configs.errors import BurnwatchError


class OrbitError(BurnwatchError):
    """Base of every error that the package ``orbits`` raises."""
