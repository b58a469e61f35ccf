"""Every feature column: name, unit, dtype, meaning and how many later sets it sees.

``python -m features.registry`` writes docs/features.md.
"""

from __future__ import annotations

from pathlib import Path

from features import environment, geosynchronous, jumps, normalization, residuals, steps
from features.column import Column
from features.history import KEYS

_FAMILIES: dict[str, list[Column]] = {
    "Keys": KEYS,
    "Elements and steps of the mean elements": steps.COLUMNS,
    "Position and velocity residuals": residuals.COLUMNS,
    "Two-sided steps": jumps.COLUMNS,
    "Geosynchronous longitude": geosynchronous.COLUMNS,
    "Environment": environment.COLUMNS,
    "Local robust normalization": normalization.COLUMNS,
}

COLUMNS: dict[str, Column] = {column.name: column for family in _FAMILIES.values() for column in family}

_HEADER = """# Feature columns

Written by `python -m features.registry`; change the columns in `features/`, not here.

One row a gap between two successive used element sets of one object, sorted by `norad_id` and `epoch`. *Later sets* says
how many used sets after the gap a value may depend on: with 0 it is known as soon as the later set is. RTN is the radial,
along-track, cross-track frame (also called RIC). Values are NaN where they are not defined.
"""


def columns(later_sets: int | None = None) -> list[str]:
    """Names of the columns, in order; with ``later_sets``, only those that see no more later sets than that."""
    return [name for name, column in COLUMNS.items() if later_sets is None or column.later_sets <= later_sets]


def documentation() -> str:
    """The text of docs/features.md."""
    parts = [_HEADER]
    for title, family in _FAMILIES.items():
        parts.append(
            f"\n## {title}\n\n| column | unit | dtype | later sets | meaning |\n| --- | --- | --- | --- | --- |\n"
        )
        parts += [f"| `{c.name}` | {c.unit} | {c.dtype} | {c.later_sets} | {c.meaning} |\n" for c in family]
    return "".join(parts)


if __name__ == "__main__":
    (Path(__file__).parents[1] / "docs" / "features.md").write_text(documentation(), encoding="utf-8")
