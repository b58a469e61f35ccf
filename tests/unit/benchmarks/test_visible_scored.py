"""The benchmark of what is plain to see in its smallest form: what scoring flags of simulated sets."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.visible.meeting import met
from benchmarks.visible.steps import RAISE, steps
from catalog.known import KnownSets
from catalog.store import ElementStore
from catalog.weather import empty_weather
from configs.schema import BurnwatchConfig
from features.bank import compute_features
from models.bundle import Bundle
from models.detect.calibration import fit_threshold
from models.detect.robust_step import RobustStep
from pipelines.detection import look
from tests.synthetic_history import synthetic_history

CONFIG = BurnwatchConfig()
RAISES = (
    {"burns_a_m": {40: 500.0}},
    {"burns_a_m": {40: 4000.0}, "spacing_days": 0.4},
    {"burns_a_m": {20: 900.0, 60: 700.0}},
    {"burns_a_m": dict.fromkeys(range(35, 38), 3000.0), "spacing_days": 0.4},
    {"burns_a_m": {50: 2500.0}, "noise_a_m": 60.0},
)
PASSIVE = (
    {},
    {"noise_a_m": 60.0},
    {"burns_a_m": dict.fromkeys(range(80), -30.0)},
    {"burns_a_m": {40: -4000.0, 43: 4000.0}, "spacing_days": 0.3},  # a dip of bad sets
)


def fleet(kinds, first):
    parts = [
        synthetic_history(norad_id=first + place, seed=first + place, **{"noise_a_m": 20.0, **kind})
        for place, kind in enumerate(kinds)
    ]
    return pd.concat(parts, ignore_index=True).assign(source="file", available_at_imputed=True, rev_at_epoch=0)


@pytest.fixture(scope="module")
def flagged(tmp_path_factory):
    """Element sets, and the maneuvers that scoring finds in them."""
    sets = pd.concat([fleet(RAISES, 100), fleet(PASSIVE, 200)], ignore_index=True)
    quiet = compute_features(fleet([{}] * 8, 300))
    detector = RobustStep()
    detector.fit(quiet)
    bundle = Bundle(detector, fit_threshold(quiet, detector.score(quiet), CONFIG.calibration))
    known = KnownSets(ElementStore(tmp_path_factory.mktemp("home"), CONFIG.store), None, sets)
    objects = known.coverage.assign(count_scored=0, last_epoch_scored=pd.NaT)
    events = look(known, objects, bundle, empty_weather(), CONFIG).events
    return sets, events[events["own_explanation"] == "maneuver"]


def test_every_raise_is_flagged(flagged):
    sets, events = flagged
    raised = steps(sets, (RAISE,))
    assert set(raised["norad_id"]) == set(range(100, 100 + len(RAISES)))
    assert met(raised, events).all(), raised[~met(raised, events)]


def test_nothing_rises_and_no_raise_is_flagged_of_what_cannot_burn(flagged):
    sets, events = flagged
    passive = sets["norad_id"] >= 200
    assert steps(sets[passive].reset_index(drop=True), (RAISE,)).empty
    of_passive = events[events["norad_id"] >= 200]
    assert not of_passive["kind"].isin(["orbit raise", "drag make-up"]).any(), of_passive
