"""What an object's constellation, operator and regime say of its burns."""

from __future__ import annotations

import pandas as pd
import pytest

from models.assess.pattern import assess
from models.assess.peers import family_of
from tests.burn_events import day_of, event, fleet_objects, judged, keeper


def test_young_objects_are_judged_by_their_peers():
    peers = [burn for norad_id in range(10, 30) for burn in keeper(norad_id, size=0.05)]
    usual = judged(*peers, event(1, 365, t=0.05, watched_from=350))
    large = judged(*peers, event(1, 365, t=5.0, watched_from=350))
    assert usual["unexpectedness"].iloc[-1] < 1
    assert large["unexpectedness"].iloc[-1] > usual["unexpectedness"].iloc[-1] + 1
    assert "what is usual for its peers" in " ".join(large["reasons"].iloc[-1])


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("STARLINK-34605", "STARLINK"),
        ("BEIDOU-3 IGSO-1 (C38)", "BEIDOU"),
        ("ASTRA 1KR", "ASTRA"),
        ("SENTINEL-3A", "SENTINEL"),
        ("Eutelsat 7 West A", "EUTELSAT"),
        ("ATLAS V", "ATLAS"),
        ("ENVISAT", "ENVISAT"),
        ("2012-044C", ""),
        ("", ""),
    ],
)
def test_names_tell_the_constellation(name, family):
    assert family_of(name) == family


def test_a_constellations_outlier_stands_out_though_young():
    """Far less than what is large for its regime, and far more than what its siblings do."""
    siblings = [burn for i in range(10, 25) for burn in keeper(i, size=0.01)]
    strangers = [burn for i in range(30, 45) for burn in keeper(i, size=1.0 + 0.1 * (i - 30))]
    objects = pd.concat([fleet_objects(range(1, 25), "FLOCK"), fleet_objects(range(30, 45), "MIXED")])
    frame = pd.DataFrame([*siblings, *strangers, event(1, 372, t=0.5, watched_from=360)])
    known, unknown = assess(frame, objects), assess(frame)
    assert known["surprise"].iloc[-1] > unknown["surprise"].iloc[-1] + 0.5
    assert any("what is usual for its peers" in text for text in known["reasons"].iloc[-1])
    sibling = pd.DataFrame([*siblings, *strangers, event(1, 372, t=0.011, watched_from=360)])
    assert assess(sibling, objects)["surprise"].iloc[-1] < 0.5


def test_one_busy_object_does_not_speak_for_its_group():
    busy = keeper(10, days=360, every=3.5, size=0.01)
    many = [burn for i in range(10, 24) for burn in keeper(i, days=360, every=49, size=0.01)]
    objects = fleet_objects(range(1, 30), "FLOCK")
    burn = event(1, 372, t=0.5, watched_from=360)
    by_one = assess(pd.DataFrame([*busy, burn]), objects)["surprise"].iloc[-1]
    by_many = assess(pd.DataFrame([*many, burn]), objects)["surprise"].iloc[-1]
    assert by_many > by_one


def test_objects_of_which_nothing_is_known_change_nothing():
    frame = pd.DataFrame([*keeper(1), *keeper(2)])
    empty = pd.DataFrame({"norad_id": [1, 2], "name": ["", ""], "owner": ["", ""], "users": ["", ""]})
    assert assess(frame, empty)["surprise"].tolist() == assess(frame)["surprise"].tolist()
    assert assess(frame, empty.iloc[:0])["surprise"].tolist() == assess(frame)["surprise"].tolist()


def test_what_new_objects_do_on_their_way_is_no_measure_of_the_others():
    objects = fleet_objects(range(1, 60), "FLOCK")
    keepers = [keeper_burn | {"age_days": 900.0} for i in range(10, 20) for keeper_burn in keeper(i, size=0.01)]
    raises = [
        event(i, 300.0 + 3 * k, t=10.0, a_km=6800 + 20 * k, watched_from=290) | {"age_days": 10.0 + 3 * k}
        for i in range(30, 45)
        for k in range(5)
    ]
    burn = event(1, 372, t=10.0, a_km=7119, watched_from=100)
    grown = assess(pd.DataFrame([*keepers, *raises, burn | {"age_days": 900.0}]), objects)["surprise"].iloc[-1]
    young = assess(pd.DataFrame([*keepers, *raises, burn | {"age_days": 20.0}]), objects)["surprise"].iloc[-1]
    without = assess(pd.DataFrame([*keepers, burn | {"age_days": 900.0}]), objects)["surprise"].iloc[-1]
    assert grown > young + 1
    assert grown == without


def test_neighbors_in_number_tell_who_is_new():
    keepers = [one | {"age_days": 2000.0 + day_of(one)} for i in range(10, 20) for one in keeper(i)]
    raises = [event(1000 + i, 370.0, t=9.0, a_km=6800) | {"age_days": 30.0} for i in range(10)]
    burn = event(1005, 375, t=9.0, a_km=6820)
    among_new = assess(pd.DataFrame([*keepers, *raises, burn | {"norad_id": 1012}]))["surprise"].iloc[-1]
    among_old = assess(pd.DataFrame([*keepers, *raises, burn | {"norad_id": 22}]))["surprise"].iloc[-1]
    nobody_near = assess(pd.DataFrame([*keepers, *raises, burn | {"norad_id": 9000}]))["surprise"].iloc[-1]
    assert among_old > among_new + 0.5
    assert nobody_near == pytest.approx(among_old, abs=1e-9)
