"""What every detector promises, checked for each by name."""

from __future__ import annotations

import functools
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from configs.detect import RobustStepConfig
from configs.learning import BoostedConfig
from configs.networks import EnsembleConfig, TemporalConvConfig
from models.detect.base import Detector, LabelsNeededError, NotFittedError
from models.detect.candidates import EVENT_DTYPES
from models.detect.detectors import DETECTORS, UnknownDetectorError, create
from models.errors import ModelError
from tests.synthetic_features import logged_burns, synthetic_features

# Nobody has taken the burns out of what a detector learns from.
LOGGED = {(0, 40): -40.0, (0, 80): 50.0, (1, 100): 35.0, (2, 60): -30.0, (3, 50): -50.0, (3, 120): 60.0, (4, 90): 45.0}
TRAINING = synthetic_features(objects=5, gaps=160, seed=1, burns=LOGGED)
MANEUVERS = logged_burns(TRAINING, LOGGED)
BURNS = {(0, 90): 40.0, (1, 120): -40.0, (2, 100): 40.0}
SCORED = synthetic_features(objects=4, gaps=150, seed=2, burns=BURNS, first_id=91001)


# Every detector by default, and those whose reach into the future can be set, with it set.
ONE_NETWORK = TemporalConvConfig(networks=1)
QUICK = {"temporal-conv": ONE_NETWORK, "ensemble": EnsembleConfig(network=ONE_NETWORK)}
VARIANTS = {name: (name, QUICK.get(name)) for name in DETECTORS}
VARIANTS |= {f"robust-step, causal {k}": ("robust-step", RobustStepConfig(later_sets=k)) for k in (0, 2)}
VARIANTS |= {
    "boosted, causal 1": ("boosted", BoostedConfig(later_sets=1)),
    "temporal-conv, causal 1": ("temporal-conv", TemporalConvConfig(networks=1, later_sets=1)),
    "ensemble, causal 1": ("ensemble", EnsembleConfig(network=ONE_NETWORK, later_sets=1)),
}


@functools.cache
def trained(variant: str) -> Detector:
    return create(*VARIANTS[variant]).fit(TRAINING, MANEUVERS)


# Those that learn take seconds each; `make check` is content with the others.
LEARN_LONG = {"boosted", "forecaster", "temporal-conv", "ensemble"}


@pytest.fixture(
    params=[
        pytest.param(variant, marks=pytest.mark.slow if name in LEARN_LONG else ())
        for variant, (name, _) in VARIANTS.items()
    ]
)
def variant(request) -> str:
    return request.param


@pytest.fixture
def name(variant) -> str:
    return VARIANTS[variant][0]


@pytest.fixture
def detector(variant) -> Detector:
    return trained(variant)


def same(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-9)


def test_it_goes_by_its_registered_name(detector, name):
    assert detector.name == name
    assert type(detector) is DETECTORS[name]


def test_its_settings_make_another_like_it(detector, name):
    again = create(name, detector.settings)
    assert type(again) is type(detector)
    assert again.settings == detector.settings
    assert again.later_sets == detector.later_sets


def test_one_finite_score_a_row(detector):
    scores = detector.score(SCORED)
    assert scores.shape == (len(SCORED),)
    assert scores.dtype == np.float64
    assert np.isfinite(scores).all()


def test_scoring_leaves_the_features_as_they_were(detector):
    before = SCORED.copy(deep=True)
    detector.score(SCORED)
    pd.testing.assert_frame_equal(SCORED, before)


def test_training_again_gives_the_same_scores(variant, detector):
    same(create(*VARIANTS[variant]).fit(TRAINING, MANEUVERS).score(SCORED), detector.score(SCORED))


def test_an_obvious_burn_scores_above_everything_quiet(detector):
    scores = detector.score(SCORED).reshape(4, 150)
    quiet = np.ones(scores.shape, dtype=bool)
    quiet[:, :30] = False  # a detector that may not look ahead has nothing to judge an object's first gaps by
    peaks = []
    for position, gap in BURNS:
        window = slice(gap - 5, gap + 5)
        quiet[position, window] = False
        peaks.append(scores[position, window].max())
    assert min(peaks) > scores[quiet].max()


