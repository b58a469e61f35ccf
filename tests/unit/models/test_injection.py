"""Injected burns: where the orbit ends up, what the features show, and what stays as it was."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from catalog.records import mean_elements
from features.bank import compute_features
from models.benchmark.injection import InjectionError, inject
from orbits.burns import apply_burn, gauss_matrix
from orbits.constants import MU_KM3_S2
from orbits.elements import angles, wrap_deg
from orbits.kepler import equinoctial_of_state
from orbits.propagate import propagate
from tests.synthetic_history import synthetic_history

ELEMENTS = (
    "mean_motion_rev_day",
    "eccentricity",
    "inclination_deg",
    "raan_deg",
    "arg_pericenter_deg",
    "mean_anomaly_deg",
)
GAP = 12  # burns lie in the gap after this set


def burn_at(history, dv_rtn, *, gap=GAP, share=0.4, **smear):
    start, stop = history["epoch"].iloc[gap], history["epoch"].iloc[gap + 1]
    dv = dict(zip(("dv_r_m_s", "dv_t_m_s", "dv_n_m_s"), dv_rtn, strict=True))
    return pd.DataFrame(
        {"norad_id": history["norad_id"].iloc[0], "burn_time": [start + share * (stop - start)], **dv, **smear}
    )


def refitted(history):
    """Every set as a fit to one trajectory, that of the first set: no noise at all."""
    first, times = mean_elements(history[:1]), mean_elements(history).epoch_us
    repeated = first[np.zeros(len(history), dtype=np.int64)]
    sets = apply_burn(repeated, times, np.zeros((len(history), 3)))
    return history.assign(**{name: getattr(sets, name) for name in ELEMENTS})


def positions_m(history):
    elements = mean_elements(history)
    return 1e3 * propagate(elements, elements.epoch_us).position_km


def assert_same_elements(one, other, tolerance):
    for name in ELEMENTS:
        difference = one[name].to_numpy() - other[name].to_numpy()
        if name.endswith("_deg"):
            difference = wrap_deg(difference)
        assert np.abs(difference).max() < tolerance, name


@pytest.mark.parametrize("dv", [(0, 0.01, 0), (0.1, 0, 0), (0, 0, 0.5), (0.05, -1.0, 0.2)])
def test_injected_orbit_is_that_of_apply_burn_in_low_orbit(dv):
    # Without drag: SGP4's drag terms restart at every epoch, so with drag no two sets are on one trajectory.
    history = refitted(synthetic_history(40).assign(bstar_inv_er=0.0))
    burn = burn_at(history, dv)
    found = positions_m(inject(history, burn))[GAP + 1 :]
    time = np.array([burn["burn_time"].iloc[0].value // 1000])
    after = apply_burn(mean_elements(history[:1]), time, np.array([dv], dtype=float))
    times = mean_elements(history).epoch_us[GAP + 1 :]
    expected = 1e3 * propagate(after[np.zeros(len(times), dtype=np.int64)], times).position_km
    assert np.linalg.norm(found - expected, axis=1).max() < 1.0


@pytest.mark.parametrize("orbit", ["leo", "geo"])
@pytest.mark.parametrize("dv", [(0, 0.05, 0), (0.1, 0, 0), (0, 0, 0.5)])
def test_injected_orbit_departs_as_apply_burn_does(dv, orbit):
    # SGP4's drag and deep-space terms restart at the epoch, so only the difference that the burn makes can be compared.
    history = refitted(synthetic_history(40, orbit=orbit))
    burn = burn_at(history, dv)
    found = (positions_m(inject(history, burn)) - positions_m(history))[GAP + 1 :]
    last = mean_elements(history[GAP : GAP + 1])
    times = mean_elements(history).epoch_us[GAP + 1 :]
    time = np.array([burn["burn_time"].iloc[0].value // 1000])
    one, other = (apply_burn(last, time, np.array([each], dtype=float)) for each in (dv, (0, 0, 0)))
    every = np.zeros(len(times), dtype=np.int64)
    expected = 1e3 * (propagate(one[every], times).position_km - propagate(other[every], times).position_km)
    assert np.linalg.norm(found - expected, axis=1)[:5].max() < 1.0


@pytest.mark.parametrize("orbit", ["leo", "geo"])
def test_features_show_what_gauss_says(orbit):
    history = synthetic_history(60, orbit=orbit)
    dv = 0.02
    plain, burned = (compute_features(each) for each in (history, inject(history, burn_at(history, (0, dv, 0)))))
    step = (burned["step_a_m"] - plain["step_a_m"]).to_numpy()
    a_km = plain["a_km"].iloc[GAP]
    motion = np.sqrt(MU_KM3_S2 / a_km**3)
    assert step[GAP] == pytest.approx(2.0 * dv / motion, rel=0.01)
    assert np.abs(np.delete(step, GAP)).max() < 1e-4
    assert burned["step_dv_t_m_s"].iloc[GAP] - plain["step_dv_t_m_s"].iloc[GAP] == pytest.approx(dv, rel=0.01)


def test_plane_turns_as_gauss_says():
    history = synthetic_history(40)
    burn = burn_at(history, (0, 0, 0.3), share=0.999)
    plain, burned = (compute_features(each) for each in (history, inject(history, burn)))
    time = np.array([burn["burn_time"].iloc[0].value // 1000])
    state = propagate(mean_elements(history[GAP : GAP + 1]), time)
    a_km, equi = equinoctial_of_state(state.position_km, state.velocity_km_s)
    change = gauss_matrix(a_km, *angles(equi))[0] @ np.array([0.0, 0.0, 0.3])
    for row, name in ((3, "step_p"), (4, "step_q")):
        assert burned[name].iloc[GAP] - plain[name].iloc[GAP] == pytest.approx(change[row], abs=2e-7)


def test_every_other_step_keeps_its_noise():
    history = synthetic_history(80, noise_a_m=3.0, noise_i_deg=2e-4)
    plain, burned = (compute_features(each) for each in (history, inject(history, burn_at(history, (0, 0.05, 0.2)))))
    for name, tolerance in (("step_a_m", 1e-4), ("step_i_deg", 1e-6), ("step_h", 1e-9), ("step_lambda_deg", 1e-9)):
        assert_allclose(
            np.delete(burned[name].to_numpy(), GAP), np.delete(plain[name].to_numpy(), GAP), rtol=0, atol=tolerance
        )


def test_no_burn_changes_nothing():
    history = synthetic_history(30)
    assert_frame_equal(inject(history, burn_at(history, (0, 0, 0))), history)
    assert_frame_equal(inject(history, burn_at(history, (0, 1, 0))[:0]), history)


def test_sets_before_the_burn_and_other_objects_stay():
    history = pd.concat([synthetic_history(30), synthetic_history(30, norad_id=90002, seed=4)], ignore_index=True)
    out = inject(history, burn_at(history, (0, 0.1, 0)))
    same = np.r_[0 : GAP + 1, 30:60]
    assert_frame_equal(out.iloc[same], history.iloc[same])
    assert (out["mean_motion_rev_day"] != history["mean_motion_rev_day"]).to_numpy()[GAP + 1 : 30].all()


def test_order_and_index_of_the_rows_do_not_matter():
    history = synthetic_history(30)
    burn = burn_at(history, (0.01, 0.1, 0.1))
    shuffled = history.sample(frac=1.0, random_state=3)
    out = inject(shuffled, burn)
    assert out.index.equals(shuffled.index)
    assert_frame_equal(out.sort_index(), inject(history, burn))


component = st.floats(-0.3, 0.3).filter(lambda value: abs(value) > 1e-4)


@settings(max_examples=8, deadline=None)
@given(first=st.tuples(component, component, component), second=st.tuples(component, component, component))
def test_burns_add_up_in_any_order_of_injection(first, second):
    history = synthetic_history(36, noise_a_m=1.0)
    one, two = burn_at(history, first), burn_at(history, second, gap=20)
    together = inject(history, pd.concat([two, one], ignore_index=True))
    assert_same_elements(together, inject(inject(history, one), two), 1e-8)


def test_two_burns_in_one_gap_are_one_after_the_other():
    history = refitted(synthetic_history(30))
    both = pd.concat([burn_at(history, (0, 0.02, 0), share=0.2), burn_at(history, (0, -0.02, 0), share=0.7)])
    moved = inject(history, both)
    step_m = compute_features(moved)["step_a_m"].to_numpy()
    assert np.abs(step_m).max() < 0.1  # up and down again: no change of a is left, but the way along the track is
    assert np.linalg.norm(positions_m(moved) - positions_m(history), axis=1)[GAP + 1] > 100.0


@settings(max_examples=8, deadline=None)
@given(dv=st.tuples(component, component, component), orbit=st.sampled_from(["leo", "geo"]))
def test_opposite_burns_move_opposite_ways(dv, orbit):
    history = synthetic_history(20, orbit=orbit)
    rise, fall = (inject(history, burn_at(history, sign * np.array(dv))) for sign in (1.0, -1.0))
    start = history["mean_motion_rev_day"].to_numpy()
    up, down = rise["mean_motion_rev_day"].to_numpy() - start, fall["mean_motion_rev_day"].to_numpy() - start
    # Opposite to first order; the second is the size squared over the orbit's speed.
    assert np.abs(up + down).max() < 1e-3 * np.linalg.norm(dv) * np.abs(start).max() * 1e-3 + 1e-12


def test_smeared_burn_comes_in_by_parts_and_ends_the_same():
    history = synthetic_history(40)
    whole = inject(history, burn_at(history, (0, 0.05, 0)))
    smeared = inject(history, burn_at(history, (0, 0.05, 0), smear_span_days=4.0))
    steps = [compute_features(each)["step_a_m"].to_numpy() for each in (history, whole, smeared)]
    part = (steps[2] - steps[0])[GAP : GAP + 6]
    assert part.sum() == pytest.approx((steps[1] - steps[0])[GAP], rel=1e-3)
    assert (part[:4] > 0).all()
    assert part.max() < 0.6 * part.sum()
    assert_same_elements(smeared.iloc[GAP + 8 :], whole.iloc[GAP + 8 :], 1e-9)


def test_ringing_burn_overshoots_and_disturbs_the_drag_term():
    history = synthetic_history(40)
    rung = inject(history, burn_at(history, (0, 0.05, 0), smear_span_days=4.0, smear_ringing=1.0))
    a_m = 1e3 * (compute_features(rung)["a_km"] - compute_features(history)["a_km"]).to_numpy()
    assert a_m[GAP : GAP + 5].max() > 1.3 * a_m[-1]
    changed = (rung["bstar_inv_er"] - history["bstar_inv_er"]).to_numpy()
    assert changed[GAP + 1 : GAP + 4].max() < 0  # a rise is taken for less drag
    assert np.abs(changed[GAP + 8 :]).max() == 0.0


def test_lag_hides_the_burn_from_the_first_set():
    history = synthetic_history(40)
    late = inject(history, burn_at(history, (0, 0.05, 0), share=0.9, smear_lag_days=0.5))
    assert_same_elements(late[: GAP + 2], history[: GAP + 2], 1e-12)
    assert_same_elements(late[GAP + 2 :], inject(history, burn_at(history, (0, 0.05, 0), share=0.9))[GAP + 2 :], 1e-9)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"burn_time": pd.Timestamp("2000-01-01", tz="UTC")}, "before the first element set"),
        ({"norad_id": 5}, "before the first element set"),
        ({"dv_t_m_s": np.nan}, "not finite"),
        ({"dv_t_m_s": 9000.0}, "leaves no orbit"),
    ],
)
def test_burns_that_cannot_be_are_refused(change, says):
    history = synthetic_history(20)
    with pytest.raises(InjectionError, match=says):
        inject(history, burn_at(history, (0, 0.1, 0)).assign(**change))


def test_burns_without_a_column_are_refused():
    history = synthetic_history(20)
    with pytest.raises(InjectionError, match="dv_n_m_s"):
        inject(history, burn_at(history, (0, 0.1, 0)).drop(columns="dv_n_m_s"))
