"""The tables of dated cases, from a made replay."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from benchmarks import cases as cases_module
from benchmarks.cases import (
    case_rows,
    keeps_station,
    largest,
    list_lengths,
    most_unexpected,
    orbits_of,
    placebos,
    read_cases,
    read_replay,
    table,
    within,
)

DAYS = pd.date_range("2030-01-01", periods=100, freq="D", tz="UTC")


def flag(norad_id, burn, *, rank=1, listed=True, finding="", unexpectedness=4.0, flag_id=None):
    burn = pd.Timestamp(burn, tz="UTC")
    iso = [f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in (burn, burn - pd.Timedelta(hours=6), burn + pd.Timedelta(hours=6))]
    return {
        "flag_id": flag_id or f"{norad_id} {burn}", "norad_id": norad_id, "name": f"SAT {norad_id}", "kind": "relocation",
        "explanation": "maneuver", "burn_time": iso[0], "burn_time_low": iso[1], "burn_time_high": iso[2],
        "dv_r_m_s": None, "dv_t_m_s": -3.0, "dv_n_m_s": 4.0, "unexpectedness": unexpectedness, "rank": rank,
        "listed": listed, "finding_id": finding or None,
    }  # fmt: skip


def finding(norad_id, finding_id, headline, *, kind="relocation", dv=5.0):
    return {
        "finding_id": finding_id, "norad_id": norad_id, "name": f"SAT {norad_id}", "kind": kind, "state": "under way",
        "headline": headline, "news": [], "expects": "arrival", "neighbours": [{"norad_id": 9, "name": "NEIGHBOR"}],
        "partners": [], "events": [], "dv_m_s": dv, "unexpectedness": 4.0, "listed": True,
        "opened_at": "2030-02-03T00:00:00Z",
    }  # fmt: skip


@pytest.fixture
def replay(tmp_path):
    days = {f"{day:%Y-%m-%dT%H:%M:%SZ}": {"flags": [], "findings": []} for day in DAYS}

    def on(date, *, flags=(), findings=()):
        day = days[f"{date}T00:00:00Z"]
        day["flags"] += flags
        day["findings"] += findings

    first = flag(1, "2030-02-01 12:00", rank=2, finding="A")
    on("2030-02-03", flags=[first, flag(2, "2030-02-01 20:00", listed=False, unexpectedness=9.0)])
    on("2030-02-03", findings=[finding(1, "A", "leaves")])
    on("2030-02-05", flags=[first], findings=[finding(1, "A", "goes on"), finding(2, "B", "rises", kind="disposal")])
    on("2030-02-20", flags=[flag(1, "2030-02-19 12:00", rank=5, finding="A")], findings=[finding(1, "A", "stops")])
    on("2030-03-20", flags=[flag(1, "2030-03-19 12:00", rank=5, finding="C")])
    path = tmp_path / "replay.json"
    told = {"from": "", "until": "", "days": [{"day": day, **rows} for day, rows in days.items()]}
    path.write_text(json.dumps(told), encoding="utf-8")
    return read_replay(path)


def cases_of(tmp_path, *rows):
    path = tmp_path / "cases.yaml"
    path.write_text("\n".join(rows), encoding="utf-8")
    return read_cases(path)


def test_a_case_is_found_with_its_latency_rank_and_finding(replay, tmp_path):
    cases = cases_of(
        tmp_path,
        "- {norad_id: 1, name: ONE, from: 2030-02-01, until: 2030-02-02, what: relocation}",
        "- {norad_id: 1, name: ONE, from: 2030-02-19, until: 2030-02-19, what: later move}",
        "- {norad_id: 1, name: ONE, from: 2030-03-19, until: 2030-03-19, what: later move}",
        "- {norad_id: 7, name: SEVEN, from: 2030-02-19, until: 2030-02-19, what: reversal}",
    )
    rows = case_rows(within(cases, replay), replay)
    assert rows["flags"].tolist() == [1, 1, 1, 0]
    first = rows.iloc[0]
    assert (first["flagged"], first["days"], first["rank"], first["of"]) == ("02-03", 1.0, 2, 2)
    assert first["dv_m_s"] == pytest.approx(5.0)
    assert (first["finding"], first["said"], first["beside"]) == ("relocation", "goes on", "NEIGHBOR")
    assert rows["gathered"].tolist()[:3] == [True, True, False]
    assert np.isnan(rows["days"].iloc[3])


def test_a_flag_told_again_counts_once_on_its_first_day(replay):
    assert len(replay.flags) == 4
    assert list_lengths(replay)["listed flags"] == 3
    assert list_lengths(replay)["most"] == 2
    assert list_lengths(replay)["median findings with news a day"] == 0


def test_cases_outside_the_period_are_left_out_but_quiet_objects_stay(replay, tmp_path):
    cases = cases_of(
        tmp_path,
        "- {norad_id: 1, name: ONE, from: 2029-02-01, until: 2029-02-02, what: relocation}",
        "- {norad_id: 3, name: THREE, from: 2000-01-01, until: 2040-01-01, what: nothing}",
        "- {norad_id: 4, name: FOUR, from: 2000-01-01, until: 2040-01-01, what: relocation}",
    )
    assert within(cases, replay)["name"].tolist() == ["THREE"]


def test_placebos_count_flags_at_shifted_dates_that_no_case_has(replay, tmp_path):
    cases = cases_of(
        tmp_path,
        "- {norad_id: 1, name: ONE, from: 2030-02-01, until: 2030-02-02, what: relocation}",
        "- {norad_id: 1, name: ONE, from: 2030-02-18, until: 2030-02-19, what: later move}",
    )
    rows = placebos(cases, replay)
    assert rows["at it"].tolist() == [1, 1]
    assert rows["+30 d"].tolist() == [0, 1]  # 03-19 belongs to no case
    assert rows["-30 d"].tolist() == [0, 0]
    assert rows["own chance"].tolist() == [pytest.approx(1 / 90 * 5)] * 2


def test_the_largest_and_the_most_unexpected(replay):
    assert largest(replay, "disposal")["norad_id"].tolist() == [2]
    assert most_unexpected(replay, 2)["unexpectedness"].tolist() == [9.0, 4.0]


def orbits(drift_after=0.0, tilt=0.0, longitude=10.0, days=80):
    at = np.arange(days)
    burned = at >= 50
    return pd.DataFrame(
        {
            "norad_id": 1,
            "epoch": DAYS[0] + pd.to_timedelta(at, unit="D"),
            "drift_deg_day": np.where(burned, drift_after, 0.0),
            "longitude_deg": longitude + np.where(burned, drift_after * (at - 50), 0.0),
            "inclination_deg": 0.05 + np.where(burned, tilt, 0.0),
        }
    )


@pytest.mark.parametrize(
    ("around", "keeping"),
    [
        (orbits(), True),
        (orbits(drift_after=0.01), True),
        (orbits(drift_after=0.1), False),
        (orbits(tilt=0.2), False),
        (orbits(longitude=-179.9, drift_after=-0.01), True),
        (orbits().iloc[40:], False),  # not there long enough to have a place
        (orbits().iloc[:50], False),  # nothing after it yet
    ],
)
def test_station_keeping_is_told_by_the_sets_alone(around, keeping):
    own = pd.DataFrame(
        [
            {
                "norad_id": 1,
                "burn_time_low": DAYS[49],
                "burn_time_high": DAYS[49] + pd.Timedelta(hours=20),
                "day": DAYS[51],
            }
        ]
    )
    assert keeps_station(own, around).tolist() == [keeping]


def test_orbits_come_from_element_sets():
    sets = pd.DataFrame(
        {
            "norad_id": [5, 5], "epoch": DAYS[[1, 0]].astype("datetime64[us, UTC]"), "mean_motion_rev_day": 1.0027379, "eccentricity": 1e-4,
            "inclination_deg": 0.05, "raan_deg": 80.0, "arg_pericenter_deg": 10.0, "mean_anomaly_deg": 20.0, "bstar_inv_er": 0.0,
        }
    )  # fmt: skip
    out = orbits_of(sets)
    assert out["epoch"].is_monotonic_increasing
    assert np.abs(out["a_km"] - 42165).max() < 5
    assert np.abs(out["drift_deg_day"]).max() < 0.05


def test_the_shipped_cases_can_be_read():
    cases = read_cases()
    assert (cases["from"] < cases["until"]).all()
    known = (*cases_module.FIRST, *cases_module.TYPED, *cases_module.NOTHING, "later move", "company")
    assert set(cases["what"]) <= set(known)


def test_a_table_is_markdown():
    text = table(pd.DataFrame({"a": [1.23456, np.nan], "b": ["x|y", None]}))
    assert text.splitlines() == ["| a | b |", "| --- | --- |", "| 1.23 | x/y |", "| – | – |"]
