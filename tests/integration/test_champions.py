"""Champions of different families in turn over one home: as if the last one had always scored, and every verdict kept."""

from collections.abc import Callable
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from catalog.objects import ObjectCatalog
from catalog.sqlite import sqlite_url
from catalog.store import ElementStore
from catalog.weather import WeatherTable
from configs.schema import BurnwatchConfig
from models.benchmark.delivered import burns_in, flags_among
from models.benchmark.labels import LabelSource
from models.bundle import Bundle
from models.characterize.explain.words import MANEUVER
from models.detect.detectors import DETECTORS
from models.registry import ModelRegistry, VersionNotFoundError
from pipelines.events import EventLog
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.ingest import read_truth
from pipelines.score import score
from pipelines.train import train
from review.intake import ScoringRun
from review.records import FlagRecord, State, Status
from review.store import FlagStore, UpsertResult
from tests.integration.conftest import copied

pytestmark = [pytest.mark.integration, pytest.mark.slow]

CopyOf = Callable[[Home], Home]
Window = tuple[int, datetime, datetime]
NAMES = tuple(DETECTORS)  # versions 1 to 6


@pytest.fixture(scope="module")
def quick(small: BurnwatchConfig) -> BurnwatchConfig:
    network = {"networks": 1, "passes": {"leo": 2, "high": 2}}
    return small.model_copy(
        update={
            "isolation_forest": small.isolation_forest.model_copy(update={"trees": 20}),
            "forecaster": small.forecaster.model_copy(update={"epochs": 1}),
            "boosted": (few := small.boosted.model_copy(update={"trees": {"leo": 60, "high": 60}, "ensembles": 1})),
            "temporal_conv": (short := small.temporal_conv.model_copy(update=network)),
            "ensemble": small.ensemble.model_copy(update={"boosted": few, "network": short}),
        }
    )


