"""Departures, stops and reversals in GEO against station-keeping."""

from __future__ import annotations

from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM as GEO
from tests.burn_events import event, geo_keeper, geo_turn, judged, keeper, last


def test_a_departure_in_geo_outranks_north_south_and_commissioning():
    commissioning = [
        event(5, 3.0 + 2 * k, t=15.0, regime="geo", watched_from=0.0, a_km=GEO - 800 + 200 * k)
        | {"age_days": 3.0 + 2 * k}
        for k in range(4)
    ]
    departure = event(2, 372, t=-2.6, regime="geo", a_km=GEO - 71)
    out = judged(*geo_keeper(1), *keeper(2, size=0.06, regime="geo"), *geo_keeper(3), *commissioning, departure)
    assert out["unexpectedness"].idxmax() == len(out) - 1
    assert "now drifts 0.9" in " ".join(out["reasons"].iloc[-1])
    assert "deg/day east" in " ".join(out["reasons"].iloc[-1])


def test_a_later_move_of_a_chain_surprises_less_than_the_first():
    moves = [event(1, 370 + 20 * k, t=2.5 * (-1) ** k, regime="geo", a_km=GEO + 70 * (k % 2 == 0)) for k in range(4)]
    out = judged(*keeper(1, size=0.06, regime="geo"), *moves)
    chain = out["unexpectedness"].iloc[-4:].to_numpy()
    assert chain[0] == chain.max()
    assert chain[2] < chain[0] - 1


def test_a_departure_is_news_and_what_follows_it_less():
    departure = geo_turn(1, 370, 0.0, 1.2)
    stop = geo_turn(1, 385, 1.2, 0.0)
    first, then = last(departure), last(departure, stop)
    assert first["surprise"] > 2
    assert any("now drifts 1.20 deg/day east, kept its place before" in text for text in first["reasons"])
    assert then["surprise"] < first["surprise"] - 1


def test_a_drifter_that_turns_back_or_stops_is_news_and_one_that_trims_is_not():
    trim, stop, back = (last(geo_turn(1, 370, 0.7, after)) for after in (0.72, 0.0, -0.7))
    assert back["surprise"] > trim["surprise"] + 1
    assert stop["surprise"] > trim["surprise"] + 0.7
    assert any("turns back: now drifts 0.70 deg/day west, 0.70 deg/day east before" in text for text in back["reasons"])


def test_a_turn_of_one_that_drifts_by_habit_surprises_as_a_departure_does_and_more_than_on_a_way_of_its_own():
    stop_by_habit = last(geo_turn(1, 370, 0.7, 0.0))
    stop_on_its_way = last(geo_turn(1, 360, 0.0, 0.7), geo_turn(1, 370, 0.7, 0.0))
    assert stop_by_habit["surprise"] > 1
    assert stop_by_habit["surprise"] > stop_on_its_way["surprise"] + 0.5


def test_station_keeping_is_no_news():
    north_south = last(geo_turn(1, 370, 0.0, 0.001, dv_n_m_s=1.5))
    trim = last(geo_turn(1, 370, -0.012, 0.012))
    assert north_south["surprise"] < 1
    assert trim["surprise"] < 1


def test_a_new_object_may_drift_to_its_place():
    old, new = (last(geo_turn(1, 370, 0.0, 1.2, age_days=age)) for age in (3000.0, 20.0))
    assert new["surprise"] < old["surprise"] - 0.5
