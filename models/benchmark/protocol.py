"""How detections are compared with labelled maneuvers: one protocol, strict in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from models.errors import ModelError

_DAY_US = 86_400e6
_DAYS_A_YEAR = 365.25
SPAN_MARGIN_DAYS = 30.0
EDGE_SETS = 5
DV_BINS_M_S = (0.0, 0.001, 0.004, 0.016, 0.064, np.inf)

Rule = Literal["point", "gap"]


@dataclass(frozen=True, slots=True)
class Matches:
    """Which event found which maneuver.

    Parameters
    ----------
    event_to_maneuver : (E,) int64
        Row of the maneuver that each event found, -1 for none (a false alarm).
    maneuver_to_event : (M,) int64
        Row of the event that found each maneuver, -1 for none (a miss).
    """

    event_to_maneuver: NDArray[np.int64]
    maneuver_to_event: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one detector under one rule.

    Parameters
    ----------
    satellites : DataFrame
        One row a satellite: name, regime, years, maneuvers, detections, hits, misses, false_alarms,
        precision, recall, f1, false_alarms_per_year, time_error_h (median of the hits).
    pooled : DataFrame
        One row a regime: the same from the summed counts, with ``f1_low`` and ``f1_high`` (95 %,
        bootstrap over satellites), ``ap`` and ``recall_at_{0.3,1,3}_fa``.
    macro : DataFrame
        One row a regime: mean precision, recall and f1 of its satellites.
    by_dv : DataFrame
        One row a regime and Δv bin: maneuvers, hits, recall.
    """

    satellites: pd.DataFrame
    pooled: pd.DataFrame
    macro: pd.DataFrame
    by_dv: pd.DataFrame


def point_estimates_us(events: pd.DataFrame) -> NDArray[np.int64]:
    """Each event's estimate of the burn time [us]: ``burn_time`` or ``burn_time_hint`` where it has one, else mid-gap."""
    middle = (epoch_us(events["epoch_before"]) + epoch_us(events["epoch_after"])) // 2
    for name in ("burn_time", "burn_time_hint"):
        if name in events.columns:
            known = events[name].notna().to_numpy()
            return np.where(known, epoch_us(events[name].fillna(events["epoch_before"])), middle)
    return middle


def match(
    events: pd.DataFrame, maneuvers: pd.DataFrame, window_days: float = 1.5, rule: Rule = "point"
) -> Matches:
    """Match events with maneuvers of the same object one to one, nearest first.

    Parameters
    ----------
    events, maneuvers : DataFrame
        Events (``models.detect.candidates``) and maneuvers (``models.benchmark.labels.merge_burns``).
    window_days : float
        How far apart they may be [day].
    rule : {'point', 'gap'}
        Distance from the event's point estimate, or from its bracketing gap (0 inside it).
    """
    event_to, maneuver_to = np.full(len(events), -1, np.int64), np.full(len(maneuvers), -1, np.int64)
    found, sought, apart = _pairs(events, maneuvers, window_days, rule)
    for pair in np.lexsort((found, sought, *reversed(apart))):
        event, maneuver = found[pair], sought[pair]
        if event_to[event] < 0 and maneuver_to[maneuver] < 0:
            event_to[event], maneuver_to[maneuver] = maneuver, event
    return Matches(event_to, maneuver_to)


