"""A benchmark's figures: as frames, and as the JSON that `burnwatch benchmark --json` writes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.benchmark.choice import LEAST_PROBABILITY, calibration_error, reliability
from models.benchmark.decision import Decided
from models.benchmark.delivered import Delivered
from models.benchmark.delivered_figures import delivered_figures, delivered_metrics
from models.benchmark.matching import Rule, lists_all, match
from models.benchmark.measurement import burn_errors, measured_hits
from models.benchmark.nulls import random_events
from models.benchmark.protocol import Evaluation, evaluate
from models.benchmark.ranking import Ranking, rank
from models.detect.forward import fires

RULES: dict[str, tuple[float, Rule]] = {
    "point_1.5d": (1.5, "point"),
    "gap_12h": (0.5, "gap"),
    "point_3d": (3.0, "point"),
}
HEADLINE, CROSS_TRACK_EXCUSED = "point_1.5d", "point_1.5d_cross_track_excused"
_CROSS_TRACK_SIGMA = 3.0  # an event is a cross-track one if that component is this clear, and the larger
_POOLED = ("precision", "recall", "f1", "ap", "recall_at_0.3_fa", "recall_at_1_fa", "recall_at_3_fa")


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one detector on one folder.

    Parameters
    ----------
    about : dict
        What was measured: detector, setting, split, identities of data, configuration and code, seed, what was left out.
    evaluations : dict of rule to Evaluation
        Those of ``RULES``, and the headline's with cross-track events that found nothing not counted as false alarms.
    hits : DataFrame
        From `models.benchmark.measurement.measured_hits`.
    ranking : Ranking
        Under the headline rule, of ``decided.ranked``.
    decided : Decided
    nulls : dict
        'random_times' and 'own_cadence': pooled F1 by regime.
    delivered : dict or None
        From `models.benchmark.delivered_figures.delivered_figures`.
    controls : dict or None
    """

    about: dict[str, Any]
    evaluations: dict[str, Evaluation]
    hits: pd.DataFrame
    ranking: Ranking
    decided: Decided
    nulls: dict[str, dict[str, float]]
    delivered: dict[str, Any] | None = None
    controls: dict[str, Any] | None = None

    @property
    def headline(self) -> Evaluation:
        """Under ±1.5 d of the point estimate."""
        return self.evaluations[HEADLINE]

    def _pooled_in(self, stratum: str) -> pd.Series:
        satellites = self.headline.satellites
        return satellites.loc[lists_all(satellites) & (satellites["stratum"] == stratum), "norad_id"]

    def calibration(self, regime: str | None = None) -> dict[str, Any]:
        """Expected calibration error on the held-out events, from a probability of 0.05 up and above the threshold."""
        rows = self.ranking.row
        events = self.decided.ranked.iloc[rows].assign(hit=self.ranking.hit)
        if regime is not None:
            events = events[events["norad_id"].isin(self._pooled_in(regime))]
        events = events[events["probability"].notna()]
        likely = events[events["probability"] >= LEAST_PROBABILITY]
        above = events[fires(events, events["threshold"])]
        return {
            "ece": calibration_error(likely["probability"], likely["hit"]),
            "ece_events": len(likely),
            "ece_above_threshold": calibration_error(above["probability"], above["hit"]),
            "ece_above_threshold_events": len(above),
            "reliability": reliability(likely["probability"], likely["hit"]).to_dict("records"),
        }

    def json(self) -> dict[str, Any]:
        """The report in plain values; figures that are not known are null."""
        headline = self.headline
        chosen = self.decided.folds.set_index("norad_id")
        by_satellite = dict(iter(self.hits.groupby("norad_id")))
        satellites = {}
        for row in headline.satellites.to_dict("records"):
            burns = burn_errors(by_satellite.get(row["norad_id"], self.hits.iloc[:0]))
            hint_error_h = row.pop("time_error_h")
            satellites[str(row.pop("name"))] = (
                {"regime": row.pop("regime"), "events": row.pop("maneuvers")}
                | {str(name): value for name, value in row.items()}
                | {"threshold": chosen.loc[row["norad_id"], "threshold"], "detection_time_error_h": hint_error_h}
                | burns
            )
        regimes = [str(regime) for regime in headline.pooled.index]
        pooled = {}
        for regime, figures in zip(regimes, headline.pooled.to_dict("records"), strict=True):
            figures["events"] = figures.pop("maneuvers")
            calibration = self.calibration(regime)
            del calibration["reliability"]
            pooled[regime] = (
                {str(name): value for name, value in figures.items()}
                | burn_errors(self.hits[self.hits["norad_id"].isin(self._pooled_in(regime))])
                | calibration
            )
        windows = {
            name: {
                "pooled": _columns(each.pooled, ("precision", "recall", "f1", "f1_low", "f1_high")),
                "macro": _columns(each.macro, ("precision", "recall", "f1", "f1_low", "f1_high")),
            }
            for name, each in self.evaluations.items()
            if name != HEADLINE
        }
        report = self.about | {
            "delivered": self.delivered,
            "satellites": satellites,
            "pooled": pooled,
            "macro": {regime: dict(headline.macro.loc[regime]) for regime in regimes},
            "by_dv": headline.by_dv.rename(columns={"maneuvers": "events"}).to_dict("records"),
            "windows": windows,
            "nulls": self.nulls,
            "calibration": self.calibration(),
            "burns": burn_errors(self.hits),
            "folds": self.decided.folds.to_dict("records"),
            "controls": self.controls,
        }
        return {str(name): plain(value) for name, value in report.items()}

    def metrics(self) -> dict[str, float]:
        """The figures worth comparing between runs, by name; only finite ones."""
        figures: dict[str, Any] = {}
        report = self.json()
        if report["delivered"]:
            figures |= delivered_metrics(report["delivered"])
        for regime, own in report["pooled"].items():
            keys = (
                *_POOLED,
                "dv_error",
                "dv_error_p90",
                "time_error_h",
                "time_error_h_large",
                "ece",
                "dv_inside_1_sigma",
                "dv_inside_2_sigma",
            )
            figures |= {f"{key}_{regime}": own[key] for key in keys}
            figures |= {f"macro_f1_{regime}": report["macro"][regime]["f1"]}
            figures |= {f"f1_gap_12h_{regime}": report["windows"]["gap_12h"]["pooled"][regime]["f1"]}
        figures |= {f"f1_{name}": own["f1"] for name, own in report["satellites"].items()}
        figures |= {key: report["calibration"][key] for key in ("ece", "ece_above_threshold")}
        if report["controls"]:
            figures["controls_false_alarms_per_object_year"] = report["controls"]["false_alarms_per_object_year"]
        return {name: float(value) for name, value in figures.items() if value is not None}


