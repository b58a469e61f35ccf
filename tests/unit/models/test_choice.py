"""Thresholds and probabilities chosen on inner events."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.benchmark.choice import (
    Judged,
    Platt,
    _Pairs,
    calibration_error,
    choose_threshold,
    fit_probability,
    reliability,
)
from models.benchmark.matching import match
from models.benchmark.protocol import count_satellites
from models.benchmark.rates import f1_score

START = pd.Timestamp("2020-01-01", tz="UTC")


def times(days) -> pd.Series:
    return pd.Series((START + pd.to_timedelta(np.asarray(days, dtype=float), unit="D")).as_unit("us"))


def judged(norad_id: int, seed: int, found: float = 0.8, noise: int = 60) -> Judged:
    """A satellite whose true events score about 3 and whose false ones about 0, as log-odds might."""
    rng = np.random.default_rng(seed)
    burns = np.arange(20.0, 700.0, 20.0)
    hits = burns[rng.random(len(burns)) < found] + rng.normal(0, 0.4, 1)
    days = np.concatenate([hits, rng.uniform(5, 715, noise)])
    scores = np.concatenate([rng.normal(3, 1, len(hits)), rng.normal(0, 1, noise)])
    ranked = pd.DataFrame(
        {"epoch_before": times(days), "epoch_after": times(days), "score": scores, "score_before": -np.inf}
    )
    maneuvers = pd.DataFrame({"burn_time": times(burns)})
    span = pd.DataFrame({"name": ["A"], "regime": "leo", "start": times([0.0]), "stop": times([720.0]), "years": 2.0})
    return Judged(*(frame.assign(norad_id=norad_id) for frame in (ranked, maneuvers, span)))


def test_counts_at_a_threshold_are_those_of_the_protocol():
    one = judged(1, 3)
    table = _Pairs.of(one)
    for threshold in (-2.0, 0.0, 1.0, 2.5, 9.0):
        above = one.ranked[one.ranked["score"] > threshold].reset_index(drop=True)
        expected = count_satellites(above, one.maneuvers, one.span, match(above, one.maneuvers))
        assert table.count(threshold).tolist() == expected[["hits", "misses", "false_alarms"]].to_numpy()[0].tolist()


def test_the_threshold_lies_between_noise_and_burns_and_scale_does_not_matter():
    satellites = [judged(number, number) for number in range(1, 6)]
    chosen = choose_threshold(satellites)
    assert 0.7 < chosen.threshold < 2.5
    assert chosen.f1 > 0.7
    scaled = [each._replace(ranked=each.ranked.assign(score=np.exp(each.ranked["score"]))) for each in satellites]
    again = choose_threshold(scaled)
    assert again.f1 == chosen.f1
    above = [(each.ranked["score"] > chosen.threshold).sum() for each in satellites]
    assert above == [(each.ranked["score"] > again.threshold).sum() for each in scaled]


def test_of_thresholds_that_are_about_as_good_the_strictest_is_taken():
    satellites = [judged(number, number, found=0.95, noise=400) for number in range(1, 9)]
    chosen = choose_threshold(satellites)
    tables = [_Pairs.of(each) for each in satellites]
    tried = np.linspace(-1, 4, 201)
    counts = np.array([sum(table.count(threshold) for table in tables) for threshold in [chosen.threshold, *tried]])
    (own, *f1), alarms = f1_score(*counts.T), counts[1:, 2]
    assert own > 0.98 * max(f1)
    assert counts[0, 2] < alarms[int(np.argmax(f1))]


def test_there_is_no_threshold_where_there_is_nothing_to_choose_from():
    assert choose_threshold([]) is None
    one = judged(1, 1)
    assert choose_threshold([one._replace(ranked=one.ranked.iloc[:0])]) is None
    assert choose_threshold([one._replace(maneuvers=one.maneuvers.iloc[:0])]) is None


def test_probabilities_are_those_that_the_events_have():
    platt = fit_probability([judged(number, number, noise=200) for number in range(1, 9)], log_odds=True)
    held_out = [judged(number, number, noise=200) for number in range(11, 31)]
    said = np.concatenate([platt.probability(each.ranked["score"]) for each in held_out])
    hit = np.concatenate([match(each.ranked, each.maneuvers).event_to_maneuver >= 0 for each in held_out])
    assert calibration_error(said, hit) < 0.05
    assert said[hit].mean() > 0.6 > 0.2 > said[~hit].mean()


def test_too_few_of_a_kind_or_scores_that_tell_nothing_give_no_probability():
    one = judged(1, 1)
    assert fit_probability([], log_odds=True) is None
    assert fit_probability([one._replace(maneuvers=one.maneuvers.iloc[:2])], log_odds=True) is None
    backwards = one._replace(ranked=one.ranked.assign(score=-one.ranked["score"]))
    assert fit_probability([backwards], log_odds=True) is None


def test_strengths_are_read_on_a_logarithmic_scale():
    platt = Platt(slope=2.0, offset=0.0, on_log=True)
    np.testing.assert_allclose(platt.probability([1.0, np.e]), [0.5, 1 / (1 + np.exp(-2.0))])
    assert platt.probability([0.0])[0] < 1e-6


def test_calibration_error_worked_by_hand():
    said = np.repeat([0.1, 0.3, 0.9], [100, 50, 50])
    hit = np.concatenate([np.arange(100) < 20, np.arange(50) < 10, np.arange(50) < 45])
    table = reliability(said, hit)
    assert table["events"].tolist() == [20] * 10
    expected = np.mean([abs(said[k : k + 20].mean() - hit[k : k + 20].mean()) for k in range(0, 200, 20)])
    assert calibration_error(said, hit) == pytest.approx(expected)
    assert calibration_error([0.5, 0.5], [1, 0]) == pytest.approx(0.5)
    assert np.isnan(calibration_error([], []))
