"""How detections are compared with labelled maneuvers: one protocol, strict in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from models.benchmark.labels import label_frame
from models.benchmark.matching import (
    Matches,
    Rule,
    apart_us,
    burn_windows_us,
    inside,
    lists_all,
    match,
    point_estimates_us,
)
from models.benchmark.ranking import Ranking, curve_figures, rank
from models.benchmark.rates import f1_score, rates
from models.errors import ModelError

__all__ = ["Evaluation", "Matches", "Rule", "count_satellites", "evaluate", "evaluated_spans", "match"]

_DAYS_A_YEAR = 365.25
SPAN_MARGIN_DAYS = 30.0
EDGE_SETS = 5
_MOST_DRIFTED_DEG = 16.0  # Sun and Moon tilt the orbit of an uncontrolled geostationary satellite by 15° at most
_DENSE_US, _SPARSE_US = 12 * 3_600_000_000, 7 * 24 * 3_600_000_000  # between element sets
_MACRO = ["precision", "recall", "f1", "ap"]
_COUNTS = ["hits", "misses", "false_alarms", "maneuvers"]
DV_BINS_M_S = (0.0, 0.001, 0.004, 0.016, 0.064, np.inf)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one detector under one rule.

    Parameters
    ----------
    satellites : DataFrame
        One row a satellite: name, regime, years, maneuvers, detections, hits, misses, false_alarms,
        precision, recall, f1, false_alarms_per_year, time_error_h (median of the hits), ap and
        recall_at_{0.3,1,3}_fa. Of one whose burns are not all listed only the recall is known, and of one without a maneuver
        in its span no figure but the false alarms.
    pooled : DataFrame
        One row a stratum, whose index is called regime: the same from the summed counts and the common ranking, of
        satellites whose burns are all listed.
    macro : DataFrame
        One row a stratum: mean precision, recall, f1, ap and recall_at_*_fa of those that have them. Both have for each
        of these ``*_low`` and ``*_high``: 95 %, bootstrap over satellites.
    by_dv : DataFrame
        One row a stratum and Δv bin: maneuvers, hits, recall.
    """

    satellites: pd.DataFrame
    pooled: pd.DataFrame
    macro: pd.DataFrame
    by_dv: pd.DataFrame


def evaluated_spans(epochs: pd.DataFrame, maneuvers: pd.DataFrame) -> pd.DataFrame:
    """The stretch of each labelled satellite that is evaluated.

    From when to when the log tells all, where it says so; else from its first to its last label, 30 days wider on each
    side. Inside the element sets less the first and the last five.

    Parameters
    ----------
    epochs : DataFrame
        ``norad_id``, ``epoch``, ``regime`` and ``inclination_deg`` of every element set or feature row.
    maneuvers : DataFrame

    Returns
    -------
    DataFrame
        norad_id, name, regime, start, stop, years, ``stratum`` (the row of the tables in which it is pooled: the regime, or
        'igso' for inclined geosynchronous orbits, 'geo-dense' for element sets twice a day and more often) and ``partial``
        (not all of its burns are listed). Satellites with too few sets are left out, and those whose sets in the span are
        mostly more than a week apart: no burn can be placed between them.
    """
    margin = pd.Timedelta(days=SPAN_MARGIN_DAYS)
    maneuvers = label_frame(maneuvers)
    rows = []
    for norad_id, labels in maneuvers.groupby("norad_id"):
        own = epochs[epochs["norad_id"] == norad_id].sort_values("epoch")
        if len(own) <= 2 * EDGE_SETS:
            continue
        first, last = labels["log_start"].min(), labels["log_end"].max()
        first = labels["window_start"].min() - margin if pd.isna(first) else first
        last = labels["window_end"].max() + margin if pd.isna(last) else last
        start, stop = max(first, own["epoch"].iloc[EDGE_SETS]), min(last, own["epoch"].iloc[-1 - EDGE_SETS])
        years = (stop - start) / pd.Timedelta(days=_DAYS_A_YEAR)
        if years > 0 and _apart_us(own["epoch"][own["epoch"].between(start, stop)]) <= _SPARSE_US:
            regime = own["regime"].mode().iloc[0]
            name = labels["name"].iloc[0] or str(norad_id)
            rows.append((norad_id, name, regime, start, stop, years, _stratum(own, regime), labels["partial"].any()))
    spans = pd.DataFrame(rows, columns=["norad_id", "name", "regime", "start", "stop", "years", "stratum", "partial"])
    instant = "datetime64[us, UTC]"
    return spans.astype({"start": instant, "stop": instant, "years": "float64", "partial": "bool"})