def evaluated_spans(epochs: pd.DataFrame, maneuvers: pd.DataFrame) -> pd.DataFrame:
    """The stretch of each labelled satellite that is evaluated.

    From the first to the last label, 30 days wider on each side, inside the element sets less the
    first and the last five.

    Parameters
    ----------
    epochs : DataFrame
        ``norad_id``, ``epoch`` and ``regime`` of every element set or feature row.
    maneuvers : DataFrame

    Returns
    -------
    DataFrame
        norad_id, name, regime, start, stop, years; satellites with too few sets are left out.
    """
    margin = pd.Timedelta(days=SPAN_MARGIN_DAYS)
    rows = []
    for norad_id, labels in maneuvers.groupby("norad_id"):
        own = epochs[epochs["norad_id"] == norad_id].sort_values("epoch")
        if len(own) <= 2 * EDGE_SETS:
            continue
        start = max(labels["burn_time"].min() - margin, own["epoch"].iloc[EDGE_SETS])
        stop = min(labels["burn_time"].max() + margin, own["epoch"].iloc[-1 - EDGE_SETS])
        years = (stop - start) / pd.Timedelta(days=_DAYS_A_YEAR)
        if years > 0:
            rows.append((norad_id, labels["name"].iloc[0], own["regime"].mode().iloc[0], start, stop, years))
    return pd.DataFrame(rows, columns=["norad_id", "name", "regime", "start", "stop", "years"])


def evaluate(
    events: pd.DataFrame,
    maneuvers: pd.DataFrame,
    spans: pd.DataFrame,
    *,
    window_days: float = 1.5,
    rule: Rule = "point",
    ranked: pd.DataFrame | None = None,
    bootstrap: int = 2000,
    seed: int = 0,
) -> Evaluation:
    """Precision, recall and F1 per satellite, pooled and macro, by regime.

    An event counts as a false alarm if its point estimate lies in the evaluated span and it found no
    maneuver, a second detection included; a maneuver counts if its time lies in the span.

    Parameters
    ----------
    events : DataFrame
        Events at the detector's threshold.
    maneuvers : DataFrame
    spans : DataFrame
        From ``evaluated_spans``.
    ranked : DataFrame, optional
        Events at a low threshold with ``score``, for average precision and recall at fixed false
        alarm rates; ``events`` if left out.
    bootstrap : int
        Resamples of the satellites for the 95 % interval of the pooled F1.
    """
    if spans.empty:
        raise ModelError("nothing to evaluate: no labelled satellite has enough element sets")
    matches = match(events, maneuvers, window_days, rule)
    points_us, labels_us = point_estimates_us(events), epoch_us(maneuvers["burn_time"])
    hit = matches.maneuver_to_event >= 0
    error_h = np.abs(points_us[matches.maneuver_to_event[hit]] - labels_us[hit]) / 3.6e9
    errors = pd.Series(error_h, index=np.flatnonzero(hit), dtype="float64")
    rows, counted = [], []
    for span in spans.itertuples():
        sought = _inside(maneuvers["norad_id"], labels_us, span)
        fired = _inside(events["norad_id"], points_us, span)
        hits, false_alarms = int((sought & hit).sum()), int((fired & (matches.event_to_maneuver < 0)).sum())
        rows.append(
            {
                "norad_id": span.norad_id,
                "name": span.name,
                "regime": span.regime,
                "years": span.years,
                "maneuvers": int(sought.sum()),
                "hits": hits,
                "misses": int(sought.sum()) - hits,
                "false_alarms": false_alarms,
                "time_error_h": errors[errors.index.isin(np.flatnonzero(sought))].median(),
            }
        )
        counted.append(np.flatnonzero(sought))
    satellites = _rates(pd.DataFrame(rows))
    in_span = np.concatenate(counted)
    curve = _curves(events if ranked is None else ranked, maneuvers, spans, in_span, window_days, rule)
    pooled = _pooled(satellites, curve, bootstrap, seed)
    macro = satellites.groupby("regime")[["precision", "recall", "f1"]].mean()
    return Evaluation(satellites, pooled, macro, _by_dv(maneuvers, hit, in_span, spans))


