"""What can go wrong in the physics."""


class OrbitError(Exception):
    """Base of every error that the package ``orbits`` raises."""
