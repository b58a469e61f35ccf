"""From scores to thresholds and probabilities, by what quiet objects do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pydantic import Field
from scipy.optimize import isotonic_regression

from configs.learning import CalibrationConfig, Sensitivity
from configs.section import Section
from models.detect.quiet import LONGEST_GAP_DAYS, quiet_gaps
from models.detect.tail import Peaks, exceedance_rate, find_peaks, fit_tail, score_at_rate
from models.errors import ModelError

POOLED = "pooled"
_STEPS: dict[Sensitivity, int] = {"cautious": 1, "balanced": 0, "sensitive": -1}
_RAREST = 1e-4  # probability nearest to none and to certainty that is told apart
_LEAST_RATE = 1e-9  # beyond the end of a tail that has one [1/(object year)]

FloatArray = NDArray[np.float64]


class CalibrationError(ModelError):
    """There is not enough quiet data to say what a false alarm is."""


class RegimeCalibration(Section):
    """What quiet objects of one regime do (or of all: ``pooled``), and what follows from it.

    ``start``, ``rate``, ``scale`` and ``shape`` give the quiet peaks per object-year above a score s >= start:
    ``rate (1 + shape (s - start) / scale)^(-1/shape)``.
    """

    start: float = Field(description="score at which the fitted tail starts")
    rate_per_object_year: float = Field(description="quiet peaks above the start [1/(object year)]")
    scale: float = Field(description="scale of the generalized Pareto tail")
    shape: float = Field(description="shape of the generalized Pareto tail")
    objects: int = Field(description="objects with quiet gaps")
    peaks: int = Field(description="quiet peaks that the tail was fitted to")
    exposure_years: float = Field(description="quiet time observed [object year]")
    threshold: float = Field(description="score above which a peak is an event")
    extrapolated: bool = Field(
        description="the target is rarer than one alarm in the quiet time observed: the threshold rests on the fitted tail"
    )
    satellites: int = Field(
        default=0,
        description="labelled satellites left out in turn, on which the threshold was chosen; 0: on quiet data",
    )
    passive_years: float = Field(
        default=0.0,
        description="objects that cannot maneuver were watched for so long, and held the threshold to their stated rate; 0: too "
        "short a time [object year]",
    )
    observed_false_alarms_per_object_year: float = Field(
        description="peaks above the threshold in the very gaps it was fitted on [1/(object year)]"
    )
    seen_years: float = Field(description="quiet or not, time behind the probability curve [object year]")
    knots: tuple[float, ...] = Field(description="scores of the probability curve, ascending")
    probabilities: tuple[float, ...] = Field(description="probability at each knot, not descending")

    def threshold_at(self, sensitivity: Sensitivity) -> float:
        """Score above which a peak is an event for a user who is so cautious or sensitive.

        Where the threshold was chosen on labelled satellites it is the score at which the odds of a burn are four times, or a
        quarter, of those at the threshold; where quiet data gave it, the one that a quarter as many quiet peaks exceed, or four
        times as many.
        """
        steps = _STEPS[sensitivity]
        if not steps:
            return self.threshold
        if self.satellites:
            chance = np.clip(np.interp(self.threshold, self.knots, self.probabilities), _RAREST, 1 - _RAREST)
            odds = chance / (1 - chance) * 4.0**steps
            wanted = float(np.interp(odds / (1 + odds), self.probabilities, self.knots))
        else:
            tail = (self.start, self.rate_per_object_year, self.scale, self.shape)
            rate = max(float(exceedance_rate([self.threshold], *tail)[0]), _LEAST_RATE)
            wanted = score_at_rate(rate / 4.0**steps, *tail)
        return max(wanted, self.threshold) if steps > 0 else min(wanted, self.threshold)

    def probability(self, scores: FloatArray) -> FloatArray:
        """Estimated probability that peaks of ``scores`` (N,) are not quiet noise, not descending in the score."""
        curve = np.interp(scores, self.knots, self.probabilities, left=0.0)
        # Above every peak seen so far: one event against those that quiet noise would have shown in all that time.
        expected = self.seen_years * exceedance_rate(
            scores, self.start, self.rate_per_object_year, self.scale, self.shape
        )
        return np.where(scores > self.knots[-1], np.maximum(curve, 1.0 - np.minimum(1.0, expected)), curve)


class OperatingPoint(Section):
    """Where a detector draws the line in a regime, and what its scores are worth there, by satellites that did not teach it."""

    threshold: float = Field(description="score above which a peak is an event")
    knots: tuple[float, ...] = Field(
        description="scores of the probability curve, ascending; none where too few were judged"
    )
    probabilities: tuple[float, ...] = Field(description="probability at each knot, not descending")
    satellites: int = Field(description="on which it was chosen")


class Calibration(Section):
    """Thresholds and probabilities of one fitted detector.

    A regime that quiet data says too little about uses the entry ``pooled``, fitted on all regimes together.
    ``model_dump_json`` and ``model_validate_json`` take it to JSON and back.
    """

    target_false_alarms_per_object_year: float
    regimes: dict[str, RegimeCalibration]

    def of(self, regime: str) -> RegimeCalibration:
        """The regime's own entry, else the pooled one."""
        return self.regimes.get(regime, self.regimes[POOLED])

    def threshold(self, regime: str) -> float:
        """Score above which a peak of an object in ``regime`` is an event."""
        return self.of(regime).threshold

    def thresholds_of(self, regimes: Iterable[str], sensitivity: Sensitivity = "balanced") -> dict[str, float]:
        """Threshold by regime."""
        return {str(regime): self.of(str(regime)).threshold_at(sensitivity) for regime in regimes}

    def thresholds(self, regimes: ArrayLike) -> FloatArray:
        """Threshold of each row's regime, shape (N,)."""
        names, index = np.unique(np.asarray(regimes, dtype=str), return_inverse=True)
        return np.array([self.threshold(name) for name in names], dtype=np.float64)[index]

    def probability(self, scores: ArrayLike, regimes: ArrayLike) -> FloatArray:
        """Estimated probability that a peak of this score is an event and not quiet noise.

        Parameters
        ----------
        scores : (N,) array_like
        regimes : str or (N,) array_like of str

        Returns
        -------
        (N,) float64 in [0, 1]
        """
        scores = np.atleast_1d(np.asarray(scores, dtype=np.float64))
        regimes = np.broadcast_to(np.asarray(regimes, dtype=str), scores.shape)
        out = np.empty(scores.shape)
        for name in np.unique(regimes):
            rows = regimes == name
            out[rows] = self.of(str(name)).probability(scores[rows])
        return out


