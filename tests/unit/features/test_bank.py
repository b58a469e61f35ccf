import numpy as np
import pandas as pd
import pytest

from configs.features import FeatureConfig
from features.bank import compute_features
from features.errors import MissingFieldError
from features.history import Quality
from features.registry import COLUMNS
from tests.naive import features as naive
from tests.synthetic_history import synthetic_history


def test_a_row_a_gap_with_every_registered_column_and_dtype():
    features = compute_features(pd.concat([synthetic_history(12), synthetic_history(5, norad_id=90002)]))
    assert list(features.columns) == list(COLUMNS)
    assert {name: str(dtype) for name, dtype in features.dtypes.items()} == {n: c.dtype for n, c in COLUMNS.items()}
    assert features["norad_id"].tolist() == [90001] * 11 + [90002] * 4
    assert isinstance(features.index, pd.RangeIndex)
    keys = ["norad_id", "epoch_before", "epoch", "available_at", "regime", "gap_days", "quality"]
    assert features[keys].notna().all(axis=None)
    assert (features["epoch_before"].iloc[1:11].to_numpy() == features["epoch"].iloc[:10].to_numpy()).all()


def test_sets_that_follow_sgp4_have_no_steps_and_no_residuals():
    features = compute_features(synthetic_history(20))
    assert features["step_a_m"].abs().max() < 1e-3
    for name in ("residual_r_km", "residual_t_km", "residual_n_km", "back_t_km", "residual_t_km_lag3"):
        assert features[name].abs().max() < 1e-3, name
    assert features["step_i_deg"].abs().max() < 1e-9


def test_a_burn_steps_the_semi_major_axis_and_shows_along_track_both_ways():
    features = compute_features(synthetic_history(20, burns_a_m={9: 25.0}))
    row = features.iloc[9]
    assert row["step_a_m"] == pytest.approx(25.0, abs=1e-3)
    assert features["step_a_m"].drop(9).abs().max() < 1e-3
    # Raised at the later epoch itself: the earlier orbit misses nothing there, the later one carried back leads.
    motion = 2 * np.pi * 14.5 / 86400
    assert row["step_dv_t_m_s"] == pytest.approx(motion * 25.0 / 2, rel=0.01)
    expected_km = 1.5 * motion * 0.025 * row["gap_days"] * 86400
    assert row["back_t_km"] == pytest.approx(-expected_km, rel=0.02)
    assert abs(row["residual_t_km"]) < 0.01 * expected_km
    assert features["step_a_m_lag2"].iloc[10] == pytest.approx(25.0, abs=1e-2)
    assert features["step_a_m_lag3"].iloc[11] == pytest.approx(25.0, abs=1e-2)
    assert row["jump_a_m_k3"] == pytest.approx(25.0, abs=0.01)


def test_residuals_agree_with_the_plain_version():
    history = synthetic_history(12, noise_a_m=30.0, noise_i_deg=1e-3, seed=3)
    features = compute_features(history)
    for lag, suffix in ((1, ""), (2, "_lag2"), (3, "_lag3")):
        for gap in (2, 5, 9):
            expected = naive.residual_rtn_km(history, gap + 1, gap + 1 - lag)
            got = features.loc[gap, [f"residual_{axis}_km{suffix}" for axis in "rtn"]].to_numpy(np.float64)
            np.testing.assert_allclose(got, expected, atol=1e-6)
            back = features.loc[gap, [f"back_{axis}_km{suffix}" for axis in "rtn"]].to_numpy(np.float64)
            np.testing.assert_allclose(back, naive.residual_rtn_km(history, gap + 1 - lag, gap + 1), atol=1e-6)


def test_lags_are_nan_and_marked_where_there_are_too_few_earlier_sets():
    features = compute_features(synthetic_history(6))
    assert features["residual_t_km_lag3"].isna().tolist() == [True, True, False, False, False]
    assert features["step_a_m_lag2"].isna().tolist() == [True, False, False, False, False]
    assert (features["quality"] == int(Quality.FEW_EARLIER_SETS)).tolist() == [True, True, False, False, False]


@pytest.mark.parametrize("sets", [0, 1])
def test_nothing_to_compare_gives_an_empty_frame_with_every_column(sets):
    features = compute_features(synthetic_history(3).iloc[:sets])
    assert features.empty
    assert list(features.columns) == list(COLUMNS)
    assert features["epoch"].dtype == "datetime64[us, UTC]"


@pytest.mark.parametrize("sets", [2, 3])
def test_objects_with_few_sets_have_their_rows(sets):
    features = compute_features(synthetic_history(sets))
    assert len(features) == sets - 1
    assert features["step_a_m"].notna().all()


def test_a_decayed_set_gives_nan_and_a_flag_and_spoils_only_its_gaps():
    history = synthetic_history(12)
    history.loc[6, "mean_motion_rev_day"] = 18.5  # below the ground
    features = compute_features(history)
    failed = (features["quality"] & int(Quality.PROPAGATION_FAILED)) > 0
    assert np.flatnonzero(failed).tolist() == [5, 6]
    assert features.loc[failed, ["residual_t_km", "step_a_m"]].isna().all(axis=None)
    assert features.loc[~failed, "step_a_m"].notna().all()
    assert features["norad_id"].notna().all()


def test_a_long_gap_is_marked():
    history = synthetic_history(10)
    history = history[history.index != 5]
    features = compute_features(history, config=FeatureConfig(long_gap_days=1.5))
    assert np.flatnonzero(features["quality"] & int(Quality.LONG_GAP)).tolist() == [4]


def test_chunks_of_objects_give_the_same_rows():
    histories = [synthetic_history(40, norad_id=90001 + k, noise_a_m=5.0, seed=k) for k in range(8)]
    history = pd.concat(histories, ignore_index=True)
    whole = compute_features(history.sample(frac=1.0, random_state=1))
    parts = pd.concat([compute_features(history[history["norad_id"] == n]) for n in range(90001, 90009)])
    pd.testing.assert_frame_equal(whole, parts.reset_index(drop=True), rtol=1e-12, atol=1e-12)
    chunked = compute_features(history, config=FeatureConfig(chunk_sets=50))
    pd.testing.assert_frame_equal(whole, chunked, rtol=1e-12, atol=1e-12)


def test_geosynchronous_terms_are_there_for_geo_alone():
    features = compute_features(
        pd.concat([synthetic_history(30, orbit="geo", burns_a_m={20: 800.0}), synthetic_history(5, norad_id=90002)])
    )
    geo, leo = features[features["norad_id"] == 90001], features[features["norad_id"] == 90002]
    assert set(geo["regime"]) == {"geo"}
    assert leo[["longitude_deg", "drift_deg_day", "step_drift_deg_day"]].isna().all(axis=None)
    assert geo["longitude_deg"].between(-180, 180).all()
    # 800 m higher drifts to the west: -1.5 n da / a
    assert geo["step_drift_deg_day"].iloc[20] == pytest.approx(-1.5 * 360.9856 * 0.8 / 42165.8, rel=0.05)
    assert geo["step_drift_deg_day"].drop(20).abs().max() < 5e-4


def test_missing_fields_are_named():
    with pytest.raises(MissingFieldError, match="bstar_inv_er") as caught:
        compute_features(synthetic_history(3).drop(columns=["bstar_inv_er"]))
    assert caught.value.missing == ["bstar_inv_er"]
