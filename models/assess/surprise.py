"""How rare a surprise really is, and which of a day's are worth an analyst's morning."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from catalog.records import epoch_us
from configs.judgement import SurpriseConfig
from models.characterize.explain.words import MANEUVER
from models.errors import ModelError
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM
from orbits.elements import FloatArray, IntArray
from orbits.geosynchronous import drift_deg_day

BIN_DEX = 0.01
_BINS = 2000
_CENTERS = BIN_DEX * (np.arange(_BINS) + 0.5)
_DAY_US = 86_400_000_000
_LN10 = float(np.log(10))


def calibrate(events: pd.DataFrame, config: SurpriseConfig = SurpriseConfig()) -> pd.DataFrame:
    """Make surprises comparable with what routine burns score, and choose those that are put on the list.

    A surprise is -log10 of the p-value that the pattern of life gives a burn; how often routine burns of a regime
    really score that much is learned from the events seen on earlier days (`Null`). The list of a run is chosen by
    Benjamini-Hochberg among its events and those of the days before it, regime by regime: what routine burns of a
    thousand Starlinks look like does not decide what is news in the geosynchronous belt, and a false discovery rate
    that holds within each regime holds for all of them together (Efron 2008).

    An event is judged in the run that first saw it (``first_seen_at``), by events of earlier days; runs of one day
    share a family, so that scoring hourly lists no more than scoring daily. Where a run takes in older history, its
    events are taken in the order in which they became available. So no later event changes an earlier one's
    outcome: it is a function of the rows first seen no later.

    Parameters
    ----------
    events : DataFrame
        regime, probability, first_seen_at, available_at, epoch_before, epoch_after, delta_a_km, delta_i_deg, surprise (as from `pattern.assess`), and
        explanation where there.
    config : SurpriseConfig

    Returns
    -------
    DataFrame
        ``events`` and unexpectedness (-log10 of the calibrated p times the probability that the event is real;
        finite, at least 0; 0 for what is no maneuver) and listed (bool; never what is no maneuver, nor what may have
        happened at any time of a long gap).

    Raises
    ------
    ModelError
        If a column is missing.

    Notes
    -----
    Calibrated p: conformal, on what is thought routine, with a tail model (`Null`; Bates et al. 2023, Ann. Stat. 51,
    149, doi 10.1214/22-AOS2244). False discovery rate: Benjamini & Hochberg 1995,
    J. R. Stat. Soc. B 57, 289, on p to the power of the probability (no smaller than p), over a trailing window with
    past decisions left as they are. By regime: Efron 2008, Ann. Appl. Stat. 2, 197, doi 10.1214/07-AOAS141.
    """
    needed = (
        *("regime", "probability", "first_seen_at", "available_at", "epoch_before", "epoch_after"),
        *("delta_a_km", "delta_i_deg", "surprise"),
    )
    if missing := [name for name in needed if name not in events]:
        raise ModelError(f"events lack columns {', '.join(missing)}: run pattern.assess first")
    unexpectedness, listed = np.zeros(len(events)), np.zeros(len(events), dtype=np.bool_)
    judged = np.ones(len(events), dtype=np.bool_)
    if "explanation" in events:
        judged = (events["explanation"] == MANEUVER).to_numpy(np.bool_)
    regimes = events["regime"].to_numpy(str)
    for regime in np.unique(regimes[judged]):
        rows = np.flatnonzero(judged & (regimes == regime))
        unexpectedness[rows], listed[rows] = _calibrated(events.iloc[rows], config)
    listed &= (events["epoch_after"] - events["epoch_before"]).to_numpy() <= pd.Timedelta(days=config.max_window_days)
    return events.assign(unexpectedness=unexpectedness, listed=listed)


class Null:
    """What routine events of a regime score: a fading histogram of past surprises, with a tail.

    In the geosynchronous belt routine is what keeps a place (`_keeps_place`): where a fifth of the events are moves,
    which may be the unexpected ones, they would set the scale. Elsewhere the size of a change tells nothing of that, and
    all events count.

    It starts as ``prior_events`` nominal ones (surprise exponential, p uniform), so that a small or fresh home is
    judged by the nominal p. Between the quantiles ``tail_start`` and ``tail_end`` an exponential is fitted to it,
    those beyond being censored: the few truly unexpected burns of the past lie there and say little about the slope.
    Where p is less than one event of the past, it falls no faster than nominally. Of listed events only that share
    counts which routine ones would have made up by chance at the limits that held.

    Parameters
    ----------
    config : SurpriseConfig
    """

    def __init__(self, config: SurpriseConfig) -> None:
        edges = BIN_DEX * np.arange(_BINS + 1)
        self._prior = config.prior_events * -np.diff(10.0**-edges)
        self._seen = np.zeros(_BINS)
        self._by_chance = self._listed = 0.0
        self._config = config

    def fade(self, days: float) -> None:
        """Let time pass [days]."""
        share = np.exp(-days / self._config.memory_days)
        self._seen *= share
        self._by_chance *= share
        self._listed *= share

    def learn(
        self,
        surprises: FloatArray,
        listed: NDArray[np.bool_] | None = None,
        limit: float = 0.0,
    ) -> None:
        """Add routine events (N,), of which those with p up to ``limit`` were listed."""
        listed = np.zeros(len(surprises), dtype=np.bool_) if listed is None else listed
        self._by_chance += limit * len(listed)
        self._listed += np.count_nonzero(listed)
        routine = min(self._by_chance / max(self._listed, 1.0), 1.0)
        bins = np.minimum((surprises / BIN_DEX).astype(np.int64), _BINS - 1)
        self._seen += np.bincount(bins, weights=np.where(listed, routine, 1.0), minlength=_BINS)

    def surprise(self, surprises: FloatArray) -> FloatArray:
        """-log10 of the share of routine events that score at least so much, (N,)."""
        mass = self._prior + self._seen
        # Reversed sums: the survival at the lower edge of each bin, exact in the far tail.
        above = np.cumsum(mass[::-1])[::-1]
        count = above[0]
        above /= count
        first, last = (int(np.argmax(above <= 1 - share)) for share in (self._config.tail_start, self._config.tail_end))
        last = max(last, first + 1)
        start, end = BIN_DEX * first, BIN_DEX * last
        inside = mass[first:last]
        # Exponential excesses, censored at the end: Lawless, Statistical Models and Methods for Lifetime Data, 4.1.
        exposure = inside @ (_CENTERS[first:last] - start) + mass[last:].sum() * (end - start)
        slope = inside.sum() / exposure / _LN10
        known = max(np.log10(count * above[first]), 0.0) / slope
        excess = np.maximum(surprises - start, 0.0)
        tail: FloatArray = slope * np.minimum(excess, known) + min(slope, 1.0) * np.maximum(excess - known, 0.0)
        body: FloatArray = np.interp(surprises, BIN_DEX * np.arange(first + 1), -np.log10(above[: first + 1]))
        return body + tail


def _calibrated(events: pd.DataFrame, config: SurpriseConfig) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Unexpectedness and choice of one regime's maneuvers, (N,)."""
    surprises = np.nan_to_num(events["surprise"].to_numpy(np.float64), nan=0.0, posinf=_BINS * BIN_DEX).clip(0.0)
    # Without a probability an event counts as real, as the pattern of life has it.
    probability = np.nan_to_num(events["probability"].to_numpy(np.float64), nan=1.0).clip(0.0, 1.0)
    unexpectedness, listed = np.zeros(len(events)), np.zeros(len(events), dtype=np.bool_)
    routine = _keeps_place(events, config)
    seen_us, day = _order(events, config)
    order = np.lexsort((day, seen_us))
    starts = np.flatnonzero(np.diff(seen_us[order], prepend=-1) | np.diff(day[order], prepend=-1))
    null, newest, before = Null(config), int(day[order[0]]), -1
    waiting: list[tuple[IntArray, float]] = []
    for start, end in pairwise([*starts.tolist(), len(order)]):
        family, today = order[start:end], int(day[order[start]])
        if today != before:
            for rows, limit in waiting:
                rows = rows[routine[rows]]
                null.learn(surprises[rows], listed[rows], limit)
            waiting, before = [], today
        null.fade(max(today - newest, 0))
        newest = max(newest, today)
        unexpectedness[family] = null.surprise(surprises[family]) * probability[family]
        p = 10.0 ** -unexpectedness[order[:end]]
        ago = today - day[order[:end]]
        limit = _limit(p[(ago >= 0) & (ago < config.window_days)], config)
        listed[family] = p[start:] <= limit
        waiting.append((family, limit))
    return unexpectedness, listed


