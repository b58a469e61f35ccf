"""From a score a gap to events: one event for what one burn explains."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us, utc
from configs.detect import CandidateConfig
from models.errors import ModelError

EVENT_DTYPES: dict[str, str] = {
    "norad_id": "int64",
    "epoch_before": "datetime64[us, UTC]",
    "epoch_after": "datetime64[us, UTC]",
    "burn_time_hint": "datetime64[us, UTC]",
    "available_at": "datetime64[us, UTC]",
    "score": "float64",
    "threshold": "float64",
    "probability": "float64",
    "detector": "str",
    "regime": "str",
}

_DAY_US = 86_400e6
_LEAST_STEP_M = 1e-3  # a step of nothing goes on nowhere

FloatArray = NDArray[np.float64]
Probability = FloatArray | Callable[[FloatArray, NDArray[np.str_]], FloatArray]


def find_events(
    features: pd.DataFrame,
    scores: FloatArray,
    threshold: float | Mapping[str, float],
    config: CandidateConfig | None = None,
    *,
    detector: str = "",
    probability: Probability | None = None,
) -> pd.DataFrame:
    """Events of the gaps that score above the threshold, sorted by (norad_id, epoch_before).

    Strongest first; what lies within ``separation_days`` of a stronger detection of the same object
    is that one's smear, side lobe or second burn, unless it is nearly as strong (``rival_ratio``) and at
    least ``rival_days`` away: then it is a burn of its own, such as a north-south one between two east-west ones.

    Parameters
    ----------
    features : DataFrame
        Feature rows, sorted by (norad_id, epoch), N gaps.
    scores : (N,) float64
        Of a detector.
    threshold : float or mapping of regime to float
    config : CandidateConfig, optional
    detector : str
        Its name, for the column of that name.
    probability : (N,) float64 or callable(scores, regimes), optional
        Calibrated probability of a burn; NaN without it.

    Returns
    -------
    DataFrame
        Columns of ``EVENT_DTYPES``: the window of element sets that brackets the burn and a hint at
        its time, to be refined by a burn fit.

    Raises
    ------
    ModelError
        If scores and features differ in length, or a regime has no threshold.
    """
    config = config or CandidateConfig()
    scores = np.asarray(scores, dtype=np.float64)
    if scores.shape != (len(features),):
        raise ModelError(f"{len(features)} feature rows but scores of shape {scores.shape}")
    regime = features["regime"].to_numpy(dtype=str)
    limits = by_regime(threshold, regime, "threshold")
    norad_id = features["norad_id"].to_numpy(np.int64)
    after_us = epoch_us(features["epoch"])
    apart_us = by_regime(config.separation_days, regime, "separation_days") * _DAY_US
    begin, peak = _stretches(norad_id, scores, np.flatnonzero(scores > limits), after_us, apart_us, config.join_gaps)
    hint_us, window_us = locate(features, begin, config)
    kept = _strongest(norad_id[begin], scores[peak], hint_us, apart_us[begin], config)
    rows, peak = begin[kept], peak[kept]
    if probability is None:
        chances = np.full(len(rows), np.nan)
    else:
        chances = probability(scores[peak], regime[rows]) if callable(probability) else np.asarray(probability)[peak]
    events = {
        "norad_id": norad_id[rows],
        "epoch_before": utc(window_us[kept]),
        "epoch_after": features["epoch"].iloc[rows].array,
        "burn_time_hint": utc(hint_us[kept]),
        "available_at": features["available_at"].iloc[rows].array,
        "score": scores[peak],
        "threshold": limits[rows],
        "probability": chances,
        "detector": detector,
        "regime": regime[rows],
    }
    return pd.DataFrame(events).astype(EVENT_DTYPES)


def _stretches(
    norad_id: NDArray[np.int64],
    scores: FloatArray,
    above: NDArray[np.int64],
    after_us: NDArray[np.int64],
    apart_us: FloatArray,
    join_gaps: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the strongest row of each stretch of rows that all but follow each other, in rows and in time."""
    if not len(above):
        return above, above
    new = (np.diff(above) > join_gaps) | (np.diff(norad_id[above]) != 0)
    new |= np.diff(after_us[above]) > apart_us[above[1:]]
    starts = np.concatenate(([0], np.flatnonzero(new) + 1))
    stops = np.append(starts[1:], len(above))
    peaks = [start + int(np.argmax(scores[above[start:stop]])) for start, stop in zip(starts, stops, strict=True)]
    return above[starts], above[peaks]


