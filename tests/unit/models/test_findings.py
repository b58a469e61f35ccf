"""Findings from synthetic histories of burns."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pytest

from catalog.object_records import empty_objects
from configs.findings import FindingsConfig
from models.assess.findings import empty_findings, update
from models.assess.findings.belt import turned, unplaced, without_mistaken
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM
from orbits.elements import wrap_deg
from orbits.geosynchronous import semi_major_axis_of_drift_km

DAY = pd.Timedelta(days=1)
BEGIN = pd.Timestamp("2030-01-01", tz="UTC")
CONFIG = FindingsConfig()


class World:
    """A belt in which objects burn: what a day would show of it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.legs: dict[int, list[tuple[float, float, float, float]]] = {}  # day, longitude, drift, a
        self.names: dict[int, str] = {}
        self.launched: dict[int, float] = {}

    def put(self, norad_id: int, name: str, longitude: float, drift: float = 0.0, since: float = -90.0) -> None:
        self.names[norad_id] = name
        self.legs[norad_id] = [(since, longitude, drift, float(semi_major_axis_of_drift_km(drift)))]

    def longitude(self, norad_id: int, day: float) -> float:
        begin, longitude, drift, _ = [leg for leg in self.legs[norad_id] if leg[0] <= day][-1]
        return float(wrap_deg(np.float64(longitude + drift * (day - begin))))

    def burn(
        self, norad_id: int, day: float, drift: float, *, listed: bool = False, unexpectedness: float = 4.0
    ) -> None:
        """Change the drift at a day; the event is seen a day later."""
        before = self.legs[norad_id][-1][3]
        longitude, a_km = self.longitude(norad_id, day), float(semi_major_axis_of_drift_km(drift))
        self.legs[norad_id].append((day, longitude, drift, a_km))
        self.event(norad_id, day, a_km, a_km - before, longitude, listed=listed, unexpectedness=unexpectedness)

    def event(self, norad_id: int, day: float, a_km: float, delta_a_km: float, longitude: float, **more: Any) -> None:
        time = BEGIN + day * DAY
        self.events.append(
            {
                "norad_id": norad_id,
                "regime": "geo",
                "epoch_before": time - 0.5 * DAY,
                "epoch_after": time + 0.5 * DAY,
                "burn_time": time,
                "available_at": time + 0.75 * DAY,
                "first_seen_at": time + DAY,
                "probability": 0.99,
                "a_km": a_km,
                "delta_a_km": delta_a_km,
                "longitude_deg": longitude,
                "inclination_deg": 1.0,
                "delta_i_deg": 0.0,
                "delta_e": 0.0,
                "dv_t_m_s": delta_a_km / 27.4,
                "dv_n_m_s": 0.0,
                "dv_m_s": abs(delta_a_km) / 27.4,
                "age_days": 4000.0,
                "observed_days": 500.0,
                "kind": "relocation",
                "explanation": "maneuver",
                "reasons": ["never before"],
                "neighbours": [],
                "unexpectedness": 4.0,
                "listed": False,
                **more,
            }
        )

    def seen(self, as_of: pd.Timestamp) -> pd.DataFrame:
        rows = [row for row in self.events if row["first_seen_at"] <= as_of]
        return pd.DataFrame(rows or self.events[:1]).iloc[: len(rows)].reset_index(drop=True)

    def phases(self, as_of: pd.Timestamp) -> pd.DataFrame:
        rows = []
        now = (as_of - BEGIN) / DAY - 0.25
        for norad_id, legs in self.legs.items():
            seen = [leg for leg in legs if leg[0] <= now - 1.5]
            for index, (begin, longitude, drift, a_km) in enumerate(seen):
                current = index == len(seen) - 1
                end = min([now, *(leg[0] for leg in legs[index + 1 : index + 2])])
                rows.append(
                    {
                        "norad_id": norad_id,
                        "phase_start": BEGIN + begin * DAY,
                        "phase_end": BEGIN + end * DAY,
                        "mode": "kept" if abs(drift) < 0.03 else "drifting",
                        "longitude_start_deg": longitude,
                        "longitude_end_deg": float(wrap_deg(np.float64(longitude + drift * (end - begin)))),
                        "drift_deg_day": drift,
                        "a_km": a_km,
                        "inclination_deg": 1.0,
                        "box_deg": 0.05,
                        "burned": index > 0 or begin > -90,
                        "free": False,
                        "sets": int(end - begin) + 1,
                        "current": current,
                    }
                )
        return pd.DataFrame(rows)

    @cached_property
    def objects(self) -> pd.DataFrame:
        frame = empty_objects().reindex(range(len(self.names)))
        frame["norad_id"] = list(self.names)
        frame["name"] = list(self.names.values())
        frame["object_id"] = "2015-001A"
        launch = [BEGIN - self.launched.get(one, 4000.0) * DAY for one in self.names]
        frame["launch_date"] = pd.Series(launch, index=frame.index, dtype="datetime64[us, UTC]")
        return frame

    def day(self, findings: pd.DataFrame, as_of: pd.Timestamp, overdue: pd.DataFrame | None = None) -> pd.DataFrame:
        silent = (
            pd.DataFrame({"norad_id": [], "since": [], "surprise": [], "reason": []}) if overdue is None else overdue
        )
        company = pd.DataFrame({"norad_id": pd.Series(dtype="int64")})
        return update(findings, self.seen(as_of), self.phases(as_of), company, silent, self.objects, as_of, CONFIG)

    def run(self, days: int) -> pd.DataFrame:
        findings = empty_findings()
        for number in range(9, days, 2):
            as_of = BEGIN + number * DAY
            before = {row["finding_id"]: row["news"] for row in findings.to_dict("records")}
            findings = self.day(findings, as_of)
            if number % 8 == 1:
                pd.testing.assert_frame_equal(findings, self.day(findings, as_of))
            for row in findings.to_dict("records"):
                told = before.get(row["finding_id"], [])
                assert row["news"][: len(told)] == told, "news are only added"
        return findings