def _limit(p: FloatArray, config: SurpriseConfig) -> float:
    """The largest p that is listed among (N,): Benjamini and Hochberg's, and where they list none, that of one."""
    rejected = np.count_nonzero(false_discovery_control(p) <= config.false_discovery_rate)
    return min(config.false_discovery_rate * max(int(rejected), 1) / len(p), config.largest_p)


def _keeps_place(events: pd.DataFrame, config: SurpriseConfig) -> NDArray[np.bool_]:
    """Which of a regime's events may show what is routine there, (N,): in the geosynchronous belt those that keep a place."""
    drift = drift_deg_day(GEO_SEMI_MAJOR_AXIS_KM + events["delta_a_km"].to_numpy(np.float64))
    tilt = events["delta_i_deg"].to_numpy(np.float64)
    keeps: NDArray[np.bool_] = (np.abs(drift) <= config.keeping_drift_deg_day) & (
        np.abs(tilt) <= config.keeping_tilt_deg
    )
    elsewhere = (events["regime"] != "geo").to_numpy(np.bool_)
    return np.logical_or(keeps, elsewhere)


def _order(events: pd.DataFrame, config: SurpriseConfig) -> tuple[IntArray, IntArray]:
    """When each event was first seen [us], and the day it is judged on, (N,) each: of old history, its own."""
    seen_us, available_us = epoch_us(events["first_seen_at"]), epoch_us(events["available_at"])
    return seen_us, np.minimum(seen_us // _DAY_US, available_us // _DAY_US + config.settle_days)
