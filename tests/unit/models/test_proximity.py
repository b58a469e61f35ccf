"""The neighbours of a moved object: the right ones, near first, with the distance a plain propagation gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog.records import mean_elements
from configs.judgement import ProximityConfig
from models.assess.proximity import geo_offset, history_lookup, latest_sets, nearest, without_neighbours
from orbits.elements import kozai_mean_motion_rev_day
from orbits.frames import gmst_deg
from orbits.geosynchronous import semi_major_axis_of_drift_km
from orbits.propagate import propagate_grid

EPOCH = pd.Timestamp("2026-02-01", tz="UTC")
EPOCH_US = 1_769_904_000_000_000
AVAILABLE = EPOCH + pd.Timedelta(hours=6)


def element_set(
    norad_id: int, a_km: float, inclination_deg: float, raan_deg: float, anomaly_deg: float, e: float = 1e-4
):
    motion = kozai_mean_motion_rev_day(np.array([a_km]), np.array([e]), np.array([inclination_deg]))
    return {
        "norad_id": norad_id, "epoch": EPOCH, "available_at": AVAILABLE, "mean_motion_rev_day": motion[0],
        "eccentricity": e, "inclination_deg": inclination_deg, "raan_deg": raan_deg % 360, "arg_pericenter_deg": 0.0,
        "mean_anomaly_deg": anomaly_deg % 360, "bstar_inv_er": 0.0,
    }  # fmt: skip


def stationary(norad_id: int, longitude_deg: float, drift_deg_day: float = 0.0, inclination_deg: float = 0.05):
    anomaly = longitude_deg + float(gmst_deg(np.array([EPOCH_US]))[0]) - 60.0
    return element_set(norad_id, float(semi_major_axis_of_drift_km(drift_deg_day)), inclination_deg, 60.0, anomaly)


def frame(*sets: dict) -> pd.DataFrame:
    made = pd.DataFrame(list(sets))
    for name in ("epoch", "available_at"):
        made[name] = made[name].dt.as_unit("us")
    return made


def events(*norad_ids: int, unexpectedness: float = 3.0) -> pd.DataFrame:
    count = len(norad_ids)
    return pd.DataFrame(
        {
            "norad_id": norad_ids,
            "epoch_before": pd.to_datetime([EPOCH - pd.Timedelta(days=1)] * count).as_unit("us"),
            "epoch_after": pd.to_datetime([EPOCH] * count).as_unit("us"),
            "available_at": pd.to_datetime([AVAILABLE] * count).as_unit("us"),
            "unexpectedness": unexpectedness - np.arange(count) * 0.1,
            "reasons": [["moved"] for _ in range(count)],
        }
    )


def test_a_drifter_passes_who_lies_ahead_and_not_who_lies_behind():
    history = frame(stationary(1, 30.0, -0.9), stationary(2, 25.0), stationary(3, 35.0), stationary(4, -120.0))
    out = nearest(events(1), history_lookup(history), {2: "AHEAD"})
    found = out["neighbours"].iloc[0]
    assert [n["norad_id"] for n in found] == [2]
    assert found[0]["name"] == "AHEAD"
    assert abs(pd.Timestamp(found[0]["when"]) - EPOCH - pd.Timedelta(days=5.6)) < pd.Timedelta(days=1.5)
    assert out["reasons"].iloc[0][0] == "moved"
    assert "from AHEAD on 2026-02-0" in out["reasons"].iloc[0][1]


def test_what_drifts_by_is_no_neighbour():
    """The graveyard passes one that stands; one that flies along at the same drift stays beside it."""
    history = frame(stationary(1, 30.0), stationary(2, 40.0, -1.4), stationary(3, 29.9, -0.2), stationary(4, 30.3))
    assert [n["norad_id"] for n in nearest(events(1), history_lookup(history), {})["neighbours"].iloc[0]] == [4]
    history = frame(stationary(1, 30.0, -4.0), stationary(2, 30.05, -4.0), stationary(3, 50.0, -6.0))
    assert [n["norad_id"] for n in nearest(events(1), history_lookup(history), {})["neighbours"].iloc[0]] == [2]


def test_the_pull_of_the_earth_is_in_the_reach_of_a_drifter():
    """Left alone at 120 E, one that stands is taken half a degree to the west within the horizon."""
    history = frame(stationary(1, 120.0, 0.0), stationary(2, 118.75), stationary(3, 121.25))
    assert [n["norad_id"] for n in nearest(events(1), history_lookup(history), {})["neighbours"].iloc[0]] == [2]


def test_who_stands_beside_is_said_in_longitude():
    history = frame(stationary(1, 30.0, 0.001), stationary(2, 30.05))
    out = nearest(events(1), history_lookup(history), {2: "HOST"})
    assert out["reasons"].iloc[0][1] == "stands 0.05 deg of longitude from HOST"


def test_the_miss_is_that_of_a_plain_propagation():
    history = frame(element_set(1, 7000, 98.0, 10.0, 0.0), element_set(2, 7003, 98.05, 10.1, 2.0))
    found = nearest(events(1), history_lookup(history), {}, ProximityConfig(days=2.0))["neighbours"].iloc[0]
    times = EPOCH_US + 21_600_000_000 + np.arange(0, 2 * 86_400, 2, dtype=np.int64) * 1_000_000
    state = propagate_grid(mean_elements(history), times)
    distance = np.linalg.norm(state.position_km[0] - state.position_km[1], axis=-1)
    assert found[0]["miss_km"] == pytest.approx(distance.min(), rel=0.02, abs=0.05)
    assert found[0]["name"] == "2"


def test_other_planes_and_altitudes_are_no_neighbours_in_low_orbit():
    history = frame(
        element_set(1, 7000, 98.0, 10.0, 0.0),
        element_set(2, 7005, 98.0, 80.0, 0.0),
        element_set(3, 7300, 98.0, 10.0, 0.0),
        element_set(4, 7005, 98.1, 10.2, 50.0),
    )
    found = nearest(events(1), history_lookup(history), {})["neighbours"].iloc[0]
    assert [n["norad_id"] for n in found] == [4]


def test_nodes_are_compared_at_one_time():
    """Two sets of different epochs in one plane: the node has turned by degrees between them."""
    later = element_set(2, 7000, 98.0, 10.0, 30.0)
    node_rate = 0.98  # sun-synchronous [deg/day]
    earlier = element_set(1, 7025, 98.0, 10.0 - 8 * node_rate, 0.0) | {
        "epoch": EPOCH - pd.Timedelta(days=8), "available_at": AVAILABLE - pd.Timedelta(days=8)
    }  # fmt: skip
    history = frame(earlier, later)
    found = nearest(events(2), history_lookup(history), {}, ProximityConfig(days=20))["neighbours"].iloc[0]
    assert [n["norad_id"] for n in found] == [1]


def test_only_the_most_unexpected_events_are_looked_at():
    history = frame(stationary(1, 30.0), stationary(2, 30.1), stationary(3, 30.2))
    out = nearest(events(1, 2, 3), history_lookup(history), {}, ProximityConfig(max_events=2))
    assert [len(found) for found in out["neighbours"]] == [2, 2, 0]
    assert out["reasons"].iloc[2] == ["moved"]


def test_top_limits_and_order():
    history = frame(stationary(1, 30.0), *(stationary(10 + k, 30.0 + 0.1 * (k + 1)) for k in range(6)))
    found = nearest(events(1), history_lookup(history), {}, ProximityConfig(top=3))["neighbours"].iloc[0]
    assert [n["norad_id"] for n in found] == [10, 11, 12]
    assert [n["miss_km"] for n in found] == sorted(n["miss_km"] for n in found)


def test_stale_sets_and_unknown_movers_give_nothing():
    stale = stationary(2, 30.1) | {"epoch": EPOCH - pd.Timedelta(days=40)}
    history = frame(stationary(1, 30.0), stale)
    assert nearest(events(1), history_lookup(history), {})["neighbours"].iloc[0] == []
    assert nearest(events(99), history_lookup(history), {})["neighbours"].iloc[0] == []
    assert nearest(events(1).iloc[:0], history_lookup(history), {})["neighbours"].tolist() == []


def test_latest_sets_takes_the_newest_epoch_then_the_newest_issue():
    first, second = stationary(1, 30.0), stationary(1, 31.0) | {"available_at": AVAILABLE + pd.Timedelta(hours=1)}
    old = stationary(1, 29.0) | {
        "epoch": EPOCH - pd.Timedelta(days=1),
        "available_at": AVAILABLE + pd.Timedelta(days=3),
    }
    latest = latest_sets(frame(second, first, old))
    assert latest["available_at"].tolist() == [AVAILABLE + pd.Timedelta(hours=1)]


def test_longitude_offsets_wrap():
    sets = mean_elements(frame(stationary(1, 179.5), stationary(2, -179.5, 0.3)))
    offset, rate = geo_offset(sets[:1], sets[1:], EPOCH_US)
    assert offset[0] == pytest.approx(1.0, abs=0.01)
    assert rate[0] == pytest.approx(0.3, abs=0.01)


def test_who_is_not_looked_at_is_known():
    assert without_neighbours(events(1, 2, 3), ProximityConfig(max_events=2)).sum() == 1
    assert not without_neighbours(events(1, 2, 3), ProximityConfig(max_events=3)).any()


def test_a_protected_asset_is_named_first_in_the_belt():
    history = frame(stationary(1, 30.0), stationary(2, 30.05), stationary(3, 30.6))
    out = nearest(events(1), history_lookup(history), {3: "ASSET"}, protected={3: 500.0})
    assert [one["norad_id"] for one in out["neighbours"].iloc[0]] == [3, 2]
    assert out["reasons"].iloc[0][1] == (
        "stands 0.60 deg of longitude from the protected ASSET; inside its keep-out distance of 500 km"
    )
