"""A fleet that never flew, tracked the way the real one is."""

from catalog.simulate.generate import Fleet, simulate_fleet

__all__ = ["Fleet", "simulate_fleet"]
