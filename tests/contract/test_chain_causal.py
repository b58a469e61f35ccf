"""The whole chain, from element sets to findings, sees nothing of the future: bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd
import pytest

from catalog.known import KnownSets
from catalog.simulate import simulate_fleet
from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from features.bank import compute_features
from models.assess.belt.phases import belt_phases
from models.assess.findings import empty_findings
from models.assess.overdue import overdue
from models.assess.pattern import assess
from models.assess.surprise import calibrate
from models.bundle import Bundle
from models.detect.calibration import fit_threshold
from models.detect.robust_step import RobustStep
from pipelines.detection import look
from pipelines.judgement import judge
from pipelines.watermark import Watermark

pytestmark = pytest.mark.slow

DAYS = 180
CUT = 4  # the judgement after which everything changes


class World(NamedTuple):
    """What there is to be known, sooner or later."""

    issues: pd.DataFrame
    objects: pd.DataFrame
    weather: pd.DataFrame


@pytest.fixture(scope="module")
def config() -> BurnwatchConfig:
    default = BurnwatchConfig()
    fleet = {"days": DAYS, "sun_synchronous": 1, "altimetry": 1, "passive_leo": 1, "meo": 0, "geosynchronous": 3}
    # A keeper counts as strict early, so that silence is weighed in a flight this short.
    keeper = {"min_waits": 2, "max_spread": 1.0, "min_recall": 0.01, "false_per_month": 1e3, "largest_p": 0.99}
    return default.model_copy(
        update={
            "simulate": default.simulate.model_copy(update=fleet),
            "overdue": default.overdue.model_copy(update=keeper),
        }
    )


@pytest.fixture(scope="module")
def world(config: BurnwatchConfig) -> World:
    fleet = simulate_fleet(config.simulate)
    sets = fleet.element_sets.sort_values(["norad_id", "epoch"], ignore_index=True)
    # Nobody told whether they still fly: what a catalogue says of that later is perturbed below.
    return World(sets, fleet.objects.assign(status="unknown"), fleet.weather)


@pytest.fixture(scope="module")
def times(world: World) -> list[pd.Timestamp]:
    """Six judgements, six days apart, while the inspector leaves its habit."""
    first = world.issues["available_at"].min().floor("D") + pd.Timedelta(days=DAYS * 2 // 3)
    return [first + pd.Timedelta(days=6 * step) for step in range(CUT + 2)]


@pytest.fixture(scope="module")
def bundle(world: World, times: list[pd.Timestamp], config: BurnwatchConfig) -> Bundle:
    known = world.issues[world.issues["available_at"] <= times[0]].reset_index(drop=True)
    features = compute_features(known, config=config.features, weather=world.weather)
    detector = RobustStep()
    detector.fit(features)
    return Bundle(detector, fit_threshold(features, detector.score(features), config.calibration))


Walk = Callable[[World], list[dict[str, pd.DataFrame]]]


@pytest.fixture(scope="module")
def walk(
    times: list[pd.Timestamp],
    bundle: Bundle,
    config: BurnwatchConfig,
    tmp_path_factory: pytest.TempPathFactory,
) -> Walk:
    """Every frame of the chain at every time, judged one after the other as a home does."""
    store = ElementStore(tmp_path_factory.mktemp("store"), config.store)

    def walked(world: World) -> list[dict[str, pd.DataFrame]]:
        log, findings, watermark = None, empty_findings(), Watermark.none("")
        told = []
        for at in times:
            known = KnownSets(store, at, world.issues)
            behind = watermark.behind(known.coverage)
            if behind.empty:  # nothing new, nothing to do
                told.append(told[-1])
                continue
            # Weather has no time of availability: a day's is known once it is over.
            weather = world.weather[world.weather["date"] + pd.Timedelta(days=1) <= at].reset_index(drop=True)
            detected = look(known, behind, bundle, weather, config)
            judged = judge(detected, log, findings, known, world.objects, world.weather, config, at=at)
            log, findings, watermark = judged.log, judged.findings, watermark.moved(behind)
            history = known.history()
            assessed = calibrate(assess(log, world.objects, config.pattern), config.surprise)
            told.append(
                {
                    "features": compute_features(history, config=config.features, weather=weather),
                    "detected": detected.events,
                    "log": log,
                    "assessed": assessed,
                    "overdue": overdue(assessed, known.coverage, at, config.overdue, history=history),
                    "phases": belt_phases(history, at, config.belt),
                    "events": judged.events,
                    "findings": findings,
                }
            )
        return told

    return walked


@pytest.fixture(scope="module")
def told(walk: Walk, world: World) -> list[dict[str, pd.DataFrame]]:
    return walk(world)


def gone(future: pd.DataFrame, _: pd.DataFrame) -> pd.DataFrame:
    return future.iloc[:0]


def otherwise(future: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """Other orbits, other objects, and sets of the weeks before issued again."""
    orbits = future.assign(
        mean_motion_rev_day=future["mean_motion_rev_day"] * 1.01,
        inclination_deg=(future["inclination_deg"] + 1.0) % 180,
    )
    strangers = future.assign(norad_id=future["norad_id"] + 50_000)
    again = past.groupby("norad_id").tail(30)
    again = again.assign(
        mean_motion_rev_day=again["mean_motion_rev_day"] * (1 + 1e-4),
        available_at=future["available_at"].min(),
    )
    return pd.concat([orbits, strangers, again], ignore_index=True)


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Lists and dictionaries as text, so that they are compared as exactly as the rest."""
    nested = [name for name in frame if frame[name].dtype == object]
    return frame.assign(**{name: frame[name].map(repr).astype("str") for name in nested})


def same(left: dict[str, pd.DataFrame], right: dict[str, pd.DataFrame]) -> None:
    assert list(left) == list(right)
    for name, frame in left.items():
        pd.testing.assert_frame_equal(plain(frame), plain(right[name]), check_exact=True, obj=name)


def test_the_walk_goes_through_every_link_of_the_chain(told: list[dict[str, pd.DataFrame]]) -> None:
    before = told[: CUT + 1]
    for name in ("features", "detected", "log", "assessed", "phases", "events", "findings", "overdue"):
        assert sum(len(frames[name]) for frames in before) > 0, f"no {name} before the cut: nothing is tested"


@pytest.mark.parametrize("changed", [gone, otherwise])
def test_what_comes_later_leaves_every_frame_of_the_chain_as_it_was(
    changed: Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame],
    told: list[dict[str, pd.DataFrame]],
    walk: Walk,
    world: World,
    times: list[pd.Timestamp],
) -> None:
    cut = times[CUT]
    later = world.issues["available_at"] > cut
    issues = pd.concat([world.issues[~later], changed(world.issues[later], world.issues[~later])], ignore_index=True)
    stormy = world.weather["date"] + pd.Timedelta(days=1) > cut
    numbers = world.weather.select_dtypes("number").columns
    weather = world.weather.copy()
    weather.loc[stormy, numbers] = weather.loc[stormy, numbers] * 3 + 1
    # A later catalogue knows that every second one decayed, after the cut.
    decayed = world.objects["norad_id"] % 2 == 0
    objects = world.objects.assign(
        decay_date=world.objects["decay_date"].mask(decayed, cut + pd.Timedelta(days=2)),
        status=world.objects["status"].mask(decayed, "decayed"),
    )
    other = walk(World(issues.sort_values(["norad_id", "epoch"], ignore_index=True), objects, weather))
    for left, right in zip(told[: CUT + 1], other[: CUT + 1], strict=True):
        same(left, right)
    with pytest.raises(AssertionError):
        same(told[-1], other[-1])