def test_labels_are_read_by_those_alone_that_learn_from_them(name):
    detector = create(name)
    if detector.learns_from_labels:
        for lacking in (None, MANEUVERS.iloc[:0]):
            with pytest.raises(LabelsNeededError, match=f"{name}.*--labels"):
                detector.fit(TRAINING, lacking)
    else:
        same(detector.fit(TRAINING, MANEUVERS).score(SCORED), create(name).fit(TRAINING).score(SCORED))


def test_events_are_those_of_the_scores_above_the_threshold(detector):
    scores = detector.score(SCORED)
    threshold = float(np.sort(scores)[-6])
    events = detector.events(SCORED, threshold)
    assert list(events.columns) == list(EVENT_DTYPES)
    assert events.dtypes.astype(str).to_dict() == EVENT_DTYPES
    assert 0 < len(events) <= 5
    assert (events["score"] > threshold).all()
    assert set(events["score"]) <= set(scores)
    assert (events["epoch_before"] < events["epoch_after"]).all()
    assert events["norad_id"].is_monotonic_increasing
    assert detector.events(SCORED, float(scores.max())).empty
    by_regime = detector.events(SCORED, {"leo": threshold})
    pd.testing.assert_frame_equal(by_regime, events)


def test_each_object_is_scored_on_its_own(detector):
    together = pd.Series(detector.score(SCORED), index=SCORED.index)
    for _, rows in SCORED.groupby("norad_id"):
        same(detector.score(rows), together[rows.index])


def test_the_order_of_objects_does_not_matter(detector):
    scores = pd.Series(detector.score(SCORED), index=SCORED.index)
    turned = pd.concat([rows for _, rows in reversed(list(SCORED.groupby("norad_id")))])
    same(detector.score(turned), scores[turned.index])


def test_the_index_of_the_frame_does_not_matter(detector):
    same(detector.score(SCORED.set_axis(range(7, 7 + len(SCORED)))), detector.score(SCORED))


@pytest.mark.parametrize("cut", [60, 110])
def test_nothing_after_the_later_sets_is_seen(detector, cut):
    changed = SCORED.copy()
    if detector.later_sets > len(SCORED):
        pytest.skip("it is retrospective and says so: it may see everything")
    later = changed.groupby("norad_id").cumcount() > cut + detector.later_sets
    columns = [column for column in detector.inputs if changed[column].dtype == np.float64]
    changed.loc[later, columns] = changed.loc[later, columns] * 30 + 5
    scores, again = detector.score(SCORED).reshape(4, -1), detector.score(changed).reshape(4, -1)
    same(again[:, : cut + 1], scores[:, : cut + 1])
    assert not np.allclose(again[:, cut + 1 :], scores[:, cut + 1 :])


@pytest.mark.parametrize("cut", [60, 89, 90, 91, 101, 110])
def test_no_event_is_changed_by_what_comes_after_its_later_sets(detector, cut):
    if not detector.causal:
        pytest.skip("it is retrospective and says so: it may see everything")
    threshold = float(np.quantile(detector.score(SCORED).reshape(4, -1)[:, 30:], 0.97))
    changed = SCORED.copy()
    later = changed.groupby("norad_id").cumcount() > cut
    columns = [column for column in detector.inputs if changed[column].dtype == np.float64]
    changed.loc[later, columns] = changed.loc[later, columns] * 30 + 5
    changed.loc[later, ["epoch", "available_at"]] += pd.Timedelta(days=3)
    changed.loc[later & ~later.shift(fill_value=False), "epoch_before"] -= pd.Timedelta(hours=1)
    changed.loc[later & later.shift(fill_value=False), "epoch_before"] += pd.Timedelta(days=3)
    last = SCORED[SCORED.groupby("norad_id").cumcount() == cut].set_index("norad_id")["available_at"]

    def decided(features: pd.DataFrame) -> pd.DataFrame:
        events = detector.events(features, threshold)
        return events[events["available_at"] <= events["norad_id"].map(last)].reset_index(drop=True)

    pd.testing.assert_frame_equal(decided(changed), decided(SCORED))
    whole = detector.events(SCORED, threshold)
    assert (whole["available_at"] > whole["norad_id"].map(last)).any()


