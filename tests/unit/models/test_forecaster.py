from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats

from configs.learning import ForecasterConfig
from models.detect.convolution import CausalConvolution, Forecast, negative_log_density, shortfall
from models.detect.forecaster import Forecaster, _batches
from models.detect.training import Progress, TrainingError
from tests.synthetic_features import synthetic_features

SMALL = ForecasterConfig(
    targets=(("z_step_a_m", "z_residual_t_km"),), width=8, dilations=(1, 2), epochs=6, segment=64, batch=8
)


def test_the_density_is_students_t():
    rng = np.random.default_rng(0)
    values, location = rng.normal(size=(2, 3, 5, 2))
    scale, freedom = rng.uniform(0.5, 2, (3, 5, 2)), np.array([2.5, 7.0])
    forecast = Forecast(*(torch.from_numpy(array) for array in (location, scale, freedom)))
    expected = -stats.t.logpdf(values, freedom, location, scale)
    np.testing.assert_allclose(negative_log_density(forecast, torch.from_numpy(values)), expected, rtol=1e-12)
    mode = -stats.t.logpdf(location, freedom, location, scale)
    np.testing.assert_allclose(shortfall(forecast, torch.from_numpy(values)), expected - mode, atol=1e-12)


@pytest.mark.parametrize("step", [0, 7, 30])
def test_the_network_sees_no_later_step_and_as_far_back_as_it_says(step):
    torch.manual_seed(0)
    network = CausalConvolution(3, 2, 8, (1, 2, 4)).double()
    torch.nn.init.normal_(network.forecast.weight)
    steps = torch.randn(1, 40, 3, dtype=torch.float64, requires_grad=True)
    network(steps).location[0, step].sum().backward()
    reached = steps.grad[0].abs().sum(dim=1).nonzero().ravel().tolist()
    assert max(reached) == step
    assert min(reached) == max(0, step - 2 * (1 + 2 + 4))


def test_it_learns_what_can_be_forecast():
    """An alternating series is forecast; the gap where the alternation fails is the surprise, large or not."""
    features = synthetic_features(objects=12, gaps=120, seed=1)
    sign = np.where(features.groupby("norad_id").cumcount() % 2, 1.0, -1.0)
    features["z_step_a_m"] = 3 * sign + 0.3 * np.random.default_rng(1).standard_normal(len(features))
    detector = Forecaster(SMALL.model_copy(update={"epochs": 40, "patience": 40})).fit(features)
    broken = features.copy()
    broken.loc[60:62, "z_step_a_m"] *= -1  # of usual size, in the wrong places
    scores = detector.score(broken)
    usual = detector.score(features)
    assert scores[60] > np.quantile(usual, 0.999)
    assert detector.history[-1].held_out_loss < detector.history[0].held_out_loss - 0.3


def test_burns_in_the_training_data_do_not_become_normal():
    burns = {(index, gap): 30.0 for index in range(8) for gap in range(10, 150, 10)}
    quiet, busy = (synthetic_features(objects=8, gaps=150, seed=2, burns=one) for one in ({}, burns))
    probe = synthetic_features(objects=3, gaps=150, seed=3, burns={(1, 75): 30.0}, first_id=91001)
    from_quiet, from_busy = (Forecaster(SMALL).fit(one).score(probe) for one in (quiet, busy))
    assert np.argmax(from_busy) == np.argmax(from_quiet) == 150 + 75
    assert from_busy.max() > 0.8 * from_quiet.max()


def test_rows_may_come_in_any_order():
    features = synthetic_features(objects=4, gaps=60, seed=4)
    detector = Forecaster(SMALL).fit(features)
    scores = pd.Series(detector.score(features), index=features.index)
    mixed = features.sample(frac=1, random_state=0)
    np.testing.assert_allclose(detector.score(mixed), scores[mixed.index], rtol=1e-9)


