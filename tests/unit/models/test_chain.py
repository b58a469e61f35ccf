"""The one way from feature rows to events."""

from __future__ import annotations

import pandas as pd

from configs.schema import BurnwatchConfig
from features.bank import compute_features
from models.detect.calibration import fit_threshold
from models.detect.chain import find_burns
from models.detect.detectors import create
from models.detect.robust_step import RobustStep
from tests.synthetic_history import synthetic_history

CONFIG = BurnwatchConfig()
THRESHOLD = {"leo": 6.0}


def features(burns_a_m, **settings):
    return compute_features(synthetic_history(burns_a_m=burns_a_m, noise_a_m=3.0, **settings))


def found(frame, **options):
    return find_burns(frame, create("robust-step"), THRESHOLD, CONFIG, **options)


def test_a_burn_is_an_event_of_the_detector_and_a_climb_one_of_the_altitude():
    frame = features({20: 90.0} | dict.fromkeys(range(100, 110), 2000.0), sets=140)
    events = found(frame)
    assert len(events) == 2
    assert events["score"].iloc[0] > THRESHOLD["leo"]
    for (_, event), gap in zip(events.iterrows(), (20, 100), strict=True):
        begin = frame["epoch_before"].iloc[gap]
        assert event["epoch_before"] - pd.Timedelta(days=1.5) < begin <= event["epoch_after"]


def test_a_step_away_from_the_first_set_of_an_object_shows_no_burn():
    both = pd.concat([features({30: 90.0}), features({0: 90.0, 40: 90.0}, norad_id=90002)], ignore_index=True)
    alone = create("robust-step").events(both, THRESHOLD, CONFIG.candidates)
    first = both.loc[both["norad_id"] == 90002, "epoch"].iloc[0]
    assert first in alone["epoch_after"].tolist()
    assert found(both)["epoch_after"].tolist() == [each for each in alone["epoch_after"] if each != first]


def test_with_a_calibration_every_event_has_a_probability():
    frame = features({20: 90.0, 50: 90.0})
    calibration = fit_threshold(frame, create("robust-step").score(frame))
    assert found(frame, calibration=calibration)["probability"].between(0.0, 1.0).all()


class Twice(RobustStep):
    """Gives each of its events again, as wide as the next gap and half as strong."""

    def _events(self, features, scores, threshold, config):
        events = super()._events(features, scores, threshold, config)
        wider = events.assign(epoch_after=events["epoch_after"] + pd.Timedelta(days=1), score=events["score"] / 2)
        return pd.concat([events, wider]).sort_values(["norad_id", "epoch_before"], ignore_index=True)


def test_of_two_events_that_begin_at_one_set_the_stronger_is_kept():
    frame = features({20: 90.0, 50: 90.0})
    pd.testing.assert_frame_equal(find_burns(frame, Twice(), THRESHOLD, CONFIG), found(frame))
