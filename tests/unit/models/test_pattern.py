"""What is unexpected for an object, from its own past and its peers'."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2 as chi2_distribution
from scipy.stats import norm as normal_distribution

from configs.judgement import PatternConfig
from models.assess.forecast import Peers, combined_surprise, joint_surprise, predict
from models.assess.memory import Moments
from models.assess.pattern import DisorderedEventsError, PatternOfLife, assess
from models.assess.peers import family_of
from models.errors import ModelError
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM as GEO
from orbits.geosynchronous import semi_major_axis_of_drift_km

START = pd.Timestamp("2025-01-01", tz="UTC")
GEO_KM_PER_M_S = 27.4  # 2 a / v


def event(
    norad_id: int,
    day: float,
    *,
    t: float = 0.0,
    n: float = 0.0,
    regime: str = "leo",
    a_km: float | None = None,
    watched_from: float = -400.0,
    sigma: float = 1e-3,
    probability: float = 1.0,
) -> dict[str, object]:
    base = {"leo": 7100.0, "geo": GEO}[regime]
    delta = t * (GEO_KM_PER_M_S if regime == "geo" else 1.9)
    return {
        "norad_id": norad_id, "regime": regime, "burn_time": START + pd.Timedelta(days=day),
        "available_at": START + pd.Timedelta(days=day + 1), "probability": probability,
        "dv_r_m_s": 0.0, "dv_t_m_s": t, "dv_n_m_s": n,
        "dv_r_sigma_m_s": sigma, "dv_t_sigma_m_s": sigma, "dv_n_sigma_m_s": sigma,
        "delta_a_km": delta, "a_km": base + delta / 2 if a_km is None else a_km,
        "observed_days": day - watched_from,
    }  # fmt: skip


def _random_event() -> st.SearchStrategy[dict[str, object]]:
    """Whatever a fit may come up with."""
    some = st.one_of(st.just(math.nan), st.floats(-1e4, 1e4))
    return st.builds(
        lambda row, **more: row | more,
        st.builds(event, st.integers(1, 3), st.integers(0, 5).map(float), regime=st.sampled_from(["leo", "geo"])),
        dv_r_m_s=some, dv_t_m_s=some, dv_n_m_s=some, delta_a_km=some, observed_days=some, age_days=some,
        dv_t_sigma_m_s=st.one_of(st.just(math.nan), st.floats(0, 1e3)), longitude_deg=some,
        a_km=st.one_of(st.just(math.nan), st.floats(6500, 50_000)), probability=st.one_of(st.just(math.nan), st.floats(0, 1)),
        kind=st.sampled_from(["orbit raise", "unknown", "relocation"]),
    )  # fmt: skip


def judged(*events: dict[str, object]) -> pd.DataFrame:
    return assess(pd.DataFrame(list(events)))


def keeper(norad_id: int, days: int = 360, every: float = 14.0, size: float = 0.05, regime: str = "leo") -> list[dict]:
    rng = np.random.default_rng(norad_id)
    times = np.cumsum(rng.normal(every, every / 8, int(days / every)))
    return [event(norad_id, day, t=size * float(rng.normal(1, 0.1)), regime=regime) for day in times]


def geo_keeper(norad_id: int) -> list[dict]:
    """East-west burns of centimeters a fortnight and north-south ones of meters."""
    burns = [dict(row) for row in keeper(norad_id, size=0.06, regime="geo")]
    return burns + [event(norad_id, 7.0 + 14 * k, n=1.8, regime="geo") for k in range(24)]


def test_a_routine_keeper_is_within_its_habit():
    out = judged(*keeper(1))
    settled = out["unexpectedness"].iloc[6:]
    assert settled.median() < 0.5
    assert settled.max() < 2.0
    assert out["reasons"].iloc[-1][0].startswith("within its habit") or out["unexpectedness"].iloc[-1] > 0.3


def test_a_break_in_size_stands_out_and_says_so():
    out = judged(*keeper(1), event(1, 370, t=2.0, a_km=7120))
    assert out["unexpectedness"].iloc[-1] > out["unexpectedness"].iloc[:-1].max() + 1
    text = " ".join(out["reasons"].iloc[-1])
    assert "times its usual size forward along-track" in text
    assert "above the orbit it has kept" in text


def test_a_departure_in_geo_outranks_north_south_and_commissioning():
    commissioning = [
        event(5, 3.0 + 2 * k, t=15.0, regime="geo", watched_from=0.0, a_km=GEO - 800 + 200 * k) for k in range(4)
    ]
    departure = event(2, 372, t=-2.6, regime="geo", a_km=GEO - 71)
    out = judged(*geo_keeper(1), *keeper(2, size=0.06, regime="geo"), *geo_keeper(3), *commissioning, departure)
    assert out["unexpectedness"].idxmax() == len(out) - 1
    assert "now drifts 0.9" in " ".join(out["reasons"].iloc[-1])
    assert "deg/day east" in " ".join(out["reasons"].iloc[-1])


def test_an_object_that_never_moved_surprises_the_longer_it_was_watched():
    long = judged(event(1, 0, t=0.05, watched_from=-2000))
    short = judged(event(1, 0, t=0.05, watched_from=-70))
    assert long["unexpectedness"].iloc[0] > short["unexpectedness"].iloc[0] + 0.3
    assert "first burn in 2000 days of watching" in long["reasons"].iloc[0]


def test_first_cross_track_burn_is_named():
    out = judged(*keeper(1), event(1, 372, n=2.0))
    assert any(reason.startswith("first cross-track burn in 772 days") for reason in out["reasons"].iloc[-1])


def test_early_and_overdue_burns_are_named():
    early = judged(*keeper(1), event(1, 352.5, t=0.05))
    overdue = judged(*keeper(1), event(1, 470, t=0.05))
    late = early.sort_values("burn_time").iloc[-1]
    assert any("after the last one, usually" in text for text in overdue["reasons"].iloc[-1])
    assert overdue["unexpectedness"].iloc[-1] > 0.3
    assert late["unexpectedness"] < 3  # timing alone makes no find


def test_the_uncertain_surprises_less():
    sure = judged(*keeper(1), event(1, 372, t=0.6))
    unsure = judged(*keeper(1), event(1, 372, t=0.6, sigma=0.29))
    assert unsure["unexpectedness"].iloc[-1] < sure["unexpectedness"].iloc[-1]
    doubtful = judged(*keeper(1), event(1, 372, t=0.6, probability=0.5))
    assert doubtful["unexpectedness"].iloc[-1] == pytest.approx(sure["unexpectedness"].iloc[-1] / 2)


def test_a_burn_below_the_noise_is_no_news():
    out = judged(*keeper(1), event(1, 372, t=0.002, sigma=0.05))
    assert out["unexpectedness"].iloc[-1] < 0.5


def test_a_later_move_of_a_chain_surprises_less_than_the_first():
    moves = [event(1, 370 + 20 * k, t=2.5 * (-1) ** k, regime="geo", a_km=GEO + 70 * (k % 2 == 0)) for k in range(4)]
    out = judged(*keeper(1, size=0.06, regime="geo"), *moves)
    chain = out["unexpectedness"].iloc[-4:].to_numpy()
    assert chain[0] == chain.max()
    assert chain[2] < chain[0] - 1


def test_old_habits_fade():
    habit = [event(1, 14.0 * k, t=2.0, a_km=7100) for k in range(10)]
    recent = [event(1, 3000 + 14.0 * k, t=0.05, a_km=7100) for k in range(20)]
    old = judged(*habit, event(1, 160, t=2.0, a_km=7100))["unexpectedness"].iloc[-1]
    new = judged(*habit, *recent, event(1, 3290, t=2.0, a_km=7100))["unexpectedness"].iloc[-1]
    assert new > old + 0.5


def test_young_objects_are_judged_by_their_peers():
    peers = [burn for norad_id in range(10, 30) for burn in keeper(norad_id, size=0.05)]
    usual = judged(*peers, event(1, 365, t=0.05, watched_from=350))
    large = judged(*peers, event(1, 365, t=5.0, watched_from=350))
    assert usual["unexpectedness"].iloc[-1] < 1
    assert large["unexpectedness"].iloc[-1] > usual["unexpectedness"].iloc[-1] + 1
    assert "what is usual for its peers" in " ".join(large["reasons"].iloc[-1])


def test_the_order_of_rows_does_not_matter():
    frame = pd.DataFrame([*keeper(1), *keeper(2, every=9.0), *geo_keeper(3)])
    shuffled = frame.sample(frac=1, random_state=4)
    out, again = assess(frame), assess(shuffled)
    assert again.index.equals(shuffled.index)
    assert again.loc[frame.index, "unexpectedness"].to_numpy() == pytest.approx(
        out["unexpectedness"].to_numpy(), abs=1e-9
    )


def test_withheld_burns_are_judged_by_the_change_of_the_orbit():
    withheld = event(1, 372, a_km=7124) | {
        "delta_a_km": 24.0,
        **{f"dv_{axis}{s}_m_s": np.nan for axis in "rtn" for s in ("", "_sigma")},
    }
    out = judged(*keeper(1), withheld)
    assert out["unexpectedness"].iloc[-1] > 2
    nothing = event(1, 380) | dict.fromkeys(("a_km", "delta_a_km", "dv_r_m_s", "dv_t_m_s", "dv_n_m_s"), np.nan)
    out = judged(*keeper(1), nothing)
    assert np.isfinite(out["unexpectedness"]).all()
    assert out["reasons"].str.len().min() >= 1


def test_missing_columns_and_no_events():
    with pytest.raises(ModelError, match="a_km"):
        assess(pd.DataFrame([event(1, 0)]).drop(columns="a_km"))
    empty = assess(pd.DataFrame([event(1, 0)]).iloc[:0])
    assert empty["unexpectedness"].tolist() == []


@given(st.lists(st.floats(0, 8), min_size=1, max_size=5))
def test_combined_surprise_is_fishers(surprises):
    x = 2 * math.log(10) * sum(surprises)
    assert combined_surprise(surprises) == pytest.approx(
        -chi2_distribution.logsf(x, 2 * len(surprises)) / math.log(10), abs=1e-9
    )
    assert combined_surprise([*surprises[:-1], surprises[-1] + 1]) > combined_surprise(surprises)


@given(st.lists(st.floats(0, 8), max_size=3), st.lists(st.floats(0, 8), max_size=3), st.floats(0, 1))
def test_what_depends_on_one_another_says_less_together(apart, alike, correlation):
    combined = combined_surprise(apart, alike, correlation)
    assert math.isfinite(combined)
    assert combined >= 0
    if sum(apart) + sum(alike) > 2 * (len(apart) + len(alike)):
        assert combined <= combined_surprise([*apart, *alike]) + 1e-9


def test_combining_keeps_the_share_of_false_alarms():
    """Uniform p-values, two of them correlated as sizes and distances are, combine to uniform ones."""
    rng = np.random.default_rng(5)
    count, correlation = 8_000, 0.8
    normal = rng.normal(size=(count, 3))
    normal[:, 2] = correlation * normal[:, 1] + math.sqrt(1 - correlation**2) * normal[:, 2]
    surprises = -np.log10(normal_distribution.sf(normal))
    of_logs = float(np.corrcoef(surprises[:, 1], surprises[:, 2])[0, 1])
    combined = np.array([combined_surprise([one], [two, three], of_logs) for one, two, three in surprises])
    assert np.mean(combined > 1) == pytest.approx(0.1, abs=0.015)
    assert np.mean(combined > 2) == pytest.approx(0.01, abs=0.004)
    joint = np.array([joint_surprise([two, three]) for _, two, three in surprises])
    assert np.mean(joint > 2) < 0.015


def test_moments_fade_and_can_be_taken_apart():
    own, everyone, others = Moments(), Moments(), Moments()
    for day, value in enumerate([1.0, 5.0, 2.0, 8.0]):
        holder = own if day % 2 else others
        for moments in (holder, everyone):
            moments.learn(value, 30.0 * day, 1.0, 100.0)
    assert everyone.others(own, 200.0, 100.0) == pytest.approx(others.at(200.0, 100.0))
    weight, mean, variance = own.at(90.0, 100.0)
    assert weight == pytest.approx(1 + math.exp(-0.6))
    assert mean == pytest.approx((5 * math.exp(-0.6) + 8) / weight)
    assert variance > 0


def test_without_a_past_the_forecast_is_the_peers():
    config = PatternConfig()
    peers = Peers(1e9, 2.0, 0.49, 1e9, 0.1)
    forecast = predict((0, 0, 0), [peers], (0.0, 1.0), config)
    assert forecast.center == pytest.approx(2.0, abs=1e-6)
    assert forecast.scale == pytest.approx(math.hypot(0.7, 0.1), abs=1e-6)
    settled = predict((1e6, -1.0, 0.03), [peers], (0.0, 1.0), config)
    assert settled.center == pytest.approx(-1.0, abs=1e-3)
    assert settled.scale == pytest.approx(0.2, rel=1e-2)


def test_a_closer_group_outweighs_a_wider_one_by_its_weight():
    config = PatternConfig()
    wide = Peers(1e9, 2.0, 0.49)
    centers = [
        predict((0, 0, 0), [wide, Peers(weight, -1.0, 0.01)], (0.0, 1.0), config).center
        for weight in (0.0, 1.0, config.group_weight, 1e9)
    ]
    assert centers == sorted(centers, reverse=True)
    assert centers[0] == pytest.approx(2.0, abs=1e-6)
    assert centers[2] == pytest.approx(0.5, abs=1e-6)
    assert centers[3] == pytest.approx(-1.0, abs=1e-6)


def refused(row: dict[str, object], explanation: str = "drag storm", note: str = "its neighbors fell too") -> dict:
    return row | {"explanation": explanation, "explanation_note": note}


def test_what_is_no_maneuver_surprises_nobody_and_teaches_nothing():
    habit = [refused(row, "maneuver", "") for row in keeper(1)]
    strange = event(1, 370, t=-2.0, a_km=7080)
    storm, after = refused(strange), refused(event(1, 384, t=0.05), "maneuver", "")
    out = judged(*habit, storm, after)
    assert out["unexpectedness"].iloc[-2] == 0.0
    assert out["reasons"].iloc[-2] == ["not a maneuver but a drag storm: its neighbors fell too"]
    without = judged(*habit, after)
    assert out["unexpectedness"].iloc[-1] == without["unexpectedness"].iloc[-1]
    assert out["reasons"].iloc[-1] == without["reasons"].iloc[-1]
    learned = judged(*habit, refused(strange, "maneuver", ""), after)
    assert learned["unexpectedness"].iloc[-1] != without["unexpectedness"].iloc[-1]


def test_a_doubt_about_a_maneuver_is_said_last():
    out = judged(refused(event(1, 10, t=0.5), "maneuver", "excursion or bad set"))
    assert out["reasons"].iloc[0][-1] == "excursion or bad set"
    assert len(out["reasons"].iloc[0]) > 1


def fleet_objects(ids: range, stem: str) -> pd.DataFrame:
    return pd.DataFrame({"norad_id": list(ids), "name": [f"{stem}-{i}" for i in ids]})


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


def belt() -> list[dict[str, object]]:
    return [burn for i in range(40, 60) for burn in keeper(i, size=0.06, regime="geo")]


def geo_turn(norad_id: int, day: float, before: float, after: float, **more: object) -> dict[str, object]:
    """A burn that takes the drift from one value to another [deg/day]."""
    a = [float(semi_major_axis_of_drift_km(drift)) for drift in (before, after)]
    burn = event(norad_id, day, t=(a[1] - a[0]) / GEO_KM_PER_M_S, regime="geo", a_km=a[1])
    return burn | {"delta_a_km": a[1] - a[0], "longitude_deg": 100.0, "age_days": 3000.0} | more


def last(*events: dict[str, object]) -> pd.Series:
    return judged(*belt(), *events).iloc[-1]


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


def test_station_keeping_is_no_news():
    north_south = last(geo_turn(1, 370, 0.0, 0.001, dv_n_m_s=1.5))
    trim = last(geo_turn(1, 370, -0.012, 0.012))
    assert north_south["surprise"] < 1
    assert trim["surprise"] < 1


def test_a_new_object_may_drift_to_its_place():
    old, new = (last(geo_turn(1, 370, 0.0, 1.2, age_days=age)) for age in (3000.0, 20.0))
    assert new["surprise"] < old["surprise"] - 0.5


def test_burns_of_one_campaign_are_no_news_to_who_burns_in_campaigns():
    single, twice = keeper(1, every=30.0), keeper(1, every=30.0)
    pairs = [row for burn in twice for row in (burn, event(1, _day(burn) + 1.5, t=0.05))]
    again = judged(*single, event(1, _day(single[-1]) + 1.5, t=0.05)).iloc[-1]
    usual = judged(*pairs, event(1, 375, t=0.05), event(1, 376.5, t=0.05)).iloc[-1]
    assert again["surprise"] > usual["surprise"]
    # What is usual between campaigns is not what is usual within them.
    assert judged(*pairs, event(1, 375, t=0.05)).iloc[-1]["surprise"] < 0.5


def _day(row: dict) -> float:
    return (row["burn_time"] - START) / pd.Timedelta(days=1)


def test_a_new_routine_is_news_once():
    new = [event(1, 380 + 14.0 * k, t=0.5, a_km=7125 + 0.5 * (k % 2)) for k in range(8)]
    out = judged(*keeper(1), *new)["surprise"].iloc[-8:].to_numpy()
    assert out[0] > 1.5
    assert out[0] == out.max()
    assert out[4:].max() < 0.5


def test_day_by_day_is_as_all_at_once():
    frame = pd.DataFrame([*keeper(1), *keeper(2, every=9.0), *geo_keeper(3), *belt()])
    objects = fleet_objects(range(1, 60), "FLOCK")
    pattern = PatternOfLife(objects)
    days = frame["available_at"].dt.floor("30D")
    parts = [pattern.judge(part) for _, part in frame.groupby(days)]
    whole, parted = assess(frame, objects), pd.concat(parts).loc[frame.index]
    assert parted["surprise"].tolist() == whole["surprise"].tolist()
    assert parted["reasons"].tolist() == whole["reasons"].tolist()
    with pytest.raises(DisorderedEventsError, match="judge all anew"):
        pattern.judge(frame.iloc[:1])


@given(st.lists(_random_event(), min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_any_events_have_a_finite_surprise_whatever_their_order(rows, random):
    frame = pd.DataFrame(rows)
    out = assess(frame)
    assert np.isfinite(out["surprise"]).all()
    assert (out["surprise"] >= 0).all()
    assert (out["unexpectedness"] <= out["surprise"]).all()
    assert out["reasons"].str.len().min() >= 1
    order = list(range(len(frame)))
    random.shuffle(order)
    again = assess(frame.iloc[order])
    assert again.loc[frame.index, "surprise"].tolist() == out["surprise"].tolist()
    assert again.loc[frame.index, "reasons"].tolist() == out["reasons"].tolist()
