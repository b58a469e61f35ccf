"""The burn fit recovers simulated burns, knows how well, and says when it cannot."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pandas as pd
import pytest

from catalog.records import mean_elements
from configs.judgement import BurnFitConfig
from models.characterize.adjustment import _solve, _wander
from models.characterize.burn_fit import MissingHistoryError, _windows, fit_burns
from models.characterize.impulse import _radial_prior_m_s, try_times
from models.characterize.noise import Noise, estimate_noise
from models.characterize.secular import impulse_effect, transition
from models.characterize.sides import Sides, combine_sides
from models.errors import ModelError
from orbits.burns import apply_burn
from orbits.elements import MeanElements
from tests.naive import characterize as naive

DAY_US = 86_400_000_000
START_US = 1_750_000_000_000_000
GAPS_BEFORE, GAPS_AFTER = 16, 7


def orbits(count: int, regime: str, rng: np.random.Generator) -> MeanElements:
    spread = rng.uniform(0, 360, (3, count))
    motion, inclination, bstar = {"leo": (14.3, 98.0, 1e-4), "geo": (1.0027, 0.5, 0.0)}[regime]
    return MeanElements(
        epoch_us=np.full(count, START_US, dtype=np.int64),
        mean_motion_rev_day=motion + rng.normal(0, 1e-4, count),
        eccentricity=np.full(count, 8e-4),
        inclination_deg=inclination + rng.normal(0, 0.01, count),
        raan_deg=spread[0],
        arg_pericenter_deg=spread[1],
        mean_anomaly_deg=spread[2],
        bstar_inv_er=np.full(count, bstar),
    )


def frame(elements: MeanElements, ids: np.ndarray) -> pd.DataFrame:
    epochs = pd.to_datetime(elements.epoch_us, unit="us", utc=True)
    columns = {name: getattr(elements, name) for name in MeanElements.__slots__ if name != "epoch_us"}
    return pd.DataFrame({"norad_id": ids.astype(np.int64), "epoch": epochs, **columns})


def burned(
    regime: str, dv: np.ndarray, seed: int, *, noise: float = 1.0
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Objects of one burn each: events, history and the true burn times [us]."""
    rng = np.random.default_rng(seed)
    count, sets = len(dv), GAPS_BEFORE + GAPS_AFTER
    gaps = rng.uniform(0.7, 1.3, (count, sets))
    epochs = START_US + np.cumsum(gaps * DAY_US, axis=1).astype(np.int64)
    share = rng.uniform(0.05, 0.95, count)
    before, after = epochs[:, GAPS_BEFORE - 1], epochs[:, GAPS_BEFORE]
    times = (before + share * (after - before)).astype(np.int64)
    index = np.repeat(np.arange(count), sets)
    impulse = np.where((np.arange(sets) >= GAPS_BEFORE)[None, :, None], dv[:, None], 0.0).reshape(-1, 3)
    made = apply_burn(orbits(count, regime, rng)[index], times[index], impulse, epochs.ravel())
    # As published sets scatter: a by decimeters (LEO) or meters (GEO), the rest by ten-thousandths of a degree.
    a_sigma_km = {"leo": 2e-4, "geo": 1e-2}[regime]
    size = (len(index),)
    a_km = {"leo": 7150.0, "geo": 42_165.0}[regime]
    e = np.hypot(
        made.eccentricity * np.cos(np.radians(made.arg_pericenter_deg)) + noise * rng.normal(0, 3e-6, size),
        made.eccentricity * np.sin(np.radians(made.arg_pericenter_deg)) + noise * rng.normal(0, 3e-6, size),
    )
    noisy = MeanElements(
        epoch_us=made.epoch_us,
        mean_motion_rev_day=made.mean_motion_rev_day * (1 - 1.5 * noise * rng.normal(0, a_sigma_km, size) / a_km),
        eccentricity=e,
        inclination_deg=made.inclination_deg + noise * rng.normal(0, 2e-4, size),
        raan_deg=made.raan_deg,
        arg_pericenter_deg=made.arg_pericenter_deg,
        mean_anomaly_deg=made.mean_anomaly_deg + noise * rng.normal(0, 4e-4, size),
        bstar_inv_er=made.bstar_inv_er,
    )
    events = pd.DataFrame(
        {
            "norad_id": np.arange(count, dtype=np.int64) + 1,
            "epoch_before": pd.to_datetime(before, unit="us", utc=True),
            "epoch_after": pd.to_datetime(after, unit="us", utc=True),
        }
    )
    return events, frame(noisy, index + 1), times