def calibrated_at(calibration: Calibration, points: Mapping[str, OperatingPoint]) -> Calibration:
    """A calibration whose thresholds and probabilities are those of the points, in the regimes that have one.

    The tail of quiet scores stays what it was: it says how rarely quiet objects come that far.
    """
    entries = dict(calibration.regimes)
    for regime, point in points.items():
        changes: dict[str, object] = {
            "threshold": point.threshold,
            "satellites": point.satellites,
            "extrapolated": False,
        }
        if point.knots:
            changes |= {"knots": point.knots, "probabilities": point.probabilities}
        entries[regime] = calibration.of(regime).model_copy(update=changes)
    return calibration.model_copy(update={"regimes": entries})


def fit_threshold(
    features: pd.DataFrame,
    scores: ArrayLike,
    config: CalibrationConfig | None = None,
    *,
    quiet_ids: Collection[int] = (),
) -> Calibration:
    """Thresholds for a rate of false alarms, and probabilities, per regime.

    Scores of quiet gaps (``models.detect.quiet``) above a high quantile are declustered into peaks, one an
    episode, because an alarm is an event and not a gap. Their excesses follow a generalized Pareto
    distribution (Pickands 1975; Coles 2001, ch. 4), which also gives the score that quiet objects exceed
    more rarely than was observed; ``extrapolated`` says so. The probability of a peak is one less the ratio of quiet
    peaks expected to peaks observed at about its score (local false discovery rate: Efron 2004,
    doi 10.1198/016214504000000089), made monotone by isotonic regression.

    Parameters
    ----------
    features : DataFrame
        norad_id, epoch, regime, gap_days, step_a_m, step_i_deg; sorted by (norad_id, epoch).
    scores : (N,) array_like
        A detector's scores of these rows.
    config : CalibrationConfig, optional
    quiet_ids : collection of int
        Objects that cannot maneuver: all their gaps are quiet.

    Raises
    ------
    CalibrationError
        When even all regimes together show no quiet peak to fit a tail to.
    """
    config = config or CalibrationConfig()
    scores = np.asarray(scores, dtype=np.float64)
    if scores.shape != (len(features),) or not np.isfinite(scores).all():
        raise CalibrationError(f"need one finite score for each of {len(features)} gaps")
    quiet = quiet_gaps(features, quiet_ids, guard_days=config.guard_days, lasting_sigma=config.lasting_sigma)
    regimes = features["regime"].to_numpy(str)
    entries = {POOLED: _fit(features, scores, quiet, config)}
    if entries[POOLED] is None:
        raise CalibrationError(f"{quiet.sum()} quiet gaps of {len(features)} are too few to fit a tail to")
    for name in np.unique(regimes):
        members = regimes == name
        entry = _fit(features[members], scores[members], quiet[members], config)
        if entry and entry.peaks >= config.min_peaks and entry.exposure_years >= config.min_exposure_years:
            entries[str(name)] = entry
    return Calibration(
        target_false_alarms_per_object_year=config.target_false_alarms_per_object_year,
        regimes={name: entry for name, entry in entries.items() if entry},
    )


