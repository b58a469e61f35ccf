"""Champions of different families in turn over one home: as if the last one had always scored, and every verdict kept."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from models.benchmark.labels import LabelSource
from models.registry import ModelRegistry, VersionNotFoundError
from pipelines.events import EventLog
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.ingest import read_truth
from pipelines.score import score
from pipelines.train import train
from review.records import FlagRecord, State, Status
from tests.integration.conftest import copied

pytestmark = [pytest.mark.integration, pytest.mark.slow]

CopyOf = Callable[[Home], Home]
Window = tuple[int, datetime, datetime]
DETECTORS = ("robust-step", "isolation-forest", "forecaster", "boosted")  # versions 1 to 4


@pytest.fixture(scope="module")
def quick(small: BurnwatchConfig) -> BurnwatchConfig:
    return small.model_copy(
        update={
            "isolation_forest": small.isolation_forest.model_copy(update={"trees": 20}),
            "forecaster": small.forecaster.model_copy(update={"epochs": 1}),
            "boosted": small.boosted.model_copy(update={"trees": {"leo": 60, "high": 60}, "ensembles": 1}),
        }
    )


@pytest.fixture(scope="module")
def families(trained_home: Home, quick: BurnwatchConfig, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One model of each family; not to be written to."""
    folder = tmp_path_factory.mktemp("families")
    home = copied(trained_home, folder / "home")
    labels = folder / "labels.csv"
    read_truth(home)[["norad_id", "burn_time"]].to_csv(labels, index=False)
    for detector in DETECTORS[1:]:
        train(home, quick, detector=detector, labels=LabelSource.of(labels) if detector == "boosted" else None)
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


def test_each_champion_leaves_what_it_would_have_left_alone(
    families: Home, quick: BurnwatchConfig, last: datetime, tmp_path: Path
) -> None:
    turns = copied(families, tmp_path / "turns")
    alone: dict[int, list[Window]] = {}
    for version, detector in [*enumerate(DETECTORS, start=1), (1, DETECTORS[0])]:
        score(turns, quick, model=str(version), as_of=last)
        found = standing(turns, quick)
        if version not in alone:
            home = copied(families, tmp_path / str(version)) if alone else turns
            score(home, quick, model=str(version), as_of=last)
            alone[version] = windows(standing(home, quick))
        assert windows(found) == alone[version], detector
        assert {(one.detector, one.model_version) for one in found} == {(detector, str(version))}
        log = EventLog(turns.state / "events.parquet").read()
        assert log is not None
        assert set(log["detector"]) == {detector}
        assert not score(turns, quick, model=str(version), as_of=last).objects
    assert len(alone[1]) > 50


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
    for wanted in ("7", "nobody"):
        with pytest.raises(VersionNotFoundError, match=rf"'{wanted}': there are 1, 2, 3, 4; or say champion"):
            score(families, quick, model=wanted)
    assert ModelRegistry(families.mlflow).resolve("3").detector.name == "forecaster"