def texts(finding: pd.Series) -> list[str]:
    return [one["text"] for one in finding["news"]]


@pytest.mark.slow
def test_relocation_is_one_line_from_departure_to_stop() -> None:
    world = World()
    world.put(1, "MOVER 1", 59.0)
    world.put(2, "HOST 7", 148.27)
    world.burn(1, 10, 1.4, listed=True)
    world.burn(1, 30, 0.28)
    world.burn(1, 60, 1.8)
    day = 60 + (148.2 - world.longitude(1, 60)) / 1.8
    world.burn(1, day, 0.0)
    findings = world.run(int(day) + 20)
    assert len(findings) == 1
    finding = findings.iloc[0]
    assert (finding["kind"], finding["state"]) == ("loitering", "stopped")
    said = texts(finding)
    assert "burned 3.97 m/s" in said[0]
    assert "relocation: MOVER 1 left 59.0E and drifts 1.40 deg/day east" in said[1]
    assert any("stopped at 148.2E beside HOST 7" in text for text in said)
    assert len(finding["events"]) == 4
    assert len(said) == 6


@pytest.mark.slow
def test_stop_that_is_seen_before_its_burn_is_neither_closed_nor_left_without_it() -> None:
    world = World()
    world.put(1, "MOVER 1", 78.0)
    world.burn(1, 10, -0.68, listed=True)
    world.burn(1, 60, 0.0)
    world.events[-1]["first_seen_at"] += 6 * DAY
    findings = world.run(72)
    assert findings["state"].tolist() == ["stopped"]
    assert len(findings["events"].iloc[0]) == 2
    assert world.run(110)["state"].tolist() == ["closed"]


