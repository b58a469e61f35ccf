"""How small a burn a detector finds: burns put into quiet arcs of real histories, and how many of them are events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us, utc
from configs.schema import BurnwatchConfig
from features.bank import compute_features
from features.history import sets_in
from models.benchmark.burns import AXES, burn_frame, injectable_gaps, smear_of
from models.benchmark.injection import inject
from models.benchmark.matching import point_estimates_us
from models.detect.base import Detector
from models.detect.calibration import Calibration
from models.detect.chain import find_burns
from models.detect.tail import score_at_rate

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Group = Literal["norad_id", "regime"]

TRIAL_DTYPES = {
    "norad_id": "int64",
    "regime": "str",
    "place": "int64",
    "burn_time": "datetime64[us, UTC]",
    "direction": "str",
    "dv_m_s": "float64",
    "found": "bool",
}
_SCOUTS = 8  # places at which every half decade of sizes is tried first
_DAY_US = 86_400e6
_MOST_SETS = 120_000  # in memory at a time


class Places(NamedTuple):
    """Where burns are put, P of them.

    Parameters
    ----------
    row : (P,) int64
        Feature row whose gap the burn lies in.
    at_us : (P,) int64
        Time of the burn [us].
    smear : (P, 3) float64
        Span, lag [day] and ringing with which its sets show it.
    sense : (P,) float64
        +1 or -1: which way along its direction.
    """

    row: IntArray
    at_us: IntArray
    smear: FloatArray
    sense: FloatArray

    def take(self, places: IntArray) -> Places:
        """Some of the places, in the order asked for."""
        return Places(self.row[places], self.at_us[places], self.smear[places], self.sense[places])


class Setting(NamedTuple):
    """What the trials of one detector share.

    Parameters
    ----------
    detector : Detector
    threshold : mapping of regime to float
    config : BurnwatchConfig
        Its sections ``sensitivity`` and ``injection`` say what is injected, the others how it is looked for.
    weather : DataFrame, optional
        As `features.bank.compute_features` takes it.
    """

    detector: Detector
    threshold: Mapping[str, float]
    config: BurnwatchConfig = BurnwatchConfig()
    weather: pd.DataFrame | None = None


def thresholds_at(calibration: Calibration, rate: float, regimes: Sequence[str]) -> dict[str, float]:
    """Score that quiet objects of each regime exceed ``rate`` times an object-year, by the calibration's tail."""
    entries = {name: calibration.of(name) for name in regimes}
    return {
        name: score_at_rate(rate, of.start, of.rate_per_object_year, of.scale, of.shape) for name, of in entries.items()
    }


def free_gaps(features: pd.DataFrame, setting: Setting, known: pd.DataFrame | None = None) -> NDArray[np.bool_]:
    """Gaps that burns may be put into: quiet, and away from what the detector sees there anyway, (N,).

    Parameters
    ----------
    features : DataFrame
        Feature rows of real objects, sorted by (norad_id, epoch).
    setting : Setting
    known : DataFrame, optional
        ``norad_id``, ``burn_time`` of logged burns, to keep away from as well.
    """
    config = setting.config.sensitivity
    events = find_burns(features, setting.detector, setting.threshold, setting.config)
    marks = [pd.DataFrame({"norad_id": events["norad_id"], "burn_time": utc(point_estimates_us(events))})]
    if known is not None:
        marks.append(known[["norad_id", "burn_time"]])
    return injectable_gaps(
        features,
        setting.config.injection,
        known=pd.concat(marks, ignore_index=True),
        guard_days=config.guard_days,
        quiet_guard_days=config.quiet_guard_days,
        lasting_sigma=config.lasting_sigma,
    )


def injection_trials(
    features: pd.DataFrame,
    setting: Setting,
    free: NDArray[np.bool_],
    *,
    by: Group = "regime",
    advance: Callable[[int], object] = lambda _: None,
) -> pd.DataFrame:
    """Put burns of every size and direction into quiet arcs, each into a copy of its own, and see which are found.

    A few places are tried with every half decade of sizes first; then all places, with the sizes between none found and all found.
    Places, their smear and sense are the same for all sizes and directions, and for every detector that is given the same
    features and ``free``. A copy holds ``arc_sets`` element sets on each side of the burn.

    Parameters
    ----------
    features : DataFrame
        Feature rows of real objects, sorted by (norad_id, epoch).
    setting : Setting
        Detector, thresholds and configuration.
    free : (N,) bool
        Gaps that burns may be put into: `free_gaps`.
    by : {'regime', 'norad_id'}
        ``injections`` places are drawn for each object or for each regime, there spread evenly over its objects.
    advance : callable
        Told how many copies were scored.

    Returns
    -------
    DataFrame
        ``TRIAL_DTYPES``, one row an injected burn; groups with fewer than ``least_injections`` places have none.
    """
    config = setting.config.sensitivity
    rng = np.random.default_rng(config.seed)
    parts = [pd.DataFrame(columns=list(TRIAL_DTYPES)).astype(TRIAL_DTYPES)]
    for group in pd.unique(features[by]):
        places = _draw_places(features, free & (features[by] == group).to_numpy(), setting, rng)
        if len(places.row) < config.least_injections:
            continue
        parts += [_bracketed(features, places, direction, setting, advance) for direction in config.directions]
    return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]


