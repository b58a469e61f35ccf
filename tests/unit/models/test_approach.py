"""Whom a burn outside the belt brings nearer: planes, phases, passes, told before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog.records import mean_elements
from configs.judgement import ProximityConfig
from models.assess.approach import APPROACHING, BESIDE, COMPANY_DTYPES, PASSING, RECEDING, company, with_user_sets
from models.assess.company_words import company_reason
from models.assess.encounters import encounters
from models.assess.fleet import name_stem
from models.assess.orbit_index import orbits_at, pairing
from models.assess.proximity import history_lookup, nearest
from orbits.elements import kozai_mean_motion_rev_day
from orbits.relative import closest_approach

BURN = pd.Timestamp("2026-02-10", tz="UTC")
DAY = pd.Timedelta(days=1)
MOVER, TARGET = 1, 2
TILT, NODE = 97.4, 40.0


def one_set(norad_id: int, day: float, a_km: float, tilt_deg=TILT, node_deg=NODE, latitude_deg=0.0, e=1e-3):
    """One set, whose node and latitude are those of the day of the burn."""
    epoch = BURN + day * DAY
    motion = kozai_mean_motion_rev_day(np.array([a_km]), np.array([e]), np.array([tilt_deg]))
    made = pd.DataFrame(
        {
            "norad_id": np.int64(norad_id),
            "epoch": pd.DatetimeIndex([epoch]).as_unit("us"),
            "available_at": pd.DatetimeIndex([epoch + pd.Timedelta(hours=6)]).as_unit("us"),
            "mean_motion_rev_day": motion,
            "eccentricity": e,
            "inclination_deg": tilt_deg,
            "raan_deg": node_deg,
            "arg_pericenter_deg": 90.0,
            "mean_anomaly_deg": (latitude_deg - 90.0) % 360,
            "bstar_inv_er": 0.0,
        }
    )
    burn_us = int(BURN.timestamp() * 1e6)
    here = orbits_at(made, int(epoch.timestamp() * 1e6))
    there = orbits_at(made, burn_us)
    made["raan_deg"] = (node_deg + here.raan_deg - there.raan_deg) % 360
    made["mean_anomaly_deg"] = (latitude_deg - 90.0 + here.latitude_deg - there.latitude_deg) % 360
    return made


def moved(before: dict, after: dict, *others: dict, names: dict | None = None, **settings):
    """Company of one object that burns: orbits before it and after, and others, which keep theirs."""
    sets = [one_set(MOVER, day, **before) for day in (-3, -2, -1)]
    sets += [one_set(MOVER, day, **after) for day in (1, 2, 3)]
    sets += [one_set(TARGET + k, day, **other) for k, other in enumerate(others) for day in range(-3, 4)]
    history = pd.concat(sets, ignore_index=True)
    return company(event(), history_lookup(history), names or {TARGET: "TARGET"}, ProximityConfig(**settings))


def event() -> pd.DataFrame:
    times = {"epoch_before": BURN - DAY, "epoch_after": BURN + DAY, "available_at": BURN + DAY + pd.Timedelta(hours=6)}
    frame = pd.DataFrame({"norad_id": [MOVER], **{name: [time] for name, time in times.items()}})
    return frame.astype(dict.fromkeys(times, "datetime64[us, UTC]")).assign(
        unexpectedness=3.0, reasons=[["moved"]], regime="leo"
    )


def test_a_change_of_plane_into_that_of_another_is_told():
    rows = moved({"a_km": 6840, "node_deg": NODE - 0.4}, {"a_km": 6840}, {"a_km": 6860, "latitude_deg": 120})
    row = rows.iloc[0]
    assert len(rows) == 1
    assert dict(rows.dtypes.astype(str)) == COMPANY_DTYPES
    assert row["plane_angle_deg"] < 0.05
    assert row["plane_angle_before_deg"] == pytest.approx(0.4, abs=0.03)
    assert (row["way"], row["by_the_burn"]) == (APPROACHING, True)
    assert row["delta_a_km"] == pytest.approx(20, abs=0.1)
    assert abs(row["node_rate_difference_deg_year"]) < 5
    text = company_reason(row)
    assert text.startswith("now in the plane of TARGET to 0.0")
    assert "(0.38 deg without the burn), node drifts alike: follows it" in text


def test_a_drift_of_the_node_towards_another_plane_is_told():
    """A change of height turns the node: the planes meet in weeks, as they would not have."""
    apart = NODE + 1.0
    rows = moved({"a_km": 6990}, {"a_km": 6910}, {"a_km": 6990, "node_deg": apart}, plane_days=50)
    row = rows.iloc[0]
    assert row["plane_angle_before_deg"] == pytest.approx(1.0, abs=0.05)
    assert row["least_plane_angle_deg"] < 0.2
    assert (row["way"], row["by_the_burn"]) == (APPROACHING, True)
    assert BURN + 20 * DAY < row["planes_meet"] < BURN + 50 * DAY
    assert company_reason(row).startswith("its plane turns into that of TARGET: 0.92 deg now, 0.00 deg within 60")


def test_who_stops_beside_another_is_told():
    rows = moved({"a_km": 6850, "latitude_deg": -3.0}, {"a_km": 6860, "latitude_deg": -3.0}, {"a_km": 6860})
    row = rows.iloc[0]
    assert (row["way"], row["by_the_burn"]) == (BESIDE, True)
    assert row["phase_deg"] == pytest.approx(3.0, abs=0.3)
    assert abs(row["phase_rate_before_deg_day"]) > 5
    assert "stopped beside it, 3.0 deg behind it, phase constant to 0.0" in company_reason(row)


def test_who_drifts_up_to_another_is_told_with_the_day():
    # 5 km lower it gains 6.2 degrees a day.
    rows = moved({"a_km": 6860, "latitude_deg": -60.0}, {"a_km": 6855, "latitude_deg": -60.0}, {"a_km": 6860})
    row = rows.iloc[0]
    assert (row["way"], row["by_the_burn"]) == (APPROACHING, True)
    assert row["phase_rate_deg_day"] == pytest.approx(-6.0, abs=0.5)
    assert abs(row["catches_up"] - (BURN + 9.9 * DAY)) < DAY
    assert row["miss_km"] < 30
    assert "level on 2026-02-1" in company_reason(row)


def test_who_leaves_is_receding_and_who_races_by_is_passing():
    left = moved({"a_km": 6860, "latitude_deg": -3.0}, {"a_km": 6862, "latitude_deg": -3.0}, {"a_km": 6860})
    assert (left["way"].iloc[0], left["by_the_burn"].iloc[0]) == (RECEDING, False)
    fast = moved({"a_km": 6830, "latitude_deg": -150}, {"a_km": 6831, "latitude_deg": -150}, {"a_km": 6860})
    assert (fast["way"].iloc[0], fast["by_the_burn"].iloc[0]) == (PASSING, False)


def test_its_own_fleet_is_ranked_below_but_not_hidden():
    fleet = [{"a_km": 6860, "latitude_deg": 20.0 * k, "node_deg": NODE + 0.01 * k} for k in range(1, 12)]
    stranger = {"a_km": 6875, "latitude_deg": 100.0, "node_deg": NODE + 0.2}
    names = {MOVER: "GRID-100", **{TARGET + k: f"GRID-{k}" for k in range(11)}, TARGET + 11: "LONER 4"}
    rows = moved({"a_km": 6850}, {"a_km": 6860}, *fleet, stranger, names=names)
    assert rows["other_name"].iloc[0] == "LONER 4"
    assert rows["own_fleet"].tolist() == [False] + [True] * 11
    few = moved({"a_km": 6850}, {"a_km": 6860}, *fleet[:3], names=names)
    assert not few["own_fleet"].any(), "three of a name are no constellation"


def test_a_protected_asset_comes_first_and_what_flew_with_it_last():
    others = [{"a_km": 6860, "node_deg": NODE + 0.02}, {"a_km": 6930, "node_deg": NODE + 1.5}, {"a_km": 6861}]
    sets = [one_set(MOVER, day, a_km=6855 if day < 0 else 6860) for day in range(-3, 4)]
    sets += [one_set(TARGET + k, day, **other) for k, other in enumerate(others) for day in range(-3, 4)]
    lookup = history_lookup(pd.concat(sets, ignore_index=True))
    designators = {MOVER: "2025-010A", 4: "2025-010B", 2: "2020-001A"}
    plain = company(event(), lookup, {}, designators=designators)
    assert plain["other_id"].tolist()[0] == 2
    assert plain.set_index("other_id")["launched_together"].to_dict() == {2: False, 3: False, 4: True}
    guarded = company(event(), lookup, {}, protected={3: 100_000.0}, designators=designators)
    assert guarded["other_id"].iloc[0] == 3
    text = company_reason(guarded.iloc[0])
    assert text.startswith("passes ")
    assert "from the protected 3 on" in text
    assert text.endswith("inside its keep-out distance of 100000 km")


def test_a_set_of_the_users_own_takes_part_though_it_is_old():
    """An object without public sets: its owner, or an observer, gives some."""
    mover = [one_set(MOVER, day, a_km=6840, node_deg=NODE - 0.4) for day in (-3, -2, -1)]
    mover += [one_set(MOVER, day, a_km=6840) for day in (1, 2, 3)]
    given = one_set(999_000_001, -40, a_km=6860)
    public = history_lookup(pd.concat(mover, ignore_index=True).assign(source="file"))
    assert company(event(), public, {}).empty
    known = with_user_sets(public, given.assign(source="user"))
    row = company(event(), known, {999_000_001: "TARGET"}, protected={999_000_001: 200.0}).iloc[0]
    assert (row["other_name"], row["by_the_burn"], row["protected"]) == ("TARGET", True, True)
    assert row["plane_angle_before_deg"] == pytest.approx(0.38, abs=0.03)
    assert row["plane_angle_deg"] < 0.05
    assert company_reason(row).startswith("now in the plane of the protected TARGET to 0.0")
    assert company(event(), with_user_sets(public, given.assign(source="file")), {}).empty, "too old for a public set"


def test_of_a_public_and_a_users_set_the_newer_is_taken():
    public = history_lookup(one_set(TARGET, 0, a_km=6860).assign(source="file"))
    newer, ahead = one_set(TARGET, 1, a_km=6861), one_set(TARGET, 5, a_km=6862)
    known = with_user_sets(public, pd.concat([newer, ahead], ignore_index=True).assign(source="user"))
    assert known(BURN + 2 * DAY)["source"].tolist() == ["user"]
    assert known(BURN + 2 * DAY)["epoch"].tolist() == [BURN + DAY]
    assert known(BURN + DAY)["source"].tolist() == ["file"]
    assert with_user_sets(public, newer.iloc[:0]) is public


def test_nothing_is_seen_that_came_later():
    """What comes after the settling days changes nothing."""
    rows = [one_set(MOVER, day, a_km=6850 if day < 0 else 6860) for day in range(-3, 4)]
    rows += [one_set(TARGET, day, a_km=6865) for day in range(-3, 4)]
    known = pd.concat(rows, ignore_index=True)
    later = pd.concat([known, one_set(TARGET, 6, a_km=7300), one_set(MOVER, 7, a_km=7000)], ignore_index=True)
    pd.testing.assert_frame_equal(
        company(event(), history_lookup(known), {}), company(event(), history_lookup(later), {})
    )


def test_a_mover_of_one_set_and_no_event_give_what_they_can():
    history = pd.concat([one_set(MOVER, 1, a_km=6860), *(one_set(TARGET, d, a_km=6862) for d in (-1, 0, 1))])
    row = company(event(), history_lookup(history.reset_index(drop=True)), {}).iloc[0]
    assert np.isnan(row["plane_angle_before_deg"])
    assert not row["by_the_burn"]
    none = company(event().iloc[:0], history_lookup(history.reset_index(drop=True)), {})
    assert dict(none.dtypes.astype(str)) == COMPANY_DTYPES


def test_neighbours_are_the_first_of_the_company():
    sets = [one_set(MOVER, day, a_km=6855 if day < 0 else 6860, latitude_deg=-2.0) for day in range(-3, 4)]
    sets += [one_set(TARGET, day, a_km=6860) for day in range(-3, 4)]
    out = nearest(event(), history_lookup(pd.concat(sets, ignore_index=True)), {TARGET: "TARGET"})
    found = out["neighbours"].iloc[0]
    assert [neighbour["norad_id"] for neighbour in found] == [TARGET]
    assert found[0]["miss_km"] == pytest.approx(2.0 / 57.3 * 6860, rel=0.2)
    assert "stopped beside it" in out["reasons"].iloc[0][-1]


def test_encounters_find_what_a_search_of_all_times_finds():
    rng = np.random.default_rng(5)
    count = 40
    sets = pd.concat(
        [
            one_set(
                k + 1,
                0.0,
                a_km=6900 + rng.normal(0, 10),
                node_deg=NODE + rng.normal(0, 0.2),
                latitude_deg=rng.uniform(0, 360),
                e=rng.uniform(1e-4, 5e-3),
            )
            for k in range(2 * count)
        ],
        ignore_index=True,
    )
    start_us = int(BURN.timestamp() * 1e6)
    orbits = orbits_at(sets, start_us)
    mover, other = orbits.at(np.arange(count)), orbits.at(np.arange(count, 2 * count))
    pair = pairing(mover, other)
    days = 8.0
    times = np.full(count, start_us)
    found = encounters(mover, other, pair.phase_deg, pair.phase_rate_deg_day, times, days)
    elements = mean_elements(sets)
    whole = closest_approach(elements[:count], elements[count:], times, times + int(days * 86_400e6))
    assert (found.miss_km >= whole.miss_km * 0.999 - 1e-3).all()
    near = whole.miss_km < 500
    assert near.sum() >= 15
    assert found.miss_km[near] == pytest.approx(whole.miss_km[near], rel=0.02, abs=1.0)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("STARLINK-1007", "STARLINK"),
        ("Cosmos 2558", "COSMOS"),
        ("FLOCK 4X-12", "FLOCK"),
        ("SDA_12", "SDA"),
        ("ISS (ZARYA)", "ISS"),
        ("2026-052C", ""),
        ("", ""),
        ("O3B M1", ""),
    ],
)
def test_the_stem_of_a_name(name, stem):
    assert name_stem(name) == stem
