"""A replay on a simulated fleet: what daily scoring would have found, safe to kill, blind to the future."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from pipelines import replay as replaying
from pipelines import walk as walking
from pipelines.champion import choose
from pipelines.engine import Engine
from pipelines.errors import PipelineError
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.replay import Replay, replay
from pipelines.score import score
from pipelines.train import train
from review.export import flag_json
from review.store import FlagStore

pytestmark = [pytest.mark.integration, pytest.mark.slow]

CopyOf = Callable[[Home], Home]
STEP = pd.Timedelta(days=4)


def copied(home: Home, path: Path) -> Home:
    shutil.copytree(home.path, path)
    return Home(path)


OF_THE_RUN = {"rank", "model_version", "latency_days"}


@pytest.fixture(scope="module")
def period(trained_home: Home, small: BurnwatchConfig) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Five weeks in the second half of the fleet's flight, by days."""
    last = ElementStore(trained_home.elements, small.store).coverage()["last_available_at"].max().floor("D")
    return last - pd.Timedelta(days=60), last - pd.Timedelta(days=24)


def walked(home: Home, config: BurnwatchConfig, period: tuple[pd.Timestamp, pd.Timestamp], **options: Any) -> Replay:
    return replay(home, config, *period, step=STEP, **options)


def written(result: Replay, folder: Path) -> dict[str, Any]:
    result.write(folder / "replay.json")
    read: dict[str, Any] = json.loads((folder / "replay.json").read_text())
    return read