def random_events(spans: pd.DataFrame, maneuvers: pd.DataFrame, *, cadence: bool, seed: int = 0) -> pd.DataFrame:
    """A null detector: as many events as each satellite has maneuvers, at random.

    With ``cadence`` the waiting times are the satellite's own, in random order from a random start;
    without, the times are uniform over the span.
    """
    generator = np.random.default_rng(seed)
    parts = []
    for span in spans.itertuples():
        start, stop = span.start.value // 1000, span.stop.value // 1000
        times = np.sort(epoch_us(maneuvers.loc[maneuvers["norad_id"] == span.norad_id, "burn_time"]))
        times = times[(times >= start) & (times <= stop)]
        if cadence and len(times) > 1:
            waits = generator.permutation(np.diff(times))
            drawn = start + (np.cumsum(np.append(generator.integers(0, waits.max() + 1), waits))) % (stop - start)
        else:
            drawn = generator.integers(start, stop, len(times))
        at = pd.Series(drawn.astype("datetime64[us]")).dt.tz_localize("UTC")
        parts.append(pd.DataFrame({"norad_id": span.norad_id, "epoch_before": at, "epoch_after": at, "score": 1.0}))
    return pd.concat(parts, ignore_index=True)


def _inside(norad_id: pd.Series, times_us: NDArray[np.int64], span: object) -> NDArray[np.bool_]:
    """Mask of what belongs to the satellite of a span and lies in it."""
    start, stop = span.start.value // 1000, span.stop.value // 1000  # type: ignore[attr-defined]
    own = norad_id.to_numpy() == span.norad_id  # type: ignore[attr-defined]
    return np.asarray(own & (times_us >= start) & (times_us <= stop))


def _pairs(
    events: pd.DataFrame, maneuvers: pd.DataFrame, window_days: float, rule: Rule
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[NDArray[np.float64], ...]]:
    """Every event and maneuver of one object within the window: rows of both, distances [us] to sort by."""
    points_us, labels_us = point_estimates_us(events), epoch_us(maneuvers["burn_time"])
    before_us, after_us = epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"])
    owners = maneuvers["norad_id"].to_numpy()
    found, sought, distance, to_point = [], [], [], []
    for event, norad_id in enumerate(events["norad_id"].to_numpy()):
        rows = np.flatnonzero(owners == norad_id)
        point = np.abs(labels_us[rows] - points_us[event]).astype(np.float64)
        outside = np.maximum(0, np.maximum(before_us[event] - labels_us[rows], labels_us[rows] - after_us[event]))
        apart = point if rule == "point" else outside.astype(np.float64)
        near = apart <= window_days * _DAY_US
        found.append(np.full(int(near.sum()), event))
        sought.append(rows[near])
        distance.append(apart[near])
        to_point.append(point[near])
    if not found:
        none = np.empty(0, np.int64)
        return none, none, (np.empty(0), np.empty(0))
    columns = np.concatenate(found), np.concatenate(sought)
    return columns[0], columns[1], (np.concatenate(distance), np.concatenate(to_point))


def _rates(counts: pd.DataFrame) -> pd.DataFrame:
    """Precision, recall, F1 and false alarms a year from counts; a rate without a denominator is 0."""
    hits, misses, alarms = counts["hits"], counts["misses"], counts["false_alarms"]
    detections = hits + alarms
    rates = pd.DataFrame(
        {
            "detections": detections,
            "precision": hits / detections.clip(lower=1),
            "recall": hits / (hits + misses).clip(lower=1),
            "f1": _f1(hits.to_numpy(), misses.to_numpy(), alarms.to_numpy()),
            "false_alarms_per_year": alarms / counts["years"],
        }
    )
    return pd.concat([counts, rates], axis=1)


