"""Features of a home's objects, a detector fitted to them, and its threshold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.numbers import by_identity
from catalog.objects import ObjectCatalog
from catalog.store import ElementStore
from catalog.weather import WeatherTable
from features.bank import compute_features
from models.benchmark.judged import divide
from models.benchmark.operating_point import operating_points
from models.benchmark.protocol import evaluated_spans
from models.detect.calibration import calibrated_at, fit_threshold, held_by_passive
from models.detect.detectors import create
from pipelines.engine import Engine
from pipelines.errors import PipelineError
from pipelines.home import Home
from pipelines.lessons import NO_VERDICTS, taught
from pipelines.terminal import Advance, silent

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from models.detect.base import Detector
    from models.detect.calibration import Calibration

CANNOT_MANEUVER = ("debris", "rocket body")


@dataclass(frozen=True)
class FeatureShard:
    """Some objects whose features are wanted."""

    home: Path
    config: BurnwatchConfig
    ids: tuple[int, ...]
    since: pd.Timestamp | None
    as_of: pd.Timestamp | None = None


@dataclass(frozen=True)
class Fitted:
    """A detector and its threshold, and what they were fitted to.

    Parameters
    ----------
    detector : Detector
    calibration : Calibration
    features : DataFrame
        Prepared rows.
    scores : (N,) array
        Of these rows.
    divided : DataFrame
        Verdicts with what they were used for (`models.benchmark.judged.divide`).
    """

    detector: Detector
    calibration: Calibration
    features: pd.DataFrame
    scores: NDArray[np.float64]
    divided: pd.DataFrame


def feature_shard(shard: FeatureShard) -> pd.DataFrame:
    """Feature rows of one shard."""
    home = Home(shard.home)
    store = ElementStore(home.elements, shard.config.store)
    history = by_identity(store.history(list(shard.ids), as_of=shard.as_of, since=shard.since))
    return compute_features(history, config=shard.config.features, weather=WeatherTable(home.path).load())


def fit(
    home: Home,
    config: BurnwatchConfig,
    model: Detector,
    ids: NDArray[np.int64],
    *,
    labels: pd.DataFrame | None = None,
    verdicts: pd.DataFrame = NO_VERDICTS,
    as_of: pd.Timestamp | None = None,
    engine: Engine | None = None,
    advance: Advance = silent,
) -> Fitted:
    """Fit a detector on some objects, and its threshold on labelled ones left out, or else on quiet times.

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
    model : Detector
        It is fitted in place.
    ids : (N,) array of int
    labels : DataFrame, optional
        Logged maneuvers, for one that learns from them.
    verdicts : DataFrame
        What analysts said of burn windows (``review.labels.LABEL_DTYPES``), likewise.
    as_of : Timestamp, optional
        See only what was available then.
    engine : Engine, optional
    advance : Advance

    Raises
    ------
    PipelineError
        Where no object has two element sets.
    """
    features = _features(home, config, ids, as_of, engine or Engine(workers=1), advance)
    if features.empty:
        raise PipelineError("no object has two element sets, so there is no gap to learn from: ingest more history")
    advance(0, note=f"{model.name}: fitting")
    features = model.prepare(features)
    objects = ObjectCatalog(home.path).load()
    passive = objects.loc[objects["kind"].isin(CANNOT_MANEUVER), "norad_id"].tolist()
    spans = evaluated_spans(features, labels) if labels is not None else None
    divided = divide(verdicts, features, config.train, spans)
    lessons = taught(model, features, labels, spans, divided, passive, config.train)
    model.fit(lessons.features, lessons.burns)
    scores = model.score(features)
    advance(0, note=f"{model.name}: calibrating")
    measured = ~features["norad_id"].isin(lessons.aside).to_numpy()
    calibration = fit_threshold(features[measured], scores[measured], config.calibration, quiet_ids=passive)
    calibration = calibrated_at(calibration, model.operating_points)
    if labels is not None and spans is not None and len(spans):
        advance(0, note=f"{model.name}: judging labelled satellites left out")
        spans = spans[~spans["norad_id"].isin(model.taught_by)]
        rows = {each: features[features["norad_id"] == each] for each in spans["norad_id"].tolist()}
        like_it = partial(create, model.name, model.settings)
        points = operating_points(like_it, rows, labels, spans, config.candidates)
        calibration = calibrated_at(calibration, points)
    free = set(passive) - set(lessons.aside.tolist()) - model.taught_by
    calibration = held_by_passive(features, scores, calibration, config.calibration, free)
    return Fitted(model, calibration, features, scores, divided)


def _features(
    home: Home,
    config: BurnwatchConfig,
    ids: NDArray[np.int64],
    as_of: pd.Timestamp | None,
    engine: Engine,
    advance: Advance,
) -> pd.DataFrame:
    store = ElementStore(home.elements, config.store)
    coverage = store.coverage()
    since = None
    if config.train.since_days is not None:
        latest = coverage["last_epoch"].max() if as_of is None else as_of
        since = latest - pd.Timedelta(days=config.train.since_days)
    # One epoch makes no gap: nothing is read of such objects, unless there is no other.
    known = coverage[coverage["norad_id"].isin(ids)]
    several = known[known["first_epoch"] < known["last_epoch"]]
    wanted = several if len(several) else known.iloc[:1]
    groups = store.gathered(wanted["norad_id"].to_numpy(), config.score.shard_objects, wanted["count"].to_numpy())
    shards = [FeatureShard(home.path, config, tuple(group.tolist()), since, as_of) for group in groups]
    parts: dict[int, pd.DataFrame] = {}
    for index, part in engine.map(feature_shard, shards):
        parts[index] = part
        advance(len(shards[index].ids), note="features")
    frame = pd.concat([parts[index] for index in sorted(parts)], ignore_index=True)
    return frame.sort_values(["norad_id", "epoch"], ignore_index=True)
