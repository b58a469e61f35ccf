"""What is unexpected for an object, from its own past and its peers'."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2 as chi2_distribution

from configs.judgement import PatternConfig
from models.assess.memory import Moments, combined_surprise, predict
from models.assess.pattern import assess
from models.errors import ModelError
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM as GEO

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
    peers = [burn for norad_id in range(10, 16) for burn in keeper(norad_id, size=0.05)]
    usual = judged(*peers, event(1, 365, t=0.05, watched_from=350))
    large = judged(*peers, event(1, 365, t=5.0, watched_from=350))
    assert usual["unexpectedness"].iloc[-1] < 1
    assert large["unexpectedness"].iloc[-1] > usual["unexpectedness"].iloc[-1] + 1
    assert "what is usual for its regime" in " ".join(large["reasons"].iloc[-1])


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
    forecast = predict((0, 0, 0), (1e9, 2.0, 0.49), (0.0, 1.0), config)
    assert forecast.center == pytest.approx(2.0, abs=1e-6)
    assert forecast.scale == pytest.approx(math.hypot(0.7, 0.1), abs=1e-6)
    settled = predict((1e6, -1.0, 0.03), (1e9, 2.0, 0.49), (0.0, 1.0), config)
    assert settled.center == pytest.approx(-1.0, abs=1e-3)
    assert settled.scale == pytest.approx(0.2, rel=1e-2)


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
