"""What of burn logs, verdicts and quiet objects reaches a detector."""

from collections.abc import Iterator

import pandas as pd
import pytest

from configs.operation import TrainConfig
from configs.schema import BurnwatchConfig
from models.benchmark.judged import divide
from models.detect.base import JUDGED, LabelsNeededError
from models.detect.boosted import Boosted
from models.detect.robust_step import RobustStep
from models.detect.temporal_conv import TemporalConv
from pipelines.errors import PipelineError
from pipelines.home import Home
from pipelines.lessons import NO_VERDICTS, Taught, check_enough, data_snapshot, taught, verdicts_of
from review.records import Status
from review.store import FlagStore
from tests.review_examples import DAY, event, frame, run

CONFIG = TrainConfig(held_out_objects=0.0, held_out_time=0.0, least_judged_burns=1)


@pytest.fixture
def home(tmp_path) -> Home:
    """A confirmed burn; open flags a day and a half after it and ten days after it; one of another object."""
    home = Home.at(tmp_path)
    with FlagStore.at_home(home.path) as store:
        store.upsert(frame(event(1), event(1, 1.5), event(1, 10), event(2)), run())
        flag = store.flags(norad_id=1, order="time")[-1]
        store.settle(flag.flag_id, Status.CONFIRMED, who="ann", expected_version=flag.version)
    return home


def rows() -> pd.DataFrame:
    """A set a day of objects 1 to 5, in the times of the flags."""
    epoch = pd.Timestamp(DAY) + pd.to_timedelta(range(-20, 30), unit="D").as_unit("us")
    one = pd.DataFrame({"epoch_before": epoch - pd.Timedelta(days=1), "epoch": epoch, "regime": "leo"})
    return pd.concat([one.assign(norad_id=number) for number in range(1, 6)], ignore_index=True)


def test_a_flag_that_nobody_settled_beside_a_judged_burn_stays_unknown(home):
    config = BurnwatchConfig(train=CONFIG)
    assert verdicts_of(home, config, to_learn=False)["verdict"].tolist() == ["confirmed"]
    labels = verdicts_of(home, config, to_learn=True)
    assert labels["verdict"].tolist() == ["confirmed", "open"]
    assert labels["epoch_before"].iloc[1] == pd.Timestamp(DAY) + pd.Timedelta(days=1.5)
    told = lessons_of(Boosted(), labels, passive=[5])
    first = told.features[told.features["norad_id"] == 1]
    assert (first["epoch"] - pd.Timestamp(DAY)).dt.days.tolist() == [-2, -1, 0, 1]
    assert first[JUDGED].all()


def lessons_of(detector, labels, passive=(), config=CONFIG) -> Taught:
    features = rows()
    return taught(detector, features, None, None, divide(labels, features, config), passive, config)


@pytest.fixture
def labels(home) -> Iterator[pd.DataFrame]:
    return verdicts_of(home, BurnwatchConfig(train=CONFIG), to_learn=True)


def test_half_of_what_cannot_maneuver_shows_ordinary_gaps_and_is_not_measured_on(labels):
    told = lessons_of(Boosted(), labels, passive=[2, 3, 4, 5, 99])
    assert len(told.aside) == 2
    assert set(told.features["norad_id"]) == {1, *told.aside.tolist()}
    assert not told.features.loc[told.features["norad_id"] != 1, JUDGED].any()
    assert (told.features["norad_id"] != 1).sum() == 100, "whole histories"


def test_without_ordinary_gaps_it_says_what_is_missing(labels):
    with pytest.raises(PipelineError, match="ordinary"):
        lessons_of(Boosted(), labels, passive=[99])


def test_too_few_judged_burns_are_told_with_their_number(labels):
    few = CONFIG.model_copy(update={"least_judged_burns": 2})
    with pytest.raises(LabelsNeededError) as early:
        check_enough(Boosted(), None, labels, few)
    assert (early.value.judged, early.value.needed) == (1, 2)
    with pytest.raises(LabelsNeededError):
        lessons_of(Boosted(), labels, passive=[5], config=few)
    check_enough(Boosted(), None, labels, CONFIG)
    check_enough(RobustStep(), None, NO_VERDICTS, few)


def test_one_that_reads_series_does_not_learn_from_single_gaps(labels):
    with pytest.raises(LabelsNeededError) as caught:
        check_enough(TemporalConv(), None, labels, CONFIG)
    assert "verdicts" not in str(caught.value)


def test_one_that_learns_from_no_labels_is_fitted_to_all_rows(labels):
    told = lessons_of(RobustStep(), labels)
    assert len(told.features) == len(rows())
    assert JUDGED not in told.features


def test_the_snapshot_is_that_of_the_sets_and_with_verdicts_of_both():
    assert data_snapshot("abc", "none") == "abc"
    assert len({data_snapshot("abc", "1-x"), data_snapshot("abc", "1-y"), data_snapshot("abd", "1-x"), "abc"}) == 4