def test_raise_above_the_belt_is_a_disposal() -> None:
    world = World()
    world.put(1, "OLD 1", -90.0)
    a_km = GEO_SEMI_MAJOR_AXIS_KM
    for index, rise in enumerate((118.0, 158.0, 74.0, 91.0)):
        a_km += rise
        drift = -360.98 * (1 - ((a_km / GEO_SEMI_MAJOR_AXIS_KM) ** -1.5))
        world.burn(1, 10 + 2 * index, drift, listed=index == 0)
    findings = world.run(60)
    finding = findings.iloc[0]
    assert len(findings) == 1
    assert finding["kind"] == "disposal"
    assert finding["state"] != "under way"
    assert "440 km above the belt" in finding["headline"] or "441 km above the belt" in finding["headline"]


def test_new_object_that_settles_is_commissioned() -> None:
    world = World()
    world.put(1, "FRESH 1", 100.0, drift=-2.0, since=-20.0)
    world.launched[1] = 30.0
    world.burn(1, 10, -0.4, listed=True)
    world.burn(1, 15, 0.0)
    finding = world.run(40).iloc[0]
    assert finding["kind"] == "commissioning"
    assert finding["state"] == "stopped"


def test_drifter_that_turns_and_goes_on() -> None:
    world = World()
    world.put(1, "DRIFTER", 57.0, drift=-0.7)
    world.burn(1, 10, 0.65, listed=True)
    finding = world.run(30).iloc[0]
    assert (finding["kind"], finding["state"]) == ("drift change", "under way")
    assert "reversed its drift" in finding["headline"]
    assert len(finding["news"]) == 2


def test_who_comes_back_was_on_an_excursion() -> None:
    world = World()
    world.put(1, "VISITOR", 78.0)
    world.burn(1, 10, 0.7, listed=True)
    world.burn(1, 14, -0.7)
    world.burn(1, 18, 0.0)
    finding = world.run(30).iloc[0]
    assert (finding["kind"], finding["state"]) == ("excursion", "stopped")


def test_single_unexpected_burn_is_a_maneuver_and_closes_quietly() -> None:
    world = World()
    world.put(1, "KEEPER", 10.0)
    world.burn(1, 10, 0.02, listed=True)
    for day in (20, 30, 40, 50):
        world.burn(1, day, 0.0)
    findings = world.run(60)
    assert len(findings) == 1
    finding = findings.iloc[0]
    assert (finding["kind"], finding["state"]) == ("maneuver", "closed")
    assert len(finding["news"]) == 1
    assert finding["closed_at"] > finding["opened_at"]


def test_unlisted_burns_of_others_open_nothing() -> None:
    world = World()
    world.put(1, "KEEPER", 10.0)
    world.burn(1, 10, 0.02)
    assert world.run(20).empty


def test_silent_keeper_is_told_once_and_again_when_it_burns() -> None:
    world = World()
    world.put(1, "KEEPER", 10.0)
    world.burn(1, 40, 0.01)
    overdue = pd.DataFrame(
        {"norad_id": [1], "since": [BEGIN - 30 * DAY], "surprise": [3.5], "reason": ["it burned every 7 days"]}
    )
    findings = empty_findings()
    for number in range(50):
        findings = world.day(findings, BEGIN + number * DAY, overdue if number < 41 else None)
    finding = findings.iloc[0]
    assert len(findings) == 1
    assert finding["kind"] == "station-keeping ceased"
    assert len(finding["news"]) == 2
    assert "burns again" in texts(finding)[1]
    assert finding["state"] == "stopped"


def test_one_odd_set_is_no_departure() -> None:
    world = World()
    world.put(1, "KEEPER", 10.0)
    world.event(1, 10, GEO_SEMI_MAJOR_AXIS_KM - 60, -60.0, 10.0, listed=True)
    findings = world.run(13)
    assert findings.iloc[0]["kind"] == "maneuver"
    assert "later sets should show whether it leaves" in findings.iloc[0]["expects"]
    world.events[0]["first_seen_at"] = BEGIN + 999 * DAY  # later sets show that there was nothing
    findings = world.day(findings, BEGIN + 13 * DAY)
    assert findings.iloc[0]["state"] == "closed"
    assert len(findings.iloc[0]["news"]) == 1


