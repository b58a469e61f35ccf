"""Strict keepers that fell silent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog.records import ELEMENT_SET_DTYPES
from configs.judgement import OverdueConfig
from models.assess.overdue import OVERDUE_DTYPES, Rhythm, overdue, surprise_of_wait
from models.errors import ModelError
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM as GEO
from orbits.constants import SIDEREAL_RATE_DEG_DAY
from orbits.elements import kozai_mean_motion_rev_day
from orbits.frames import gmst_deg
from orbits.geosynchronous import j22_acceleration_deg_day2

START = pd.Timestamp("2026-01-01", tz="UTC")


def at(day: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=day)


def burns(norad_id: int, days: np.ndarray, *, kind: str = "east-west station-keeping") -> pd.DataFrame:
    when = START + pd.to_timedelta(days, unit="D")
    frame = pd.DataFrame({"burn_time": when.astype("datetime64[us, UTC]")})
    for name, later in (("epoch_before", -0.4), ("epoch_after", 0.6), ("available_at", 0.9), ("first_seen_at", 1.5)):
        frame[name] = (when + pd.Timedelta(days=later)).astype("datetime64[us, UTC]")
    values = {"dv_r_m_s": 0.0, "dv_t_m_s": 0.05, "dv_n_m_s": 0.0, "dv_r_sigma_m_s": 0.01, "dv_t_sigma_m_s": 0.002}
    values |= {"dv_n_sigma_m_s": 0.05, "delta_a_km": 1.4, "a_km": GEO, "probability": 1.0}
    return frame.assign(norad_id=norad_id, regime="geo", kind=kind, explanation="maneuver", **values)


def keeper(
    norad_id: int, until: float, *, every: float = 14.0, spread: float = 0.05, recall: float = 1.0, seed: int = 0
) -> pd.DataFrame:
    rng = np.random.default_rng((seed, norad_id))
    days = np.cumsum(every * np.exp(rng.normal(0, spread, int(until / every) + 2))) - every * rng.random()
    days = days[(days < until) & (days > 0)]
    return burns(norad_id, days[rng.random(len(days)) < recall])


def seen_until(ids: list[int], day: float) -> pd.DataFrame:
    return pd.DataFrame({"norad_id": ids, "last_epoch": [at(day)] * len(ids)})


def fleet(until: float, count: int = 30, **how: float) -> pd.DataFrame:
    return pd.concat([keeper(norad_id, until, **how) for norad_id in range(1, count + 1)], ignore_index=True)


def test_a_keeper_that_stops_is_named_with_figures_and_once():
    silent = keeper(99, 140.0)
    events = pd.concat([fleet(220.0), silent], ignore_index=True)
    ids = [*range(1, 31), 99]
    said = {}
    for day in range(145, 220, 3):
        out = overdue(events, seen_until(ids, day), at(day))
        for row in out.itertuples():
            said.setdefault((row.norad_id, row.since), (day, row.reason))
    assert [key[0] for key in said] == [99]
    (_, since), (day, reason) = next(iter(said.items()))
    assert since == silent["epoch_after"].max()
    assert day - 140 < 4 * 14
    assert reason.startswith("no east-west burn for ")
    assert "usually every 1" in reason


def test_nothing_is_said_without_element_sets_or_before_they_could_tell():
    events = pd.concat([fleet(140.0, 10), keeper(99, 140.0)], ignore_index=True)
    assert len(overdue(events, seen_until([99], 230.0), at(230.0))) == 1
    assert overdue(events, seen_until([99], 142.0), at(230.0)).empty
    assert overdue(events, seen_until([], 0.0), at(230.0)).empty
    assert overdue(events, seen_until([99], 150.0), at(150.0)).empty


@pytest.mark.slow
@pytest.mark.parametrize("recall", [1.0, 0.85])
def test_false_statements_keep_to_their_rate(recall):
    config = OverdueConfig()
    count, days = 100, 300
    events = fleet(days, count, spread=0.15, recall=recall)
    said = set()
    for day in range(100, days, 4):
        out = overdue(events, seen_until(list(range(1, count + 1)), day), at(day), config)
        said |= {(row.norad_id, row.since) for row in out.itertuples()}
    expected = config.false_per_month * (days - 100) / 30
    assert len(said) <= expected + 4 * np.sqrt(expected)


@pytest.mark.slow
def test_one_keeper_alone_must_be_surprisingly_late_too():
    config = OverdueConfig(false_per_month=100.0)
    events = keeper(99, 140.0)
    said = [len(overdue(events, seen_until([99], day), at(day), config)) for day in range(141, 200)]
    assert sum(said[:15]) == 0
    assert said[-1] == 1


def test_who_burns_irregularly_rarely_or_went_elsewhere_is_no_strict_keeper():
    rng = np.random.default_rng(1)
    ids = [1, 2, 3]
    events = pd.concat(
        [
            burns(1, np.sort(rng.uniform(0, 150, 12))),
            burns(2, np.array([10.0, 24.0, 38.0, 52.0])),
            keeper(3, 140.0),
            burns(3, np.array([145.0]), kind="relocation"),
        ],
        ignore_index=True,
    )
    assert overdue(events, seen_until(ids, 300.0), at(300.0)).empty


def test_what_came_later_changes_nothing():
    events = pd.concat([fleet(200.0, 10), keeper(99, 140.0), burns(99, np.array([210.0]))], ignore_index=True)
    ids = [*range(1, 11), 99]
    known = events[events["first_seen_at"] <= at(200.0)]
    whole = overdue(events, seen_until(ids, 200.0), at(200.0))
    assert whole["norad_id"].tolist() == [99]
    pd.testing.assert_frame_equal(whole, overdue(known, seen_until(ids, 200.0), at(200.0)))
    shuffled = overdue(events.sample(frac=1, random_state=3), seen_until(ids, 200.0), at(200.0))
    pd.testing.assert_frame_equal(whole, shuffled)


def test_no_maneuvers_end_no_silence():
    events = pd.concat([fleet(140.0, 10), keeper(99, 140.0), burns(99, np.array([185.0]))], ignore_index=True)
    events.loc[events.index[-1], "explanation"] = "bad element set"
    assert overdue(events, seen_until([99], 200.0), at(200.0))["norad_id"].tolist() == [99]
    events.loc[events.index[-1], "explanation"] = "maneuver"
    assert overdue(events, seen_until([99], 200.0), at(200.0)).empty


def belt_sets(norad_id: int, since: float, until: float, *, kept: bool) -> pd.DataFrame:
    """Daily sets at 20 E: pulled along by the equator's ellipticity, or held to the spot."""
    day = np.arange(since, until)
    pull = 0.0 if kept else float(j22_acceleration_deg_day2(20.0))
    drift = pull * (day - since)
    longitude = 20.0 + 0.5 * pull * (day - since) ** 2
    a = GEO * (1 + drift / SIDEREAL_RATE_DEG_DAY) ** (-2 / 3)
    epoch = (START + pd.to_timedelta(day, unit="D")).astype("datetime64[us, UTC]")
    frame = pd.DataFrame({"epoch": epoch}).assign(norad_id=norad_id, source="test", available_at_imputed=False)
    frame["available_at"] = frame["epoch"]
    frame["eccentricity"], frame["inclination_deg"] = 1e-4, 0.05
    frame["mean_motion_rev_day"] = kozai_mean_motion_rev_day(a, frame["eccentricity"], frame["inclination_deg"])
    turn = longitude + gmst_deg(frame["epoch"].astype("int64").to_numpy())
    frame["raan_deg"] = frame["arg_pericenter_deg"] = 0.0
    frame["mean_anomaly_deg"] = turn % 360
    for name, dtype in ELEMENT_SET_DTYPES.items():
        if name not in frame:
            frame[name] = "" if dtype in ("str", "string") else 0
    return frame[list(ELEMENT_SET_DTYPES)].astype(ELEMENT_SET_DTYPES)