@pytest.fixture(scope="module")
def replayed(
    trained_home: Home,
    small: BurnwatchConfig,
    period: tuple[pd.Timestamp, pd.Timestamp],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("replayed")
    return written(walked(copied(trained_home, folder / "home"), small, period), folder)


def test_a_replay_says_what_it_did(replayed: dict[str, Any], period: tuple[pd.Timestamp, pd.Timestamp]) -> None:
    days = [pd.Timestamp(day["day"]) for day in replayed["days"]]
    assert (days[0], days[-1], len(days)) == (*period, 10)
    assert replayed["step_days"] == 4
    assert replayed["detector"] == "robust-step"
    assert replayed["model_version"] == f"1 as of {period[0]:%Y-%m-%d}"
    flags = [(pd.Timestamp(day["day"]), flag) for day in replayed["days"] for flag in day["flags"]]
    assert len(flags) >= 5
    for day, flag in flags:
        seen = pd.Timestamp(flag["first_seen_at"])
        assert seen == day
        latency = (day - pd.Timestamp(flag["burn_time"])) / pd.Timedelta(days=1)
        assert flag["latency_days"] == pytest.approx(latency, abs=1e-4)
    for day in replayed["days"]:
        assert [flag["rank"] for flag in day["flags"]] == list(range(1, len(day["flags"]) + 1))
        for finding in day["findings"]:
            assert finding["news"]
            assert {piece["at"] for piece in finding["news"]} == {day["day"]}


def test_the_first_day_shows_what_is_new_of_that_step(replayed: dict[str, Any]) -> None:
    first = replayed["days"][0]
    for flag in first["flags"]:
        assert pd.Timestamp(first["day"]) - pd.Timestamp(flag["burn_time"]) < STEP + pd.Timedelta(days=4)


def test_it_flags_what_scoring_day_by_day_flags(
    trained_home: Home, small: BurnwatchConfig, period: tuple[pd.Timestamp, pd.Timestamp], copy_of: CopyOf
) -> None:
    home = copy_of(trained_home)
    result = walked(home, small, period, model="champion")
    scored: list[list[dict[str, Any]]] = []
    seen: set[str] = set()
    for day in result.days:
        at = pd.Timestamp(day["day"])
        score(home, small, as_of=at.to_pydatetime())
        with open_flags(home, small) as flags:
            found = {flag.flag_id: flag for flag in flags.flags(order="time")}
        new = [flag_json(flag) for name, flag in found.items() if name not in seen]
        seen |= set(found)
        scored.append(new)
        if at == period[0]:  # all that was found until then
            continue
        assert plain(day["flags"]) == plain(new)
    assert sum(len(new) for new in scored[1:]) >= 5
    with (
        open_flags(home, small) as flags,
        FlagStore(f"sqlite:///{result.folder / 'review.sqlite'}", small.review) as replayed_flags,
    ):
        assert plain(map(flag_json, replayed_flags.flags())) == plain(map(flag_json, flags.flags()))
        standing, replayed_findings = flags.findings.current(), replayed_flags.findings.current()
        pd.testing.assert_frame_equal(standing, replayed_findings)


def plain(flags: Any) -> list[dict[str, Any]]:
    rows = [{key: value for key, value in flag.items() if key not in OF_THE_RUN} for flag in flags]
    return sorted(rows, key=lambda row: str(row["flag_id"]))


class Crash(BaseException):
    """The power went."""


@pytest.mark.parametrize(
    ("owner", "name", "call"),
    [(walking, "replace_parquet", 3), (replaying, "judge", 2), (FlagStore, "upsert", 7), (replaying, "read_walk", 1)],
)
def test_killed_at_any_step_it_goes_on_to_the_same_result(
    owner: Any,
    name: str,
    call: int,
    replayed: dict[str, Any],
    trained_home: Home,
    small: BurnwatchConfig,
    period: tuple[pd.Timestamp, pd.Timestamp],
    copy_of: CopyOf,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    home = copy_of(trained_home)
    really, calls = getattr(owner, name), 0

    def crashing(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Crash
        return really(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, crashing)
        with pytest.raises(Crash):
            walked(home, small, period)
    looked = 0

    def counted(shard: walking.WalkShard) -> int:
        nonlocal looked
        looked += 1
        return walking.walk_shard(shard)

    monkeypatch.setattr(replaying, "walk_shard", counted)
    assert written(walked(home, small, period), tmp_path) == replayed
    shards = -(-replayed["objects"] // small.replay.shard_objects)
    assert looked == {"replace_parquet": shards - 1}.get(name, 0)


def test_every_engine_gives_the_same(
    replayed: dict[str, Any],
    trained_home: Home,
    small: BurnwatchConfig,
    period: tuple[pd.Timestamp, pd.Timestamp],
    copy_of: CopyOf,
    tmp_path: Path,
) -> None:
    assert written(walked(copy_of(trained_home), small, period, engine=Engine(workers=2)), tmp_path) == replayed


def test_what_comes_later_changes_no_day_before(
    replayed: dict[str, Any],
    trained_home: Home,
    small: BurnwatchConfig,
    period: tuple[pd.Timestamp, pd.Timestamp],
    copy_of: CopyOf,
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
) -> None:
    sets = ElementStore(trained_home.elements, small.store).history()
    then = period[0] + 4 * STEP
    later = sets["available_at"] > then
    future = sets[later].assign(
        mean_motion_rev_day=lambda rows: rows["mean_motion_rev_day"] * 1.01,
        inclination_deg=lambda rows: (rows["inclination_deg"] + 1.0) % 180,
        norad_id=lambda rows: rows["norad_id"].where(rows["norad_id"] % 2 == 0, rows["norad_id"] + 50_000),
    )
    home = Home.at(tmp_path_factory.mktemp("other"))
    ElementStore(home.elements, small.store).append(pd.concat([sets[~later], future], ignore_index=True))
    for name in ("mlflow", "objects.parquet", "weather.parquet"):
        (home.path / name).symlink_to(trained_home.path / name)
    other = written(walked(home, small, period), tmp_path)
    assert sum(len(day["flags"]) for day in replayed["days"][:5]) > 0
    assert other["days"][:5] == replayed["days"][:5]
    assert other["days"][5:] != replayed["days"][5:]


def test_a_champion_that_saw_nothing_later_is_used_as_it_is(
    trained_home: Home, small: BurnwatchConfig, period: tuple[pd.Timestamp, pd.Timestamp], tmp_path: Path
) -> None:
    sets = ElementStore(trained_home.elements, small.store).history()
    home = Home.at(tmp_path / "home")
    store = ElementStore(home.elements, small.store)
    store.append(sets[sets["available_at"] <= period[0]])
    train(home, small)
    store.append(sets)
    result = walked(home, small, period, ids=sets["norad_id"].unique()[:1].tolist())
    assert result.about["model_version"] == "1"
    assert result.about["objects"] == 1
    assert "trained on nothing later" in result.note
    earlier = choose(home, period[0] - pd.Timedelta(days=9), None)
    assert earlier.fitted_at == period[0] - pd.Timedelta(days=9)
    assert choose(home, earlier.fitted_at, "champion").fitted_at is None


def test_what_cannot_be_replayed_is_said(
    trained_home: Home, small: BurnwatchConfig, period: tuple[pd.Timestamp, pd.Timestamp], copy_of: CopyOf
) -> None:
    home = copy_of(trained_home)
    with pytest.raises(PipelineError, match="nothing to replay"):
        replay(home, small, period[1], period[0])
    years = pd.Timedelta(days=3650)
    with pytest.raises(PipelineError, match=r"no element sets were available by .* the first came"):
        replay(home, small, period[0] - years, period[1] - years)
    with pytest.raises(PipelineError, match="object 99999 had no element sets by"):
        replay(home, small, *period, ids=[99999])


def test_killed_at_random_instants_the_command_goes_on(
    replayed: dict[str, Any],
    trained_home: Home,
    small: BurnwatchConfig,
    period: tuple[pd.Timestamp, pd.Timestamp],
    copy_of: CopyOf,
    tmp_path: Path,
) -> None:
    home = copy_of(trained_home)
    (tmp_path / "config.yaml").write_text(
        small.model_dump_json(include={"simulate", "score", "replay"})
    )  # JSON is YAML
    command = [str(Path(sys.executable).parent / "burnwatch"), "--home", str(home.path)]
    command += ["--config", str(tmp_path / "config.yaml")]
    command += ["replay", "--from", period[0].isoformat(), "--until", period[1].isoformat(), "--step", "4d"]
    command += ["--json", str(tmp_path / "replay.json")]
    rng, patience = random.Random(20260201), 4.0
    killed = 0
    while not (tmp_path / "replay.json").exists():
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        try:
            _, told = run.communicate(timeout=rng.uniform(1.0, patience))
            assert run.returncode == 0, told.decode()
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.communicate()
            killed += 1
        patience *= 2
        assert killed < 12
    assert killed
    assert json.loads((tmp_path / "replay.json").read_text()) == replayed
