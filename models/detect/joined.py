"""Burns that are plain from the orbit itself, put among a detector's events where it passed over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us, utc
from configs.detect import CandidateConfig
from models.detect.candidates import EVENT_DTYPES, FloatArray, by_regime

_US_PER_DAY = 86_400e6


class PassedOver(NamedTuple):
    """What a detector may have passed over.

    Parameters
    ----------
    rows : (P,) int64
        Feature rows of the gaps, ascending.
    hint_us : (P,) int64
        About when each burn was [us].
    way : (N,) float64
        Of every feature row, a change whose sign says which way a burn there went; NaN where that is not known.
    probability : float
        That such a burn is real.
    """

    rows: NDArray[np.int64]
    hint_us: NDArray[np.int64]
    way: FloatArray
    probability: float


def joined(
    events: pd.DataFrame,
    features: pd.DataFrame,
    passed_over: PassedOver,
    threshold: float | Mapping[str, float],
    candidates: CandidateConfig | None = None,
    *,
    detector: str = "",
) -> pd.DataFrame:
    """A detector's events and those of ``passed_over`` that belong to none of them, sorted by (norad_id, epoch_before).

    What is near an event, or soon after one the same way, belongs to that.

    Parameters
    ----------
    events : DataFrame
        Columns of ``models.detect.candidates.EVENT_DTYPES``.
    features : DataFrame
        Feature rows, sorted by (norad_id, epoch), N gaps.
    passed_over : PassedOver
    threshold : float or mapping of regime to float
        The detector's, which they get for their score: they have none of their own.
    candidates : CandidateConfig, optional
        ``separation_days`` and ``rival_days``, as for the detector's own events.
    detector : str
        Its name, for the column of that name.
    """
    alone = _alone(passed_over, events, features, candidates or CandidateConfig())
    rows, hint_us = passed_over.rows[alone], passed_over.hint_us[alone]
    if not len(rows):
        return events
    found = features.iloc[rows]
    regime = found["regime"].to_numpy(dtype=str)
    limit = by_regime(threshold, regime, "threshold")
    columns = {
        "norad_id": found["norad_id"].to_numpy(np.int64),
        "epoch_before": found["epoch_before"].array,
        "epoch_after": found["epoch"].array,
        "burn_time_hint": utc(hint_us),
        "available_at": found["available_at"].array,
        "score": limit,
        "threshold": limit,
        "probability": passed_over.probability,
        "detector": detector,
        "regime": regime,
    }
    more = pd.DataFrame(columns).astype(EVENT_DTYPES)
    together = pd.concat([events, more], ignore_index=True) if len(events) else more
    return together.sort_values(["norad_id", "epoch_before"], kind="stable", ignore_index=True)


def _alone(
    passed_over: PassedOver, events: pd.DataFrame, features: pd.DataFrame, candidates: CandidateConfig
) -> NDArray[np.bool_]:
    """Which belong neither to an event of the detector nor to an earlier one of their own kind, (P,)."""
    rows = passed_over.rows
    norad_id, after_us = features["norad_id"].to_numpy(np.int64), epoch_us(features["epoch"])
    concerned = np.isin(norad_id, norad_id[rows])
    keys = zip(norad_id[concerned].tolist(), after_us[concerned].tolist(), strict=True)
    way_of = dict(zip(keys, passed_over.way[concerned].tolist(), strict=True))
    kept: dict[int, list[tuple[int, int, float]]] = {}
    columns = (epoch_us(events["burn_time_hint"]), epoch_us(events["epoch_after"]))
    for key, hint, end in zip(events["norad_id"].tolist(), *(column.tolist() for column in columns), strict=True):
        kept.setdefault(key, []).append((hint, end, way_of.get((key, end), np.nan)))
    apart_days = by_regime(candidates.separation_days, features["regime"].to_numpy(dtype=str)[rows], "separation_days")
    alone = np.zeros(len(rows), np.bool_)
    for i, row in enumerate(rows.tolist()):
        hint, end, way = int(passed_over.hint_us[i]), int(after_us[row]), float(passed_over.way[row])
        own = kept.setdefault(int(norad_id[row]), [])
        for other, other_end, other_way in own:
            goes_on = other < hint and not way * other_way < 0
            least_days = apart_days[i] if goes_on else candidates.rival_days
            if end == other_end or abs(hint - other) < least_days * _US_PER_DAY:
                break
        else:
            alone[i] = True
            own.append((hint, end, way))
    return alone
