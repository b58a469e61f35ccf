"""How far ahead a gap is described from: over all of its object's sets, or only those known some sets later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.detect.pursuit import FloatArray


@dataclass(frozen=True, slots=True)
class Horizon:
    """What of an object's gaps may be looked at to describe one of them.

    Parameters
    ----------
    later_sets : int or None
        Only the gaps up to this many after it; None: all of them (retrospective).
    """

    later_sets: int | None = None

    @property
    def causal(self) -> bool:
        """Whether anything is out of sight."""
        return self.later_sets is not None

    def ahead(self, window: int) -> int:
        """How many values of a moving window lie after the current one: half of them, or none."""
        return 0 if self.causal else window // 2

    def shifts(self, reach: int) -> range:
        """The neighbors within ``reach`` gaps that are in sight."""
        return range(-reach, (reach if self.later_sets is None else min(reach, self.later_sets)) + 1)

    def sees(self, gap: int) -> bool:
        """Whether the gap so many after it is in sight."""
        return self.later_sets is None or gap <= self.later_sets

    def rank(self, values: FloatArray) -> FloatArray:
        """Share of the values that each one reaches, among all or among those up to it, (N,)."""
        series = pd.Series(values)
        return np.asarray((series.expanding() if self.causal else series).rank(pct=True))

    def quantile(self, values: FloatArray, share: float) -> FloatArray:
        """Quantile of all values, NaN left out, or of those up to each one, (N,)."""
        if self.causal:
            return np.asarray(pd.Series(values).expanding().quantile(share))
        return np.full(len(values), np.nanquantile(values, share))