def _draw_places(features: pd.DataFrame, free: NDArray[np.bool_], setting: Setting, rng: np.random.Generator) -> Places:
    """Times in free gaps, none nearer than a day to another of its object where there is room, in random order."""
    config = setting.config.sensitivity
    rows = np.flatnonzero(free)
    days = features["gap_days"].to_numpy(np.float64)[rows]
    owner = features["norad_id"].to_numpy(np.int64)[rows]
    if not days.sum():
        return Places(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 3)), np.empty(0))
    ids, index = np.unique(owner, return_inverse=True)
    share = days / np.bincount(index, weights=days)[index] / len(ids)  # an object counts once, however long its history
    count = min(config.injections, int(days.sum()))
    drawn = rng.choice(len(rows), count, replace=bool(count > np.count_nonzero(share)), p=share)
    row = rows[drawn]
    at_us = epoch_us(features["epoch_before"])[row] + (rng.random(count) * days[drawn] * _DAY_US).astype(np.int64)
    smear = smear_of(features["regime"].to_numpy(str)[row], at_us, setting.config.injection, rng)
    return Places(row, at_us, smear, rng.choice([-1.0, 1.0], count))


def _bracketed(
    features: pd.DataFrame, places: Places, direction: str, setting: Setting, advance: Callable[[int], object]
) -> pd.DataFrame:
    """Trials of all places at the sizes between none found and all found."""
    config = setting.config.sensitivity
    least, most = np.log10(config.least_dv_m_s), np.log10(config.largest_dv_m_s)
    sizes = 10.0 ** np.linspace(least, most, round((most - least) * config.sizes_per_decade) + 1)
    every = np.unique(np.append(np.arange(0, len(sizes), max(config.sizes_per_decade // 2, 1)), len(sizes) - 1))
    scouts = np.arange(min(_SCOUTS, len(places.row)))
    scouted = _tried(features, places, scouts, sizes[every], direction, setting)
    advance(len(scouted))
    share = scouted.groupby("dv_m_s")["found"].mean().to_numpy()
    some, short = np.flatnonzero(share > 0), np.flatnonzero(share < 1)
    low = every[max(some[0] - 1, 0)] if len(some) else every[-1]
    high = every[min(short[-1] + 1, len(every) - 1)] if len(short) else every[0]
    inner = np.arange(min(low, high), max(low, high) + 1)
    rest = np.arange(len(scouts), len(places.row))
    parts = [
        scouted[scouted["dv_m_s"].isin(sizes[inner])],
        _tried(features, places, scouts, sizes[np.setdiff1d(inner, every)], direction, setting),
        _tried(features, places, rest, sizes[inner], direction, setting),
    ]
    # The scouts may all lie where small burns are seen: on until nearly all places see them.
    top, enough = int(inner[-1]), (1.0 + config.found_share) / 2.0
    while top + 1 < len(sizes) and _share(parts, sizes[top]) < enough:
        more = np.arange(top + 1, min(top + 3, len(sizes)))
        parts = [part[~part["dv_m_s"].isin(sizes[more])] for part in parts]
        parts.append(_tried(features, places, np.arange(len(places.row)), sizes[more], direction, setting))
        top = int(more[-1])
    advance(sum(map(len, parts)) - len(scouted))
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _share(parts: Sequence[pd.DataFrame], dv_m_s: float) -> float:
    """Share of the trials with one size that found the burn."""
    found = np.concatenate([part.loc[part["dv_m_s"] == dv_m_s, "found"].to_numpy(np.float64) for part in parts])
    return float(found.mean())


def _tried(
    features: pd.DataFrame, places: Places, which: IntArray, sizes: FloatArray, direction: str, setting: Setting
) -> pd.DataFrame:
    """A trial of each of some places with each size."""
    place, dv = np.repeat(which, len(sizes)), np.tile(sizes, len(which))
    found = [np.zeros(0, dtype=np.bool_)]
    step = max(_MOST_SETS // (2 * setting.config.sensitivity.arc_sets + 1), 1)
    for start in range(0, len(place), step):
        part = slice(start, start + step)
        found.append(_found(features, places.take(place[part]), dv[part], direction, setting))
    rows = places.row[place]
    return pd.DataFrame(
        {
            "norad_id": features["norad_id"].to_numpy()[rows],
            "regime": features["regime"].to_numpy(str)[rows],
            "place": place,
            "burn_time": utc(places.at_us[place]),
            "direction": direction,
            "dv_m_s": dv,
            "found": np.concatenate(found),
        }
    ).astype(TRIAL_DTYPES)


def _found(
    features: pd.DataFrame, places: Places, dv_m_s: FloatArray, direction: str, setting: Setting
) -> NDArray[np.bool_]:
    """Whether an event comes of each burn, put into a copy of its arc under a number of its own."""
    config = setting.config.sensitivity
    ids = features["norad_id"].to_numpy(np.int64)
    owner = ids[places.row]
    first = np.maximum(np.searchsorted(ids, owner), places.row - config.arc_sets)
    stop = np.minimum(np.searchsorted(ids, owner, side="right"), places.row + config.arc_sets + 1)
    lengths = stop - first
    copy = np.repeat(np.arange(len(owner)), lengths)
    rows = np.arange(len(copy)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(first, lengths)
    history = sets_in(features).iloc[rows].reset_index(drop=True)
    history["norad_id"] = copy + 1
    dv = np.zeros((len(owner), 3))
    dv[:, AXES[direction]] = places.sense * dv_m_s
    burned = inject(history, burn_frame(np.arange(1, len(owner) + 1), places.at_us, dv, places.smear))
    scored = compute_features(burned, config=setting.config.features, weather=setting.weather)
    events = find_burns(scored, setting.detector, setting.threshold, setting.config)
    of = events["norad_id"].to_numpy(np.int64) - 1
    near = np.abs(point_estimates_us(events) - places.at_us[of]) <= config.window_days * _DAY_US
    found = np.zeros(len(owner), dtype=np.bool_)
    found[of[near]] = True
    return found
