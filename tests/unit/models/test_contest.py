"""Who learns from whom."""

from __future__ import annotations

import pandas as pd
import pytest

from models.benchmark.contest import GUARD_DAYS, Job, compete, plan
from models.detect.base import Detector
from models.detect.isolation_forest import IsolationForestDetector
from models.detect.robust_step import RobustStep
from tests.synthetic_features import synthetic_features

DAY_US = 86_400_000_000


class Learner(IsolationForestDetector):
    """A detector that learns from labels, as far as a plan is concerned."""

    learns_from_labels = True


def spans(**regimes: str) -> pd.DataFrame:
    start = pd.Timestamp("2020-01-01", tz="UTC")
    rows = [
        (at, name, regime, start, start + pd.Timedelta(days=1000), 1000 / 365.25)
        for at, (name, regime) in enumerate(regimes.items(), 1)
    ]
    return pd.DataFrame(rows, columns=["norad_id", "name", "regime", "start", "stop", "years"])


def ids(job: Job) -> tuple[set[int], set[int]]:
    return {window.norad_id for window in job.taught}, {window.norad_id for window in job.judged}


def test_a_label_learner_learns_from_its_group_and_never_from_whom_it_judges():
    folds, skipped = plan(spans(a="leo", b="leo", c="leo", d="leo", e="geo"), Learner, "loso")
    assert [ids(fold.outer) for fold in folds] == [
        ({2, 3, 4}, {1}), ({1, 3, 4}, {2}), ({1, 2, 4}, {3}), ({1, 2, 3}, {4}),
    ]  # fmt: skip
    assert list(skipped) == ["high"]
    for fold in folds:
        (left_out,) = ids(fold.outer)[1]
        assert sorted(window.norad_id for _, window in fold.inner) == sorted({1, 2, 3, 4} - {left_out})
        for job, window in fold.inner:
            taught, judged = ids(job)
            assert judged == {left_out, window.norad_id}
            assert not taught & judged
    jobs = {job for fold in folds for job in fold.jobs()}
    assert len(jobs) == 4 + 6, "one for each satellite and one for each pair"


def test_without_labels_all_others_teach():
    folds, skipped = plan(spans(a="leo", b="geo"), IsolationForestDetector, "loso")
    assert not skipped
    assert [ids(fold.outer) for fold in folds] == [({2}, {1}), ({1}, {2})]
    assert all(not fold.inner for fold in folds), "two satellites are too few to choose a threshold on"
    _, skipped = plan(spans(a="leo"), IsolationForestDetector, "loso")
    assert list(skipped) == ["leo"]


def test_what_needs_no_fit_is_run_once_a_satellite():
    folds, _ = plan(spans(a="leo", b="leo", c="leo"), RobustStep, "loso")
    assert {job for fold in folds for job in fold.jobs()} == {fold.outer for fold in folds}
    assert [len(fold.inner) for fold in folds] == [2, 2, 2]


def test_the_temporal_split_learns_only_from_what_ended_before_the_guard():
    (fold,), _ = plan(spans(a="geo", b="meo"), Learner, "temporal")
    for job in fold.jobs():
        for taught, judged in zip(job.taught, job.judged, strict=True):
            assert taught.norad_id == judged.norad_id
            assert judged.start_us - taught.stop_us == GUARD_DAYS * DAY_US
    last_chosen_on = max(window.stop_us for _, window in fold.inner)
    assert fold.outer.judged[0].start_us - last_chosen_on == GUARD_DAYS * DAY_US


def test_transfer_never_shows_a_high_satellite_or_its_labels():
    (fold,), _ = plan(spans(a="leo", b="leo", c="leo", d="geo"), Learner, "transfer")
    assert ids(fold.outer) == ({1, 2, 3}, {4})
    assert all(4 not in ids(job)[0] | ids(job)[1] for job, _ in fold.inner)
    assert plan(spans(a="leo"), Learner, "transfer")[1]


class Spy(RobustStep):
    """Remembers what it was shown."""

    needs_fit = True
    learns_from_labels = True

    def _fit(self, features: pd.DataFrame, maneuvers: pd.DataFrame | None) -> None:
        self.shown = features, maneuvers


@pytest.mark.parametrize("split", ["loso", "temporal"])
def test_a_job_shows_its_detector_nothing_outside_the_taught_windows(split):
    features = synthetic_features(objects=3, gaps=200, seed=1, burns={(0, 80): 50.0, (1, 120): 50.0, (2, 60): 50.0})
    rows = {int(norad_id): own.reset_index(drop=True) for norad_id, own in features.groupby("norad_id")}
    labels = features.iloc[5::10]
    maneuvers = pd.DataFrame({"norad_id": labels["norad_id"].to_numpy(), "burn_time": labels["epoch"].array})
    bounds = features.groupby("norad_id")["epoch"].agg(["min", "max"])
    table = spans(a="leo", b="leo", c="leo").assign(
        norad_id=bounds.index, start=bounds["min"].array, stop=bounds["max"].array
    )
    folds, _ = plan(table, Spy, split)
    for job in {job for fold in folds for job in fold.jobs()}:
        detector: Detector = Spy()
        events = compete(detector, job, rows, maneuvers)
        windows = {window.norad_id: window for window in job.taught}
        for frame, column in zip(detector.shown, ("epoch", "burn_time"), strict=True):
            assert set(frame["norad_id"]) <= set(windows)
            for norad_id, own in frame.groupby("norad_id"):
                times = own[column].astype("int64")
                assert windows[norad_id].start_us <= times.min() <= times.max() <= windows[norad_id].stop_us
        assert set(events["norad_id"]) <= {window.norad_id for window in job.judged}
        assert len(events)


def test_who_lists_not_all_burns_teaches_nothing_and_is_judged_by_what_all_others_taught():
    some = spans(a="leo", b="leo", c="leo", d="leo").assign(partial=[False, False, False, True])
    folds, skipped = plan(some, Learner, "loso")
    assert not skipped
    assert [ids(fold.outer) for fold in folds] == [({2, 3}, {1}), ({1, 3}, {2}), ({1, 2}, {3}), ({1, 2, 3}, {4})]
    assert all(window.norad_id != 4 for fold in folds for _, window in fold.inner)
    assert [ids(job) for job, _ in folds[-1].inner] == [({2, 3}, {1}), ({1, 3}, {2}), ({1, 2}, {3})]
    unfitted, _ = plan(some, RobustStep, "loso")
    assert [sorted(window.norad_id for _, window in fold.inner) for fold in unfitted][-1] == [1, 2, 3]


def test_nobody_learns_where_no_list_is_whole():
    some = spans(a="leo", b="leo").assign(partial=True)
    folds, skipped = plan(some, Learner, "loso")
    assert not folds
    assert "no satellite whose burns are all listed" in skipped["leo"]
    assert [ids(fold.outer)[1] for fold in plan(some, RobustStep, "loso")[0]] == [{1}, {2}]


def test_the_share_of_the_time_that_teaches_is_given():
    (fold,), _ = plan(spans(a="leo"), Learner, "temporal", 0.3)
    (taught,), (judged,) = fold.outer.taught, fold.outer.judged
    assert (judged.start_us - taught.start_us) / DAY_US == pytest.approx(300)
    assert (judged.start_us - taught.stop_us) / DAY_US == pytest.approx(GUARD_DAYS)
