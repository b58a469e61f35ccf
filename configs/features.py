"""Settings of the feature bank."""

from __future__ import annotations

from pydantic import Field

from configs.section import Section


class FeatureConfig(Section):
    """How element sets become feature rows."""

    min_gap_minutes: float = Field(
        default=30.0,
        ge=0.0,
        description="An element set this soon after the last used one of its object adds no orbit and is left out [min].",
    )
    long_gap_days: float = Field(
        default=30.0,
        gt=0.0,
        description="A gap longer than this is marked in `quality`: SGP4 is no reference across it [day].",
    )
    noise_window_gaps: int = Field(
        default=60, ge=10, description="How many earlier gaps the local noise is estimated from [gaps]."
    )
    noise_min_gaps: int = Field(
        default=8, ge=3, description="With fewer earlier gaps than this the z columns are NaN [gaps]."
    )
    jump_sets: int = Field(default=5, ge=2, description="Sets before a gap that a two-sided jump compares with [sets].")
    chunk_sets: int = Field(
        default=200_000, ge=1, description="Element sets handled at a time, whole objects, to bound memory [sets]."
    )