def test_claim_that_later_sets_do_not_bear_out_is_taken_back_once() -> None:
    world = World()
    world.put(1, "KEEPER", 10.0)
    world.burn(1, 10, 0.8, listed=True)
    findings = world.run(14)
    assert findings.iloc[0]["kind"] == "relocation"
    world.events[0]["first_seen_at"] = BEGIN + 999 * DAY
    world.legs[1] = world.legs[1][:1]
    for number in range(14, 18):
        findings = world.day(findings, BEGIN + number * DAY)
    assert findings.iloc[0]["state"] == "closed"
    assert [text.split(":")[0] for text in texts(findings.iloc[0])][2:] == ["withdrawn"]


def test_departure_without_any_event_is_found_by_the_phases() -> None:
    world = World()
    world.put(1, "SLEEPER", 139.8)
    world.legs[1] += [(10.0, 139.8, -4.0, float(semi_major_axis_of_drift_km(-4.0))), (31.0, 55.8, 0.0, 42164.17)]
    world.event(1, 500, 42164.17, 0.0, 0.0)
    finding = world.run(40).iloc[0]
    assert finding["kind"] == "relocation"
    assert "has stopped at 55.8E" in finding["headline"]
    assert not finding["listed"]


@pytest.mark.parametrize(
    ("before", "after", "kind"), [(0.21, 0.0, "relocation"), (1.4, 0.46, "drift change"), (-0.3, 0.3, "drift change")]
)
def test_who_drifts_in_no_finding_and_stops_or_drifts_otherwise_is_news(before: float, after: float, kind: str) -> None:
    world = World()
    world.put(1, "DRIFTER", 20.0, drift=before)
    world.burn(1, 20, after)  # not listed
    finding = world.run(40).iloc[0]
    assert finding["kind"] == kind
    assert pd.Timestamp(finding["news"][0]["at"]) <= BEGIN + 23 * DAY
    world.events.clear()  # whoever looks for burns may have missed it
    world.event(1, 500, 42164.17, 0.0, 0.0)
    finding = world.run(40).iloc[0]
    assert finding["kind"] == kind
    assert pd.Timestamp(finding["news"][0]["at"]) <= BEGIN + 25 * DAY
    world = World()
    world.put(1, "DRIFTER", 20.0, drift=before)
    world.burn(1, 20, 1.1 * before)  # a trim of its drift
    assert world.run(40).empty


def test_burns_of_two_on_one_day_are_synchronised() -> None:
    world = World()
    world.put(1, "TWIN A", 73.9)
    world.put(2, "TWIN B", 74.1)
    world.put(3, "FAR", -20.0)
    world.burn(1, 10, 0.02, listed=True, unexpectedness=5.0)
    world.burn(2, 10.3, 0.02, listed=True)
    world.burn(3, 10.1, 0.02, listed=True)
    findings = world.run(20).set_index("norad_id")
    assert findings.loc[1, "kind"] == "synchronised burns"
    assert findings.loc[1, "partners"] == [2]
    assert sum("TWIN B burned within" in text for text in texts(findings.loc[1])) == 1
    assert findings.loc[3, "partners"] == []


def test_dead_object_that_moves_is_said_with_who_moves_it() -> None:
    world = World()
    world.put(1, "OLD DEB", 40.0)
    world.put(2, "SERVICER", 40.1)
    world.burn(1, 10, -1.5)
    world.burn(2, 10, -1.5, listed=True)
    objects = world.objects.copy()
    objects.loc[objects["norad_id"] == 1, "kind"] = "debris"
    world.__dict__["objects"] = objects
    findings = world.run(25).set_index("norad_id")
    assert findings.loc[1, "kind"] == "tow"
    assert findings.loc[1, "partners"] == [2]
    assert any("is moved by SERVICER" in text for text in texts(findings.loc[1]))
    assert any("tows OLD DEB" in text for text in texts(findings.loc[2]))