@pytest.mark.parametrize("kept", [True, False])
def test_who_is_kept_on_its_longitude_still_burns(kept):
    events = pd.concat([fleet(140.0, 10), keeper(99, 140.0)], ignore_index=True)
    sets = belt_sets(99, 120.0, 200.0, kept=kept)
    out = overdue(events, seen_until([99], 200.0), at(200.0), history=sets)
    assert out.empty == kept


def test_steps_of_the_semi_major_axis_are_burns_that_were_not_found():
    events = pd.concat([fleet(140.0, 10), keeper(99, 140.0)], ignore_index=True)
    sets = belt_sets(99, 120.0, 200.0, kept=False)
    sign = np.where(np.arange(len(sets)) // 7 % 2, 1.0, -1.0)
    sets["mean_motion_rev_day"] *= 1 + 1.5 * sign * 0.5 / GEO
    assert overdue(events, seen_until([99], 200.0), at(200.0), history=sets).empty


def test_surprise_of_a_wait_allows_for_burns_that_were_not_found():
    sure, unsure = (
        Rhythm(np.full(1, 20.0), np.full(1, np.log(14.0)), np.full(1, 0.05), np.full(1, recall), np.ones(1, bool))
        for recall in (0.999, 0.7)
    )
    waits = np.array([7.0, 14.0, 20.0, 34.0, 48.0])
    tight = np.array([surprise_of_wait(sure, np.array([wait]))[0] for wait in waits])
    loose = np.array([surprise_of_wait(unsure, np.array([wait]))[0] for wait in waits])
    assert (np.diff(tight) > 0).all()
    assert (tight + 1e-9 >= loose).all()
    # One missed: 0.3; two: 0.09.
    assert loose[2] == pytest.approx(-np.log10(0.3), abs=0.05)
    assert loose[3] == pytest.approx(-np.log10(0.09), abs=0.05)


def test_an_empty_frame_and_missing_columns():
    out = overdue(fleet(50.0, 1).iloc[:0], seen_until([], 0.0), at(100.0))
    assert out.dtypes.astype(str).to_dict() == pd.Series(OVERDUE_DTYPES).to_dict()
    with pytest.raises(ModelError, match="epoch_after"):
        overdue(fleet(50.0, 1).drop(columns="epoch_after"), seen_until([1], 50.0), at(50.0))
