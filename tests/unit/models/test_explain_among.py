"""What the element sets of other objects say against a maneuver."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog.objects import empty_objects
from catalog.weather import empty_weather
from configs.explanation import ExplanationConfig
from models.characterize.explain.loss import break_ups, losses
from models.characterize.explain.pairs import cross_tags, sky_of
from models.characterize.explain.storm import Drag, storms
from tests.synthetic_history import DAY_US, START_US, synthetic_history

CONFIG = ExplanationConfig()
PLACE = 20


def pair(raan_apart_deg: float = 0.0, along_deg: float = 8.0, orbit: str = "leo") -> tuple[pd.DataFrame, pd.DataFrame]:
    first = synthetic_history(40, orbit=orbit, norad_id=90001)
    second = synthetic_history(40, orbit=orbit, norad_id=90002, seed=3)
    return first, second.assign(
        raan_deg=(second["raan_deg"] + raan_apart_deg) % 360,
        mean_anomaly_deg=(second["mean_anomaly_deg"] + along_deg) % 360,
    )


def sorted_sets(*histories: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(histories).sort_values(["norad_id", "epoch"], ignore_index=True)


def event_of(history: pd.DataFrame, norad_id: int, place: int, **values: object) -> pd.DataFrame:
    own = history[history["norad_id"] == norad_id]
    keys = {
        "norad_id": norad_id,
        "epoch_before": own["epoch"].iloc[place - 1],
        "epoch_after": own["epoch"].iloc[place],
    }
    return pd.DataFrame([keys | values])


@pytest.mark.parametrize("orbit", ["leo", "geo"])
def test_two_objects_that_exchange_their_numbers(orbit):
    first, second = pair(0.4, orbit=orbit)
    when = first["epoch"].iloc[PLACE] - pd.Timedelta(hours=6)
    history = sorted_sets(first, second)
    swapped = history.copy()
    late = swapped["epoch"] > when
    swapped.loc[late, "norad_id"] = 180003 - swapped.loc[late, "norad_id"]
    swapped = swapped.sort_values(["norad_id", "epoch"], ignore_index=True)
    for norad_id in (90001, 90002):
        own = swapped[swapped["norad_id"] == norad_id]
        place = int((own["epoch"] <= when).sum())
        finding = cross_tags(event_of(swapped, norad_id, place), sky_of(swapped), {90001: "ANNA"}, CONFIG)
        assert finding.explained.all()
        assert f"exchanged with {'90002' if norad_id == 90001 else 'ANNA (90001)'}" in finding.notes[0]
        # Where nothing was exchanged nothing is found.
        assert cross_tags(event_of(history, norad_id, PLACE), sky_of(history), {}, CONFIG).notes == [""]


@pytest.mark.parametrize("drift_deg", [0.0, 3.0])
def test_an_exchange_is_told_though_nobody_knows_where_along_their_orbits_they_are(drift_deg):
    """Both maneuver: a degree along the track is 125 km, which no carried orbit explains; their planes are as before."""
    first, second = pair(2.0)
    when = first["epoch"].iloc[PLACE] - pd.Timedelta(hours=6)
    swapped = sorted_sets(first, second)
    late = swapped["epoch"] > when
    swapped.loc[late, "mean_anomaly_deg"] = (swapped.loc[late, "mean_anomaly_deg"] + drift_deg) % 360
    swapped.loc[late, "norad_id"] = 180003 - swapped.loc[late, "norad_id"]
    swapped = swapped.sort_values(["norad_id", "epoch"], ignore_index=True)
    place = int((swapped.loc[swapped["norad_id"] == 90001, "epoch"] <= when).sum())
    finding = cross_tags(event_of(swapped, 90001, place), sky_of(swapped), {}, CONFIG)
    assert finding.explained.all()
    assert ("in the plane and orbit of the other" in finding.notes[0]) == (drift_deg > 0)
    # The other one alone jumps: it burned, as far as anybody can tell.
    one_way = swapped[(swapped["norad_id"] == 90001) | (swapped["epoch"] <= when)].reset_index(drop=True)
    assert not cross_tags(event_of(one_way, 90001, place), sky_of(one_way), {}, CONFIG).explained.any()


def test_a_set_of_another_object_is_named():
    first, second = pair(0.4)
    history = sorted_sets(first, second)
    own = np.flatnonzero(history["norad_id"] == 90001)[PLACE]
    near = history[history["norad_id"] == 90002].iloc[PLACE]
    borrowed = near.drop("norad_id").to_dict()
    for name, value in borrowed.items():
        history[name] = history[name].astype(object).where(history.index != own, value).astype(history[name].dtype)
    finding = cross_tags(
        event_of(history, 90001, PLACE, own_explanation="bad element set"), sky_of(history), {}, CONFIG
    )
    assert finding.explained.all()
    assert "is 90002's" in finding.notes[0]
    unnamed = cross_tags(event_of(history, 90001, PLACE, own_explanation="maneuver"), sky_of(history), {}, CONFIG)
    assert not unnamed.explained.any()


def test_objects_that_move_as_one_keep_their_maneuver():
    first = synthetic_history(40, norad_id=90001, burns_a_m={PLACE - 1: 800.0})
    history = sorted_sets(first, first.assign(norad_id=90002))
    finding = cross_tags(event_of(history, 90001, PLACE), sky_of(history), {90002: "CLIENT"}, CONFIG)
    assert not finding.explained.any()
    assert finding.notes[0].startswith("moves as one with CLIENT (90002): docked")


def test_objects_that_part_and_meet():
    still = synthetic_history(40, norad_id=90001)
    leaves = synthetic_history(40, norad_id=90002, burns_a_m={PLACE - 1: 800.0})
    history = sorted_sets(still, leaves)
    finding = cross_tags(event_of(history, 90002, PLACE), sky_of(history), {}, CONFIG)
    assert finding.notes[0].startswith("until then as one with 90001")
    assert not finding.explained.any()


def air(excess: dict[int, float], storm_day: float = 15.0, height_km: float = 500.0) -> Drag:
    """Daily gaps of objects of one altitude, which fall 50 m a day, and on one day by their excess more."""
    days = np.arange(20)
    parts = []
    for norad_id, more in excess.items():
        step = np.where(days == storm_day, -50.0 * more, 0.0)
        parts.append((np.full(20, norad_id), START_US + days * DAY_US, START_US + (days + 1) * DAY_US, step))
    ids, begin, end, step = (np.concatenate(column) for column in zip(*parts, strict=True))
    size = len(ids)
    return Drag(ids, begin, end, np.full(size, height_km), np.full(size, 50.0), step)


def stormy(drag: Drag, ap: float | None = 200.0, delta_a_km: float = -0.1, norad_id: int = 1) -> tuple[bool, str]:
    begin = pd.Timestamp(START_US + 15 * DAY_US, unit="us", tz="UTC").as_unit("us")
    row = {
        "norad_id": norad_id,
        "epoch_before": begin,
        "epoch_after": begin + pd.Timedelta(days=1),
        "delta_a_km": delta_a_km,
    }
    weather = empty_weather()
    if ap is not None:
        dates = pd.date_range(begin - pd.Timedelta(days=10), periods=15).astype("datetime64[us, UTC]")
        weather = pd.DataFrame({"date": dates, "ap_daily": ap, "observed": True})
    finding = storms(pd.DataFrame([row]), drag, weather, CONFIG)
    return bool(finding.explained[0]), finding.notes[0]


SHARED = dict.fromkeys(range(2, 9), 2.0)


def test_a_storm_is_what_the_neighbors_feel_too():
    explained, note = stormy(air({1: 2.5} | SHARED))
    assert explained
    assert note == (
        "it fell 250 % more than its B* foresaw, the 7 objects within 25 km of altitude 200 % more over the same days; "
        "daily Ap up to 200"
    )
    assert stormy(air({1: 2.5} | SHARED), ap=None)[0]


def test_a_burn_on_the_day_of_a_storm_stays_a_maneuver():
    assert not stormy(air({1: -3.0} | SHARED))[0]  # a raise
    assert not stormy(air({1: 9.0} | SHARED))[0]  # it fell far more than the storm took
    assert not stormy(air({1: 2.5} | SHARED), delta_a_km=-3.0)[0]  # what the later sets say is no day of drag


def test_a_calm_sky_explains_nothing():
    assert not stormy(air({1: 2.5} | dict.fromkeys(range(2, 9), 0.0)))[0]
    assert not stormy(air({1: 2.5} | SHARED), ap=5.0)[0]


def test_alone_in_its_altitude_the_index_speaks():
    assert stormy(air({1: 2.5}))[0]
    assert not stormy(air({1: 2.5}), ap=40.0)[0]
    assert not stormy(air({1: 2.5}), ap=None)[0]


def covered(last_day: float, norad_id: int = 1, first_day: float = 0.0) -> dict[str, object]:
    first, last = (pd.Timestamp("2024-01-01", tz="UTC") + pd.Timedelta(days=day) for day in (first_day, last_day))
    return {"norad_id": norad_id, "count": last_day - first_day + 1, "first_epoch": first, "last_epoch": last}


def coverage(*rows: dict[str, object]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    return frame.astype({"first_epoch": "datetime64[us, UTC]", "last_epoch": "datetime64[us, UTC]"})


def window(day: float, norad_id: int = 1) -> pd.DataFrame:
    end = pd.Timestamp("2024-01-01", tz="UTC") + pd.Timedelta(days=day)
    frame = pd.DataFrame([{"norad_id": norad_id, "epoch_before": end - pd.Timedelta(days=1), "epoch_after": end}])
    return frame.astype({"epoch_before": "datetime64[us, UTC]", "epoch_after": "datetime64[us, UTC]"})


@pytest.mark.parametrize(("event_day", "end_day", "lost"), [(100, 160, True), (100, 110, False), (80, 160, False)])
def test_an_object_that_is_seen_no_more(event_day, end_day, lost):
    finding = losses(window(event_day), coverage(covered(100), covered(end_day, 2)), CONFIG)
    assert finding.explained.tolist() == [lost]
    assert ("the object was lost" in finding.notes[0]) == lost


@pytest.mark.parametrize(("plane_deg", "broke"), [(0.3, True), (20.0, False)])
def test_pieces_in_the_plane_of_the_parent(plane_deg, broke):
    parent = synthetic_history(200, norad_id=1)
    pieces = [
        synthetic_history(20, norad_id=k, seed=k, spacing_days=0.5).assign(
            raan_deg=lambda sets: (sets["raan_deg"] + plane_deg) % 360
        )
        for k in range(10, 15)
    ]
    for piece in pieces:  # catalogued from the hundredth day on, where the parent's plane is by then
        place = int(np.argmin(np.abs((parent["epoch"] - parent["epoch"].iloc[0]).dt.total_seconds() / 86_400 - 110)))
        piece["epoch"] = piece["epoch"] + (parent["epoch"].iloc[place] - piece["epoch"].iloc[0])
        piece["raan_deg"] = (parent["raan_deg"].iloc[place] + plane_deg) % 360
    history = sorted_sets(parent, *pieces)
    known = history.groupby("norad_id", as_index=False).agg(
        count=("epoch", "size"), first_epoch=("epoch", "min"), last_epoch=("epoch", "max")
    )
    objects = empty_objects().reindex(range(6))
    objects["norad_id"] = [1, *range(10, 15)]
    objects["object_id"] = ["1993-036A", *(f"1993-036{letter}" for letter in "BCDEF")]
    event = event_of(history, 1, 100)
    finding = break_ups(event, known, objects, lambda ids: history[history["norad_id"].isin(ids)], CONFIG)
    assert finding.explained.tolist() == [broke]
    # Where the whole launch is new to the store nothing broke.
    early = break_ups(event_of(history, 1, 10), known, objects, lambda ids: history, CONFIG)
    assert not early.explained.any()
