"""State, log and database of flags that do not fit each other: everything is scored anew, and said, or refused."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.score import score
from pipelines.standing import OtherDatabaseError
from review.records import Status
from tests.integration.conftest import copied

pytestmark = pytest.mark.integration

MOVING = {"first_seen_at", "updated_at", "version"}  # when a run was, and how many there were
CopyOf = Callable[[Home], Home]


@dataclasses.dataclass(frozen=True)
class Watched:
    """A home that was scored twice, what it was between, and its flags and findings had all been scored again at the end."""

    home: Home
    earlier: Home
    until: datetime
    anew: tuple[dict[str, dict[str, Any]], list[str]]


@pytest.fixture(scope="module")
def watched(trained_home: Home, small: BurnwatchConfig, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    folder = tmp_path_factory.mktemp("watched")
    home = copied(trained_home, folder / "home")
    until = ElementStore(home.elements).coverage()["last_available_at"].max().to_pydatetime()
    score(home, small, as_of=until - timedelta(days=40))
    earlier = copied(home, folder / "earlier")
    score(home, small, as_of=until)
    again = copied(home, folder / "again")
    (again.state / "scored.json").unlink()
    score(again, small, as_of=until)
    return Watched(home, earlier, until, kept(again, small))


def kept(home: Home, config: BurnwatchConfig) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """What stands among the flags, by id, and among the findings."""
    with open_flags(home, config) as flags:
        rows = {record.flag_id: dataclasses.asdict(record) for record in flags.flags(order="time")}
        findings = [record.headline for record in flags.findings.records()]
    return {key: {name: row[name] for name in row.keys() - MOVING} for key, row in rows.items()}, findings


DATABASE, LOG, WATERMARK = "review.sqlite", "state/events.parquet", "state/scored.json"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "harm", "said"),
    [
        (DATABASE, Path.unlink, "new"),
        (DATABASE, None, "of an earlier time"),
        (LOG, Path.unlink, "missing"),
    ],
    ids=["database lost", "database restored", "log lost"],
)
def test_what_does_not_fit_is_scored_anew_and_said(
    file: str, harm: Callable[[Path], None] | None, said: str, watched: Watched, small: BurnwatchConfig, copy_of: CopyOf
) -> None:
    home = copy_of(watched.home)
    if harm is None:
        shutil.copyfile(watched.earlier.path / file, home.path / file)
    else:
        harm(home.path / file)
    summary = score(home, small, as_of=watched.until)
    (why,) = summary.anew
    assert Path(file).name in why
    assert why.endswith(said)
    assert why in summary.lines()[0]
    flags, findings = kept(home, small)
    expected, expected_findings = watched.anew
    assert findings == expected_findings
    assert flags.keys() == expected.keys()
    for flag_id, row in flags.items():
        # What is usual is weighed by when events were first seen: without the log, when they could have been.
        usual = expected[flag_id]["unexpectedness"]
        assert row == expected[flag_id] | {"unexpectedness": pytest.approx(usual, rel=0.1), "rank": row["rank"]}
    assert score(home, small, as_of=watched.until).objects == 0


def test_a_watermark_that_lags_by_a_run_lets_it_be_repeated(
    watched: Watched, small: BurnwatchConfig, copy_of: CopyOf
) -> None:
    home = copy_of(watched.home)
    shutil.copyfile(watched.earlier.path / WATERMARK, home.path / WATERMARK)
    for _ in range(2):  # killed before the watermark, and killed there again
        summary = score(home, small, as_of=watched.until)
        assert (summary.anew, summary.created, summary.updated, summary.withdrawn) == ((), 0, 0, 0)
        shutil.copyfile(watched.earlier.path / WATERMARK, home.path / WATERMARK)


def test_verdicts_outlive_the_loss_of_everything_else(
    watched: Watched, small: BurnwatchConfig, copy_of: CopyOf
) -> None:
    home = copy_of(watched.home)
    with open_flags(home, small) as flags:
        flag = flags.flags(limit=1)[0]
        settled = flags.settle(flag.flag_id, Status.CONFIRMED, who="ann", note="seen", expected_version=flag.version)
    for path in home.state.iterdir():
        if path.is_file():
            path.unlink()
    score(home, small, as_of=watched.until)
    with open_flags(home, small) as flags:
        after = flags.get(flag.flag_id)
        (verdict,) = flags.history(flag.flag_id)
    assert (after.status, verdict.who, verdict.note) == (settled.status, "ann", "seen")


def test_the_database_of_another_home_is_refused(
    watched: Watched, trained_home: Home, small: BurnwatchConfig, copy_of: CopyOf, tmp_path: Path
) -> None:
    other = copied(trained_home, tmp_path / "other")
    (other.path / "review.sqlite").unlink()
    score(other, small, as_of=watched.until)
    home = copy_of(watched.home)
    before = kept(other, small)
    shutil.copyfile(other.path / DATABASE, home.path / DATABASE)
    with pytest.raises(
        OtherDatabaseError, match=r"not the one that this home was scored into: .*move .*scored\.json away"
    ):
        score(home, small, as_of=watched.until)
    assert kept(home, small) == before
    (home.path / WATERMARK).unlink()
    assert score(home, small, as_of=watched.until).anew
