"""Candidate burns at high recall, each described by what the gaps about it look like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from configs.detect import CandidateConfig, RobustStepConfig
from configs.learning import BoostedConfig
from models.benchmark.matching import apart_us, burn_windows_us
from models.detect.candidates import crossing, find_events
from models.detect.context import bounds, contexts, less_moon
from models.detect.fit_context import fit_candidates, holding_gaps
from models.detect.pursuit import FloatArray
from models.detect.robust_step import RobustStep

LEO, HIGH = "leo", "high"
US_A_DAY = 86_400e6
STRENGTH = "candidate strength"
_WHEN = "candidate begins", "candidate ends", "candidate burn time"
_SEEN = "candidate description "
_NEIGHBORS = 4  # gaps about a strong one that are candidates too: the burn may lie in any of them


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Where a burn may be, described; made of one object's own gaps at a time, without labels.

    Parameters
    ----------
    events : DataFrame
        C candidates: norad_id, epoch_before, epoch_after, burn_time_hint, available_at, regime, and the
        feature row of each. Sorted by feature row.
    description : (C, F) float32
        From `models.detect.context.contexts`.
    strength : (C,) float64
        Of robust-step [local robust σ].
    """

    events: pd.DataFrame
    description: NDArray[np.float32]
    strength: FloatArray

    def __len__(self) -> int:
        return len(self.strength)

    def __getitem__(self, mask: NDArray[np.bool_]) -> Candidates:
        return Candidates(self.events[mask].reset_index(drop=True), self.description[mask], self.strength[mask])

    @property
    def group(self) -> NDArray[np.str_]:
        """'leo' or 'high' for each."""
        return np.where(self.events["regime"].eq("leo").to_numpy(), LEO, HIGH)

    def into(self, features: pd.DataFrame) -> pd.DataFrame:
        """The feature rows with each candidate's strength, window, time and description beside its row, else NaN."""
        rows = self.events["row"].to_numpy(np.int64)
        own = self.events[["epoch_before", "epoch_after", "burn_time_hint"]].set_axis(list(_WHEN), axis=1)
        own = own.assign(**{STRENGTH: self.strength})
        seen = pd.DataFrame(self.description, columns=[f"{_SEEN}{k}" for k in range(self.description.shape[1])])
        beside = pd.concat([own, seen], axis=1).set_axis(rows).reindex(np.arange(len(features)))
        return pd.concat([features, beside.set_axis(features.index)], axis=1)

    @classmethod
    def out_of(cls, features: pd.DataFrame) -> Candidates:
        """The candidates among feature rows that ``into`` made."""
        rows = np.flatnonzero(features[STRENGTH].notna().to_numpy())
        own = features.iloc[rows].reset_index(drop=True)
        when = own[list(_WHEN)].set_axis(["epoch_before", "epoch_after", "burn_time_hint"], axis=1)
        events = pd.concat([own[["norad_id", "available_at", "regime"]], when], axis=1).assign(row=rows)
        seen = own[[name for name in own.columns if name.startswith(_SEEN)]].to_numpy(np.float32)
        return cls(events, seen, own[STRENGTH].to_numpy(np.float64))


def find_candidates(features: pd.DataFrame, config: BoostedConfig, steps: RobustStepConfig | None = None) -> Candidates:
    """Candidates at high recall: in LEO the gaps about every step, above it robust-step's events.

    In LEO element sets come daily and the trees tell themselves in which gap the burn was. Above it one gap is
    too short an arc, and a burn fit tells the time (`models.detect.fit_context`).

    With ``later_sets`` of the configuration a candidate is what is known of its gap so many sets later. Above LEO
    every gap with a step is then one: which of them is the strongest only shows afterwards.
    """
    steps = steps or RobustStepConfig(later_sets=config.later_sets)
    features = less_moon(features.reset_index(drop=True), config.later_sets)
    description, strength = contexts(features, steps)
    in_leo = features["regime"].eq("leo").to_numpy()
    rows = np.flatnonzero(_close_to_steps(features, strength, config, steps) & in_leo)
    low = features.iloc[rows]
    keys = ["norad_id", "epoch_before", "available_at", "regime"]
    gaps = low[keys].assign(
        epoch_after=low["epoch"],
        burn_time_hint=pd.to_datetime(crossing(features, rows), unit="us", utc=True),
        row=rows,
        score=strength[rows],
    )

    above = features[~in_leo]
    scores = RobustStep(steps).score(above)
    found = find_events(above, scores, config.least_strength_high, _high(config))
    row_of = pd.Series(above.index, pd.MultiIndex.from_arrays([above["norad_id"], above["epoch"]]))
    found["row"] = row_of.reindex(pd.MultiIndex.from_frame(found[["norad_id", "epoch_after"]])).to_numpy(np.int64)
    events = pd.concat([part[list(gaps)] for part in (gaps, found) if len(part)] or [gaps])
    events["burn_time_hint"] = events["burn_time_hint"].dt.as_unit("us")
    events = events.sort_values("row").reset_index(drop=True)
    chosen = events["row"].to_numpy(np.int64)
    strength = events.pop("score").to_numpy(np.float64)
    seen = description.to_numpy(np.float32)[chosen]
    if config.later_sets is None:
        events, width_days = _fitted(features, events)
        seen = np.column_stack([seen, width_days.astype(np.float32)])
    return Candidates(events, seen, strength)


