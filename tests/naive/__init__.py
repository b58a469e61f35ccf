"""Slow, obvious versions of every vectorised kernel: the oracles of the fast ones."""
