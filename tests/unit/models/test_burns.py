"""Burns drawn at random: where, how large, which way, how smeared."""

import numpy as np
import pandas as pd
import pytest

from configs.injection import InjectionConfig, SmearEra
from features.bank import compute_features
from features.history import sets_in
from models.benchmark.burns import BURN_DTYPES, draw_burns, injectable_gaps, smear_of
from models.benchmark.injection import inject
from models.errors import ModelError
from tests.synthetic_history import synthetic_history

OFTEN = InjectionConfig(burns_per_year=60.0)


@pytest.fixture(scope="module")
def features():
    parts = [
        synthetic_history(400, norad_id=90001 + i, orbit=o, seed=i, noise_a_m=0.2) for i, o in enumerate(("leo", "geo"))
    ]
    return compute_features(pd.concat(parts, ignore_index=True))


def drawn(features, config=OFTEN, seed=3):
    quiet = injectable_gaps(features, config)
    return draw_burns(sets_in(features), quiet, config, np.random.default_rng(seed)), quiet


def test_burns_lie_in_quiet_gaps_and_apart(features):
    burns, quiet = drawn(features)
    assert {name: str(dtype) for name, dtype in burns.dtypes.items()} == BURN_DTYPES
    assert len(burns) > 20
    for norad_id, own in burns.groupby("norad_id"):
        gaps = features[(features["norad_id"] == norad_id) & quiet]
        held = [((gaps["epoch_before"] <= time) & (time <= gaps["epoch"])).sum() for time in own["burn_time"]]
        assert held == [1] * len(own)
        assert own["burn_time"].diff().min() >= pd.Timedelta(days=OFTEN.spacing_days)


def test_sizes_and_directions_follow_the_configuration(features):
    config = OFTEN.model_copy(update={"spacing_days": 0.0, "burns_per_year": 2000.0})
    burns, _ = drawn(features, config)
    dv = burns[["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]].to_numpy()
    size = np.linalg.norm(dv, axis=1)
    regimes = np.where(burns["norad_id"] == 90001, "leo", "geo")
    for name in ("leo", "geo"):
        least, most = config.dv_m_s[name]
        own = size[regimes == name]
        assert own.min() >= least * 0.999
        assert own.max() <= most * 1.001
        assert np.median(own) == pytest.approx(np.sqrt(least * most), rel=0.25)
    along = np.isclose(np.abs(dv[:, 1]), size)
    assert along.mean() == pytest.approx(0.5, abs=0.05)
    assert (dv[along, 1] > 0).mean() == pytest.approx(0.5, abs=0.05)


def test_the_same_seed_draws_the_same(features):
    pd.testing.assert_frame_equal(drawn(features)[0], drawn(features)[0])
    assert not drawn(features)[0].equals(drawn(features, seed=4)[0])


def test_nothing_quiet_draws_nothing(features):
    none = draw_burns(sets_in(features), np.zeros(len(features), bool), OFTEN, np.random.default_rng(1))
    assert none.empty
    assert inject(sets_in(features), none).equals(sets_in(features))


def test_burns_keep_away_from_known_ones_and_from_the_ends(features):
    known = pd.DataFrame({"norad_id": [90001], "burn_time": [features["epoch"].iloc[200]]})
    free = injectable_gaps(features, OFTEN, known=known)
    own = features[features["norad_id"] == 90001]
    near = (own["epoch"] - known["burn_time"][0]).abs() < pd.Timedelta(days=OFTEN.guard_days)
    assert not free[own.index[near]].any()
    assert free[own.index[~near]].any()
    assert not free[: OFTEN.sets_before].any()
    assert not free[len(own) - OFTEN.sets_after : len(own)].any()


def test_smear_follows_the_era():
    eras = (
        SmearEra(until="2010-01-01", shapes=((4.0, 0.0), (6.0, 1.0)), lag_days=(0.1, 0.2)),
        SmearEra(until="9999-12-31", lag_days=(0.0, 0.0)),
    )
    config = InjectionConfig(smear={"leo": eras, "high": eras[1:]})
    at = np.repeat(np.array(["2005-06-01", "2015-06-01", "2005-06-01"], "datetime64[us]").astype(np.int64), 200)
    smear = smear_of(np.repeat(["leo", "leo", "geo"], 200), at, config, np.random.default_rng(2))
    assert set(map(tuple, smear[:200, [0, 2]])) == {(4.0, 0.0), (6.0, 1.0)}
    assert ((smear[:200, 1] >= 0.1) & (smear[:200, 1] <= 0.2)).all()
    assert not smear[200:].any()


def test_a_mask_of_another_length_is_refused(features):
    with pytest.raises(ModelError, match="element sets"):
        draw_burns(sets_in(features), [True], OFTEN, np.random.default_rng(1))
