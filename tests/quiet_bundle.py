"""A model calibrated on objects that never burn."""

from __future__ import annotations

import pandas as pd

from configs.learning import CalibrationConfig
from features.bank import compute_features
from models.bundle import Bundle
from models.detect.calibration import fit_threshold
from models.detect.robust_step import RobustStep
from tests.synthetic_history import synthetic_history


def quiet_bundle(noise_a_m: float, sets: int = 80) -> Bundle:
    """`robust-step` with the threshold of eight quiet objects."""
    quiet = [synthetic_history(sets, norad_id=number, seed=number, noise_a_m=noise_a_m) for number in range(1, 9)]
    features = compute_features(pd.concat(quiet, ignore_index=True))
    detector = RobustStep().fit(features)
    return Bundle(detector, fit_threshold(features, detector.score(features), CalibrationConfig()))
