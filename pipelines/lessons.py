"""What a training learns from: burn logs, the analysts' verdicts, and objects that cannot maneuver."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from models.benchmark.judged import BURN, SAYS, lessons
from models.benchmark.matching import inside
from models.detect.base import JUDGED, LabelsNeededError
from pipelines.errors import PipelineError
from pipelines.flags import open_flags
from review.columns import plain
from review.export import csv_table
from review.labels import LABEL_DTYPES, LabelStore, label_frame

if TYPE_CHECKING:
    from configs.operation import TrainConfig
    from configs.schema import BurnwatchConfig
    from models.detect.base import Detector
    from pipelines.home import Home

NO_VERDICTS = label_frame([])
# Notes are for people, and may name them.
_COLUMNS = (*(name for name in LABEL_DTYPES if name != "note"), "says", "split", "found", "score")


class Taught(NamedTuple):
    """What a detector is fitted to.

    Parameters
    ----------
    features : DataFrame
        Prepared rows.
    burns : DataFrame or None
        ``norad_id`` and ``burn_time`` of the burns in them.
    aside : (K,) array of int
        Objects that taught what is no burn: how quiet it is otherwise must be told by others.
    """

    features: pd.DataFrame
    burns: pd.DataFrame | None
    aside: NDArray[np.int64]


def verdicts_of(home: Home, config: BurnwatchConfig, *, to_learn: bool) -> pd.DataFrame:
    """The labels of a home: its own verdicts and those of other teams (`review.labels.LabelStore`).

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
    to_learn : bool
        With flags beside a judged burn that nobody settled: what they are is not known, and must not be taught.
    """
    with open_flags(home, config) as flags:
        store = LabelStore(flags.database)
        labels = store.labels()
        if not to_learn or labels.empty:
            return labels
        burns = labels.loc[labels["verdict"].map(SAYS) == BURN, ["norad_id", "burn_time"]]
        waiting = store.waiting(burns["norad_id"].unique().tolist())
    if waiting.empty:
        return labels
    reach = pd.Timedelta(days=config.train.beside_days)
    pairs = waiting.reset_index(names="row").merge(burns.rename(columns={"burn_time": "judged"}), on="norad_id")
    near = (pairs["epoch_before"] < pairs["judged"] + reach) & (pairs["epoch_after"] > pairs["judged"] - reach)
    beside = waiting.loc[np.sort(pairs.loc[near, "row"].unique())]
    return pd.concat([labels, beside], ignore_index=True) if len(beside) else labels


def data_snapshot(element_sets: str, verdicts: str) -> str:
    """Identity of all that a training sees: that of the store, and with verdicts of both."""
    if verdicts == "none":
        return element_sets
    return hashlib.sha256(f"{element_sets} {verdicts}".encode()).hexdigest()[:12]


def check_enough(detector: Detector, maneuvers: pd.DataFrame | None, labels: pd.DataFrame, config: TrainConfig) -> None:
    """Refuse early what cannot be taught, before features are made.

    Raises
    ------
    LabelsNeededError
    """
    if not detector.learns_from_labels or (maneuvers is not None and not maneuvers.empty):
        return
    judged = int((labels["verdict"].map(SAYS) == BURN).sum())
    if not detector.learns_from_verdicts:
        raise LabelsNeededError(detector.name)
    if judged < config.least_judged_burns:
        raise LabelsNeededError(detector.name, judged, config.least_judged_burns)


def taught(
    detector: Detector,
    features: pd.DataFrame,
    maneuvers: pd.DataFrame | None,
    spans: pd.DataFrame | None,
    divided: pd.DataFrame,
    passive: Collection[int],
    config: TrainConfig,
) -> Taught:
    """What a detector learns from.

    Rows of logged objects in the times of which all burns are logged; gaps that verdicts tell of; and where there are no
    logs, so that nothing says what an ordinary gap looks like, half of the objects that cannot maneuver.

    Parameters
    ----------
    detector : Detector
    features : DataFrame
        Rows that it prepared.
    maneuvers : DataFrame or None
        Of burn logs.
    spans : DataFrame or None
        Where these tell all (`models.benchmark.protocol.evaluated_spans`).
    divided : DataFrame
        Verdicts (`models.benchmark.judged.divide`).
    passive : collection of int
        Objects that cannot maneuver.
    config : TrainConfig

    Raises
    ------
    LabelsNeededError
        Where there are neither logs nor enough burns in verdicts.
    PipelineError
        Where the store holds nothing of the logged objects, or there are neither logs nor objects that cannot maneuver.
    """
    nobody = np.empty(0, np.int64)
    if not detector.learns_from_labels:
        return Taught(features, maneuvers, nobody)
    rows = np.zeros(len(features), np.bool_)
    burns = [] if maneuvers is None else [maneuvers[["norad_id", "burn_time", "window_start", "window_end"]]]
    if spans is not None:
        if spans.empty:
            raise PipelineError(
                "the store holds no element sets of the labeled objects at the time of their burns: ingest them first"
            )
        rows = inside(features["norad_id"], epoch_us(features["epoch"]), spans)
    if not detector.learns_from_verdicts:
        return Taught(features[rows].reset_index(drop=True), maneuvers, nobody)
    judged = lessons(divided, features, config)
    if spans is None:
        if len(judged.burns) < config.least_judged_burns:
            raise LabelsNeededError(detector.name, len(judged.burns), config.least_judged_burns)
        nobody = _quiet_half(features, passive, config)
        rows = np.isin(features["norad_id"].to_numpy(np.int64), nobody)
    alone = judged.rows & ~rows
    chosen = features.assign(**{JUDGED: alone})[rows | alone].reset_index(drop=True)
    return Taught(chosen, pd.concat([*burns, judged.burns], ignore_index=True), nobody)


def labels_csv(told: pd.DataFrame) -> str:
    """Labels with what they say, what they were used for and what the detector makes of them, as CSV.

    Parameters
    ----------
    told : DataFrame
        From `models.benchmark.judged.met`.
    """
    rows = told[list(_COLUMNS)].to_dict("records")
    return csv_table(_COLUMNS, ({str(name): plain(value) for name, value in row.items()} for row in rows))


def _quiet_half(features: pd.DataFrame, passive: Collection[int], config: TrainConfig) -> NDArray[np.int64]:
    """Half of the objects that cannot maneuver; the others say how often the detector is wrong."""
    there = np.intersect1d(features["norad_id"].to_numpy(np.int64), np.fromiter(passive, np.int64))
    if not len(there):
        raise PipelineError(
            "verdicts tell of single gaps, and nothing here shows what ordinary ones look like: give burn logs (--labels PATH), "
            "or element sets of objects that cannot maneuver and what is known of them (`burnwatch ingest objects`)"
        )
    drawn = sorted(there.tolist(), key=lambda number: hashlib.sha256(f"{config.seed} {number}".encode()).digest())
    return np.array(drawn[: (len(drawn) + 1) // 2], np.int64)