def held_by_passive(
    features: pd.DataFrame,
    scores: ArrayLike,
    calibration: Calibration,
    config: CalibrationConfig,
    passive_ids: Collection[int],
) -> Calibration:
    """A calibration at whose thresholds objects that cannot maneuver raise no more alarms than the configuration allows.

    They are counted, not extrapolated: ``passive_false_alarms_per_object_year``, in regimes of which such objects were watched
    for ``min_exposure_years``. A threshold is raised, never lowered.

    Parameters
    ----------
    features : DataFrame
        norad_id, epoch, regime, gap_days; sorted by (norad_id, epoch).
    scores : (N,) array_like
    calibration : Calibration
    config : CalibrationConfig
    passive_ids : collection of int
        Objects that cannot maneuver, and taught the detector nothing.
    """
    scores = np.asarray(scores, dtype=np.float64)
    passive = np.isin(features["norad_id"].to_numpy(np.int64), np.fromiter(passive_ids, dtype=np.int64))
    regimes = features["regime"].to_numpy(str)
    entries = dict(calibration.regimes)
    for regime in np.unique(regimes[passive]).tolist():
        rows = passive & (regimes == regime)
        years = float(_exposure_years(features[rows]).sum())
        if years < config.min_exposure_years:
            continue
        entry = calibration.of(regime)
        peaks = find_peaks(features[rows], scores[rows], entry.threshold, config.decluster_days)
        highest, allowed = np.sort(peaks.score)[::-1], int(config.passive_false_alarms_per_object_year * years)
        threshold = float(highest[allowed]) if len(highest) > allowed else entry.threshold
        entries[regime] = entry.model_copy(update={"threshold": threshold, "passive_years": years})
    return calibration.model_copy(update={"regimes": entries})


def alarms(features: pd.DataFrame, scores: ArrayLike, calibration: Calibration, decluster_days: float) -> pd.DataFrame:
    """Events above the threshold and the time observed, per object: false alarms where objects cannot maneuver.

    Returns
    -------
    DataFrame
        norad_id, alarms, exposure_years.
    """
    above = np.asarray(scores, dtype=np.float64) - calibration.thresholds(features["regime"])
    peaks = find_peaks(features, above, 0.0, decluster_days)
    years = _exposure_years(features).groupby(features["norad_id"].to_numpy()).sum()
    counts = pd.Series(peaks.norad_id).value_counts().reindex(years.index, fill_value=0)
    return pd.DataFrame({"norad_id": years.index, "alarms": counts.to_numpy(), "exposure_years": years.to_numpy()})


def _fit(
    features: pd.DataFrame, scores: FloatArray, quiet: NDArray[np.bool_], config: CalibrationConfig
) -> RegimeCalibration | None:
    target = config.target_false_alarms_per_object_year
    if not quiet.any():
        return None
    start = float(np.quantile(scores[quiet], config.tail_quantile))
    calm = features[quiet]
    peaks = find_peaks(calm, scores[quiet], start, config.decluster_days)
    years = float(_exposure_years(calm).sum())
    if not len(peaks.score) or years <= 0:
        return None
    # The tail is fitted near the rate that is asked for: a generalized Pareto holds only far out.
    most = max(config.min_peaks, round(config.tail_peaks_over_target * target * years))
    if len(peaks.score) > most:
        start = float(np.sort(peaks.score)[-most - 1])
        peaks = find_peaks(calm, scores[quiet], start, config.decluster_days)
        if not len(peaks.score):  # the highest scores are all one
            return None
    rate = len(peaks.score) / years
    scale, shape = fit_tail(peaks.score - start)
    threshold = score_at_rate(target, start, rate, scale, shape)
    seen = find_peaks(features, scores, start, config.decluster_days)
    seen_years = float(_exposure_years(features).sum())
    knots, probabilities = _probability_curve(seen, seen_years, (start, rate, scale, shape), config.probability_bins)
    return RegimeCalibration(
        start=start,
        rate_per_object_year=rate,
        scale=scale,
        shape=shape,
        objects=int(calm["norad_id"].nunique()),
        peaks=len(peaks.score),
        exposure_years=years,
        threshold=threshold,
        extrapolated=target * years < 1,
        observed_false_alarms_per_object_year=float((peaks.score > threshold).sum()) / years,
        seen_years=seen_years,
        knots=tuple(knots.tolist()),
        probabilities=tuple(probabilities.tolist()),
    )


def _probability_curve(
    seen: Peaks, years: float, tail: tuple[float, float, float, float], bins: int
) -> tuple[FloatArray, FloatArray]:
    """Knots (median score of equally full groups of peaks) and probabilities of the curve."""
    scores = np.sort(seen.score)
    groups = [group for group in np.array_split(scores, min(bins, len(scores))) if len(group)]
    edges = np.array([tail[0], *((a[-1] + b[0]) / 2 for a, b in pairwise(groups)), np.inf])
    expected = years * -np.diff(exceedance_rate(edges, *tail))
    observed = np.array([len(group) for group in groups], dtype=np.float64)
    monotone = isotonic_regression(1.0 - expected / observed, weights=observed).x
    return np.array([np.median(group) for group in groups]), np.clip(monotone, 0.0, 1.0)


def _exposure_years(features: pd.DataFrame) -> pd.Series:
    return features["gap_days"].clip(upper=LONGEST_GAP_DAYS) / 365.25
