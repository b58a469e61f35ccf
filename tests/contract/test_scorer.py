"""The scorer against adversaries: each gets what it deserves, in every figure of the report."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.benchmark.contest import Fold, Job, windows_of
from models.benchmark.decision import decide
from models.benchmark.nulls import random_events
from models.benchmark.protocol import evaluated_spans
from models.benchmark.report import measure
from models.detect.robust_step import RobustStep

pytestmark = pytest.mark.slow  # a second each, two years of six satellites

START = pd.Timestamp("2020-01-01", tz="UTC")
SATELLITES = {1: "leo", 2: "leo", 3: "leo", 4: "geo", 5: "geo", 6: "geo"}
DAYS = 730
THRESHOLD = 10.0


def times(days: Any) -> pd.Series:
    return pd.Series((START + pd.to_timedelta(np.asarray(days, dtype=float), unit="D")).as_unit("us"))


def events_at(days: Any, norad_id: int, score: Any = 20.0) -> pd.DataFrame:
    middle = times(days)
    frame = pd.DataFrame(
        {"epoch_before": middle - pd.Timedelta(hours=12), "epoch_after": middle + pd.Timedelta(hours=12)}
    )
    frame["burn_time_hint"], frame["norad_id"], frame["score"] = middle, norad_id, score
    frame["score_before"] = -np.inf
    return frame.assign(regime=SATELLITES[norad_id])


def labels_of(norad_id: int) -> np.ndarray:
    return np.random.default_rng(norad_id).choice(np.arange(40, 690, 13), 20, replace=False) + 2.1 * norad_id


def maneuvers_at(days: Any, norad_id: int) -> pd.DataFrame:
    time = times(np.sort(days))
    frame = pd.DataFrame({"burn_begin": time, "burn_end": time, "burn_time": time, "dv_m_s": 0.02, "kind": "unknown"})
    frame["dv_t_m_s"], frame["norad_id"], frame["name"] = 0.02, norad_id, f"satellite {norad_id}"
    return frame


MANEUVERS = pd.concat([maneuvers_at(labels_of(one), one) for one in SATELLITES], ignore_index=True)
EPOCHS = pd.concat(
    [pd.DataFrame({"norad_id": one, "epoch": times(range(DAYS)), "regime": SATELLITES[one]}) for one in SATELLITES]
)
SPANS = evaluated_spans(EPOCHS, MANEUVERS)


def perfect(shift_days: float = 0.0) -> pd.DataFrame:
    return pd.concat([events_at(np.sort(labels_of(one)) + shift_days, one) for one in SATELLITES], ignore_index=True)


def scored(ranked: pd.DataFrame, maneuvers: pd.DataFrame = MANEUVERS) -> dict[str, Any]:
    """The report on events that a detector with threshold 10 ranked, each satellite judged by itself."""
    jobs = [Job((), (window,)) for window in windows_of(SPANS)]
    folds = [Fold("leo" if SATELLITES[job.judged[0].norad_id] == "leo" else "high", job, ()) for job in jobs]
    decided = decide(folds, [dict.fromkeys(jobs, ranked)] * len(folds), maneuvers, SPANS, fixed_threshold())
    fits = decided.events.assign(
        burn_time=decided.events["burn_time_hint"],
        burn_time_low=decided.events["epoch_before"],
        burn_time_high=decided.events["epoch_after"],
        dv_t_m_s=0.025,
        dv_t_sigma_m_s=0.004,
        dv_n_m_s=0.0,
        dv_n_sigma_m_s=0.001,
        fit_status="fitted",
    )
    about = {"detector": "adversary", "setting": "retrospective"}
    return measure(decided, fits, maneuvers, about, resamples=50, seed=1, nulls=2).json()


def fixed_threshold() -> RobustStep:
    step = RobustStep()
    limits = dict.fromkeys(step.config.threshold, THRESHOLD)
    return RobustStep(step.config.model_copy(update={"threshold": limits}))


def pooled(report: dict[str, Any], name: str) -> list[float]:
    return [report["pooled"][regime][name] for regime in ("leo", "geo")]


def test_a_perfect_detector_is_perfect_in_every_figure():
    report = scored(perfect())
    for name in ("precision", "recall", "f1", "f1_low", "f1_high", "ap", "recall_at_0.3_fa", "recall_at_1_fa"):
        assert pooled(report, name) == [1.0, 1.0], name
    assert [report["macro"][regime]["f1"] for regime in ("leo", "geo")] == [1.0, 1.0]
    assert pooled(report, "time_error_h") == [0.0, 0.0]
    assert pooled(report, "dv_error") == pytest.approx([0.25, 0.25])
    assert report["burns"]["dv_inside_1_sigma"] == 0.0
    assert report["burns"]["dv_inside_2_sigma"] == 1.0
    assert sum(each["hits"] for each in report["by_dv"]) == len(MANEUVERS)
    assert report["satellites"]["satellite 1"]["false_alarms_per_year"] == 0.0


def test_one_that_never_fires_finds_nothing_and_raises_no_alarm():
    report = scored(perfect().iloc[:0])
    for name in ("precision", "recall", "f1", "f1_high", "ap", "recall_at_3_fa", "false_alarms"):
        assert pooled(report, name) == [0.0, 0.0], name
    assert pooled(report, "misses") == [60, 60]
    assert pooled(report, "time_error_h") == [None, None], "no hit has no error, not a good one"


def test_one_that_fires_everywhere_pays_for_it():
    everywhere = pd.concat([events_at(np.arange(DAYS), one) for one in SATELLITES], ignore_index=True)
    report = scored(everywhere)
    assert pooled(report, "recall") == [1.0, 1.0]
    assert max(pooled(report, "precision")) < 0.04
    assert max(pooled(report, "f1")) < 0.08
    assert max(pooled(report, "ap")) < 0.1
    assert max(pooled(report, "recall_at_3_fa")) < 0.2


@pytest.mark.parametrize("days", [-2.0, 1.6, 5.0])
def test_detections_of_shifted_labels_are_all_wrong(days):
    report = scored(perfect(shift_days=days))
    assert pooled(report, "hits") == [0, 0]
    assert pooled(report, "false_alarms") == [60, 60]
    assert pooled(report, "ap") == [0.0, 0.0]


def test_labels_a_day_late_still_match_but_the_time_error_tells():
    late = MANEUVERS.assign(burn_time=MANEUVERS["burn_time"] + pd.Timedelta(days=1))
    report = scored(perfect(), late)
    assert pooled(report, "f1") == [1.0, 1.0]
    assert pooled(report, "time_error_h") == [24.0, 24.0]


def test_a_duplicate_is_a_false_alarm_however_close_and_however_strong():
    for shift, score in ((0.0, 20.0), (0.4, 30.0), (-1.2, 11.0)):
        twice = pd.concat([perfect(), perfect(shift).assign(score=score)], ignore_index=True)
        report = scored(twice)
        assert pooled(report, "recall") == [1.0, 1.0]
        assert pooled(report, "precision") == [0.5, 0.5]
        assert sum(each["false_alarms"] for each in report["satellites"].values()) == 120


def test_one_detection_between_two_maneuvers_finds_one_of_them():
    pair = pd.concat([maneuvers_at([40.0, 100.0, 102.0, 690.0], 1)], ignore_index=True)
    report = scored(events_at([101.0], 1), pd.concat([pair, MANEUVERS[MANEUVERS["norad_id"] != 1]], ignore_index=True))
    own = report["satellites"]["satellite 1"]
    assert (own["hits"], own["false_alarms"], own["detections"]) == (1, 0, 1)
    assert own["events"] == 4


def test_what_lies_outside_the_span_neither_pays_nor_costs():
    outside = pd.concat([events_at([1.0, 3.0, 5.0, 726.0, 728.0], one, 99.0) for one in SATELLITES])
    report = scored(pd.concat([perfect(), outside], ignore_index=True))
    assert pooled(report, "f1") == [1.0, 1.0]
    assert pooled(report, "ap") == [1.0, 1.0]
    assert pooled(report, "detections") == [60, 60]


def test_a_detection_on_another_satellite_does_not_count():
    swapped = perfect()
    swapped["norad_id"] = swapped["norad_id"].map({1: 2, 2: 3, 3: 1, 4: 5, 5: 6, 6: 4})
    assert max(pooled(scored(swapped), "f1")) < 0.3


@pytest.mark.slow
def test_replaying_the_cadence_hardly_pays():
    f1 = []
    for seed in range(5):
        replay = random_events(SPANS, MANEUVERS, cadence=True, seed=seed).assign(score=20.0, score_before=-np.inf)
        replay["burn_time_hint"], replay["regime"] = replay["epoch_before"], replay["norad_id"].map(SATELLITES)
        f1 += pooled(scored(replay), "f1")
    assert np.mean(f1) < 0.25
    assert 0 < scored(perfect())["nulls"]["own_cadence"]["leo"] < 0.25


def test_the_order_of_events_does_not_matter():
    noise = pd.concat(
        [
            events_at(np.arange(15, 700, 19), one, np.linspace(5, 25, 37)[: len(np.arange(15, 700, 19))])
            for one in SATELLITES
        ]
    )
    ranked = pd.concat([perfect(), noise], ignore_index=True)
    ranked["score"] += 1e-3 * np.arange(len(ranked))  # no ties
    turned = ranked.sample(frac=1.0, random_state=3).reset_index(drop=True)
    report, again = scored(ranked), scored(turned)
    assert report["pooled"]["leo"]["f1"] == again["pooled"]["leo"]["f1"]
    assert report["satellites"] == again["satellites"]


def test_weak_events_below_the_threshold_only_count_in_the_ranking():
    weak = pd.concat([events_at(np.arange(15, 700, 4), one, 5.0) for one in SATELLITES])
    report = scored(pd.concat([perfect(), weak], ignore_index=True))
    assert pooled(report, "f1") == [1.0, 1.0]
    assert pooled(report, "ap") == [1.0, 1.0], "they come after everything true"


def test_the_interval_holds_the_figure_and_widens_with_how_satellites_differ():
    uneven = perfect()
    uneven = uneven[uneven["norad_id"] != 1].reset_index(drop=True)
    own = scored(uneven)["pooled"]["leo"]
    assert own["f1_low"] < own["f1"] < own["f1_high"] == 1.0
    assert own["f1_low"] < 0.6
