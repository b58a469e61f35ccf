"""An object that a list wants watched more closely shows smaller burns; the others show what they did."""

from __future__ import annotations

import pandas as pd
import pytest

from configs.schema import BurnwatchConfig
from features.bank import compute_features
from models.burns import tell_burns
from tests.quiet_bundle import quiet_bundle
from tests.synthetic_history import synthetic_history

CONFIG = BurnwatchConfig()
SIZES_M = {40 + 20 * number: 20.0 + 12.0 * number for number in range(14)}


@pytest.fixture(scope="module")
def world():
    bundle = quiet_bundle(noise_a_m=4.0, sets=200)
    twins = [synthetic_history(340, norad_id=number, seed=9, noise_a_m=4.0, burns_a_m=SIZES_M) for number in (11, 12)]
    history = pd.concat(twins, ignore_index=True)
    return history.assign(source="file", available_at_imputed=True, rev_at_epoch=0), bundle


def told(world, **closely):
    history, bundle = world
    since = pd.Series(history["epoch"].min(), index=[11, 12])
    events, _ = tell_burns(compute_features(history), history, bundle, CONFIG, since, **closely)
    return {number: events.loc[events["norad_id"] == number, "epoch_before"].tolist() for number in (11, 12)}


def test_who_is_watched_more_closely_shows_more(world):
    usual, closely = told(world), told(world, closely={12: "sensitive"})
    assert usual[11] == usual[12] == closely[11]
    assert set(usual[12]) < set(closely[12])


def test_who_is_watched_less_closely_shows_less(world):
    usual, cautious = told(world), told(world, closely={12: "cautious"})
    assert usual[11] == cautious[11]
    assert set(cautious[12]) < set(usual[12])
