"""Sustained thrust is told from impulses, from drag and from bad sets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.characterize.burn_fit import fit_burns
from models.characterize.thrust import arc_of, sustained_thrust
from orbits.elements import MeanElements

DAY_US = 86_400_000_000
START_US = 1_750_000_000_000_000
MU = 398_600.8


def sets_of(a_km: np.ndarray, days: np.ndarray, *, eccentricity: float = 1e-3) -> MeanElements:
    """Element sets of a given mean a (two-body mean motion is near enough: only its change counts)."""
    motion = np.sqrt(MU / a_km**3) * 86400 / (2 * np.pi)
    same = np.ones(len(days))
    turned = np.concatenate([[0.0], np.cumsum((motion[1:] + motion[:-1]) / 2 * np.diff(days))]) * 360
    return MeanElements(
        START_US + (days * DAY_US).astype(np.int64),
        motion,
        eccentricity * same,
        53.0 * same,
        80.0 * same,
        30.0 * same,
        np.mod(turned, 360),
        1e-5 * same,
    )


def spiral(days: np.ndarray, start: float, end: float, km_day: float, a_km: float) -> np.ndarray:
    return a_km + km_day * np.clip(days - start, 0, end - start)


def cadence(rng: np.random.Generator, count: int = 60) -> np.ndarray:
    return np.cumsum(rng.uniform(0.4, 1.2, count))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    start=st.floats(12, 18),
    length=st.floats(8, 15),
    acceleration=st.floats(3e-6, 2e-4),
    sign=st.sampled_from([-1, 1]),
    a_km=st.sampled_from([7_200.0, 26_500.0, 42_164.0]),
)
def test_a_spiral_is_found_with_its_begin_end_and_total(seed, start, length, acceleration, sign, a_km):
    rng = np.random.default_rng(seed)
    days = cadence(rng)
    speed = np.sqrt(MU / a_km)
    km_day = sign * 2 * a_km / (speed * 1e3) * acceleration * 86400
    a = spiral(days, start, start + length, km_day, a_km) + rng.normal(0, 2e-3, len(days))
    arcs = sustained_thrust(np.ones(len(days), dtype=np.int64), sets_of(a, days))
    assert len(arcs.norad_id) == 1
    assert arcs.start_us[0] == pytest.approx(START_US + start * DAY_US, abs=0.3 * DAY_US)
    assert arcs.end_us[0] == pytest.approx(START_US + (start + length) * DAY_US, abs=0.3 * DAY_US)
    total = speed * 1e3 - np.sqrt(MU / (a_km + km_day * length)) * 1e3
    assert arcs.dv_m_s[0] == pytest.approx(total, rel=0.05)
    assert arcs.acceleration_m_s2[0] == pytest.approx(sign * acceleration, rel=0.15)


def test_an_impulse_campaign_with_quiet_sets_between_is_no_spiral():
    days = np.arange(0.0, 60.0, 0.9)
    a = 42_164 + 20.0 * np.floor(days / 3)  # 0.7 m/s every third day
    assert len(sustained_thrust(np.ones(len(days), dtype=np.int64), sets_of(a, days)).norad_id) == 0


def test_decay_is_no_thrust():
    days = np.arange(0.0, 40.0, 0.8)
    a = 6_378 + 420 - 1.5 * np.clip(days - 15, 0, 15)  # a storm
    assert len(sustained_thrust(np.ones(len(days), dtype=np.int64), sets_of(a, days)).norad_id) == 0


def test_a_swing_that_comes_back_is_no_thrust():
    days = np.arange(0.0, 40.0, 0.9)
    a = 42_164 + 15 * np.interp(days, [15, 20, 20.5], [0, 1, 0])
    assert len(sustained_thrust(np.ones(len(days), dtype=np.int64), sets_of(a, days)).norad_id) == 0


def test_objects_do_not_mix_and_their_order_does_not_matter():
    days = cadence(np.random.default_rng(3))
    rising, still = spiral(days, 15, 25, 5.0, 7_000.0), np.full(len(days), 42_164.0)
    both = sets_of(np.concatenate([still, rising]), np.concatenate([days, days]))
    ids = np.repeat([4, 9], len(days))
    arcs = sustained_thrust(ids, both)
    alone = sustained_thrust(np.full(len(days), 9), sets_of(rising, days))
    assert arcs.norad_id.tolist() == [9]
    assert arcs.start_us.tolist() == alone.start_us.tolist()
    begin, end = arcs.start_us + DAY_US, arcs.start_us + 2 * DAY_US
    assert arc_of(arcs, np.array([9]), begin, end).tolist() == [0]
    assert arc_of(arcs, np.array([4]), begin, end).tolist() == [-1]
    assert arc_of(arcs, np.array([9]), begin - 5 * DAY_US, begin - 4 * DAY_US).tolist() == [-1]


def test_an_event_within_it_gets_begin_end_and_total_instead_of_a_burn():
    days = cadence(np.random.default_rng(5))
    elements = sets_of(spiral(days, 15, 25, 5.0, 7_000.0), days)
    columns = {name: getattr(elements, name) for name in MeanElements.__slots__ if name != "epoch_us"}
    epochs = pd.to_datetime(elements.epoch_us, unit="us", utc=True).as_unit("us")
    history = pd.DataFrame({"norad_id": 9, "epoch": epochs, **columns})
    at = int(np.searchsorted(days, 20.0))
    events = pd.DataFrame({"norad_id": [9], "epoch_before": epochs[[at - 1]], "epoch_after": epochs[[at]]})
    fitted = fit_burns(events, history).iloc[0]
    assert fitted["thrust"] == "sustained"
    assert fitted["fit_status"] == "withheld"
    assert "thrust sustained from" in fitted["fit_note"]
    assert fitted[["dv_r_m_s", "dv_t_m_s", "dv_n_m_s", "dv_m_s", "dv_sigma_m_s"]].isna().all()
    assert fitted["thrust_start"] < fitted["burn_time"] < fitted["thrust_end"]
    assert fitted["thrust_dv_m_s"] == pytest.approx(26.9, rel=0.05)  # 50 km at 7,000 km
    assert fitted["thrust_acceleration_m_s2"] == pytest.approx(26.9 / (10 * 86400), rel=0.1)