def test_long_silent_object_that_burns_is_a_dead_one_that_moves() -> None:
    world = World()
    world.put(1, "ASLEEP", 40.0)
    world.burn(1, 10, -0.4, listed=True)
    world.events[0]["observed_days"] = 2000.0
    finding = world.run(20).iloc[0]
    assert finding["kind"] == "dead object moves"
    assert "had not burned in 5.5 years" in finding["headline"]


def test_three_places_beside_others_are_serial_visiting() -> None:
    world = World()
    world.put(1, "VISITOR", 10.0)
    for number, longitude in enumerate((20.05, 30.05, 40.05)):
        world.put(10 + number, f"HOST{'ABC'[number]} 1", longitude)
    day = 10.0
    for longitude in (20.0, 30.0, 40.0):
        world.burn(1, day, 1.0, listed=day == 10.0)
        day += longitude - world.longitude(1, day)
        world.burn(1, day, 0.0)
        day += 12
    finding = world.run(int(day)).iloc[0]
    assert finding["kind"] == "serial visiting"
    assert "20.0E, 30.0E and 40.0E" in finding["headline"]


def test_nothing_later_is_seen() -> None:
    world = World()
    world.put(1, "MOVER", 59.0)
    world.burn(1, 10, 1.4, listed=True)
    world.burn(1, 14, 0.3)
    as_of = BEGIN + 13 * DAY
    one = world.day(empty_findings(), as_of)
    later = pd.DataFrame(world.events)
    silent = pd.DataFrame({"norad_id": [], "since": [], "surprise": [], "reason": []})
    other = update(empty_findings(), later, world.phases(as_of), silent, silent, world.objects, as_of, CONFIG)
    pd.testing.assert_frame_equal(one, other)


def leo_world(steps: list[tuple[float, float]], **more: Any) -> World:
    world = World()
    world.names[1] = "FLYER"
    a_km = 6838.0
    for day, delta_a_km in steps:
        a_km += delta_a_km
        world.event(1, day, a_km, delta_a_km, np.nan, regime="leo", dv_m_s=abs(delta_a_km) * 0.56, **more)
    return world


def run_leo(world: World, days: int) -> pd.DataFrame:
    belt = World()
    belt.put(99, "ELSEWHERE", 0.0)
    world.phases = belt.phases  # type: ignore[method-assign]
    return world.run(days)


def test_break_of_a_low_orbit_then_its_new_routine() -> None:
    world = leo_world([(10, 10.0), (17, 15.0), *((30 + 14 * index, 1.0) for index in range(5))])
    world.events[0]["listed"] = True
    finding = run_leo(world, 95).iloc[0]
    said = texts(finding)
    assert finding["kind"] == "new routine"
    assert "every 14 days" in finding["headline"]
    assert len([text for text in said if "rose by" in text]) == 2
    assert len(finding["events"]) == 7


@pytest.mark.parametrize(("first", "kind"), [(-110, "relocation"), (-40, "commissioning")])
def test_object_that_has_burned_about_one_orbit_for_long_is_no_new_one(first: int, kind: str) -> None:
    world = leo_world([*((day, 1.0) for day in range(first, 0, 20)), (10, 12.0), (15, 14.0)])
    world.launched[1] = 225.0
    world.names[1] = "WATCHER"
    world.events[-2]["listed"] = True
    for event in world.events:
        event["age_days"] = 225.0
    assert run_leo(world, 25).iloc[0]["kind"] == kind


def test_lowered_perigee_is_a_disposal() -> None:
    world = leo_world([(10, -60.0), (12, -60.0), (14, -60.0)], delta_e=0.006)
    world.events[0]["listed"] = True
    assert run_leo(world, 25).iloc[0]["kind"] == "disposal"


def shadow(norad_id: int) -> dict[str, Any]:
    return {
        "norad_id": norad_id,
        "other_id": 77,
        "other_name": "TARGET 1",
        "own_fleet": False,
        "way": "stopped beside",
        "by_the_burn": True,
        "chance": 0.01,
        "plane_angle_deg": 0.05,
        "evidence": "and turned into its plane by a burn",
    }


