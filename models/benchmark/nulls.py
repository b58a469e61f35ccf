"""Detectors that know nothing: what a figure must beat."""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.records import epoch_us, utc


def random_events(spans: pd.DataFrame, maneuvers: pd.DataFrame, *, cadence: bool, seed: int = 0) -> pd.DataFrame:
    """As many events as each satellite has maneuvers, at random.

    With ``cadence`` the waiting times are the satellite's own, in random order from a random start;
    without, the times are uniform over the span.
    """
    generator = np.random.default_rng(seed)
    parts = []
    starts, stops = epoch_us(spans["start"]), epoch_us(spans["stop"])
    for norad_id, start, stop in zip(spans["norad_id"], starts, stops, strict=True):
        times = np.sort(epoch_us(maneuvers.loc[maneuvers["norad_id"] == norad_id, "burn_time"]))
        times = times[(times >= start) & (times <= stop)]
        if cadence and len(times) > 1:
            waits = generator.permutation(np.diff(times))
            drawn = start + np.cumsum(np.append(generator.integers(0, waits.max() + 1), waits)) % (stop - start)
        else:
            drawn = generator.integers(start, stop, len(times))
        at = utc(drawn)
        parts.append(pd.DataFrame({"norad_id": norad_id, "epoch_before": at, "epoch_after": at, "score": 1.0}))
    return pd.concat(parts, ignore_index=True)
