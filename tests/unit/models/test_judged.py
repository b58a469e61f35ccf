"""What verdicts teach, and what is kept from teaching so that it can be measured against."""

import numpy as np
import pandas as pd
import pytest

from configs.operation import TrainConfig
from models.benchmark.judged import (
    GUARD,
    HELD_OUT,
    LOGGED,
    OUTVOTED,
    SILENT,
    TRAIN,
    UNCOVERED,
    data_errors,
    divide,
    lessons,
)
from models.benchmark.judged_figures import judged_figures, met

BEGIN = pd.Timestamp("2026-01-01", tz="UTC")
ALL_TEACH = TrainConfig(held_out_objects=0.0, held_out_time=0.0)


def gaps(objects=4, days=200, regime="leo"):
    """Feature rows of objects 1, 2, … with a set a day."""
    epoch = BEGIN + pd.to_timedelta(np.arange(1, days + 1), unit="D").as_unit("us")
    one = pd.DataFrame({"epoch_before": epoch - pd.Timedelta(days=1), "epoch": epoch, "regime": regime})
    return pd.concat([one.assign(norad_id=number) for number in range(1, objects + 1)], ignore_index=True)


def verdict(norad_id, day, to="confirmed", *, team="", decided=0.0, hours=24.0):
    before = BEGIN + pd.Timedelta(days=day)
    return {
        "team": team,
        "norad_id": norad_id,
        "epoch_before": before,
        "epoch_after": before + pd.Timedelta(hours=hours),
        "burn_time": before + pd.Timedelta(hours=hours / 2),
        "verdict": to,
        "decided_at": BEGIN + pd.Timedelta(days=300 + decided),
    }


def labels(*verdicts):
    frame = pd.DataFrame(list(verdicts))
    for name in ("epoch_before", "epoch_after", "burn_time", "decided_at"):
        frame[name] = frame[name].astype("datetime64[us, UTC]")
    return frame


def splits(*verdicts, config=ALL_TEACH, spans=None):
    return divide(labels(*verdicts), gaps(), config, spans)["split"].tolist()


def test_what_each_verdict_says():
    said = ["confirmed", "routine", "data error", "duplicate", "unclear", "open"]
    told = divide(labels(*(verdict(1, 10 * at, to) for at, to in enumerate(said))), gaps(), ALL_TEACH)
    assert told["says"].tolist() == ["burn", "burn", "no burn", "nothing", "nothing", "nothing"]
    assert told["split"].tolist() == [TRAIN] * 3 + [SILENT] * 3


def test_ones_own_word_counts_before_anothers_later_one():
    ours, theirs = verdict(1, 10), verdict(1, 10.5, "data error", team="B", decided=5)
    assert splits(ours, theirs) == [TRAIN, OUTVOTED]
    assert splits(theirs, ours) == [OUTVOTED, TRAIN]


def test_of_two_other_teams_the_later_word_counts():
    first, second = verdict(1, 10, team="B"), verdict(1, 10.5, "data error", team="C", decided=1)
    assert splits(first, second) == [OUTVOTED, TRAIN]


def test_a_team_that_took_its_word_back_leaves_the_floor_to_others():
    said, withdrawn = verdict(1, 10, team="B"), verdict(1, 10, "open", team="B", decided=2)
    another = verdict(1, 10, "data error", team="C", decided=-1)
    assert splits(said, withdrawn) == [OUTVOTED, SILENT]
    assert splits(said, withdrawn, another) == [OUTVOTED, SILENT, TRAIN]


def test_a_duplicate_leaves_the_verdict_on_the_other_flag_alone():
    assert splits(verdict(1, 10), verdict(1, 10, "duplicate", decided=1)) == [TRAIN, SILENT]


def test_windows_side_by_side_do_not_speak_of_the_same():
    assert splits(verdict(1, 10), verdict(1, 11, "data error"), verdict(2, 10, "data error")) == [TRAIN] * 3


def test_windows_without_element_sets_teach_nothing():
    assert splits(verdict(1, 500), verdict(9, 10), verdict(1, 10)) == [UNCOVERED, UNCOVERED, TRAIN]


def test_where_burns_are_logged_the_log_is_believed():
    span = {"norad_id": 1, "start": BEGIN, "stop": BEGIN + pd.Timedelta(days=50)}
    spans = pd.DataFrame([span])
    assert splits(verdict(1, 10), verdict(1, 60), verdict(2, 10), spans=spans) == [LOGGED, TRAIN, TRAIN]
    drawn = TrainConfig(held_out_objects=0.999, held_out_time=0.0)
    assert splits(verdict(1, 60), verdict(2, 10), spans=spans, config=drawn) == [TRAIN, HELD_OUT[0]]