def _f1(hits: NDArray[np.int64], misses: NDArray[np.int64], false_alarms: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(2 * hits / np.maximum(2 * hits + misses + false_alarms, 1))


def _pooled(satellites: pd.DataFrame, curve: pd.DataFrame, bootstrap: int, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    rows = []
    for regime, own in satellites.groupby("regime"):
        counts = own[["hits", "misses", "false_alarms"]].to_numpy()
        drawn = counts[generator.integers(0, len(counts), (bootstrap, len(counts)))].sum(axis=1)
        low, high = np.quantile(_f1(*drawn.T), [0.025, 0.975]) if bootstrap else (np.nan, np.nan)
        total = own[["years", "maneuvers", "hits", "misses", "false_alarms"]].sum().to_frame().T
        total = _rates(total.astype(dict.fromkeys(["maneuvers", "hits", "misses", "false_alarms"], "int64")))
        rows.append(total.assign(regime=regime, f1_low=low, f1_high=high))
    return pd.concat(rows).set_index("regime").join(curve)


def _curves(
    ranked: pd.DataFrame,
    maneuvers: pd.DataFrame,
    spans: pd.DataFrame,
    in_span: NDArray[np.int64],
    window_days: float,
    rule: Rule,
) -> pd.DataFrame:
    """Average precision and recall at fixed false alarm rates, by regime.

    Down the ranking each event takes the nearest maneuver that is still free; the precision at each
    newly found maneuver is averaged over all of them.
    """
    order = np.argsort(-ranked["score"].to_numpy(), kind="stable")
    ranked = ranked.iloc[order].reset_index(drop=True)
    taken = np.full(len(ranked), -1, np.int64)
    free = np.ones(len(maneuvers), np.bool_)
    found, sought, apart = _pairs(ranked, maneuvers, window_days, rule)
    for pair in np.lexsort((sought, *reversed(apart), found)):
        if taken[found[pair]] < 0 and free[sought[pair]]:
            taken[found[pair]] = sought[pair]
            free[sought[pair]] = False
    counts = np.zeros(len(maneuvers), np.bool_)
    counts[in_span] = True
    is_hit = (taken >= 0) & counts[taken]
    points_us = point_estimates_us(ranked)
    rows = []
    for regime, own in spans.groupby("regime"):
        members = np.zeros(len(ranked), np.bool_)
        for span in own.itertuples():
            members |= _inside(ranked["norad_id"], points_us, span)
        of_regime = ranked["norad_id"].isin(own["norad_id"]).to_numpy()
        hit, alarm = is_hit & of_regime, members & (taken < 0)
        total = int(np.isin(maneuvers["norad_id"].to_numpy()[in_span], own["norad_id"].to_numpy()).sum())
        hits, alarms = np.cumsum(hit), np.cumsum(alarm)
        row = {"regime": regime, "ap": (hits[hit] / (hits[hit] + alarms[hit])).sum() / max(total, 1)}
        for rate in (0.3, 1, 3):
            within = hits[alarms <= rate * own["years"].sum()]
            row[f"recall_at_{rate}_fa"] = (within[-1] if len(within) else 0) / max(total, 1)
        rows.append(row)
    return pd.DataFrame(rows).set_index("regime")


def _by_dv(
    maneuvers: pd.DataFrame, hit: NDArray[np.bool_], in_span: NDArray[np.int64], spans: pd.DataFrame
) -> pd.DataFrame:
    """Recall by the size of the maneuver; those of unknown size have no bin."""
    if "dv_m_s" not in maneuvers.columns:
        return pd.DataFrame(columns=["regime", "dv_low_m_s", "dv_high_m_s", "maneuvers", "hits", "recall"])
    sought = maneuvers.iloc[in_span].assign(hit=hit[in_span])
    sought = sought.merge(spans[["norad_id", "regime"]], on="norad_id")
    sought["bin"] = pd.cut(sought["dv_m_s"], list(DV_BINS_M_S), right=False)
    table = sought.groupby(["regime", "bin"], observed=True)["hit"].agg(maneuvers="size", hits="sum").reset_index()
    table.insert(1, "dv_low_m_s", [interval.left for interval in table["bin"]])
    table.insert(2, "dv_high_m_s", [interval.right for interval in table["bin"]])
    return table.drop(columns="bin").assign(recall=table["hits"] / table["maneuvers"])
