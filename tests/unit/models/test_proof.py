"""Geosynchronous events that the newest sets alone show."""

from __future__ import annotations

import pandas as pd
import pytest

from configs.detect import ProofConfig
from models.detect.proof import proven
from tests.belt_gaps import gaps


def event_in(features, row):
    found = features.iloc[[row]]
    return pd.DataFrame(
        {"norad_id": found["norad_id"], "epoch_before": found["epoch_before"], "epoch_after": found["epoch"]}
    ).reset_index(drop=True)


def test_a_claim_of_the_newest_set_waits_where_the_longitude_is_the_old_one():
    features = gaps([0, 1, 2, 3], [0, 0, 0, 0.6], [10, 10, 10, 10.0])
    assert proven(event_in(features, 2), features).empty


def test_it_does_not_wait_where_a_burn_within_the_gap_put_the_object_where_it_is():
    features = gaps([0, 1, 2, 3], [0, 0, 0, 0.6], [10, 10, 10, 10.3])
    assert len(proven(event_in(features, 2), features)) == 1


@pytest.mark.parametrize("longitude", [9.7, 10.09, 10.8])
def test_it_waits_where_no_burn_within_the_gap_can_have_put_it_there(longitude):
    features = gaps([0, 1, 2, 3], [0, 0, 0, 0.6], [10, 10, 10, longitude])
    assert proven(event_in(features, 2), features).empty


@pytest.mark.parametrize(("hours", "told"), [(3, False), (23, False), (24, True), (90, True)])
def test_it_waits_until_sets_have_come_for_a_day(hours, told):
    features = gaps([0, 1, 2, 2 + hours / 24], [0, 0, 0.6, 0.6], [10, 10, 10, 10 + 0.6 * hours / 24])
    assert len(proven(event_in(features, 1), features)) == told


def test_nothing_waits_across_a_long_gap_or_outside_the_belt():
    rare = gaps([0, 1, 2, 20], [0, 0, 0, 0.6], [10, 10, 10, 10.0])
    assert len(proven(event_in(rare, 2), rare)) == 1
    low = gaps([0, 1, 2, 3], [0, 0, 0, 0.6], [10, 10, 10, 10.0], regime="leo")
    assert len(proven(event_in(low, 2), low)) == 1


def test_each_object_waits_for_its_own_sets():
    first = gaps([0, 1, 2], [0, 0, 0.6], [10, 10, 10.0])
    both = pd.concat([first, gaps([0, 1, 2, 3], [0, 0, 0.6, 0.6], [10, 10, 10, 10.6], norad_id=2)], ignore_index=True)
    events = pd.concat([event_in(both, 1), event_in(both, 3)], ignore_index=True)
    assert proven(events, both)["norad_id"].tolist() == [2]


def test_no_wait_exceeds_what_scoring_looks_back_over():
    from configs.operation import ScoreConfig

    assert ProofConfig().longest_gap_days < ScoreConfig().revisit_days