def test_shadow_outside_the_belt_is_named_once() -> None:
    world = leo_world([(10, 10.0)])
    world.events[0]["listed"] = True
    belt = World()
    belt.put(99, "ELSEWHERE", 0.0)
    company = pd.DataFrame([shadow(1)])
    silent = pd.DataFrame({"norad_id": [], "since": [], "surprise": [], "reason": []})
    findings = empty_findings()
    for number in (11, 12, 13):
        as_of = BEGIN + number * DAY
        seen = world.seen(as_of)
        findings = update(findings, seen, belt.phases(as_of), company, silent, world.objects, as_of, CONFIG)
    finding = findings.iloc[0]
    assert finding["kind"] == "shadowing"
    assert finding["partners"] == [77]
    assert sum("goes along beside TARGET 1" in text for text in texts(finding)) == 1


def test_what_is_ahead_is_told_as_arrivals_foretell_it() -> None:
    world = World()
    world.put(1, "MOVER", 59.0)
    world.burn(1, 10, 1.4, listed=True)
    when = BEGIN + 20 * DAY
    ahead = {
        "norad_id": [1, 1],
        "other_id": [8, 7],
        "other_name": ["TJS-8", "TJS-9"],
        "longitude_deg": [61.0, 70.0],
        "way": ["receding", "approaching"],
        "when": [BEGIN + 12 * DAY, when],
        "when_low": [BEGIN + 12 * DAY, when - 2 * DAY],
        "when_high": [BEGIN + 12 * DAY, when + 2 * DAY],
        "miss_km": [np.nan, 40.0],
        "miss_sigma_km": [np.nan, 9.0],
    }
    silent = pd.DataFrame({"norad_id": [], "since": [], "surprise": [], "reason": []})
    as_of = BEGIN + 13 * DAY
    seen = world.seen(as_of)
    found = update(empty_findings(), seen, world.phases(as_of), pd.DataFrame(ahead), silent, world.objects, as_of)
    expects, neighbours = found.iloc[0]["expects"], found.iloc[0]["neighbours"]
    assert "it reaches TJS-9 at 70.0E on 21 January, give or take 2 days, at 40 +/- 9 km" in expects
    assert [(one["norad_id"], one["miss_km"], one["when_high"]) for one in neighbours] == [
        (7, 40.0, "2030-01-23T00:00:00Z")
    ]


def phase(norad_id: int, start: float, end: float, longitude: float, **more: Any) -> dict[str, Any]:
    row = {
        "norad_id": norad_id,
        "phase_start": BEGIN + start * DAY,
        "phase_end": BEGIN + end * DAY,
        "mode": "kept",
        "longitude_start_deg": longitude,
        "longitude_end_deg": longitude,
        "drift_deg_day": 0.0,
        "a_km": GEO_SEMI_MAJOR_AXIS_KM,
        "inclination_deg": 0.05,
        "box_deg": 0.05,
        "burned": True,
        "free": False,
        "sets": 5,
        "current": False,
    }
    return row | more


@pytest.mark.parametrize(("inclination_deg", "turns"), [(0.05, True), (42.0, False)])
def test_inclined_object_turns_within_its_wide_box(inclination_deg: float, turns: bool) -> None:
    rows = [
        phase(1, -90, 5, 94.5, inclination_deg=inclination_deg, box_deg=0.3),
        phase(1, 9, 14, 96.7, inclination_deg=inclination_deg, current=True),
    ]
    assert (1 in turned(pd.DataFrame(rows), BEGIN, CONFIG)) == turns
    world = World()
    world.put(1, "MOVER", 94.5)
    world.burn(1, 10, 0.2, listed=True)
    world.burn(1, 22, 0.0)
    for event in world.events:
        event["inclination_deg"] = inclination_deg
    drawn = world.phases
    world.phases = lambda as_of: drawn(as_of).assign(inclination_deg=inclination_deg, box_deg=0.7)  # type: ignore[method-assign]
    assert world.run(36).iloc[0]["kind"] == ("relocation" if turns else "maneuver")


