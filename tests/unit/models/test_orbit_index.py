"""The index finds every like orbit and no other; planes, nodes and phases are those of SGP4."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.availability import stamp
from catalog.parse import parse_bytes
from models.assess.orbit_index import OrbitIndex, days_to_zero, orbits_at, pairing, plane_angle_after_deg
from orbits.elements import kozai_mean_motion_rev_day, wrap_deg
from orbits.propagate import drift
from orbits.relative import plane_angle_deg
from tests.naive import assess as naive

EPOCH = pd.Timestamp("2026-02-01", tz="UTC")
EPOCH_US = 1_769_904_000_000_000
DAY_US = 86_400_000_000


def orbit_sets(a_km, e, inclination_deg, raan_deg, anomaly_deg=0.0) -> pd.DataFrame:
    a_km, e, inclination_deg, raan_deg, anomaly_deg = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(x, dtype=float)) for x in (a_km, e, inclination_deg, raan_deg, anomaly_deg))
    )
    return pd.DataFrame(
        {
            "norad_id": np.arange(1, len(a_km) + 1),
            "epoch": pd.DatetimeIndex([EPOCH] * len(a_km)).as_unit("us"),
            "mean_motion_rev_day": kozai_mean_motion_rev_day(a_km, e, inclination_deg),
            "eccentricity": e,
            "inclination_deg": inclination_deg,
            "raan_deg": np.mod(raan_deg, 360.0),
            "arg_pericenter_deg": 0.0,
            "mean_anomaly_deg": np.mod(anomaly_deg, 360.0),
            "bstar_inv_er": 0.0,
        }
    )


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    tilt_deg=st.sampled_from([0.0, 0.5, 53.0, 90.0, 98.0, 179.0]),
    plane_deg=st.sampled_from([0.1, 1.0, 5.0]),
    band_km=st.sampled_from([1.0, 20.0, 200.0]),
)
def test_the_index_finds_what_all_pairs_find(seed, tilt_deg, plane_deg, band_km):
    rng = np.random.default_rng(seed)
    count = 60
    sets = orbit_sets(
        7000 + rng.normal(0, band_km, count),
        np.abs(rng.normal(0, band_km / 14_000, count)),
        np.clip(tilt_deg + rng.normal(0, plane_deg, count), 0, 180),
        rng.choice([0.0, 20.0, 359.9], count) + rng.normal(0, plane_deg, count),
    )
    orbits = orbits_at(sets, EPOCH_US)
    movers = orbits.at(np.arange(12))
    first, second = OrbitIndex(orbits, plane_deg, band_km).near(movers)
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == naive.near(movers, orbits, plane_deg, band_km)


def test_an_index_of_nothing_and_of_what_cannot_be_carried():
    empty = orbits_at(orbit_sets(7000, 0.001, 98, 0).iloc[:0], EPOCH_US)
    decayed = orbits_at(orbit_sets(6300, 0.001, 98, 0), EPOCH_US)
    sound = orbits_at(orbit_sets(7000, 0.001, 98, 0), EPOCH_US)
    for orbits, movers in ((empty, sound), (decayed, sound), (sound, decayed), (sound, empty)):
        assert [len(rows) for rows in OrbitIndex(orbits, 1.0, 10.0).near(movers)] == [0, 0]


def test_pairs_are_as_sgp4_has_them_weeks_later():
    """Rates of node and phase by J2 against SGP4's own motion."""
    sets = orbit_sets([7000, 7012], 0.001, [97.9, 98.1], [40.0, 41.0], [10.0, 50.0])
    orbits = orbits_at(sets, EPOCH_US)
    pair = pairing(orbits.at(np.array([0])), orbits.at(np.array([1])))
    days = 20
    later = orbits_at(sets, EPOCH_US + days * DAY_US)
    then = pairing(later.at(np.array([0])), later.at(np.array([1])))
    node = wrap_deg(then.node_difference_deg - pair.node_difference_deg)
    assert pair.node_rate_difference_deg_year * days / 365.25 == pytest.approx(node, abs=0.003)
    # The phase turns by full circles too: one that is 0.1 deg/day off would miss by two degrees.
    phase = wrap_deg(then.phase_deg - pair.phase_deg - pair.phase_rate_deg_day * days)
    assert abs(phase) < 0.5
    angle = plane_angle_after_deg(orbits.at(np.array([0])), orbits.at(np.array([1])), float(days))
    assert angle == pytest.approx(then.plane_angle_deg, abs=0.005)
    mean = drift(later.elements, np.full(2, EPOCH_US + days * DAY_US))
    assert mean.raan_deg == pytest.approx(later.raan_deg)


def test_the_plane_angle_is_that_of_orbits():
    orbits = orbits_at(orbit_sets(7000, 0.001, [10.0, 97.0, 97.0], [0.0, 100.0, 100.001]), EPOCH_US)
    ours = pairing(orbits.at(np.array([0, 1])), orbits.at(np.array([1, 2]))).plane_angle_deg
    theirs = plane_angle_deg(orbits.elements[:2], orbits.elements[1:])
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_the_phase_counts_from_the_other_ahead():
    orbits = orbits_at(orbit_sets(7000, 0.0001, 98.0, [0.0, 0.0, 0.5], [0.0, 5.0, 0.0]), EPOCH_US)
    phase = pairing(orbits.at(np.array([0, 1, 0])), orbits.at(np.array([1, 0, 2]))).phase_deg
    assert phase == pytest.approx([5.0, -5.0, 0.5 * np.cos(np.radians(98.0))], abs=1e-6)


def test_when_an_angle_comes_to_zero():
    days = days_to_zero(np.array([10.0, 10.0, -10.0, 10.0, 0.0]), np.array([-2.0, 2.0, 2.0, 0.0, 0.0]))
    assert days.tolist() == [5.0, 175.0, 5.0, np.inf, 0.0]


@pytest.mark.real_data
def test_no_neighbor_of_the_real_catalog_is_missed(real_data):
    path = real_data / "catalogue_2026-05" / "2026-05-12.tle.gz"
    sets = stamp(parse_bytes(gzip.decompress(path.read_bytes()), name=path.name), source="file")
    sets = sets.drop_duplicates("norad_id", keep="last", ignore_index=True)
    orbits = orbits_at(sets, 1_778_630_400_000_000)
    rng = np.random.default_rng(4)
    chosen = np.sort(rng.choice(len(sets), 50, replace=False))
    movers = orbits.at(chosen)
    first, second = OrbitIndex(orbits, 3.0, 100.0).near(movers)
    expected = set()
    everyone = np.arange(len(sets))
    for row in range(len(chosen)):
        pair = pairing(movers.at(np.full(len(sets), row)), orbits)
        like = (pair.plane_angle_deg <= 3.0) & (pair.radii_gap_km <= 100.0)
        expected |= {(row, other) for other in everyone[like].tolist()}
    assert len(expected) > 500
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == expected
