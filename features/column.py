"""What a feature column is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One documented column of the feature frame.

    Parameters
    ----------
    name : str
        Its name, which ends in the unit.
    unit : str
        Unit of the values; ``-`` where there is none.
    dtype : str
        pandas dtype.
    meaning : str
        What it says about the gap between two successive used element sets.
    later_sets : int
        How many used element sets after the gap its value may depend on.
    """

    name: str
    unit: str
    dtype: str
    meaning: str
    later_sets: int = 0


def float_columns(unit: str, meanings: dict[str, str]) -> list[Column]:
    """Columns of float64 that share a unit, from ``name -> meaning``."""
    return [Column(name, unit, "float64", meaning) for name, meaning in meanings.items()]
