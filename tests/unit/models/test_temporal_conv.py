"""The convolution over gaps and the ensemble it is part of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from configs.detect import RobustStepConfig
from configs.learning import BoostedConfig
from configs.networks import EnsembleConfig, TemporalConvConfig
from models.detect.boosted import Boosted
from models.detect.channels import NAMES, PLAIN, TURNED, TURNED_PLANE, add_channels, read_channels
from models.detect.described import Candidates
from models.detect.dilated import DilatedConvolution
from models.detect.ensemble import Ensemble
from models.detect.gap_training import new_network, train_judge
from models.detect.temporal_conv import TemporalConv
from models.detect.training import TrainingError
from tests.synthetic_features import logged_burns, synthetic_features

BURNS = {(0, 40): -40.0, (0, 80): 50.0, (1, 100): 35.0, (2, 60): -30.0, (2, 120): 60.0}
FEATURES = synthetic_features(objects=3, gaps=150, seed=4, burns=BURNS)
MANEUVERS = logged_burns(FEATURES, BURNS)
TINY = TemporalConvConfig(width=8, dilations=(1, 2), passes={"leo": 2, "high": 2}, segment=64, networks=1)


def series(seed=0, gaps=120):
    rng = np.random.default_rng(seed)
    channels = rng.standard_normal((gaps, len(NAMES))).astype(np.float32)
    holds = np.zeros(gaps, np.bool_)
    holds[rng.choice(np.arange(10, gaps - 10), 8, replace=False)] = True
    channels[holds, 0] += 6.0
    return channels, holds


def test_it_is_small():
    assert sum(weights.numel() for weights in new_network(TemporalConvConfig()).parameters()) <= 100_000


@pytest.mark.parametrize(
    ("later_steps", "before", "after"), [(None, 7, 7), (0, 14, 0), (1, 13, 1), (3, 11, 3), (9, 7, 7)]
)
def test_a_step_sees_as_far_as_it_may_and_no_further(later_steps, before, after):
    torch.manual_seed(1)
    network = DilatedConvolution(3, 8, (1, 2, 4), 0.0, later_steps).eval()
    torch.nn.init.normal_(network.judge.weight)
    assert (network.before, network.after) == (before, after)
    steps = torch.randn(1, 41, 3)
    changed = steps.clone()
    changed[0, 20] += 5.0
    moved = np.flatnonzero((network(steps) != network(changed))[0].numpy())
    assert (moved.min(), moved.max()) == (20 - after, 20 + before)


def test_channels_are_named_apart_and_defined():
    prepared = add_channels(FEATURES, RobustStepConfig())
    assert (*TURNED, *TURNED_PLANE, *PLAIN) == NAMES
    assert len(set(NAMES)) == len(NAMES)
    assert np.isfinite(read_channels(prepared)).all()
    pd.testing.assert_frame_equal(prepared[FEATURES.columns], FEATURES)


def test_channels_of_a_causal_configuration_end_with_their_gap():
    whole = read_channels(add_channels(FEATURES, RobustStepConfig(later_sets=2)))
    first = FEATURES[FEATURES.groupby("norad_id").cumcount() < 90]
    cut = read_channels(add_channels(first, RobustStepConfig(later_sets=2)))
    np.testing.assert_array_equal(cut, whole[first.index])


@pytest.mark.parametrize("later_sets", [None, 0, 2])
def test_a_judge_learns_which_gap_holds_the_burn(later_sets):
    config = TINY.model_copy(update={"later_sets": later_sets, "learning_rate": 0.02, "batch": 2})
    judge, history = train_judge([series(seed) for seed in range(4)], config, passes=30)
    channels, holds = series(9)
    odds = judge.log_odds(channels)
    assert odds.shape == (len(channels),)
    assert odds[holds].min() > odds[~holds].max()
    assert history[-1].loss < history[0].loss / 2


def test_a_judge_takes_a_raise_for_what_it_takes_a_lowering():
    judge, _ = train_judge([series()], TINY, passes=2)
    channels, _ = series(5)
    turned = channels.copy()
    turned[:, : len(TURNED) + len(TURNED_PLANE)] *= -1
    np.testing.assert_allclose(judge.log_odds(turned), judge.log_odds(channels), rtol=1e-12)


@pytest.mark.parametrize("later_sets", [0, 2])
def test_a_causal_judge_sees_so_many_gaps_ahead_and_no_more(later_sets):
    judge, _ = train_judge([series()], TINY.model_copy(update={"later_sets": later_sets}), passes=2)
    channels, _ = series(5)
    changed = channels.copy()
    changed[60:] += 3.0
    same = judge.log_odds(channels) == judge.log_odds(changed)
    assert same[: 60 - later_sets].all()
    assert not same[60 - later_sets]


def test_training_again_gives_the_same_weights_and_an_interrupted_one_ends_in_them(tmp_path):
    data = [series(0), series(1)]
    straight, history = train_judge(data, TINY, passes=4)
    checkpoint = tmp_path / "leo.safetensors"

    def stop(progress):
        if progress.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_judge(data, TINY, passes=4, checkpoint=checkpoint, progress=stop)
    assert checkpoint.exists()
    resumed, again = train_judge(data, TINY, passes=4, checkpoint=checkpoint)
    assert not checkpoint.exists()
    assert again == history
    for name, value in straight.network.state_dict().items():
        torch.testing.assert_close(resumed.network.state_dict()[name], value, rtol=0, atol=0)


def test_without_burns_it_says_that_there_is_nothing_to_learn():
    channels, holds = series()
    with pytest.raises(TrainingError, match="0 of 120 gaps hold a burn"):
        train_judge([(channels, np.zeros_like(holds))], TINY, passes=1)


def test_injected_burns_teach_other_weights_and_the_same_again():
    config = TINY.model_copy(update={"injected": {"leo": True, "high": False}})
    one, again, without = (TemporalConv(each).fit(FEATURES, MANEUVERS) for each in (config, config, TINY))
    assert one.curves() == again.curves()
    assert one.curves() != without.curves()


def test_loss_curves_are_kept_through_save_and_load(tmp_path):
    detector = TemporalConv(TINY).fit(FEATURES, MANEUVERS)
    assert len(detector.curves()["loss_leo"]) == 2
    detector.save(tmp_path)
    assert TemporalConv.load(tmp_path).curves() == detector.curves()


def test_an_ensemble_lies_between_its_parts():
    config = EnsembleConfig(network=TINY, boosted=BoostedConfig(ensembles=1))
    detector = Ensemble(config).fit(FEATURES, MANEUVERS)
    rows = detector.prepare(FEATURES)
    candidates = Candidates.out_of(rows)
    parts = np.stack([Boosted.chance(detector, rows, candidates), detector.convolution.chance(rows, candidates)])
    both = detector.chance(rows, candidates)
    assert (both >= np.maximum(parts.min(axis=0), 1e-4) - 1e-9).all()
    assert (both <= np.minimum(parts.max(axis=0), 1 - 1e-4) + 1e-9).all()


def test_an_ensemble_that_gives_the_network_no_weight_is_boosted_alone():
    config = EnsembleConfig(weight={"leo": 0.0, "high": 0.0}, boosted=BoostedConfig(ensembles=1))
    detector = Ensemble(config).fit(FEATURES, MANEUVERS)
    assert not detector.convolution.fitted
    alone = Boosted(config.boosted).fit(FEATURES, MANEUVERS)
    np.testing.assert_allclose(detector.score(FEATURES), alone.score(FEATURES), atol=1e-6)
