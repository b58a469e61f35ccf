"""Which object a catalog number stands for is told by what an engine can do between two sets, and by nothing later."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog.numbers import KEY_STEP, by_identity, identities, least_dv_km_s, newest_identity, number_of
from catalog.records import mean_elements
from orbits.elements import kozai_mean_motion_rev_day
from tests.synthetic_history import synthetic_history


def object_sets(places: list[int], norad_id: int = 95021) -> pd.DataFrame:
    """Sets of one number: of its own orbit where 0 stands, of another in a plane 40 deg away where 1 stands, and so on."""
    history = synthetic_history(len(places), noise_a_m=5.0, norad_id=norad_id)
    history["raan_deg"] = (history["raan_deg"] + 40.0 * np.array(places)) % 360
    return history


def orbit(a_km: float, eccentricity: float, inclination_deg: float, raan_deg: float, day: float) -> dict[str, object]:
    motion = float(kozai_mean_motion_rev_day(a_km, eccentricity, inclination_deg))
    return {
        "norad_id": 7,
        "epoch": pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(days=day),
        "mean_motion_rev_day": motion,
        "eccentricity": eccentricity,
        "inclination_deg": inclination_deg,
        "raan_deg": raan_deg,
        "arg_pericenter_deg": 0.0,
        "mean_anomaly_deg": 0.0,
        "bstar_inv_er": 0.0,
    }


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([0] * 6, [0] * 6),
        ([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1]),
        ([0, 0, 1, 0, 0, 0], [0, 0, 1, 0, 0, 0]),
        ([0, 0, 1, 1, 0, 0, 1, 1], [0, 0, 1, 1, 0, 0, 1, 1]),
        ([0, 0, 1, 1, 2, 2, 1, 0], [0, 0, 1, 1, 2, 2, 1, 0]),
    ],
    ids=["one object", "given out again", "a set of another's", "to and fro", "three"],
)
def test_the_objects_of_a_number_come_apart(places, expected):
    assert identities(object_sets(places)).tolist() == expected


def test_what_comes_later_changes_nothing():
    history = object_sets([0, 0, 1, 0, 2, 2, 1, 0, 0, 1])
    whole = identities(history)
    for count in range(1, len(history)):
        assert identities(history.iloc[:count]).tolist() == whole[:count].tolist()


def test_other_numbers_change_nothing():
    mine, others = object_sets([0, 0, 1, 1], 95021), synthetic_history(5, norad_id=40000)
    history = pd.concat([others, mine], ignore_index=True)
    assert identities(history).tolist() == [0] * 5 + [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("before", "after", "days"),
    [
        ((24_400.0, 0.728, 28.5, 10.0), (42_164.0, 0.0005, 0.5, 200.0), 1.5),  # an apogee motor into GEO
        ((6_650.0, 0.002, 51.6, 10.0), (6_790.0, 0.001, 51.6, 4.9), 1.0),  # a ferry to its station
        ((42_164.0, 0.0003, 10.6, 50.0), (42_164.0, 0.0003, 4.4, 50.5), 7.0),  # the largest plane change seen in GEO
        ((7_150.0, 0.001, 98.5, 10.0), (6_600.0, 0.045, 98.5, 10.9), 1.0),  # a deorbit burn
        ((6_800.0, 0.001, 51.6, 300.0), (6_720.0, 0.001, 51.6, 100.0), 40.0),  # weeks of decay, the node with it
        ((7_000.0, 0.001, 45.0, 10.0), (42_164.0, 0.001, 30.0, 90.0), 200.0),  # an electric engine, for months
    ],
)
def test_what_satellites_do_is_of_one_object(before, after, days):
    history = pd.DataFrame([orbit(*before, 0.0), orbit(*after, days)])
    assert identities(history).tolist() == [0, 0]


def test_the_least_dv_is_less_than_any_way_takes():
    """Hohmann's transfer between circular orbits, and a turn of a circular orbit where it stands."""
    history = pd.DataFrame(
        [orbit(7_000.0, 0.0, 30.0, 0.0, 0.0), orbit(42_164.0, 0.0, 30.0, 0.0, 0.0), orbit(7_000.0, 0.0, 40.0, 0.0, 0.0)]
    )
    elements = mean_elements(history)
    raised, turned = least_dv_km_s(elements, np.array([0, 0]), np.array([1, 2]))
    assert 2.0 < raised < 3.77  # Vallado, 4th ed., section 6.3, for these radii
    assert turned == pytest.approx(2 * 7.546 * np.sin(np.radians(5.0)), rel=1e-3)


def test_keys_keep_the_first_object_and_give_the_number_back():
    history = object_sets([0, 0, 1, 0, 1])
    keyed = by_identity(history)
    assert keyed["norad_id"].tolist() == [95021] * 3 + [95021 + KEY_STEP] * 2
    assert number_of(keyed["norad_id"].to_numpy()).tolist() == [95021] * 5
    assert keyed.groupby("norad_id")["epoch"].is_monotonic_increasing.all()
    plain = object_sets([0, 0, 0])
    assert by_identity(plain) is plain
    assert newest_identity(history).tolist() == [False, False, True, False, True]