@pytest.fixture(scope="module")
def families(trained_home: Home, quick: BurnwatchConfig, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One model of each family; not to be written to."""
    folder = tmp_path_factory.mktemp("families")
    home = copied(trained_home, folder / "home")
    labels = folder / "labels.csv"
    read_truth(home)[["norad_id", "burn_time"]].to_csv(labels, index=False)
    for detector in NAMES[1:]:
        learns = DETECTORS[detector].learns_from_labels
        train(home, quick, detector=detector, labels=LabelSource.of(labels) if learns else None)
    return home


@pytest.fixture(scope="module")
def last(families: Home, quick: BurnwatchConfig) -> datetime:
    """The end of the simulation, so that what burned then is fresh."""
    return ElementStore(families.elements, quick.store).history()["available_at"].max().to_pydatetime()


def standing(home: Home, config: BurnwatchConfig) -> list[FlagRecord]:
    with open_flags(home, config) as flags:
        return flags.flags(order="time")


def windows(records: list[FlagRecord]) -> list[Window]:
    return sorted((one.norad_id, one.epoch_before, one.epoch_after) for one in records)


class Alone(NamedTuple):
    """What one model leaves of a home that no other has scored."""

    flags: list[FlagRecord]
    events: pd.DataFrame
    run: ScoringRun


@pytest.fixture(scope="module")
def alone(
    families: Home, quick: BurnwatchConfig, last: datetime, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, Alone]:
    told = {}
    upsert = FlagStore.upsert
    for version in range(1, len(NAMES) + 1):
        home = copied(families, tmp_path_factory.mktemp("alone") / "home")
        seen: list[tuple[pd.DataFrame, ScoringRun]] = []

        def kept(
            store: FlagStore, events: pd.DataFrame, run: ScoringRun, seen: list[tuple[pd.DataFrame, ScoringRun]] = seen
        ) -> UpsertResult:
            seen.append((events, run))
            return upsert(store, events, run)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(FlagStore, "upsert", kept)
            score(home, quick, model=str(version), as_of=last)
        told[version] = Alone(standing(home, quick), *seen[0])
    return told


def test_each_champion_leaves_what_it_would_have_left_alone(
    families: Home, quick: BurnwatchConfig, last: datetime, alone: dict[int, Alone], copy_of: CopyOf
) -> None:
    turns = copy_of(families)
    for version in (1, 6, 2, 1):
        score(turns, quick, model=str(version), as_of=last)
        found = standing(turns, quick)
        assert windows(found) == windows(alone[version].flags), NAMES[version - 1]
        assert {(one.detector, one.model_version) for one in found} == {(NAMES[version - 1], str(version))}
        log = EventLog(turns.state / "events.parquet").read()
        assert log is not None
        assert set(log["detector"]) == {NAMES[version - 1]}
        assert not score(turns, quick, model=str(version), as_of=last).objects
    assert len(alone[1].flags) > 50


def test_flags_of_any_two_detectors_give_way_to_each_other_and_come_back(
    quick: BurnwatchConfig, alone: dict[int, Alone], tmp_path: Path
) -> None:
    with FlagStore(sqlite_url(tmp_path / "review.sqlite"), quick.review) as flags:
        for first, second in combinations(alone, 2):
            for version in (first, second, first):
                flags.upsert(alone[version].events, alone[version].run)
                assert windows(flags.flags(order="time")) == windows(alone[version].flags), (first, second)


@pytest.mark.parametrize("version", range(1, len(NAMES) + 1), ids=NAMES)
def test_what_a_benchmark_measures_is_what_a_home_flags(
    families: Home, quick: BurnwatchConfig, alone: dict[int, Alone], version: int
) -> None:
    loaded = ModelRegistry(families.mlflow).resolve(str(version))
    sets = ElementStore(families.elements, quick.store).history()
    objects, weather = ObjectCatalog(families.path).load(), WeatherTable(families.path).load()
    found = burns_in(sets, Bundle(loaded.detector, loaded.calibration), quick, weather)
    measured = flags_among(found, sets, quick, objects, weather)
    columns = ("norad_id", "epoch_before", "epoch_after", "burn_time")
    flagged = [one for one in alone[version].flags if one.explanation == MANEUVER]
    assert len(flagged) > 10
    assert sorted(zip(*(measured[name] for name in columns), strict=True)) == sorted(
        tuple(getattr(one, name) for name in columns) for one in flagged
    )


def test_what_people_and_findings_said_outlives_a_champion(
    families: Home, quick: BurnwatchConfig, last: datetime, copy_of: CopyOf
) -> None:
    home = copy_of(families)
    score(home, quick, model="1", as_of=last)
    before = standing(home, quick)
    with open_flags(home, quick) as flags:
        judged = [
            flags.settle(one.flag_id, Status.CONFIRMED, expected_version=one.version, who="ann") for one in before
        ]
        findings = flags.findings.records()
    assert any(one.state is not State.CLOSED for one in findings)
    for model in ("2", "1"):
        score(home, quick, model=model, as_of=last)
        with open_flags(home, quick) as flags:
            for one in judged:
                now = flags.get(one.flag_id)
                assert (now.status, now.withdrawn_at) == (Status.CONFIRMED, None)
                assert [step.who for step in flags.history(one.flag_id)] == ["ann"]
            after = {one.finding_id: one for one in flags.findings.records()}
        for one in findings:
            assert after[one.finding_id].news[: len(one.news)] == one.news
    assert set(after) == {one.finding_id for one in findings}
    assert windows(standing(home, quick)) == windows(before)


def test_what_a_killed_run_of_another_model_wrote_is_not_taken_for_the_champions(
    families: Home, quick: BurnwatchConfig, last: datetime, copy_of: CopyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copy_of(families)
    score(home, quick, as_of=last)
    before = windows(standing(home, quick))

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipelines.watermark.Watermark.moved", crash)
        with pytest.raises(KeyboardInterrupt):
            score(home, quick, model="2", as_of=last)
    assert windows(standing(home, quick)) != before
    score(home, quick, as_of=last)
    assert windows(standing(home, quick)) == before


def test_a_version_that_is_not_there_is_refused_by_those_that_are(families: Home, quick: BurnwatchConfig) -> None:
    there = ", ".join(str(version) for version in range(1, len(DETECTORS) + 1))
    for wanted in (str(len(DETECTORS) + 1), "nobody"):
        with pytest.raises(VersionNotFoundError, match=rf"'{wanted}': there are {there}; or say champion"):
            score(families, quick, model=wanted)
    assert ModelRegistry(families.mlflow).resolve("3").detector.name == "forecaster"
