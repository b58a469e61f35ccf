"""What a challenger may and may not lose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from configs.operation import BenchmarkConfig
from models.benchmark.gate import compare_controls, compare_labels, compare_sizes

CONFIG = BenchmarkConfig(resamples=500)


def report(hits: list[int], false_alarms: list[int], first_id: int = 1) -> pd.DataFrame:
    table = pd.DataFrame({"hits": hits, "misses": 50 - np.array(hits), "false_alarms": false_alarms, "regime": "leo"})
    table["norad_id"] = first_id + np.arange(len(hits))
    return table


BEFORE = report([40, 35, 20, 45, 30, 25], [5, 6, 9, 1, 10, 8])


def test_the_same_and_the_better_pass():
    (same,) = compare_labels(BEFORE, BEFORE, CONFIG)
    assert same.passed
    assert same.champion == same.challenger
    (better,) = compare_labels(BEFORE, report([44, 40, 26, 47, 36, 31], [3, 4, 5, 0, 5, 5]), CONFIG)
    assert better.passed
    assert better.challenger > better.champion


def test_the_worse_fails_and_the_figures_say_why():
    (worse,) = compare_labels(BEFORE, report([34, 29, 14, 40, 25, 20], [8, 9, 14, 3, 13, 12]), CONFIG)
    assert not worse.passed
    assert f"{worse.champion:.3f} → {worse.challenger:.3f}" in worse.said
    assert worse.challenger < worse.champion - CONFIG.worse_f1


def test_a_gain_of_one_satellite_does_not_hide_what_the_others_lose():
    (check,) = compare_labels(BEFORE, report([50, 31, 17, 42, 26, 21], [0, 8, 11, 3, 12, 10]), CONFIG)
    assert abs(check.challenger - check.champion) < 0.05
    assert not check.passed


def test_the_pairing_matters_not_how_satellites_differ():
    """One hit less on every satellite, whose F1 go from 0.1 to 0.95: the interval of the difference is narrow."""
    hits = [3, 10, 20, 30, 40, 47]
    before, after = report(hits, [2] * 6), report([each - 1 for each in hits], [2] * 6)
    for worse_f1, passed in ((0.01, False), (0.03, True)):
        (check,) = compare_labels(before, after, CONFIG.model_copy(update={"worse_f1": worse_f1}))
        assert check.passed == passed
        assert 0.01 < check.champion - check.challenger < 0.02


def test_a_satellite_that_only_one_was_measured_on_fails():
    (check,) = compare_labels(BEFORE, report([40, 35, 20], [5, 6, 9]), CONFIG)
    assert not check.passed
    assert "4, 5, 6" in check.said


def test_controls():
    def controls(count: int) -> dict[str, Any]:
        return {"false_alarms_per_object_year": count / 100, "false_alarms": count, "object_years": 100.0}

    assert compare_controls(controls(5), controls(7), CONFIG).passed
    assert not compare_controls(controls(5), controls(8), CONFIG).passed
    assert compare_controls(controls(5), controls(0), CONFIG).passed


def test_sizes():
    def sizes(*dv_m_s: float) -> pd.DataFrame:
        return pd.DataFrame({"regime": "leo", "direction": ["along-track", "cross-track"], "dv_m_s": dv_m_s})

    checks = compare_sizes(sizes(0.01, 0.5), sizes(0.012, 0.7), CONFIG, ["leo"])
    assert [check.passed for check in checks] == [True, False]
    assert "12 mm/s" in checks[0].said
    checks = compare_sizes(sizes(0.01, np.nan), sizes(np.nan, 0.7), CONFIG, ["leo"])
    assert [check.passed for check in checks] == [False, True], "none found is worse than any, and any better than none"
    checks = compare_sizes(sizes(0.01, 0.5), sizes(np.nan, 5.0), CONFIG, ["geo"])
    assert all(check.passed for check in checks), "nothing taught it there"
    assert "10 mm/s → none; no labelled satellite" in checks[0].said
    (check,) = compare_sizes(sizes(0.01, 0.5).iloc[:0], sizes(0.01, 0.5).iloc[:0], CONFIG, ["leo"])
    assert not check.passed