def _stratum(own: pd.DataFrame, regime: str) -> str:
    """In which row of the tables a satellite is pooled."""
    if regime != "geo":
        return regime
    if "inclination_deg" in own and own["inclination_deg"].median() > _MOST_DRIFTED_DEG:
        return "igso"
    return "geo-dense" if _apart_us(own["epoch"]) <= _DENSE_US else "geo"


def _apart_us(epochs: pd.Series) -> float:
    """How far element sets, sorted, are apart, most of them; infinitely where there are fewer than two."""
    return float(np.median(np.diff(epoch_us(epochs)))) if len(epochs) > 1 else np.inf


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
    satellites = count_satellites(events, maneuvers, spans, matches)
    hit = matches.maneuver_to_event >= 0
    labels_us = epoch_us(maneuvers["burn_time"])
    in_span = np.flatnonzero(inside(maneuvers["norad_id"], labels_us, spans))
    ranking = rank(events if ranked is None else ranked, maneuvers, spans, window_days, rule)
    satellites = satellites.assign(**curve_figures(ranking, np.eye(len(spans))))
    generator = np.random.default_rng(seed)
    pooled, macro = [], []
    for stratum, own in satellites[lists_all(satellites)].groupby("stratum"):
        draws = draw_satellites(len(own), bootstrap, generator)
        pooled.append(_pooled(own, ranking, draws).assign(regime=stratum))
        told = (own["maneuvers"] > 0).to_numpy()
        macro.append(_macro(own[told], draws[:, told]).assign(regime=stratum))
    by_dv = _by_dv(maneuvers, hit, in_span, spans)
    none = [satellites.iloc[:0]]  # where no list of burns is whole
    return Evaluation(
        _what_is_known(satellites),
        pd.concat(pooled or none).set_index("regime"),
        pd.concat(macro or none).set_index("regime"),
        by_dv,
    )


