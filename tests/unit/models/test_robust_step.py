import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.availability import stamp
from catalog.sources.files import read_paths
from configs.detect import RobustStepConfig
from features.bank import compute_features
from models.benchmark.labels import merge_burns, read_labels
from models.benchmark.protocol import evaluate, evaluated_spans
from models.detect.candidates import find_events
from models.detect.drag import less_drag_misfit
from models.detect.pursuit import GROWN, Run, box_strengths, moving_median, pursue
from models.detect.robust_step import RobustStep
from tests.naive import features as naive
from tests.synthetic_history import synthetic_history

WIDTHS = (1, 2, 3, 5)


def strengths_of(steps, **options) -> np.ndarray:
    steps = np.asarray(steps, dtype=float)
    settings_ = {"floor": 0.1, "window": 61, "ahead": 30} | options
    return box_strengths(steps, np.ones(len(steps)), np.ones(len(steps), bool), WIDTHS, **settings_)


def runs_of(steps, linked=None) -> list[Run]:
    strengths = strengths_of(steps)
    linked = np.ones(strengths.shape[1], bool) if linked is None else linked
    return [run for run in pursue(strengths, linked, WIDTHS, 2.0, 0.1, 0.7) if run.strength > 8]


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).standard_normal(120)


def test_one_clean_step_is_one_run(noise):
    noise[60] += 20.0
    (run,) = runs_of(noise)
    assert run.start == 60
    assert run.strength > 10


def test_a_lone_bad_set_steps_out_and_back_and_counts_for_nothing(noise):
    noise[60] += 300.0
    noise[61] -= 300.0
    assert runs_of(noise) == []


def test_a_smeared_burn_is_one_run_that_starts_where_it_shows_first(noise):
    noise[60:66] += [4.0, 6.0, 7.0, 6.0, 5.0, 4.0]
    (run,) = runs_of(noise)
    assert run.start == 60
    assert run.stop >= 65


def test_a_burn_that_rings_is_one_event_of_its_net_step(noise):
    noise[60:64] += [52.0, -24.0, 17.0, -19.0]
    strongest = max(runs_of(noise), key=lambda run: run.strength)
    assert strongest.start == 60


def test_no_run_reaches_past_a_break_already_found_or_a_long_gap(noise):
    noise[[60, 61]] += [30.0, 40.0]
    assert len(runs_of(noise)) == 1
    linked = np.ones(120, bool)
    linked[61] = False
    strengths = box_strengths(noise, np.ones(120), linked, WIDTHS, floor=0.1, window=61, ahead=30)
    starts = [run.start for run in pursue(strengths, linked, WIDTHS, 2.0, 0.1, 0.7) if run.strength > 8]
    assert sorted(starts) == [60, 61], "a week apart they are two burns"


def test_what_is_usual_after_a_long_gap_is_no_burn(noise):
    noise[60] += 20.0
    spread = np.ones(120)
    spread[60] = 10.0
    strengths = box_strengths(noise, spread, np.ones(120, bool), WIDTHS, floor=0.1, window=61, ahead=30)
    assert np.abs(strengths[:, 60]).max() < 4


def test_noise_is_local_so_eras_do_not_mix():
    rng = np.random.default_rng(1)
    steps = np.concatenate([20.0 * rng.standard_normal(200), rng.standard_normal(200)])
    steps[300] += 12.0
    away_from_the_change = [run.start for run in runs_of(steps) if abs(run.start - 200) > 30]
    assert away_from_the_change == [300]


def test_what_swings_with_the_drag_term_is_taken_off_and_the_burn_stays(noise):
    bstar = 1e-4 * np.random.default_rng(4).standard_normal(120)
    bstar[[60, 61]] += [2e-4, -2e-4]  # the fit takes the burn for less drag, then lets go
    steps = 0.1 * noise - 2e5 * bstar
    steps[60] += 8.0
    left = less_drag_misfit(steps, bstar, 61, 30)
    assert np.std(np.delete(left, [60, 61])) < 0.5 < 10 < np.std(steps)
    assert left[60:62].sum() == pytest.approx(8.0, abs=1.0)
    np.testing.assert_array_equal(less_drag_misfit(steps, np.zeros(120), 61, 30), steps)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**31), st.integers(5, 40))
def test_pursuit_accepts_the_boxes_of_the_plain_version(seed, count):
    strengths = 3 * np.random.default_rng(seed).standard_normal((len(WIDTHS), count))
    for row, width in enumerate(WIDTHS):
        strengths[row, max(0, count - width + 1) :] = 0.0
    expected = naive.greedy_boxes(strengths, WIDTHS, 2.0)
    unlinked = np.zeros(count, bool)  # nothing is joined
    assert sorted((run.start, run.stop) for run in pursue(strengths, unlinked, WIDTHS, 2.0, 0.1, 0.7)) == expected


def test_box_strengths_by_hand():
    steps = np.array([1.0, -1.0] * 20)
    steps[20:22] = [10.0, 11.0]
    strengths = strengths_of(steps, window=41, ahead=20)
    # Width 2 at gap 20 sums to 21, with a gap before 20, after 22, both 21; the MAD of the sums is 0: the floor counts.
    assert strengths[1, 20] == pytest.approx(20.0 / (0.1 * np.sqrt(2)))
    assert GROWN == ((0, 1), (1, 0), (1, 1))


