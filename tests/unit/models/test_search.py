"""Hyper-parameters chosen inside a fold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog.records import epoch_us
from configs.learning import BoostedConfig
from configs.networks import EnsembleConfig
from configs.schema import BurnwatchConfig
from configs.search import SPACES
from models.benchmark.contest import Fold, Job, Window
from models.benchmark.search import ask, best, configured, searched_group, start, with_parameters, worth
from models.detect.detectors import create
from models.detect.forward import SCORE_BEFORE
from tests.synthetic_features import synthetic_features

START = pd.Timestamp("2020-01-01", tz="UTC")
DAYS = 1000
IDS = (1, 2, 3)
SPANS = pd.DataFrame(
    {
        "norad_id": IDS,
        "name": ["a", "b", "c"],
        "regime": "leo",
        "start": START,
        "stop": START + pd.Timedelta(days=DAYS),
        "years": DAYS / 365.25,
    }
)
START_US, STOP_US = (int(epoch_us(SPANS[name])[0]) for name in ("start", "stop"))
WINDOWS = {one: Window(one, START_US, STOP_US) for one in IDS}


def maneuvers() -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "norad_id": one,
                "burn_time": START + pd.to_timedelta(np.arange(20 + one, DAYS - 20, 30), unit="D"),
            }
        )
        for one in IDS
    ]
    return pd.concat(parts, ignore_index=True)


def ranked(truth: pd.DataFrame, quality: float, seed: int = 1) -> pd.DataFrame:
    """Every maneuver, and three times as many false alarms, whose scores are told apart the better the higher the quality."""
    draw = np.random.default_rng(seed)
    false = truth.sample(3 * len(truth), replace=True, random_state=seed).reset_index(drop=True)
    false["burn_time"] += pd.to_timedelta(draw.uniform(5, 25, len(false)), unit="D")
    events = pd.concat([truth.assign(score=quality), false.assign(score=0.0)], ignore_index=True)
    events["score"] += draw.normal(0, 1, len(events))
    events[SCORE_BEFORE] = -np.inf
    events["burn_time_hint"] = events["burn_time"]
    events["epoch_before"] = events["burn_time"] - pd.Timedelta(hours=12)
    events["epoch_after"] = events["burn_time"] + pd.Timedelta(hours=12)
    return events.assign(regime="leo").sort_values(["norad_id", "epoch_after"], ignore_index=True)


def fold_of(outer: int) -> Fold:
    def job(*unseen: int) -> Job:
        return Job(
            tuple(WINDOWS[one] for one in IDS if one not in unseen), tuple(WINDOWS[one] for one in sorted(unseen))
        )

    return Fold("leo", job(outer), tuple((job(outer, one), WINDOWS[one]) for one in IDS if one != outer))


def chosen(fold: Fold, truth: pd.DataFrame, trials: int = 8) -> tuple[float, list[float]]:
    """What a study finds best of a detector that is good only where its learning rate is near 0.1, and what it was told."""
    config, space = BoostedConfig(), {"learning_rate": SPACES["boosted"]["learning_rate"]}
    study = start(configured(config, space, "leo"), seed=3)
    worths = []
    for _ in range(trials):
        trial = ask(study, space)
        quality = 4 - 20 * abs(trial.params["learning_rate"] - 0.1)
        outcomes = {job: ranked(truth, quality) for job, _ in fold.inner}
        worths.append(worth(fold, outcomes, truth, SPANS))
        study.tell(trial, worths[-1])
    return study.trials[best(study)].params["learning_rate"], worths


def test_a_study_picks_the_better_settings_and_begins_with_the_configured_ones():
    truth = maneuvers()
    rate, worths = chosen(fold_of(1), truth)
    assert abs(rate - 0.1) < abs(0.06 - 0.1)
    assert max(worths) > worths[0] > 0.3
    assert chosen(fold_of(1), truth) == (rate, worths), "the same again"


def test_the_first_of_equals_is_kept():
    space = SPACES["boosted"]
    study = start(configured(BoostedConfig(), space, "leo"), seed=3)
    for _ in range(3):
        study.tell(ask(study, space), 0.5)
    assert best(study) == 0


def test_nothing_of_the_outer_satellite_is_read():
    truth = maneuvers()
    fold = fold_of(2)
    outcomes = {job: ranked(truth, 2.0) for job, _ in fold.inner}
    own = worth(fold, outcomes, truth, SPANS)
    moved = truth.copy()
    moved.loc[moved["norad_id"] == 2, "burn_time"] += pd.Timedelta(days=11)
    fewer = {job: events[events["norad_id"] != 2] for job, events in outcomes.items()}
    assert worth(fold, outcomes, moved, SPANS) == own
    assert worth(fold, fewer, truth[truth["norad_id"] != 2], SPANS) == own
    moved.loc[moved["norad_id"] == 3, "burn_time"] += pd.Timedelta(days=11)
    assert worth(fold, outcomes, moved, SPANS) != own


def test_settings_whose_jobs_failed_are_worth_nothing():
    fold = fold_of(2)
    (first, _), _ = fold.inner
    assert worth(fold, {first: ranked(maneuvers(), 2.0)}, maneuvers(), SPANS) == 0.0


def test_a_fold_of_high_orbits_that_learns_from_leo_searches_the_settings_of_leo():
    fold = Fold("high", Job((), (Window(9, START_US, STOP_US),)), fold_of(1).inner)
    assert searched_group(fold, SPANS) == "leo"


@pytest.mark.parametrize("name", sorted(SPACES))
@pytest.mark.parametrize("group", ["leo", "high"])
def test_every_setting_of_a_space_can_be_read_and_set_for_its_group_alone(name, group):
    config = getattr(BurnwatchConfig(), name.replace("-", "_"))
    space = SPACES[name]
    first = configured(config, space, group)
    assert with_parameters(config, first, group) == config
    study = start(first, seed=3)
    assert ask(study, space).params == first
    other = ask(study, space).params
    changed = with_parameters(config, other, group)
    assert configured(changed, space, group) == other != first
    across = {"leo": "high", "high": "leo"}[group]
    kept = configured(changed, space, across)
    apart = {place for place in space if kept[place] == configured(config, space, across)[place]}
    assert {place for place in space if place.split(".")[-1] in ("trees", "leaves", "passes", "weight")} <= apart


def test_a_configured_value_outside_the_space_is_tried_too():
    space = SPACES["ensemble"]
    config = EnsembleConfig(boosted=BoostedConfig(trees={"leo": 20, "high": 20}, l2=0.0))
    first = configured(config, space, "leo")
    study = start(first, seed=3)
    assert ask(study, space).params == first
    with_parameters(config, ask(study, space).params, "leo")


@pytest.mark.parametrize("name", sorted(SPACES))
def test_what_is_searched_changes_nothing_about_how_satellites_are_prepared(name):
    config = getattr(BurnwatchConfig(), name.replace("-", "_"))
    study = start(configured(config, SPACES[name], "leo"), seed=3)
    ask(study, SPACES[name])
    changed = with_parameters(config, ask(study, SPACES[name]).params, "leo")
    assert changed != config
    features = synthetic_features()
    pd.testing.assert_frame_equal(create(name, config).prepare(features), create(name, changed).prepare(features))