def test_a_history_cut_short_has_the_events_decided_before_the_cut(detector):
    if not detector.causal:
        pytest.skip("it is retrospective and says so: it may see everything")
    threshold = float(np.quantile(detector.score(SCORED).reshape(4, -1)[:, 30:], 0.97))
    early = SCORED[SCORED.groupby("norad_id").cumcount() < 100]
    last = early.groupby("norad_id")["available_at"].max()
    whole = detector.events(SCORED, threshold)
    known = whole[whole["available_at"] <= whole["norad_id"].map(last)].reset_index(drop=True)
    assert len(known)
    pd.testing.assert_frame_equal(detector.events(early, threshold), known)


def test_a_history_cut_short_keeps_the_scores_before_the_cut(detector):
    early = SCORED[SCORED.groupby("norad_id").cumcount() < 100]
    known = early.groupby("norad_id").cumcount().to_numpy() < 100 - detector.later_sets
    full = pd.Series(detector.score(SCORED), index=SCORED.index)[early.index].to_numpy()
    same(detector.score(early)[known], full[known])


def test_undefined_features_are_scored(detector):
    holes = SCORED.copy()
    columns = [column for column in detector.inputs if holes[column].dtype == np.float64]
    rng = np.random.default_rng(3)
    holes[columns] = holes[columns].mask(rng.random((len(holes), len(columns))) < 0.3)
    holes.loc[holes.groupby("norad_id").cumcount() < 8, columns] = np.nan
    scores = detector.score(holes)
    assert np.isfinite(scores).all()
    assert scores.std() > 0


def test_a_row_of_nothing_but_undefined_features_does_not_stand_out(detector):
    blank = SCORED.copy()
    row = 50
    columns = [column for column in detector.inputs if blank[column].dtype == np.float64 and column != "gap_days"]
    blank.loc[row, columns] = np.nan
    assert detector.score(blank)[row] <= np.quantile(detector.score(SCORED), 0.9)


def test_wild_values_are_scored(detector):
    wild = SCORED.copy()
    columns = [column for column in detector.inputs if wild[column].dtype == np.float64 and column != "gap_days"]
    wild.loc[wild.index[30:33], columns] = np.repeat([[1e9], [-1e9], [1e-30]], len(columns), axis=1)
    assert np.isfinite(detector.score(wild)).all()


def test_objects_of_a_single_row(detector):
    single = SCORED.groupby("norad_id").head(1)
    assert detector.score(single).shape == (4,)


def test_no_rows_no_scores(detector):
    assert detector.score(SCORED.iloc[:0]).shape == (0,)


def test_a_regime_it_never_saw_is_scored(detector):
    elsewhere = SCORED.assign(regime="heo")
    assert np.isfinite(detector.score(elsewhere)).all()


def test_missing_columns_are_named(detector):
    gone = list(detector.inputs)[-2:]
    with pytest.raises(ModelError, match=f"{gone[0]}.*{gone[1]}|{gone[1]}.*{gone[0]}"):
        detector.score(SCORED.drop(columns=gone))


def test_untrained_it_says_so(name):
    detector = create(name)
    if detector.needs_fit:
        with pytest.raises(NotFittedError, match=name):
            detector.score(SCORED)
    else:
        assert np.isfinite(detector.score(SCORED)).all()


def test_saved_and_loaded_it_scores_the_same(name, detector, tmp_path):
    detector.save(tmp_path / "model")
    loaded = DETECTORS[name].load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.score(SCORED), detector.score(SCORED))
    assert loaded.inputs == detector.inputs
    assert loaded.later_sets == detector.later_sets


def test_saved_files_hold_no_pickle(detector, tmp_path):
    detector.save(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".json", ".safetensors", ".skops"}
    for path in files:
        if path.suffix == ".json":
            json.loads(path.read_text())
        else:
            assert not path.read_bytes().startswith(b"\x80")


def test_its_inputs_are_registered_features_within_its_later_sets(detector):
    from features.registry import COLUMNS

    assert set(detector.inputs) <= set(COLUMNS)
    assert max(COLUMNS[column].later_sets for column in detector.inputs) <= detector.later_sets


def test_an_unknown_detector_is_refused_by_name():
    with pytest.raises(UnknownDetectorError, match=r"'crystal-ball'.*robust-step"):
        create("crystal-ball")


@pytest.mark.slow
def test_asking_for_the_forecaster_alone_imports_torch():
    code = (
        "import sys; from models.detect.detectors import DETECTORS; list(DETECTORS); 'forecaster' in DETECTORS; "
        "DETECTORS['isolation-forest']; assert 'torch' not in sys.modules; "
        "DETECTORS['forecaster']; assert 'torch' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