def measure(
    decided: Decided,
    fits: pd.DataFrame,
    maneuvers: pd.DataFrame,
    about: dict[str, Any],
    *,
    resamples: int,
    seed: int,
    nulls: int = 20,
    delivered: Delivered | None = None,
) -> Report:
    """Every figure of a benchmark.

    Parameters
    ----------
    decided : Decided
    fits : DataFrame
        ``decided.events`` with their burn fits.
    maneuvers : DataFrame
    about : dict
    resamples, seed : int
        Of the bootstrap over satellites.
    nulls : int
        Random detectors that are averaged.
    delivered : Delivered, optional
        What homes would flag of the same satellites.
    """
    bootstrap: dict[str, Any] = {"bootstrap": resamples, "seed": seed}
    spans, events, ranked = decided.spans, decided.events, decided.ranked
    evaluations = {
        name: evaluate(events, maneuvers, spans, window_days=window_days, rule=rule, ranked=ranked, **bootstrap)
        for name, (window_days, rule) in RULES.items()
    }
    excused = _cross_track(fits) & (match(events, maneuvers).event_to_maneuver < 0)
    evaluations[CROSS_TRACK_EXCUSED] = evaluate(events[~excused].reset_index(drop=True), maneuvers, spans, **bootstrap)
    return Report(
        about,
        evaluations,
        measured_hits(fits, maneuvers, decided.spans),
        rank(decided.ranked, maneuvers, decided.spans),
        decided,
        _nulls(decided.spans, maneuvers, seed, nulls),
        None if delivered is None else delivered_figures(delivered, maneuvers, resamples=resamples, seed=seed),
    )


def false_alarms(events: pd.DataFrame, features: pd.DataFrame, thresholds: dict[str, float]) -> dict[str, Any]:
    """False alarms on objects that cannot maneuver, in all and by object.

    Parameters
    ----------
    events : DataFrame
        All of them are false.
    features : DataFrame
        The objects' feature rows: their gaps are the time that they were watched.
    thresholds : dict
        By regime, as they were used.
    """
    objects = features.groupby("norad_id").agg(regime=("regime", "first"), years=("gap_days", "sum"))
    objects["years"] /= 365.25
    objects["false_alarms"] = events.groupby("norad_id").size().reindex(objects.index, fill_value=0)
    objects["false_alarms_per_year"] = objects["false_alarms"] / objects["years"]
    total = objects.groupby("regime")[["years", "false_alarms"]].sum()
    return {
        "objects": objects.reset_index().to_dict("records"),
        "object_years": float(objects["years"].sum()),
        "false_alarms": int(objects["false_alarms"].sum()),
        "false_alarms_per_object_year": float(objects["false_alarms"].sum() / objects["years"].sum()),
        "by_regime": (total["false_alarms"] / total["years"]).to_dict(),
        "thresholds": thresholds,
    }


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """A value of Python's own types; NaN, NaT and infinities become None."""
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, pd.Timestamp):
        return None if pd.isna(value) else value.isoformat()
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cross_track(fits: pd.DataFrame) -> NDArray[np.bool_]:
    """Events that are mostly out of the plane; logs of geosynchronous satellites lack most of these burns."""
    across, along = fits["dv_n_m_s"].abs(), fits["dv_t_m_s"].abs()
    return ((across > along) & (across > _CROSS_TRACK_SIGMA * fits["dv_n_sigma_m_s"])).to_numpy()


def _nulls(spans: pd.DataFrame, maneuvers: pd.DataFrame, seed: int, count: int) -> dict[str, dict[str, float]]:
    out = {}
    for name, cadence in (("random_times", False), ("own_cadence", True)):
        drawn = [
            evaluate(
                random_events(spans, maneuvers, cadence=cadence, seed=seed + at), maneuvers, spans, bootstrap=0
            ).pooled["f1"]
            for at in range(count)
        ]
        out[name] = {str(regime): float(f1) for regime, f1 in pd.concat(drawn, axis=1).mean(axis=1).items()}
    return out


def _columns(frame: pd.DataFrame, names: tuple[str, ...]) -> dict[str, dict[str, float]]:
    return {str(regime): {name: float(frame.loc[regime, name]) for name in names} for regime in frame.index}
