"""What a home would flag: the whole chain, at the operating point that a training with logs chooses by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Self

import pandas as pd

from catalog.identity import latest_issues
from catalog.numbers import by_identity, number_of
from catalog.object_records import empty_objects
from catalog.weather import empty_weather
from features.bank import compute_features
from models.benchmark.choice import Judged
from models.benchmark.contest import LEAST_SATELLITES, Fold, Job, group_of, teach
from models.benchmark.decision import inner_events, judged_window
from models.benchmark.matching import lists_all
from models.benchmark.operating_point import choose_point
from models.bundle import Bundle
from models.burns import tell_burns
from models.characterize.explain.among import explain
from models.characterize.explain.words import MANEUVER
from models.detect.base import Detector
from models.detect.calibration import OperatingPoint, calibrated_at, fit_threshold

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig

LABELLED, QUIET = "labelled satellites", "quiet times"
GEOSYNCHRONOUS = ("geo", "geo-dense", "igso")  # rows of one regime
Points = dict[str, OperatingPoint]


class Delivered(NamedTuple):
    """Flags of judged satellites.

    Parameters
    ----------
    flags : DataFrame
        Events that say maneuver, with burn fit.
    spans : DataFrame
        What of each satellite was judged.
    folds : DataFrame
        One row a judged satellite: norad_id, threshold, chosen (`LABELLED` or `QUIET`), satellites (it was chosen on).
    told : DataFrame
        From `models.benchmark.latency.told_at`: when each burn was first flagged.
    skipped : dict
        Group -> why nothing was measured in it.
    """

    flags: pd.DataFrame
    spans: pd.DataFrame
    folds: pd.DataFrame
    told: pd.DataFrame
    skipped: dict[str, str]

    @classmethod
    def nothing(cls, skipped: dict[str, str]) -> Self:
        """Where nothing could be measured."""
        none = pd.DataFrame()
        return cls(none, none, none, none, skipped)


def points_of(
    fold: Fold,
    outcomes: Mapping[Job, pd.DataFrame],
    maneuvers: pd.DataFrame,
    spans: pd.DataFrame,
    features: pd.DataFrame,
    detector: Detector,
) -> Points:
    """What a training chooses that is given the logs of a fold's other satellites, by regime; where they are too few, nothing.

    A detector that was taught before brings points of its own for these. The fold's inner events are those that such a training chooses on: each of the others, judged by what the rest taught.

    Parameters
    ----------
    fold, outcomes, maneuvers, spans, detector
        As `models.benchmark.decision.decide` takes them.
    features : DataFrame
        ``norad_id`` and ``regime`` of all rows.
    """
    unseen = [window.norad_id for window in fold.outer.judged]
    others = spans[~spans["norad_id"].isin(unseen)]
    own = _points(fold.group, others, inner_events(fold, outcomes, maneuvers, spans), features, detector)
    return {**detector.operating_points, **own}


def points_of_all(
    folds: Sequence[Fold],
    outcomes: Mapping[Job, pd.DataFrame],
    maneuvers: pd.DataFrame,
    spans: pd.DataFrame,
    features: pd.DataFrame,
    detector: Detector,
) -> Points:
    """What a training chooses that is given the logs of all satellites: on each, judged by what the others taught."""
    whole = set(spans.loc[lists_all(spans), "norad_id"])
    points: Points = dict(detector.operating_points)
    for group in sorted({fold.group for fold in folds}):
        judged = [
            judged_window(outcomes[fold.outer], window, maneuvers, spans)
            for fold in folds
            if fold.group == group
            for window in fold.outer.judged
            if window.norad_id in whole
        ]
        points |= _points(group, spans, judged, features, detector)
    return points


def _points(
    group: str, spans: pd.DataFrame, judged: Sequence[Judged], features: pd.DataFrame, detector: Detector
) -> Points:
    members = spans.loc[lists_all(spans) & (spans["regime"].map(group_of) == group), "norad_id"]
    point = choose_point(judged, log_odds=detector.scores_log_odds) if len(members) >= LEAST_SATELLITES else None
    if point is None:
        return {}
    return dict.fromkeys(map(str, features.loc[features["norad_id"].isin(members), "regime"].unique()), point)


def chosen_by(spans: pd.DataFrame, points: Sequence[Points]) -> pd.DataFrame:
    """How the threshold of each judged satellite was chosen: norad_id, chosen, satellites, threshold (NaN: quiet times).

    Parameters
    ----------
    spans : DataFrame
        One row a satellite.
    points : sequence of dict
        Of each.
    """
    rows = []
    for norad_id, regime, own in zip(spans["norad_id"], spans["regime"], points, strict=True):
        point = own.get("geo" if regime in GEOSYNCHRONOUS else str(regime))
        told = (LABELLED, point.satellites, point.threshold) if point else (QUIET, 0, float("nan"))
        rows.append((norad_id, *told))
    return pd.DataFrame(rows, columns=["norad_id", "chosen", "satellites", "threshold"])


def trained(
    detector: Detector,
    job: Job,
    rows: Mapping[int, pd.DataFrame],
    maneuvers: pd.DataFrame,
    points: Points,
    config: BurnwatchConfig,
) -> Bundle:
    """A detector and a calibration as `burnwatch train --labels` makes them, of all satellites but the judged.

    Parameters
    ----------
    detector : Detector
        Not fitted yet.
    job : Job
    rows : mapping of norad_id to DataFrame
        All satellites, prepared by this detector or not.
    maneuvers : DataFrame
    points : dict
        From `points_of`; other regimes get the threshold of quiet times.
    config : BurnwatchConfig
    """
    teach(detector, job, rows, maneuvers)
    unseen = {window.norad_id for window in job.judged}
    others = pd.concat([rows[each] for each in sorted(rows.keys() - unseen)], ignore_index=True)
    calibration = fit_threshold(others, detector.score(others), config.calibration)
    return Bundle(detector, calibrated_at(calibration, points))


def burns_in(
    sets: pd.DataFrame, bundle: Bundle, config: BurnwatchConfig, weather: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What scoring finds in the whole histories of some objects, without what other objects' sets say of it.

    Parameters
    ----------
    sets : DataFrame
        Element sets, sorted by (norad_id, epoch).
    bundle : Bundle
    config : BurnwatchConfig
    weather : DataFrame, optional
        As `features.bank.compute_features` takes it.
    """
    history = by_identity(latest_issues(sets))
    features = compute_features(history, config=config.features, weather=weather)
    told, _ = tell_burns(features, history, bundle, config, sets.groupby("norad_id")["epoch"].min())
    return told.assign(norad_id=number_of(told["norad_id"].to_numpy()))


def flags_among(
    events: pd.DataFrame,
    sets: pd.DataFrame,
    config: BurnwatchConfig,
    objects: pd.DataFrame | None = None,
    weather: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Those of the events that a home with these element sets flags as maneuvers.

    Parameters
    ----------
    events : DataFrame
        From `burns_in`.
    sets : DataFrame
        Of all objects, sorted by (norad_id, epoch).
    objects, weather : DataFrame, optional
        What the home knows of objects and of space weather.
    """
    known = latest_issues(sets)
    coverage = known.groupby("norad_id", as_index=False).agg(
        count=("epoch", "size"), first_epoch=("epoch", "min"), last_epoch=("epoch", "max")
    )

    def stretch(since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
        return known[(known["epoch"] >= since) & (known["epoch"] < until)].reset_index(drop=True)

    def of(ids: Iterable[int]) -> pd.DataFrame:
        return known[known["norad_id"].isin(list(ids))].reset_index(drop=True)

    explained = explain(
        events,
        stretch,
        of,
        coverage,
        empty_objects() if objects is None else objects,
        empty_weather() if weather is None else weather,
        config.explanation,
    )
    return explained[explained["explanation"] == MANEUVER].reset_index(drop=True)
