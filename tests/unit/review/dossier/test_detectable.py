from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from configs.detect import RobustStepConfig
from features.bank import compute_features
from orbits.constants import MU_KM3_S2
from review.dossier.detectable import smallest_burns
from tests.review_examples import element_sets, flag_of

SETS = element_sets()
GAPS = compute_features(SETS)
FLAG = flag_of(SETS)
CONFIG = RobustStepConfig()


def found(gaps=GAPS, flag=FLAG, others=()):
    detectable = smallest_burns(gaps, [flag, *others], flag, CONFIG)
    return {one.way: one for one in detectable.smallest}, detectable


def test_a_burn_of_the_smallest_size_makes_a_step_of_the_threshold():
    smallest, _ = found()
    along, cross = smallest["along-track"], smallest["cross-track"]
    a_km = float(GAPS["a_km"].median())
    motion_rad_s = np.sqrt(MU_KM3_S2 / a_km**3)
    # Gauss's equations on a circular orbit: Δa = 2 Δv / n, Δi = Δv / v at a node.
    assert 2 * along.dv_m_s / motion_rad_s == pytest.approx(FLAG.threshold * along.sigma)
    turn_deg = np.degrees(cross.dv_m_s / (1e3 * motion_rad_s * a_km))
    assert turn_deg == pytest.approx(FLAG.threshold / CONFIG.plane_weight["leo"] * cross.sigma)


def test_the_noise_is_that_of_the_example_and_grows_with_it():
    # Its sets scatter by a t distribution of 4 degrees of freedom times 4 m: a step, the difference of two, by some 7 m.
    calm, _ = found()
    assert 4 < calm["along-track"].sigma < 11
    wild, _ = found(GAPS.assign(step_a_m=3 * GAPS["step_a_m"]))
    assert wild["along-track"].dv_m_s == pytest.approx(3 * calm["along-track"].dv_m_s)


def test_gaps_of_flags_and_those_beside_them_are_not_quiet():
    _, all_but_one = found()
    assert all_but_one.gaps == len(GAPS) - 3
    other = replace(FLAG, flag_id="x", epoch_before=GAPS["epoch_before"][20], epoch_after=GAPS["epoch"][20])
    _, without = found(others=[other])
    assert without.gaps == all_but_one.gaps - 3
    storm = GAPS.copy()
    storm.loc[20, "step_a_m"] = 1e6
    assert found(storm, others=[other])[0]["along-track"].sigma == pytest.approx(
        found(GAPS, others=[other])[0]["along-track"].sigma
    )


def test_perfect_sets_are_not_believed_beyond_the_detectors_floor():
    smallest, _ = found(GAPS.assign(step_a_m=0.0, step_i_deg=0.0))
    assert smallest["along-track"].sigma == CONFIG.noise_floor_m
    assert all(one.is_floor for one in smallest.values())


def test_a_detector_that_does_not_score_in_sigma_gets_the_usual_threshold_and_says_so():
    smallest, detectable = found(flag=replace(FLAG, detector="boosted", threshold=0.7))
    assert smallest["along-track"].times_sigma == CONFIG.threshold["leo"]
    assert "boosted does not score in σ" in detectable.said
    _, own = found()
    assert "this flag's threshold of 5.00 σ" in own.said


@pytest.mark.parametrize("gaps", [GAPS.iloc[:0], GAPS.iloc[:6], GAPS.assign(step_a_m=np.nan)])
def test_from_too_little_nothing_is_said(gaps):
    assert smallest_burns(gaps, [FLAG], FLAG, CONFIG) is None


def test_another_objects_noise_does_not_count():
    stranger = GAPS.assign(norad_id=5, step_a_m=1e6)
    assert found(pd.concat([stranger, GAPS], ignore_index=True)) == found()