def draw_satellites(count: int, resamples: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """How often each satellite is drawn in each resample of a bootstrap, shape (resamples, count)."""
    drawn = generator.integers(0, count, (resamples, count))
    return np.asarray((drawn[:, :, None] == np.arange(count)).sum(axis=1), dtype=np.float64)


def count_satellites(
    events: pd.DataFrame, maneuvers: pd.DataFrame, spans: pd.DataFrame, matches: Matches
) -> pd.DataFrame:
    """Counts and rates of each satellite in its evaluated span: the frame ``Evaluation.satellites``."""
    points_us, labels_us = point_estimates_us(events), epoch_us(maneuvers["burn_time"])
    hit = matches.maneuver_to_event >= 0
    error_h = np.full(len(maneuvers), np.nan)
    found_us = points_us[matches.maneuver_to_event[hit]]
    start_us, end_us = burn_windows_us(maneuvers[hit])
    error_h[hit] = apart_us((found_us, found_us), (start_us, end_us)) / 3.6e9
    rows = []
    for at in range(len(spans)):
        span = spans.iloc[at : at + 1]
        sought = inside(maneuvers["norad_id"], labels_us, span)
        fired = inside(events["norad_id"], points_us, span)
        hits = sought & hit
        rows.append(
            {
                **span[["norad_id", "name", "regime", "years"]].to_dict("records")[0],
                "stratum": span.get("stratum", span["regime"]).iloc[0],
                "partial": not lists_all(span).all(),
                "maneuvers": int(sought.sum()),
                "hits": int(hits.sum()),
                "misses": int((sought & ~hit).sum()),
                "false_alarms": int((fired & (matches.event_to_maneuver < 0)).sum()),
                "time_error_h": float(np.median(error_h[hits])) if hits.any() else np.nan,
            }
        )
    return rates(pd.DataFrame(rows))


def _what_is_known(satellites: pd.DataFrame) -> pd.DataFrame:
    """Without figures that mean nothing: of what was found beside an incomplete list, of a satellite with nothing to find."""
    shares = [*_MACRO, *(str(name) for name in satellites if "recall_at" in str(name))]
    shares.remove("recall")
    unsought = satellites["maneuvers"] == 0
    unlisted = pd.Series(~lists_all(satellites), satellites.index)
    told = satellites.copy()
    told[shares] = told[shares].mask(unlisted | unsought)
    told["recall"] = told["recall"].mask(unsought)
    if unlisted.any():
        alarms = ["false_alarms", "detections", "false_alarms_per_year"]
        told[alarms] = told[alarms].astype("float64").mask(unlisted)
    return told


def _pooled(own: pd.DataFrame, ranking: Ranking, draws: NDArray[np.float64]) -> pd.DataFrame:
    """The summed counts of some satellites and the figures of their common ranking, with intervals; one row."""
    counts = own[_COUNTS].to_numpy(np.float64)
    total = rates(own[["years", *_COUNTS]].sum().to_frame().T.astype(dict.fromkeys(_COUNTS, "int64")))
    rows = own.index.to_numpy()
    weights = np.zeros((1 + len(draws), len(ranking.years)))
    weights[0, rows], weights[1:, rows] = 1.0, draws
    curve = curve_figures(ranking, weights)
    hits, misses, alarms, _ = (draws @ counts).T
    resampled = {
        "precision": hits / np.maximum(hits + alarms, 1.0),
        "recall": hits / np.maximum(hits + misses, 1.0),
        "f1": f1_score(hits, misses, alarms),
    }
    total = total.assign(**{name: values[0] for name, values in curve.items()})
    told = _with_intervals(total, resampled | {name: values[1:] for name, values in curve.items()})
    rest = [str(name) for name in told if name not in {"years", "detections", "false_alarms_per_year", *_COUNTS}]
    return told if counts[:, -1].any() else told.assign(**dict.fromkeys(rest, np.nan))


def _macro(own: pd.DataFrame, draws: NDArray[np.float64]) -> pd.DataFrame:
    """Means over satellites, with intervals; one row."""
    names = [*_MACRO, *(str(name) for name in own if str(name).startswith("recall_at_"))]
    values = own[names].to_numpy(np.float64)
    draws = draws[draws.sum(axis=1) > 0]
    drawn = draws @ values / draws.sum(axis=1, keepdims=True)
    means = pd.DataFrame([values.mean(axis=0) if len(own) else np.full(len(names), np.nan)], columns=names)
    return _with_intervals(means, {name: drawn[:, at] for at, name in enumerate(names)})


def _with_intervals(row: pd.DataFrame, resampled: Mapping[str, NDArray[np.float64]]) -> pd.DataFrame:
    bounds = {}
    for name, values in resampled.items():
        known = np.quantile(values, [0.025, 0.975]) if len(values) else (np.nan, np.nan)
        bounds[f"{name}_low"], bounds[f"{name}_high"] = known
    return row.assign(**bounds)


def _by_dv(
    maneuvers: pd.DataFrame, hit: NDArray[np.bool_], in_span: NDArray[np.int64], spans: pd.DataFrame
) -> pd.DataFrame:
    """Recall by the size of the maneuver; those of unknown size have no bin."""
    if "dv_m_s" not in maneuvers.columns:
        return pd.DataFrame(columns=["regime", "dv_low_m_s", "dv_high_m_s", "maneuvers", "hits", "recall"])
    sought = maneuvers.iloc[in_span].assign(hit=hit[in_span])
    strata = pd.DataFrame({"norad_id": spans["norad_id"], "regime": spans.get("stratum", spans["regime"])})
    sought = sought.merge(strata, on="norad_id")
    sought["bin"] = pd.cut(sought["dv_m_s"], list(DV_BINS_M_S), right=False)
    table = sought.groupby(["regime", "bin"], observed=True)["hit"].agg(maneuvers="size", hits="sum").reset_index()
    table.insert(1, "dv_low_m_s", [interval.left for interval in table["bin"]])
    table.insert(2, "dv_high_m_s", [interval.right for interval in table["bin"]])
    return table.drop(columns="bin").assign(recall=table["hits"] / table["maneuvers"])
