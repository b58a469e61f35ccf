"""Burns to practice on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog.records import epoch_us
from configs.detect import RobustStepConfig
from configs.injection import InjectionConfig
from features.bank import compute_features
from models.detect.channels import NAMES, PREFIX
from models.detect.practice import practice
from tests.synthetic_history import synthetic_history

DAY_US = 86_400e6
CONFIG = InjectionConfig(
    dv_m_s={"leo": (0.02, 0.1)}, directions={"along-track": 1.0}, burns_per_year=20.0, spacing_days=20.0
)


@pytest.fixture(scope="module")
def features():
    histories = [synthetic_history(200, norad_id=90001 + k, seed=k, noise_a_m=1.0) for k in range(2)]
    return compute_features(pd.concat(histories, ignore_index=True))


@pytest.fixture(scope="module")
def maneuvers(features):
    row = features.iloc[100]
    time = row["epoch_before"] + (row["epoch"] - row["epoch_before"]) / 2
    return pd.DataFrame({"norad_id": [row["norad_id"]], "burn_time": [time]})


def test_injected_burns_show_in_the_channels_and_are_labeled(features, maneuvers):
    rows, labels = practice(features, maneuvers, CONFIG, RobustStepConfig(), seed=1)
    assert len(labels) > len(maneuvers) + 3
    assert len(rows) == len(features) - 2, "all gaps but the first of each object"
    burns = epoch_us(labels["burn_time"].iloc[1:])
    size = np.abs(rows[f"{PREFIX}kink 3"].to_numpy())
    shown = []
    for norad_id, burn in zip(labels["norad_id"].iloc[1:], burns, strict=True):
        near = rows["norad_id"].eq(norad_id) & (np.abs(epoch_us(rows["epoch"]) - burn) < 2 * DAY_US)
        shown.append(size[near].max())
    assert np.median(shown) > np.quantile(size, 0.9)
    assert set(rows.columns) >= {f"{PREFIX}{name}" for name in NAMES}


def test_none_is_put_near_a_logged_burn(features, maneuvers):
    _, labels = practice(features, maneuvers, CONFIG, RobustStepConfig(), seed=2)
    own = labels[labels["norad_id"] == maneuvers["norad_id"].iloc[0]]
    apart = np.abs(epoch_us(own["burn_time"].iloc[1:]) - epoch_us(maneuvers["burn_time"])[0])
    assert apart.min() >= CONFIG.guard_days * DAY_US


def test_the_seed_decides_and_the_features_stay_as_they_were(features, maneuvers):
    before = features.copy(deep=True)
    one, again, other = (practice(features, maneuvers, CONFIG, RobustStepConfig(), seed)[1] for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert not one.equals(other)
    pd.testing.assert_frame_equal(features, before)