def test_objects_of_very_different_lengths_are_scored_as_if_alone():
    parts = [
        synthetic_features(objects=1, gaps=gaps, seed=gaps, first_id=91000 + gaps) for gaps in (1, 2, 37, 700, 1500)
    ]
    detector = Forecaster(SMALL).fit(parts[2])
    together = detector.score(pd.concat(parts, ignore_index=True))
    np.testing.assert_allclose(together, np.concatenate([detector.score(part) for part in parts]), rtol=1e-9)


def test_batches_hold_every_series_once_within_the_limit():
    lengths = [5, 70_000, 1, 30_000, 9_000, 8_000, 1]
    batches = list(_batches(lengths))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= 1 << 15 for batch in batches)


def test_it_stops_early_and_keeps_the_best_pass():
    features = synthetic_features(objects=10, gaps=80, seed=5)
    seen: list[Progress] = []
    config = SMALL.model_copy(update={"epochs": 200, "patience": 2, "learning_rate": 0.02})
    detector = Forecaster(config, progress=seen.append).fit(features)
    assert seen == detector.history
    losses = [one.held_out_loss for one in seen]
    assert len(losses) < 200
    assert len(losses) - 1 - int(np.argmin(losses)) == 2


class CrashError(Exception):
    pass


def test_an_interrupted_training_goes_on_and_ends_as_an_uninterrupted_one(tmp_path):
    features = synthetic_features(objects=8, gaps=80, seed=6)
    checkpoint = tmp_path / "state" / "forecaster.safetensors"
    whole = Forecaster(SMALL).fit(features)

    def stop(progress: Progress) -> None:
        if progress.epoch == 3:
            raise CrashError

    with pytest.raises(CrashError):
        Forecaster(SMALL, checkpoint=checkpoint, progress=stop).fit(features)
    assert checkpoint.exists()
    rest: list[Progress] = []
    resumed = Forecaster(SMALL, checkpoint=checkpoint, progress=rest.append).fit(features)
    assert [one.epoch for one in rest] == [one.epoch for one in whole.history[3:]]
    assert resumed.history == whole.history
    np.testing.assert_array_equal(resumed.score(features), whole.score(features))
    assert not checkpoint.exists()


def test_a_checkpoint_of_other_data_is_not_used(tmp_path):
    features, other = (synthetic_features(objects=8, gaps=80, seed=seed) for seed in (6, 7))
    checkpoint = tmp_path / "forecaster.safetensors"

    def stop(progress: Progress) -> None:
        raise CrashError

    with pytest.raises(CrashError):
        Forecaster(SMALL, checkpoint=checkpoint, progress=stop).fit(other)
    detector = Forecaster(SMALL, checkpoint=checkpoint).fit(features)
    assert detector.history == Forecaster(SMALL).fit(features).history


def test_a_damaged_checkpoint_is_named(tmp_path):
    checkpoint = tmp_path / "forecaster.safetensors"
    checkpoint.write_bytes(b"half a file")
    with pytest.raises(TrainingError, match=r"forecaster\.safetensors.*delete it"):
        Forecaster(SMALL, checkpoint=checkpoint).fit(synthetic_features(objects=2, gaps=40))


def test_training_leaves_torchs_global_state_alone():
    torch.manual_seed(123)
    expected = torch.rand(3)
    torch.manual_seed(123)
    threads = torch.get_num_threads()
    Forecaster(SMALL).fit(synthetic_features(objects=2, gaps=40))
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.rand(3), expected)
    assert not torch.are_deterministic_algorithms_enabled()


def test_one_object_alone_can_be_learned_from():
    detector = Forecaster(SMALL).fit(synthetic_features(objects=1, gaps=100))
    assert detector.history


def test_targets_without_a_number_are_refused():
    features = synthetic_features(objects=3, gaps=40).assign(**dict.fromkeys(SMALL.target_columns, np.nan))
    with pytest.raises(TrainingError, match="z_step_a_m, z_residual_t_km"):
        Forecaster(SMALL).fit(features)


def test_without_space_weather_it_trains_and_scores():
    features = synthetic_features(objects=3, gaps=60).assign(ap_daily=np.nan, f107_sfu=np.nan)
    assert np.isfinite(Forecaster(SMALL).fit(features).score(features)).all()