def test_sets_of_another_are_no_move_to_its_place() -> None:
    other = phase(2, -90, 14, 101.39, current=True)
    jump = [phase(1, -90, 5, 103.0), phase(1, 6, 14, 101.4, current=True)]
    rows = without_mistaken(pd.DataFrame([*jump, other]), CONFIG)
    assert rows[["norad_id", "longitude_end_deg", "current"]].to_numpy().tolist() == [
        [1, 103.0, True],
        [2, 101.39, True],
    ]
    alone = pd.DataFrame(jump)
    assert without_mistaken(alone, CONFIG).equals(alone)  # nobody stands there
    slow = pd.DataFrame([jump[0], jump[1] | {"phase_start": BEGIN + 9 * DAY}, other])
    assert without_mistaken(slow, CONFIG).equals(slow)  # it had time to drift there
    stays = pd.DataFrame([jump[0], jump[1] | {"phase_end": BEGIN + 17 * DAY}, other])
    assert without_mistaken(stays, CONFIG).equals(stays)


def test_visit_that_longitudes_bear_out_is_an_excursion_though_its_event_is_gone() -> None:
    world = World()
    world.put(1, "KEEPER", 80.0)
    world.burn(1, 10, 0.8, listed=True)
    findings = world.run(14)
    assert findings.iloc[0]["kind"] == "relocation"
    world.events[0]["first_seen_at"] = BEGIN + 999 * DAY
    world.legs[1] = world.legs[1][:1]
    for number in range(16, 24):
        findings = world.day(findings, BEGIN + number * DAY)
    finding = findings.iloc[0]
    assert finding["kind"] == "excursion"
    assert finding["dv_m_s"] > 2 * 0.8 * 2.8
    assert not any("withdrawn" in text for text in texts(finding))
    assert sum("has come back to 80.0E" in text for text in texts(finding)) == 1


def test_velocity_change_is_no_less_than_the_drift_takes() -> None:
    world = World()
    world.put(1, "MOVER", 59.0)
    world.burn(1, 10, 1.4, listed=True)
    world.burn(1, 30, 0.0)
    for event in world.events:
        event["dv_m_s"] = 0.1
    finding = world.run(40).iloc[0]
    assert 2 * 1.4 * 2.8 < finding["dv_m_s"] < 2 * 1.4 * 2.9
    assert "2 maneuvers, 20.0 cm/s, though its change of drift takes at least 7.9" in finding["headline"]


def test_young_object_without_a_place_is_commissioned_at_once() -> None:
    world = World()
    world.put(1, "NEW", 10.0, drift=6.0, since=-5.0)
    world.launched[1] = 30.0
    world.burn(1, 12, 4.0)  # listed by nobody
    finding = world.run(16).iloc[0]
    assert finding["kind"] == "commissioning"
    assert finding["opened_at"] <= BEGIN + 13 * DAY
    assert not finding["listed"]


def test_who_comes_from_above_the_belt_has_no_place_yet() -> None:
    above = phase(1, 0, 9, 40.0, mode="graveyard", drift_deg_day=-8.0, current=True)
    left = [phase(2, -90, 5, 30.0), phase(2, 6, 14, 20.0, mode="graveyard", drift_deg_day=-4.0, current=True)]
    assert unplaced(pd.DataFrame([above, *left]), CONFIG) == {1}


@pytest.mark.parametrize(("since", "kind"), [(-110.0, "relocation"), (-60.0, "commissioning")])
def test_object_that_was_long_in_one_place_is_no_new_one(since: float, kind: str) -> None:
    world = World()
    world.put(1, "NEW", 73.9, since=since)
    drawn = world.phases
    world.phases = lambda as_of: drawn(as_of).assign(  # type: ignore[method-assign]
        burned=lambda rows: rows["phase_start"] > BEGIN
    )
    world.launched[1] = 150.0
    world.burn(1, 10, 0.4, listed=True)
    assert world.run(18).iloc[0]["kind"] == kind