def test_moving_median_needs_eight_values():
    values = np.arange(20.0)
    assert np.isnan(moving_median(values, 11, 0)[:7]).all()
    assert moving_median(values, 11, 5)[10] == 10.0
    assert np.isnan(moving_median(values[:7], 11, 5)).all()


def test_finds_burns_of_a_satellite_and_nothing_on_a_quiet_one():
    burns = {40: 6.0, 90: -5.0}
    busy = synthetic_history(140, noise_a_m=0.3, noise_i_deg=1e-4, burns_a_m=burns, seed=7)
    quiet = synthetic_history(140, norad_id=90002, noise_a_m=0.3, noise_i_deg=1e-4, seed=8)
    features = compute_features(pd.concat([busy, quiet]))
    detector = RobustStep()
    events = find_events(features, detector.score(features), detector.config.threshold)
    assert events["norad_id"].tolist() == [90001, 90001]
    rows = features.index[features["epoch"].isin(events["epoch_after"]) & (features["norad_id"] == 90001)]
    assert np.abs(rows.to_numpy() - [40, 90]).max() <= 1, "noise of the same sign just before may join"


def test_a_plane_change_shows_in_the_inclination():
    history = synthetic_history(120, noise_a_m=0.3, noise_i_deg=1e-4, seed=9)
    history.loc[60:, "inclination_deg"] += 0.02
    features = compute_features(history)
    detector = RobustStep()
    events = find_events(features, detector.score(features), detector.config.threshold)
    assert events["epoch_after"].tolist() == [features["epoch"].iloc[59]]
    blind = RobustStep(RobustStepConfig(plane_weight=dict.fromkeys(("leo", "meo", "geo", "heo"), 0.0)))
    assert find_events(features, blind.score(features), detector.config.threshold).empty


def test_causal_scores_rise_as_a_smeared_burn_goes_on():
    burns = {60: 1.0, 61: 1.2, 62: 1.1, 63: 0.8}
    features = compute_features(synthetic_history(100, noise_a_m=0.2, burns_a_m=burns, seed=3))
    later = [RobustStep(RobustStepConfig(later_sets=k)).score(features)[60] for k in (0, 1, 3)]
    assert later[0] < later[2]
    assert later == sorted(later)


def test_scores_of_odd_histories_are_finite():
    for sets in (2, 3, 9):
        assert np.isfinite(RobustStep().score(compute_features(synthetic_history(sets)))).all()
    decayed = synthetic_history(30)
    decayed.loc[12:14, "mean_motion_rev_day"] = 18.5
    assert np.isfinite(RobustStep().score(compute_features(decayed))).all()


def test_save_and_load_keep_the_settings(tmp_path):
    detector = RobustStep(RobustStepConfig(widths_gaps=(1, 2), later_sets=1))
    detector.save(tmp_path / "model")
    assert RobustStep.load(tmp_path / "model").config == detector.config
    (file,) = (tmp_path / "model").iterdir()
    assert json.loads(file.read_text())["later_sets"] == 1


@pytest.fixture(scope="module")
def benchmark(real_data):
    folder = real_data / "shorten2023"
    parsed = [outcome for path, outcome in read_paths(sorted((folder / "processed_files").glob("*.tle")))]
    features = compute_features(pd.concat([stamp(one, source="file") for one in parsed]))
    return features, merge_burns(read_labels(folder))


@pytest.mark.slow
@pytest.mark.real_data
def test_one_threshold_for_all_satellites_of_a_regime_reaches_the_target(benchmark):
    features, maneuvers = benchmark
    detector = RobustStep()
    events = find_events(features, detector.score(features), detector.config.threshold)
    pooled = evaluate(events, maneuvers, evaluated_spans(features, maneuvers), bootstrap=0).pooled
    assert pooled.loc["leo", "f1"] >= 0.75
    assert pooled.loc["geo", "f1"] >= 0.80


@pytest.mark.slow
@pytest.mark.real_data
def test_the_dated_cases_are_events_and_what_cannot_maneuver_is_quiet(real_data):
    def events_of(folder: str, pattern: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        parsed = [outcome for _, outcome in read_paths(sorted((real_data / folder).glob(pattern)))]
        features = compute_features(pd.concat([stamp(one, source="file") for one in parsed]))
        detector = RobustStep()
        return features, find_events(features, detector.score(features), detector.config.threshold)

    def holds(events: pd.DataFrame, norad_id: int, day: str, until: str) -> bool:
        own = events[events["norad_id"] == norad_id]
        after, before = pd.Timestamp(day, tz="UTC"), pd.Timestamp(until, tz="UTC") + pd.Timedelta(days=1)
        return bool(((own["epoch_after"] >= after) & (own["epoch_before"] <= before)).any())

    _, cases = events_of("cases", "[45]3*.tle.gz")
    for day, until in (("02-07", "02-08"), ("02-27", "02-28"), ("04-03", "04-05"), ("05-04", "05-06")):
        assert holds(cases, 43874, f"2026-{day}", f"2026-{until}"), day
    march = cases[(cases["norad_id"] == 53323) & (cases["epoch_after"].dt.strftime("%Y-%m") == "2023-03")]
    assert march["epoch_after"].dt.day.tolist() == [14, 21]
    features, controls = events_of("controls", "*.tle.gz")
    dead = features["norad_id"] != 27386  # Envisat burned until 2010
    years = features.loc[dead, "gap_days"].sum() / 365.25
    assert (controls["norad_id"] != 27386).sum() / years <= 0.05