@cache
def along_track(regime: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(5)
    size = {"leo": 0.03, "geo": 0.15}[regime]
    dv = np.zeros((48, 3))
    dv[:, 1] = size * rng.uniform(0.5, 2.0, 48) * rng.choice([-1, 1], 48)
    events, history, times = burned(regime, dv, seed=11)
    return fit_burns(events, history).assign(truth=dv[:, 1]), events, history, times


@pytest.mark.parametrize(("regime", "hours", "share"), [("leo", 0.3, 0.02), ("geo", 2.0, 0.03)])
def test_along_track_burns_are_recovered(regime, hours, share):
    fitted, _, _, times = along_track(regime)
    assert (fitted["fit_status"] == "fitted").all()
    error_hours = np.abs(fitted["burn_time"].astype("int64") - times) / 3.6e9
    assert np.median(error_hours) < hours
    error = np.abs(fitted["dv_t_m_s"] / fitted["truth"] - 1)
    assert error.median() < share
    assert error.quantile(0.9) < 5 * share
    assert (np.sign(fitted["delta_a_km"]) == np.sign(fitted["truth"])).all()
    assert fitted["chi2_ratio"].min() > 3


@pytest.mark.parametrize("regime", ["leo", "geo"])
def test_stated_errors_hold_the_truth_as_often_as_they_claim(regime):
    fitted, _, _, times = along_track(regime)
    off = np.abs((fitted["dv_t_m_s"] - fitted["truth"]) / fitted["dv_t_sigma_m_s"])
    assert (off < 1).mean() > 0.60  # 68 % less the scatter of 48 trials; wider is safe
    assert (off < 2).mean() > 0.90
    low, high = (fitted[f"burn_time_{end}"].astype("int64") for end in ("low", "high"))
    assert ((low <= times) & (times <= high)).mean() > 0.60
    assert (fitted["dv_t_sigma_m_s"] < 0.3 * fitted["truth"].abs()).mean() > 0.9  # and they are of use


@pytest.mark.parametrize(("regime", "size"), [("leo", 1.5), ("geo", 1.0)])
def test_cross_track_burns_are_recovered_up_to_their_sign(regime, size):
    dv = np.zeros((12, 3))
    dv[:, 2] = size
    events, history, _ = burned(regime, dv, seed=21)
    fitted = fit_burns(events, history)
    assert np.abs(fitted["dv_n_m_s"].abs() / size - 1).median() < 0.03
    wrong = fitted["dv_n_m_s"] < 0
    assert fitted.loc[wrong, "fit_note"].str.contains("sign undecided").all()
    assert (fitted["dv_t_m_s"].abs() < 0.05 * size).all()


def test_without_noise_the_fit_is_exact():
    dv = np.array([[0.0, 0.1, 0.0], [0.0, -0.02, 0.0], [0.0, 0.05, 0.8]])
    events, history, times = burned("leo", dv, seed=3, noise=0.0)
    fitted = fit_burns(events, history)
    assert fitted["dv_t_m_s"].to_numpy() == pytest.approx(dv[:, 1], rel=0.01)
    assert np.abs(fitted["burn_time"].astype("int64") - times).max() / 3.6e9 < 0.6


def test_the_misfit_ratio_says_how_many_times_better_the_fit_with_the_burn_is():
    """χ² without and with a burn by plain least squares at many trial times, of the step and covariance of both sides."""
    fitted, events, history, _ = along_track("leo")
    few, config = events.iloc[:6], BurnFitConfig()
    elements = mean_elements(history)
    windows = _windows(few, history["norad_id"].to_numpy(), elements.epoch_us, config)
    noise = estimate_noise(elements, windows.start, windows.before[:, 0], config)
    middle_us = (windows.begin_us + windows.end_us) // 2
    sides = combine_sides(elements, windows.before, windows.after, middle_us, noise, config)
    radial = _radial_prior_m_s(sides, config)
    for event in range(len(few)):
        before, step, covariance = sides.before[event], sides.step[event], sides.covariance[event]
        half = (windows.end_us[event] - windows.begin_us[event]) / 2 / DAY_US

        fit = partial(naive.impulse_at, before, step, covariance, radial_sigma_m_s=radial[event])
        near = min(np.linspace(-half, half, 121), key=lambda day: fit(day)[1])
        with_burn = min(fit(day)[1] for day in np.clip(near + np.linspace(-half, half, 21) / 60, -half, half))
        without = float(step @ np.linalg.solve(covariance, step))
        ratio = fitted["chi2_ratio"].iloc[event]
        assert without > 10 * with_burn
        assert ratio == pytest.approx(without / max(with_burn, 2.0), rel=0.02)  # six elements less time and Δv: 2
        assert ratio > 10


def test_one_bad_set_does_little_harm():
    fitted, events, history, _ = along_track("leo")
    spoiled = history.copy()
    row = spoiled.groupby("norad_id").cumcount() == GAPS_BEFORE + 1
    spoiled.loc[row, "mean_motion_rev_day"] += 2e-5  # 7 m, some tens of sigma
    again = fit_burns(events, spoiled)
    assert np.abs(again["dv_t_m_s"] / fitted["truth"] - 1).median() < 0.03


def test_a_smeared_set_does_little_harm():
    fitted, events, history, _ = along_track("geo")
    smeared = history.copy()
    position = smeared.groupby("norad_id").cumcount().to_numpy()
    first = np.flatnonzero(position == GAPS_BEFORE)
    # The first set after the burn still shows the mean motion of the one before.
    smeared.loc[first, "mean_motion_rev_day"] = smeared["mean_motion_rev_day"].to_numpy()[first - 1]
    again = fit_burns(events, smeared)
    assert np.abs(again["dv_t_m_s"] / fitted["truth"] - 1).median() < 0.05


def test_an_event_is_fitted_alike_alone_and_among_others():
    fitted, events, history, _ = along_track("leo")
    some = events.iloc[[30, 4, 17]]
    alone = fit_burns(some, history, BurnFitConfig(chunk_events=2))
    expected = fitted.iloc[[30, 4, 17]].reset_index(drop=True)[list(alone.columns)]
    pd.testing.assert_frame_equal(alone, expected, rtol=1e-6)


def test_sets_beyond_a_neighbouring_event_are_not_used():
    _, events, history, _ = along_track("leo")
    one = history[history["norad_id"] == 1].reset_index(drop=True)
    neighbour = pd.DataFrame(
        {
            "norad_id": [1],
            "epoch_before": [one["epoch"].iloc[GAPS_BEFORE + 1]],
            "epoch_after": [one["epoch"].iloc[GAPS_BEFORE + 2]],
        }
    )
    both = fit_burns(pd.concat([events.iloc[:1], neighbour]), one)
    cut = fit_burns(events.iloc[:1], one.iloc[: GAPS_BEFORE + 2])
    pd.testing.assert_frame_equal(both.iloc[:1], cut)


def test_what_cannot_be_fitted_is_withheld_with_the_reason():
    _, events, history, _ = along_track("leo")
    one = history[history["norad_id"] == 1].reset_index(drop=True)
    event = events.iloc[:1]
    nothing_after = fit_burns(event, one.iloc[:GAPS_BEFORE]).iloc[0]
    assert nothing_after["fit_status"] == "withheld"
    assert "no element set after" in nothing_after["fit_note"]
    assert np.isnan(nothing_after["dv_t_m_s"])
    assert nothing_after["burn_time_low"] == event["epoch_before"].iloc[0]
    assert nothing_after["burn_time_high"] == event["epoch_after"].iloc[0]
    nothing_before = fit_burns(event, one.iloc[GAPS_BEFORE:]).iloc[0]
    assert "no element set before" in nothing_before["fit_note"]
    decayed = one.copy()
    decayed.loc[GAPS_BEFORE:, "bstar_inv_er"] = 5.0
    decayed.loc[GAPS_BEFORE:, "mean_motion_rev_day"] = 16.6
    failed = fit_burns(event, decayed).iloc[0]
    assert failed["fit_status"] == "withheld"
    assert "SGP4 fails" in failed["fit_note"]


def test_across_a_long_gap_no_velocity_change_is_claimed():
    _, events, history, _ = along_track("leo")
    one = history[history["norad_id"] == 1].reset_index(drop=True)
    fitted = fit_burns(events.iloc[:1], one, BurnFitConfig(max_gap_days=0.5)).iloc[0]
    assert fitted["fit_status"] == "withheld"
    assert "no element set for 1 days" in fitted["fit_note"]
    assert np.isnan(fitted["dv_m_s"])
    assert np.isfinite(fitted["delta_a_km"])
    assert fitted["burn_time_low"] == events["epoch_before"].iloc[0]


@pytest.mark.parametrize("regime", ["leo", "geo"])
@pytest.mark.parametrize("shift", [-1, 1])
def test_a_gap_one_off_is_seen_from_the_sets(regime, shift):
    """A detector points to the gap before or after the one that holds the burn."""
    fitted, events, history, times = along_track(regime)
    epochs = history["epoch"].to_numpy().reshape(len(events), -1)
    moved = events.assign(
        epoch_before=pd.to_datetime(epochs[:, GAPS_BEFORE - 1 + shift], utc=True).as_unit("us"),
        epoch_after=pd.to_datetime(epochs[:, GAPS_BEFORE + shift], utc=True).as_unit("us"),
    )
    again = fit_burns(moved, history)
    assert np.abs(again["dv_t_m_s"] / fitted["truth"] - 1).median() < 0.05
    hours = np.abs(again["burn_time"].astype("int64") - times) / 3.6e9
    assert np.median(hours) < {"leo": 1.0, "geo": 4.0}[regime]


def test_later_sets_are_not_seen_beyond_the_limit():
    _, events, history, _ = along_track("leo")
    seen = history.groupby("norad_id").head(GAPS_BEFORE + 2)
    limited = fit_burns(events, history, BurnFitConfig(sets_after=2))
    pd.testing.assert_frame_equal(limited, fit_burns(events, seen.reset_index(drop=True)))


def test_several_burns_in_one_gap_keep_their_sum():
    """Two equal burns half an orbit apart cancel in eccentricity: no single impulse does that."""
    events, history, times = burned("geo", np.array([[0.0, 1.5, 0.0]]), seed=8)
    first = history.iloc[:GAPS_BEFORE]
    last = MeanElements(
        epoch_us=np.array([START_US]),
        **{
            name: history[name].to_numpy()[GAPS_BEFORE - 1 : GAPS_BEFORE]
            for name in MeanElements.__slots__
            if name != "epoch_us"
        },
    )
    last = MeanElements(
        **{name: getattr(last, name) for name in last.__slots__ if name != "epoch_us"},
        epoch_us=history["epoch"].astype("int64").to_numpy()[GAPS_BEFORE - 1 : GAPS_BEFORE],
    )
    half = np.array([[0.0, 0.75, 0.0]])
    once = apply_burn(last, times, half)
    index = np.zeros(GAPS_AFTER, dtype=np.int64)
    epochs = history["epoch"].astype("int64").to_numpy()[GAPS_BEFORE:]
    twice = apply_burn(once[index], times[index] + DAY_US // 2, np.repeat(half, GAPS_AFTER, axis=0), epochs)
    both = pd.concat([first, frame(twice, np.ones(GAPS_AFTER))], ignore_index=True)
    fitted = fit_burns(events, both).iloc[0]
    assert fitted["dv_t_m_s"] == pytest.approx(1.5, rel=0.05)
    assert "more than one impulse" in fitted["fit_note"]
    assert fitted["thrust"] == "campaign"
    assert fitted["thrust_dv_m_s"] == fitted["dv_m_s"]
    assert fitted["thrust_start"] <= events["epoch_before"].iloc[0]
    assert fitted["thrust_end"] >= events["epoch_after"].iloc[0]


def test_missing_history_is_named():
    _, events, history, _ = along_track("leo")
    with pytest.raises(MissingHistoryError, match="1 objects") as caught:
        fit_burns(events, history[history["norad_id"] != 7])
    assert caught.value.norad_ids == [7]


def test_a_gap_that_ends_before_it_begins_is_refused():
    _, events, history, _ = along_track("leo")
    turned = events.rename(columns={"epoch_before": "epoch_after", "epoch_after": "epoch_before"})
    with pytest.raises(ModelError, match="epoch_after"):
        fit_burns(turned, history)


def test_an_unsorted_history_is_refused():
    _, events, history, _ = along_track("leo")
    with pytest.raises(ModelError, match="sort it by norad_id and epoch"):
        fit_burns(events, history.sample(frac=1, random_state=1))


def test_no_events_give_every_column():
    fitted, events, history, _ = along_track("leo")
    empty = fit_burns(events.iloc[:0], history)
    assert empty.empty
    assert list(empty.columns) == list(fitted.columns.drop("truth"))


def test_transition_is_the_jacobian_of_the_secular_motion():
    rng = np.random.default_rng(1)
    elements = np.column_stack([rng.uniform(6900, 43000, 20), rng.uniform(-0.4, 0.4, (20, 4)), rng.uniform(0, 6, 20)])
    days = rng.uniform(-5, 5, 20)
    fast = transition(elements, days)
    for i in range(20):
        slow = naive.transition(elements[i], days[i])
        assert fast[i] == pytest.approx(slow, rel=1e-4, abs=1e-4 * np.abs(slow).max())


def test_the_effect_of_impulses_is_that_of_gauss_carried_to_the_middle():
    rng = np.random.default_rng(4)
    middle = np.column_stack([rng.uniform(6900, 43000, 8), rng.uniform(-0.3, 0.3, (8, 4)), rng.uniform(0, 6, 8)])
    days = rng.uniform(-4, 4, (8, 5))
    fast = impulse_effect(middle, days)
    for i in range(8):
        for j in range(5):
            slow = naive.impulse_effect(middle[i], days[i, j])
            assert fast[i, :, :, j] == pytest.approx(slow, rel=1e-4, abs=1e-4 * np.abs(slow).max())


def test_the_errors_of_the_rates_are_integrated():
    days = np.array([[-3.1, -2.0, -0.6, 0.5, 1.4, 2.9]])
    noise = Noise(np.array([[1e-3, 1e-5, 1e-5, 2e-5, 2e-5, 1e-4]]), np.array([[2e-3, 1e-5, 1e-5, 3e-5, 3e-5]]))
    per_a = np.array([naive.mean_motion_per_km(7150.0)])
    along, eccentricity, plane = _wander(days, per_a, noise, 4.0)
    both, one = naive.wander_covariance(days[0], 4.0, per_a[0])
    scale = np.repeat([2e-3 / 1e-3, 2e-3 / 1e-4], 6)
    assert along[0] @ along[0].T == pytest.approx(
        both * scale[:, None] * scale, rel=1e-3, abs=1e-6 * np.abs(both).max()
    )
    assert eccentricity[0] @ eccentricity[0].T == pytest.approx(one, rel=1e-3, abs=1e-6)
    assert plane[0] @ plane[0].T == pytest.approx(one * 1.5**2, rel=1e-3, abs=1e-6)


def test_the_adjustment_is_plain_generalised_least_squares():
    rng = np.random.default_rng(6)
    n = 5
    wander = [rng.normal(size=(1, 2 * n, n)), rng.normal(size=(1, n, n)), rng.normal(size=(1, n, n))]
    variance = np.repeat(rng.uniform(1, 9, (1, n, 1)), 6, axis=2)
    design, data = rng.normal(size=(1, n, 6, 12)), rng.normal(size=(1, n, 6))
    fit = _solve(wander, variance, design, data)
    columns = [0, 5, 1, 2, 3, 4]
    covariance = np.zeros((6 * n, 6 * n))
    covariance[: 2 * n, : 2 * n] = wander[0][0] @ wander[0][0].T
    for place in range(2, 6):
        block = slice(place * n, place * n + n)
        moved = wander[place // 2][0]
        covariance[block, block] = moved @ moved.T
    covariance += np.diag(np.concatenate([variance[0, :, c] for c in columns]))
    rows = np.vstack([design[0, :, c] for c in columns])
    values = np.concatenate([data[0, :, c] for c in columns])
    inverse = np.linalg.inv(covariance)
    expected = np.linalg.inv(rows.T @ inverse @ rows)
    state = expected @ rows.T @ inverse @ values
    assert fit.covariance[0] == pytest.approx(expected, rel=1e-5, abs=1e-7)
    assert fit.state[0] == pytest.approx(state, rel=1e-5, abs=1e-7)
    left = values - rows @ state
    assert fit.chi2[0] == pytest.approx(left @ inverse @ left, rel=1e-5)
    told = (inverse @ left) / np.sqrt(np.diag(inverse))
    for place, c in enumerate(columns):
        assert fit.departure[0, :, c] == pytest.approx(told[place * n : place * n + n], rel=1e-4, abs=1e-6)


def test_trial_times_agree_with_plain_least_squares():
    rng = np.random.default_rng(2)
    before = np.column_stack(
        [np.full(6, 7150.0), rng.normal(0, 1e-3, (6, 2)), rng.normal(0, 0.8, (6, 2)), rng.uniform(0, 6, 6)]
    )
    sigma = np.array([1e-3, 1e-5, 1e-5, 1e-5, 1e-5, 1e-4])
    root = rng.normal(size=(6, 6, 6)) + 2 * np.eye(6)
    covariance = root @ np.swapaxes(root, 1, 2) * sigma[:, None] * sigma
    sides = Sides(before, rng.normal(size=(6, 6)) * 30 * sigma, covariance, np.zeros(6), np.zeros(6), np.zeros((6, 2)))
    days = rng.uniform(-0.5, 0.5, (6, 4))
    config = BurnFitConfig()
    trial = try_times(sides, days, config)
    prior = _radial_prior_m_s(sides, config)
    for i in range(6):
        for j in range(4):
            dv, chi2 = naive.impulse_at(before[i], sides.step[i], covariance[i], days[i, j], prior[i])
            assert trial.dv_m_s[i, :, j] == pytest.approx(dv, rel=1e-3, abs=1e-4 * np.abs(dv).max())
            assert trial.chi2[i, j] == pytest.approx(chi2, rel=1e-3)
