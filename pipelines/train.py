"""Fit a detector and its threshold, and put both on record."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.store import ElementStore
from configs.load import config_hash
from configs.schema import SCIENCE
from models import diagnostics
from models.benchmark.judged import TRAIN
from models.benchmark.judged_figures import judged_figures, met
from models.benchmark.label_report import told_of
from models.benchmark.labels import LabelSource, merge_burns, read_labels, whole_lists
from models.benchmark.protocol import evaluate, evaluated_spans
from models.detect.chain import find_burns
from models.detect.detectors import create
from models.registry import ModelRegistry, Training
from pipelines.engine import Engine
from pipelines.errors import PipelineError
from pipelines.fitting import fit
from pipelines.home import Home
from pipelines.labels import check_labels
from pipelines.lessons import NO_VERDICTS, check_enough, data_snapshot, labels_csv, verdicts_of
from pipelines.runs import recorded
from pipelines.terminal import Advance, note, silent
from review.labels import TAKEN_BACK, snapshot

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from models.detect.base import Detector


@dataclass(frozen=True)
class TrainSummary:
    """What a training run did."""

    detector: str
    version: str
    alias: str
    known: bool
    objects: int
    gaps: int
    metrics: dict[str, float] = field(default_factory=dict)
    verdicts: int = 0

    def lines(self) -> list[str]:
        """The summary for a person."""
        if self.known:
            return [
                f"{self.detector}: version {self.version} ({self.alias}) was trained on the same data, configuration and code; "
                "nothing to do"
            ]
        taught = f" and {self.verdicts} verdicts" if self.verdicts else ""
        return [
            f"{self.detector}: trained on {self.gaps} gaps of {self.objects} objects{taught}",
            f"registered as version {self.version} ({self.alias})",
        ]


def train(
    home: Home,
    config: BurnwatchConfig,
    *,
    detector: str | None = None,
    labels: LabelSource | None = None,
    verdicts: bool | None = None,
    engine: Engine | None = None,
    advance: Advance = silent,
) -> TrainSummary:
    """Fit a detector on the store, its threshold on quiet data, and register both as challenger.

    Idempotent: a model trained on the same data snapshot, configuration, code and labels is found, not made again. Verdicts
    are part of the snapshot, and the run keeps them with what each was used for (``labels.csv``).

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
    detector : str, optional
        The configuration's by default.
    labels : LabelSource, optional
        Burn logs. Objects whose burns are not all listed teach nothing and set no threshold; of them the recall is told.
    verdicts : bool, optional
        Whether to take the analysts' verdicts and the labels of other teams; as the configuration says by default.
    engine : Engine, optional
    advance : Advance

    Raises
    ------
    PipelineError
        Where the store is empty.
    models.detect.base.LabelsNeededError
        Where a detector that learns from known burns finds none, or too few.
    """
    name = detector or config.train.detector
    wanted = config.train.verdicts if verdicts is None else verdicts
    with home.alone("train"), recorded(home, config, "train", detector=name) as run:
        summary = _train(home, config, name, labels, wanted, engine or Engine(workers=1), advance)
        run.summary |= asdict(summary)
        run.mlflow_run_id = ModelRegistry(home.mlflow).run_of(int(summary.version))
    return summary


def _train(
    home: Home,
    config: BurnwatchConfig,
    name: str,
    source: LabelSource | None,
    with_verdicts: bool,
    engine: Engine,
    advance: Advance,
) -> TrainSummary:
    model = create(name, getattr(config, name.replace("-", "_")))
    known_burns = merge_burns(read_labels(source)) if source else None
    labels = None if known_burns is None or known_burns["partial"].all() else whole_lists(known_burns)
    verdicts = verdicts_of(home, config, to_learn=model.learns_from_verdicts) if with_verdicts else NO_VERDICTS
    check_enough(model, labels, verdicts, config.train)
    store = ElementStore(home.elements, config.store)
    coverage = store.coverage()
    ids = _sample(coverage["norad_id"].to_numpy(), config.train.max_objects, config.train.seed)
    if not len(ids):
        raise PipelineError("the store holds no element sets: run `burnwatch ingest` first")
    registry = ModelRegistry(home.mlflow)
    registry.close_killed()
    texts = {}
    if source is not None:
        report = check_labels(home, config, source)
        texts["label_report.csv"] = report.to_csv(index=False)
        for line in told_of(report):
            note(line)
    parts = {"element_sets": store.snapshot_id(), "verdicts": snapshot(verdicts)}
    identity = {
        "data_snapshot": data_snapshot(**parts),
        "config_hash": config_hash(config),
        "labels": _fingerprint(known_burns),
    }
    known = registry.trained(detector=name, **identity)
    if known is not None:
        registry.set_challenger(known)  # as its training would have, had it not been killed
        return TrainSummary(name, str(known), _role(registry, known), True, len(ids), 0)

    fitted = fit(home, config, model, ids, labels=labels, verdicts=verdicts, engine=engine, advance=advance)
    features, scores, calibration = fitted.features, fitted.scores, fitted.calibration
    regimes = features["regime"].unique()
    events = find_burns(
        features, model, calibration.thresholds_of(regimes, config.score.sensitivity), config, calibration
    )
    # From where the quiet tail begins: events worth ranking, for curves over all thresholds.
    ranked = model.events(features, {one: calibration.of(one).start for one in regimes}, config.candidates)
    metrics = _rates(events, features)
    if known_burns is not None:
        metrics |= _figures_of_merit(events, ranked, known_burns, features, config.train.match_window_days)
    told = met(fitted.divided, events, features, scores, config.train.match_window_days)
    if len(told):
        metrics |= judged_figures(told)
    advance(0, note=f"{name}: registering")
    version = registry.log_training(
        model,
        calibration,
        Training(
            **identity,
            **parts,
            seed=config.train.seed,
            data_until=_until(coverage, verdicts, model).isoformat(),
            params={f"{part}.{key}": value for part in SCIENCE for key, value in getattr(config, part)}
            | _used(told, model),
            metrics=metrics,
            curves=model.curves(),
            figures=diagnostics.figures(model, calibration, features, scores, ranked, labels),
            texts=texts | ({"labels.csv": labels_csv(told)} if len(told) else {}),
        ),
    )
    teaching = int((told["split"] == TRAIN).sum()) if model.learns_from_verdicts else 0
    return TrainSummary(name, str(version), _role(registry, version), False, len(ids), len(features), metrics, teaching)


def _role(registry: ModelRegistry, version: int) -> str:
    roles = registry.roles().aliases()
    return next((role for role, holder in roles.items() if holder == version), "no longer in use")


def _figures_of_merit(
    events: pd.DataFrame, ranked: pd.DataFrame, labels: pd.DataFrame, features: pd.DataFrame, window_days: float
) -> dict[str, float]:
    """Precision, recall, F1 and average precision by regime, on the labeled objects of this home; of partial lists the recall."""
    spans = evaluated_spans(features, labels)
    if spans.empty:
        return {}
    found = evaluate(events, labels, spans, window_days=window_days, ranked=ranked)
    partial = found.satellites[found.satellites["partial"] & (found.satellites["maneuvers"] > 0)]
    return {
        f"{name}_{regime}": float(row[name])
        for regime, row in found.pooled.iterrows()
        for name in ("precision", "recall", "f1", "ap")
    } | {
        f"recall_partial_{norad_id}": float(recall)
        for norad_id, recall in zip(partial["norad_id"], partial["recall"], strict=True)
    }


def _sample(ids: NDArray[np.int64], most: int | None, seed: int) -> NDArray[np.int64]:
    if most is None or len(ids) <= most:
        return np.sort(ids)
    return np.sort(np.random.default_rng(seed).choice(ids, most, replace=False))


def _rates(events: pd.DataFrame, features: pd.DataFrame) -> dict[str, float]:
    years = features.groupby("regime")["gap_days"].sum() / 365.25
    counts = events.groupby("regime").size().reindex(years.index, fill_value=0)
    return {
        f"events_per_object_year_{regime}": float(counts[regime] / years[regime])
        for regime in years.index
        if years[regime] > 0
    }


def _until(coverage: pd.DataFrame, verdicts: pd.DataFrame, model: Detector) -> pd.Timestamp:
    """When the last of what the model learned from became known."""
    until = coverage["last_available_at"].max()
    known = [until, verdicts["decided_at"].max()] if model.learns_from_verdicts and len(verdicts) else [until]
    return pd.Timestamp(max(known))


def _used(told: pd.DataFrame, model: Detector) -> dict[str, object]:
    """How many verdicts were used for what, as settings of a run."""
    counts = {f"verdicts.{split}": count for split, count in told["split"].value_counts().items()}
    given = int((told["verdict"] != TAKEN_BACK).sum())
    return {"verdicts": given, "verdicts.teach": model.learns_from_verdicts, **counts}


def _fingerprint(labels: pd.DataFrame | None) -> str:
    if labels is None:
        return "none"
    told = labels[["norad_id", "burn_time", "window_start", "window_end", "partial", "log_start", "log_end"]]
    digest = pd.util.hash_pandas_object(told, index=False).to_numpy().sum()
    return f"{len(labels)}-{digest:x}"
