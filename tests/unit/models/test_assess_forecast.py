"""Forecasts in a chain of groups, and what their p-values say together."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2 as chi2_distribution
from scipy.stats import norm as normal_distribution

from configs.judgement import PatternConfig
from models.assess.forecast import Peers, combined_surprise, joint_surprise, predict
from models.assess.memory import Moments


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