@pytest.mark.parametrize("seed", range(5))
def test_nothing_that_is_held_out_could_have_been_learned(seed):
    rng = np.random.default_rng(seed)
    given = [
        verdict(int(rng.integers(1, 5)), float(rng.uniform(0, 195)), str(rng.choice(["confirmed", "data error"])))
        for _ in range(60)
    ]
    config = TrainConfig(held_out_objects=0.4, held_out_time=0.25, guard_days=8.0, seed=seed)
    told = divide(labels(*given), gaps(), config)
    parts = {name: told[told["split"] == name] for name in (TRAIN, GUARD, *HELD_OUT)}
    other = pd.concat([parts[HELD_OUT[0]], parts[HELD_OUT[2]]])
    later = pd.concat([parts[HELD_OUT[1]], parts[HELD_OUT[2]]])
    teaching = parts[TRAIN]
    assert set(other["norad_id"]).isdisjoint(teaching["norad_id"])
    assert teaching["epoch_after"].max() + pd.Timedelta(days=8) <= later["burn_time"].min()
    told_apart = told["split"].isin([TRAIN, GUARD, *HELD_OUT])
    assert len(later) == int(0.25 * told_apart.sum())


def test_an_object_that_is_held_out_stays_held_out_as_verdicts_come():
    config = TrainConfig(held_out_objects=0.5, held_out_time=0.2)
    given = [verdict(number, day) for day in range(0, 190, 10) for number in (1, 2, 3, 4)]

    def other(count):
        told = divide(labels(*given[:count]), gaps(), config)
        return set(told.loc[told["split"].str.startswith("other object"), "norad_id"])

    assert other(4) == other(40) == other(len(given))
    assert 0 < len(other(4)) < 4, "a share that draws all or none tests nothing"


def test_data_errors_are_those_that_count():
    given = labels(
        verdict(1, 10, "data error"),
        verdict(2, 10, "data error", team="B"),
        verdict(2, 10.5, team="", decided=-3),
        verdict(3, 10, "unclear"),
    )
    assert data_errors(given)["norad_id"].tolist() == [1]
    assert data_errors(given.iloc[:0]).empty


def taught(*verdicts, config=ALL_TEACH, regime="leo"):
    features = gaps(1, 60, regime)
    return lessons(divide(labels(*verdicts), features, config), features, config)


def test_a_burn_teaches_its_gap_and_those_beside_it():
    told = taught(verdict(1, 20))
    assert np.flatnonzero(told.rows).tolist() == [18, 19, 20, 21, 22]  # 2.5 days on both sides of noon
    assert told.burns["burn_time"].tolist() == [BEGIN + pd.Timedelta(days=20.5)]


def test_a_window_that_later_sets_cut_teaches_where_the_burn_lies():
    told = taught(verdict(1, 20, hours=72), config=ALL_TEACH.model_copy(update={"beside_days": 0.0}))
    assert np.flatnonzero(told.rows).tolist() == [21]


def test_a_data_error_teaches_its_window_alone():
    told = taught(verdict(1, 20, "data error", hours=48))
    assert np.flatnonzero(told.rows).tolist() == [20, 21]
    assert told.burns.empty


def test_beside_a_burn_the_windows_of_others_stay_unknown():
    told = taught(verdict(1, 20), verdict(1, 22, "unclear"), verdict(1, 19, "open"))
    assert np.flatnonzero(told.rows).tolist() == [18, 20, 21]


def test_above_leo_the_whole_window_is_taught_and_nothing_beside_it():
    assert np.flatnonzero(taught(verdict(1, 20, hours=72), regime="geo").rows).tolist() == [20, 21, 22]


def test_what_is_held_out_or_silent_teaches_nothing():
    later = TrainConfig(held_out_objects=0.0, held_out_time=0.5)
    assert np.flatnonzero(taught(verdict(1, 5), verdict(1, 50), config=later).rows).tolist() == [3, 4, 5, 6, 7]
    assert not taught(verdict(1, 20, "unclear")).rows.any()


def test_figures_of_what_is_found():
    features = gaps(2, 60)
    told = divide(
        labels(verdict(1, 10), verdict(1, 20), verdict(1, 30, "data error"), verdict(1, 40, "data error")),
        features,
        ALL_TEACH,
    )
    scores = np.zeros(len(features))
    scores[[10, 30]] = 9.0, 5.0
    scores[20] = 1.0
    windows = features.iloc[[10, 30, 100]]
    events = windows[["norad_id", "epoch_before"]].assign(epoch_after=windows["epoch"]).reset_index(drop=True)
    seen = met(told, events, features, scores, 1.5)
    assert seen["found"].tolist() == [True, False, True, False]
    assert seen["score"].tolist() == [9.0, 1.0, 5.0, 0.0]
    figures = judged_figures(seen)
    assert {
        name: figures[f"judged_{name}_train"] for name in ("recall", "precision", "errors_flagged", "f1", "auc")
    } == {
        "recall": 0.5,
        "precision": 0.5,
        "errors_flagged": 0.5,
        "f1": 0.5,
        "auc": 0.75,
    }
    assert (figures["labels"], figures["labels_train"], figures["labels_held_out"]) == (4, 4, 0)
    assert not any(name.startswith("judged_") and name.endswith("held_out") for name in figures)
    assert np.isfinite(list(figures.values())).all()


def test_no_labels_are_no_trouble():
    told = divide(labels(verdict(1, 10)).iloc[:0], gaps(), ALL_TEACH)
    assert told.empty
    assert not lessons(told, gaps(), ALL_TEACH).rows.any()
