"""The main job on a simulated fleet: right, repeatable, safe to kill, and blind to the future."""

import dataclasses
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from pipelines import score as scoring
from pipelines.demo import compare
from pipelines.engine import Engine
from pipelines.events import EventLog
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.ingest import ingest_simulated, read_truth
from pipelines.score import score
from pipelines.train import train
from pipelines.watermark import Watermark
from review.clock import ClockError

pytestmark = pytest.mark.integration

CopyOf = Callable[[Home], Home]
MOVING = {"first_seen_at", "updated_at", "data_snapshot"}  # when a run was, not what it found


def findings(home: Home, config: BurnwatchConfig, *, moving: bool = False) -> list[dict[str, Any]]:
    with open_flags(home, config) as flags:
        records = flags.flags(order="time", include_withdrawn=True)
    rows = [dataclasses.asdict(record) for record in records]
    kept = [{key: value for key, value in row.items() if moving or key not in MOVING} for row in rows]
    return sorted(kept, key=lambda row: (row["norad_id"], row["epoch_after"]))


def windows(home: Home, config: BurnwatchConfig) -> list[tuple[int, datetime, datetime]]:
    return [(row["norad_id"], row["epoch_before"], row["epoch_after"]) for row in findings(home, config)]


@pytest.mark.slow
def test_a_home_may_be_named_like_a_url(
    trained_home: Home, scored_home: Home, small: BurnwatchConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    home = Home(tmp_path / "a b%20c?d#e")
    shutil.copytree(trained_home.path, home.path, ignore=shutil.ignore_patterns("mlflow", "state", "review.sqlite*"))
    Home.at(home.path)
    assert not train(home, small).known
    score(home, small)
    assert findings(home, small) == findings(scored_home, small)
    assert [path.name for path in tmp_path.iterdir()] == ["a b%20c?d#e"]


def test_the_inspector_comes_first(scored_home: Home, small: BurnwatchConfig) -> None:
    with open_flags(scored_home, small) as flags:
        assert flags.flags(order="unexpected", limit=1)[0].name == "INSPECTOR"


def test_what_is_found_is_true(scored_home: Home, small: BurnwatchConfig) -> None:
    events = EventLog(scored_home.state / "events.parquet").read()
    assert events is not None
    seen = compare(events, read_truth(scored_home))
    assert seen.recall_clear >= 0.75  # half a year of eight objects holds little quiet time to learn the noise from
    assert seen.precision >= 0.85
    assert seen.time_error_h <= 6
    assert seen.dv_error <= 0.25


def test_who_trains_without_logs_gets_the_model_that_ships(
    trained_home: Home, small: BurnwatchConfig, tmp_path: Path
) -> None:
    config = small.model_copy(update={"train": BurnwatchConfig().train})
    home = Home(tmp_path / "home")
    shutil.copytree(trained_home.path, home.path, ignore=shutil.ignore_patterns("mlflow", "state", "review.sqlite*"))
    summary = train(Home.at(home.path), config)
    assert (summary.detector, summary.alias) == ("pretrained", "champion")
    assert train(home, config).known
    score(home, config)
    events = EventLog(home.state / "events.parquet").read()
    assert events is not None
    seen = compare(events[events["explanation"] == "maneuver"], read_truth(home))
    assert seen.recall_clear >= 0.75
    assert seen.precision >= 0.9
    assert events["probability"].between(0.0, 1.0).all()


def test_a_passive_object_is_never_flagged(scored_home: Home, small: BurnwatchConfig) -> None:
    burned = set(read_truth(scored_home)["norad_id"])
    passive = set(ElementStore(scored_home.elements).object_ids().tolist()) - burned
    assert passive
    assert not passive & {row["norad_id"] for row in findings(scored_home, small)}


def test_every_flag_says_where_it_comes_from(scored_home: Home, small: BurnwatchConfig) -> None:
    for row in findings(scored_home, small, moving=True):
        assert row["model_version"] == "1"
        assert row["data_snapshot"] == ElementStore(scored_home.elements, small.store).snapshot_id()
        assert len(row["config_hash"]) == 12
        assert row["reasons"]


def test_the_same_commands_again_change_nothing(scored_home: Home, small: BurnwatchConfig, copy_of: CopyOf) -> None:
    home = copy_of(scored_home)
    before = findings(home, small, moving=True)
    sets = ElementStore(home.elements, small.store).history()
    again = ingest_simulated(home, small)
    assert (again.added, again.read) == (0, len(sets))
    assert train(home, small).known
    assert score(home, small).objects == 0
    (home.state / "scored.json").unlink()  # and even when all is scored anew
    summary = score(home, small)
    assert (summary.created, summary.updated, summary.withdrawn) == (0, 0, 0)
    assert findings(home, small, moving=True) == before
    pd.testing.assert_frame_equal(ElementStore(home.elements, small.store).history(), sets)


def test_scoring_in_instalments_finds_the_same_burns(
    scored_home: Home, trained_home: Home, small: BurnwatchConfig, copy_of: CopyOf
) -> None:
    home = copy_of(trained_home)
    sets = ElementStore(home.elements, small.store).history()
    last = sets["available_at"].max()
    for days in (60, 30, 0):
        score(home, small, as_of=(last - pd.Timedelta(days=days)).to_pydatetime())
    found = windows(home, small)
    assert len(found) == len(set(found))
    with open_flags(home, small) as flags:
        standing = {(flag.norad_id, flag.epoch_after) for flag in flags.flags(order="time")}
    whole = {(norad_id, end) for norad_id, _, end in windows(scored_home, small)}
    assert len(standing ^ whole) <= 0.05 * len(whole)


def test_a_score_as_of_a_time_is_blind_to_what_came_later(
    trained_home: Home, small: BurnwatchConfig, copy_of: CopyOf, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sets = ElementStore(trained_home.elements, small.store).history()
    then = sets["available_at"].max() - pd.Timedelta(days=40)
    seeing = copy_of(trained_home)
    score(seeing, small, as_of=then.to_pydatetime())

    blind = Home.at(tmp_path_factory.mktemp("blind"))
    ElementStore(blind.elements, small.store).append(sets[sets["available_at"] <= then])
    for name in ("mlflow", "objects.parquet", "weather.parquet"):
        (blind.path / name).symlink_to(seeing.path / name)
    score(blind, small, as_of=then.to_pydatetime())
    seen, unseen = findings(seeing, small), findings(blind, small)
    assert len(seen) == len(unseen) > 0
    for row, other in zip(seen, unseen, strict=True):
        assert {key: value for key, value in row.items() if other[key] != value} == {}


class Crash(BaseException):
    """The power went."""


@pytest.mark.parametrize(
    ("owner", "name"),
    [(EventLog, "write"), (scoring, "open_flags"), (Watermark, "write"), (Watermark, "moved")],
    ids=lambda part: str(part),
)
def test_a_run_killed_at_any_step_is_made_good_by_the_next(
    owner: object,
    name: str,
    scored_home: Home,
    trained_home: Home,
    small: BurnwatchConfig,
    copy_of: CopyOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = copy_of(trained_home)

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, crash)
        with pytest.raises(Crash):
            score(home, small)
    score(home, small)
    assert findings(home, small) == findings(scored_home, small)


@pytest.mark.parametrize("engine", [Engine(workers=2), Engine("dask", workers=2)], ids=["processes", "dask"])
def test_every_engine_finds_the_same(
    engine: Engine, scored_home: Home, trained_home: Home, small: BurnwatchConfig, copy_of: CopyOf
) -> None:
    home = copy_of(trained_home)
    score(home, small, engine=engine)
    assert findings(home, small) == findings(scored_home, small)


def test_old_sets_that_come_late_are_scored_too(
    scored_home: Home,
    trained_home: Home,
    small: BurnwatchConfig,
    copy_of: CopyOf,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    complete = ElementStore(trained_home.elements, small.store).history()
    middle = complete["epoch"].min() + (complete["epoch"].max() - complete["epoch"].min()) / 2
    home = Home.at(tmp_path_factory.mktemp("late"))
    for name in ("mlflow", "objects.parquet", "weather.parquet"):
        (home.path / name).symlink_to(trained_home.path / name)
    store = ElementStore(home.elements, small.store)
    store.append(complete[complete["epoch"] > middle])
    score(home, small)
    store.append(complete)
    score(home, small)
    with open_flags(home, small) as flags:
        standing = {(flag.norad_id, flag.epoch_after) for flag in flags.flags(order="time")}
    assert standing == {(norad_id, end) for norad_id, _, end in windows(scored_home, small)}


class IngestingEngine(Engine):
    """Stores more element sets while a run is at work, as `ingest` beside it does."""

    def map(self, function, shards):  # type: ignore[no-untyped-def]
        store = ElementStore(Path(shards[0].home) / "elements")
        newest = store.history().groupby("norad_id").tail(1)
        later = newest.assign(**{name: newest[name] + pd.Timedelta(hours=9) for name in ("epoch", "available_at")})
        assert store.append(later).added
        return super().map(function, shards)


def test_the_snapshot_that_a_flag_names_is_the_one_that_it_was_made_from(
    trained_home: Home, small: BurnwatchConfig, copy_of: CopyOf
) -> None:
    home = copy_of(trained_home)
    store = ElementStore(home.elements, small.store)
    before = store.snapshot_id()
    score(home, small, engine=IngestingEngine(workers=1))
    assert store.snapshot_id() != before
    assert {row["data_snapshot"] for row in findings(home, small, moving=True)} == {before}
    assert not (home.state / "scoring").exists()
    # What came meanwhile is the next run's.
    assert score(home, small).objects == len(store.object_ids())


def test_objects_with_one_set_change_nothing_and_are_scored_once(
    scored_home: Home, small: BurnwatchConfig, copy_of: CopyOf
) -> None:
    home = copy_of(scored_home)
    store = ElementStore(home.elements, small.store)
    before = findings(home, small)
    one = store.history().head(1)
    store.append(pd.concat([one.assign(norad_id=number) for number in range(300_000, 300_400)], ignore_index=True))
    summary = score(home, small)
    assert (summary.objects, summary.gaps, summary.events) == (400, 0, 0)
    assert findings(home, small) == before
    assert score(home, small).objects == 0


def test_a_clock_a_year_ahead_writes_nothing(trained_home: Home, small: BurnwatchConfig, copy_of: CopyOf) -> None:
    home = copy_of(trained_home)
    home.truth.unlink()  # as a real one
    store = ElementStore(home.elements, small.store)
    newest = store.coverage()["last_epoch"].max()
    score(home, small, clock=lambda: newest + pd.Timedelta(hours=6))
    before = findings(home, small, moving=True)
    one = store.history().groupby("norad_id").tail(1)
    store.append(one.assign(epoch=one["epoch"] + pd.Timedelta(hours=9)))
    watermark = (home.state / "scored.json").read_bytes()
    with pytest.raises(ClockError, match="364 days later"):
        score(home, small, clock=lambda: newest + pd.Timedelta(days=365))
    assert findings(home, small, moving=True) == before
    assert (home.state / "scored.json").read_bytes() == watermark
    assert score(home, small, clock=lambda: newest + pd.Timedelta(days=1)).objects == len(one)