def _fitted(features: pd.DataFrame, events: pd.DataFrame) -> tuple[pd.DataFrame, FloatArray]:
    """Candidates with those above LEO put where a burn fit has them, and how well it tells the time [day], NaN in LEO."""
    events, width_days = events.copy(), np.full(len(events), np.nan)
    high = np.flatnonzero(events["regime"].ne("leo").to_numpy())
    rows = events["row"].to_numpy(np.int64)[high]
    times_us, width_days[high] = fit_candidates(features, rows)
    told = times_us >= 0
    there = holding_gaps(features, rows[told], times_us[told])
    for name, values_us in {
        "epoch_before": epoch_us(features["epoch_before"])[there],
        "epoch_after": epoch_us(features["epoch"])[there],
        "burn_time_hint": times_us[told],
    }.items():
        all_us = epoch_us(events[name]).copy()
        all_us[high[told]] = values_us
        events[name] = pd.to_datetime(all_us, unit="us", utc=True).as_unit("us")
    return events, width_days


def _close_to_steps(
    features: pd.DataFrame, strength: FloatArray, config: BoostedConfig, steps: RobustStepConfig
) -> NDArray[np.bool_]:
    """Gaps with a step at most ``_NEIGHBORS`` gaps away, on both sides as far as it is known, (N,)."""
    ahead, soon = _NEIGHBORS, strength
    if config.later_sets is not None:
        ahead = min(_NEIGHBORS, config.later_sets)
        soon = RobustStep(steps.model_copy(update={"later_sets": 0})).score(features)
    close = np.zeros(len(features), np.bool_)
    for start, stop in bounds(features["norad_id"].to_numpy(np.int64)):
        before, after = (values[start:stop] >= config.least_strength for values in (strength, soon))
        count = stop - start
        close[start:stop] = np.convolve(before, np.ones(_NEIGHBORS + 1))[:count] > 0.5
        close[start:stop] |= np.convolve(after, np.ones(ahead + 1))[ahead : ahead + count] > 0.5
    return close


def _high(config: BoostedConfig) -> CandidateConfig:
    """How steps above LEO become candidates; which of two is the stronger is not known before both are."""
    apart = config.separation_days[HIGH] if config.later_sets is None else 0.0
    return CandidateConfig(separation_days=dict.fromkeys(("leo", "meo", "geo", "heo"), apart))


def hold_burns(
    candidates: Candidates, maneuvers: pd.DataFrame, reach_days: float, late_days: float = 0.0
) -> NDArray[np.bool_]:
    """Whether each candidate is a logged burn: in LEO its gap holds it, above its time is ``reach_days`` from it at most.

    With ``late_days`` a LEO gap that begins at most so long after the burn holds it too: where the element sets smear a
    burn it may show no earlier.
    """
    events = candidates.events
    begin_us, end_us = epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"])
    begin_us = begin_us - round(late_days * US_A_DAY)
    hint_us, owner = epoch_us(events["burn_time_hint"]), events["norad_id"].to_numpy()
    in_leo = candidates.group == LEO
    held = np.zeros(len(candidates), np.bool_)
    for norad_id, own in maneuvers.groupby("norad_id"):
        rows = np.flatnonzero(owner == norad_id)
        start_us, stop_us = (bound[None] for bound in burn_windows_us(own))
        inside = ((begin_us[rows, None] < stop_us) & (start_us <= end_us[rows, None])).any(axis=1)
        hints = hint_us[rows, None]
        near = (apart_us((hints, hints), (start_us, stop_us)) <= reach_days * US_A_DAY).any(axis=1)
        held[rows] = np.where(in_leo[rows], inside, near)
    return held
