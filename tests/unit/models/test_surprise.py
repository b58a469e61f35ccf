"""Calibrated surprises and the false discovery rate of the list."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.judgement import SurpriseConfig
from models.assess.surprise import calibrate
from models.errors import ModelError

START = pd.Timestamp("2025-01-01", tz="UTC")
LN10 = np.log(10)


def log_of(
    surprise: np.ndarray, day: np.ndarray, *, regime: str = "geo", probability: float = 1.0, late: float = 0.2
) -> pd.DataFrame:
    """Events seen in daily runs, whose element sets came ``late`` days before."""
    seen = START + pd.to_timedelta(np.floor(day), unit="D")
    frame = pd.DataFrame({"norad_id": np.arange(len(day)), "regime": regime, "probability": probability})
    frame["first_seen_at"] = seen.astype("datetime64[us, UTC]")
    frame["available_at"] = (seen - pd.Timedelta(days=late)).astype("datetime64[us, UTC]")
    frame["epoch_after"] = frame["available_at"] - pd.Timedelta(days=0.25)
    frame["epoch_before"] = frame["epoch_after"] - pd.Timedelta(days=1)
    return frame.assign(surprise=surprise, explanation="maneuver", delta_a_km=0.0, delta_i_deg=0.0)


def stream(
    rng: np.random.Generator, days: int, per_day: int, *, slope: float = 1.0, share: float = 0.0, size: float = 5.0
) -> pd.DataFrame:
    """Routine burns whose surprise is ``slope`` times what a uniform p would give, and a share that is unexpected."""
    count = days * per_day
    unexpected = rng.random(count) < share
    surprise = slope * rng.exponential(1 / LN10, count)
    surprise = np.where(unexpected, slope * size * rng.uniform(0.8, 1.2, count), surprise)
    return log_of(surprise, np.repeat(np.arange(days), per_day)).assign(unexpected=unexpected)


def p_of(events: pd.DataFrame) -> np.ndarray:
    return 10.0 ** -events["unexpectedness"].to_numpy()


@pytest.mark.parametrize("slope", [0.5, 1.0, 2.0])
def test_calibrated_p_of_routine_burns_is_uniform_however_the_pattern_of_life_errs(slope):
    out = calibrate(stream(np.random.default_rng(1), 300, 20, slope=slope))
    p = p_of(out)[2000:]
    for level in (0.5, 0.1, 0.01):
        error = 4 * np.sqrt(level * (1 - level) / len(p))
        assert abs((p < level).mean() - level) < 0.15 * level + error
    # Far out p may be too large, never much too small.
    assert (p < 0.001).mean() < 0.001 + 4 * np.sqrt(0.001 / len(p))


@pytest.mark.parametrize("per_day", [2, 20, 300])
@pytest.mark.parametrize("share", [0.005, 0.05])
def test_the_false_discovery_rate_holds_on_a_contaminated_null(per_day, share):
    config = SurpriseConfig()
    out = calibrate(stream(np.random.default_rng(per_day), 4500 // per_day, per_day, share=share), config)
    settled = out[1500:]
    false = int((settled["listed"] & ~settled["unexpected"]).sum())
    true = int((settled["listed"] & settled["unexpected"]).sum())
    # Benjamini-Hochberg lists q / (1 - q)^2 null ones a window where there is nothing else, q / (1 - q) a true one.
    rate = config.false_discovery_rate
    bound = rate / (1 - rate) * true + rate / (1 - rate) ** 2 * len(settled) / per_day / config.window_days
    assert false <= bound + 4 * np.sqrt(bound)
    assert true >= 0.95 * settled["unexpected"].sum()


def test_lists_of_nothing_but_routine_are_mostly_empty():
    out = calibrate(stream(np.random.default_rng(3), 350, 20, slope=1.5))
    weeks = out["listed"].to_numpy()[700:].reshape(-1, 140).any(1)
    assert weeks.mean() < 0.2 + 4 * np.sqrt(0.16 / len(weeks))


def test_many_unexpected_ones_of_the_past_do_not_hide_the_next():
    rng = np.random.default_rng(4)
    clean, dirty = stream(rng, 120, 20), stream(rng, 120, 20, share=0.1)
    last = log_of(np.array([4.0]), np.array([121]))
    scores = [calibrate(pd.concat([past, last], ignore_index=True)).iloc[-1] for past in (clean, dirty)]
    assert all(score["listed"] for score in scores)
    assert scores[1]["unexpectedness"] > scores[0]["unexpectedness"] - 1.0


def test_a_fresh_home_is_judged_by_nominal_p():
    out = calibrate(log_of(np.array([0.3, 0.8, 4.0]), np.zeros(3)))
    assert out["unexpectedness"].to_numpy() == pytest.approx([0.3, 0.8, 4.0], abs=0.02)
    assert out["listed"].tolist() == [False, False, True]


def test_what_is_no_maneuver_or_hardly_real_is_not_listed():
    events = log_of(np.full(3, 6.0), np.zeros(3))
    events["explanation"] = ["bad element set", "maneuver", "maneuver"]
    events["probability"] = [1.0, 0.05, 1.0]
    out = calibrate(events)
    assert out["listed"].tolist() == [False, False, True]
    assert out["unexpectedness"].iloc[0] == 0
    assert out["unexpectedness"].iloc[1] == pytest.approx(0.05 * out["unexpectedness"].iloc[2])


def test_what_happened_sometime_in_years_without_element_sets_is_not_listed():
    events = log_of(np.full(2, 6.0), np.zeros(2))
    events.loc[0, "epoch_before"] -= pd.Timedelta(days=1858)
    assert calibrate(events)["listed"].tolist() == [False, True]


def test_a_lone_event_must_still_be_rare():
    assert calibrate(log_of(np.array([1.0]), np.zeros(1)))["listed"].tolist() == [False]
    assert calibrate(log_of(np.array([1.5]), np.zeros(1)))["listed"].tolist() == [True]


@pytest.mark.parametrize(("regime", "moves_count"), [("geo", False), ("leo", True)])
def test_moves_in_the_belt_do_not_say_what_is_routine(regime, moves_count):
    rng = np.random.default_rng(8)
    keeping = stream(rng, 100, 20).assign(regime=regime)
    moves = stream(rng, 100, 10, slope=6.0).assign(regime=regime, delta_a_km=20.0)
    last = log_of(np.array([3.0]), np.array([101]), regime=regime)
    alone, among = (
        calibrate(pd.concat([*parts, last], ignore_index=True))["unexpectedness"].iloc[-1]
        for parts in ((keeping,), (keeping, moves))
    )
    assert (among < alone - 0.5) == moves_count


def test_regimes_are_lists_of_their_own():
    rng = np.random.default_rng(5)
    geo = stream(rng, 60, 5, share=0.03)
    leo = stream(rng, 60, 300, slope=3.0).assign(regime="leo")
    alone, both = calibrate(geo), calibrate(pd.concat([leo, geo], ignore_index=True))
    pd.testing.assert_frame_equal(both[len(leo) :].reset_index(drop=True), alone)


def test_older_history_taken_in_at_once_is_judged_in_its_own_order():
    daily = stream(np.random.default_rng(6), 200, 10, slope=2.0, share=0.02)
    at_once = daily.assign(first_seen_at=START + pd.Timedelta(days=300))
    a, b = calibrate(daily), calibrate(at_once)
    assert (a["listed"] == b["listed"]).mean() > 0.995
    assert np.allclose(a["unexpectedness"], b["unexpectedness"], atol=0.05)


def test_hourly_runs_list_about_what_daily_ones_do():
    daily = stream(np.random.default_rng(7), 60, 24, share=0.02)
    hour = pd.to_timedelta(np.tile(np.arange(24), 60), unit="h")
    hourly = calibrate(daily.assign(first_seen_at=daily["first_seen_at"] + hour))
    count = calibrate(daily)["listed"].sum()
    assert abs(hourly["listed"].sum() - count) <= 0.15 * count


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 38))
def test_later_events_change_nothing_before_them(seed, cut):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(5, 200))
    day = rng.integers(0, 40, count).astype(float)
    events = log_of(rng.exponential(0.6, count), day)
    events["available_at"] -= pd.to_timedelta(rng.exponential(8.0, count), unit="D")
    events["regime"] = rng.choice(["leo", "geo"], count)
    early = events[day <= cut]
    changed = events.copy()
    changed.loc[day > cut, "surprise"] *= 3
    for whole in (events, changed, changed.sample(frac=1, random_state=seed)):
        out = calibrate(whole)
        pd.testing.assert_frame_equal(out.loc[early.index], calibrate(early))


def test_no_events_and_odd_values():
    empty = calibrate(log_of(np.zeros(0), np.zeros(0)))
    assert {"unexpectedness", "listed"} <= set(empty.columns)
    assert empty["listed"].dtype == bool
    out = calibrate(log_of(np.array([np.nan, np.inf, -1.0, 40.0]), np.zeros(4)))
    assert np.isfinite(out["unexpectedness"]).all()
    assert (out["unexpectedness"] >= 0).all()


def test_missing_columns_are_named():
    with pytest.raises(ModelError, match="first_seen_at"):
        calibrate(log_of(np.ones(1), np.ones(1)).drop(columns="first_seen_at"))