def locate(
    features: pd.DataFrame, rows: NDArray[np.int64], config: CandidateConfig, *, later_sets: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """When the burn of each row was, about, and from when on it can have been [us].

    The earlier orbit carried forward and the later one carried back cross where the burn was: at
    |b| / (|b| + |f|) of the gap, with f and b the forward and backward along-track misses. Where the
    next step goes on the same way the sets smear the burn and the first to show it is late. In
    geosynchronous orbit one gap is too short an arc, so the crossing is taken over two. With ``later_sets`` = 0 the
    next step is not looked at.
    """
    before_us, after_us = epoch_us(features["epoch_before"]), epoch_us(features["epoch"])
    regime = features["regime"].to_numpy(dtype=str)[rows]
    apart_us = by_regime(config.separation_days, regime, "separation_days") * _DAY_US
    step = features["step_a_m"].to_numpy(np.float64)
    norad_id = features["norad_id"].to_numpy()
    earlier, later = np.maximum(rows - 1, 0), np.minimum(rows + 1, len(step) - 1)
    has_earlier = (earlier < rows) & (norad_id[earlier] == norad_id[rows])
    has_later = (later > rows) & (norad_id[later] == norad_id[rows]) & (later_sets != 0)
    start_us = np.where(has_earlier, before_us[earlier], before_us[rows])

    hint_us = crossing(features, rows)
    is_geo = regime == "geo"
    short = has_earlier & (before_us[rows] - start_us <= apart_us)
    hint_us = np.where(is_geo & short, _crossing(features, rows, "_lag2", start_us, after_us[rows]), hint_us)

    goes_on = step[later] * np.sign(step[rows]) >= np.maximum(config.smear_ratio * np.abs(step[rows]), _LEAST_STEP_M)
    smeared = ~is_geo & has_later & (after_us[later] - after_us[rows] <= apart_us) & goes_on
    lead_us = np.maximum(before_us[rows] - round(config.smear_lead_days * _DAY_US), start_us)
    hint_us = np.where(smeared, lead_us, hint_us)
    return hint_us, np.where(hint_us < before_us[rows], start_us, before_us[rows])


def crossing(features: pd.DataFrame, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where in each row's own gap the orbits before and after it cross along-track [us]; its middle if not known."""
    before_us, after_us = epoch_us(features["epoch_before"])[rows], epoch_us(features["epoch"])[rows]
    return _crossing(features, rows, "", before_us, after_us)


def _crossing(
    features: pd.DataFrame,
    rows: NDArray[np.int64],
    suffix: str,
    start_us: NDArray[np.int64],
    stop_us: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Where the orbits on both sides cross along-track [us]; the middle where that is not known."""
    share = np.full(len(rows), 0.5)
    names = f"back_t_km{suffix}", f"residual_t_km{suffix}"
    if all(name in features.columns for name in names):
        back, forward = (np.abs(features[name].to_numpy(np.float64)[rows]) for name in names)
        known = back + forward > 0  # False for NaN
        share[known] = back[known] / (back + forward)[known]
    return np.asarray(start_us + np.round(share * (stop_us - start_us)), dtype=np.int64)


def _strongest(
    norad_id: NDArray[np.int64],
    scores: FloatArray,
    times_us: NDArray[np.int64],
    apart_us: FloatArray,
    config: CandidateConfig,
) -> NDArray[np.int64]:
    """Positions of the detections that no stronger one of the same object nearby explains, in the given order."""
    least_us = config.rival_days * _DAY_US
    kept: dict[int, list[int]] = {}
    for position in np.argsort(-scores, kind="stable"):
        own = kept.setdefault(int(norad_id[position]), [])
        for other in own:
            between_us = abs(times_us[position] - times_us[other])
            is_rival = between_us >= least_us and scores[position] >= config.rival_ratio * scores[other]
            if between_us < apart_us[position] and not is_rival:
                break
        else:
            own.append(int(position))
    return np.sort(np.array([position for own in kept.values() for position in own], dtype=np.int64))


def row_of(events: pd.DataFrame, features: pd.DataFrame) -> NDArray[np.int64]:
    """Feature row (E,) of each event's last gap, -1 where there is none."""
    rows = pd.MultiIndex.from_arrays([features["norad_id"].to_numpy(np.int64), epoch_us(features["epoch"])])
    wanted = pd.MultiIndex.from_arrays([events["norad_id"].to_numpy(np.int64), epoch_us(events["epoch_after"])])
    found: NDArray[np.int64] = rows.get_indexer(wanted).astype(np.int64)
    return found


def by_regime(values: float | Mapping[str, float], regime: NDArray[np.str_], what: str) -> FloatArray:
    """A value for each row, from one for all or one for each regime."""
    if not isinstance(values, Mapping):
        return np.full(len(regime), float(values))
    missing = sorted(set(np.unique(regime)) - set(values))
    if missing:
        raise ModelError(f"{what} has no value for regime {', '.join(missing)}")
    return np.array([values[name] for name in regime], dtype=np.float64)
