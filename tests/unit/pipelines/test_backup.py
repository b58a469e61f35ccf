"""A copy of what a home cannot make anew: whole, private, restorable, and missed where there is none."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from configs.schema import BurnwatchConfig
from pipelines.backup import back_up
from pipelines.doctor import UNSAVED_DAYS, backed_up
from pipelines.flags import open_flags
from pipelines.home import Home
from review.errors import StoreUnavailableError
from review.records import Status
from review.runs import Outcome, RunLog
from tests.review_examples import event, frame, run

CONFIG = BurnwatchConfig()
NOW = datetime.now(UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one verdict of two days ago."""
    home = Home.at(tmp_path / "home")
    with open_flags(home, CONFIG) as flags:
        (flag_id,) = flags.upsert(frame(event()), run()).flag_ids
        flags.settle(flag_id, Status.CONFIRMED, who="ann", note="seen", expected_version=1, at=NOW - timedelta(days=2))
    return home


def said(home: Home) -> tuple[str, str]:
    (found,) = backed_up(home, CONFIG)
    return found.state, found.text


def restore(home: Home, copy: Path) -> None:
    for left in home.path.glob("review.sqlite*"):
        left.unlink()
    copy.rename(home.path / "review.sqlite")


def test_what_is_restored_has_the_verdicts_and_no_run_that_never_ends(home: Home, tmp_path: Path) -> None:
    with open_flags(home, CONFIG) as flags:
        RunLog(flags.database).start("ingest", at=NOW)
    back_up(home, CONFIG, tmp_path / "copy.sqlite")
    with open_flags(home, CONFIG) as flags:
        assert [one.work for one in RunLog(flags.database).running()] == ["ingest"]
        flag = flags.flags()[0]
        flags.settle(flag.flag_id, Status.OPEN, who="ann", note="by mistake", expected_version=flag.version)
    restore(home, tmp_path / "copy.sqlite")
    with open_flags(home, CONFIG) as flags:
        (flag,) = flags.flags()
        assert (flag.status, [step.note for step in flags.history(flag.flag_id)]) == (Status.CONFIRMED, ["seen"])
        runs = {one.work: one.outcome for one in RunLog(flags.database).page().runs}
    assert runs == {"ingest": Outcome.FAILED, "backup": Outcome.DONE}
    assert said(home)[0] == "ok"


def test_a_copy_holds_whole_transactions_of_those_who_write_meanwhile(home: Home, tmp_path: Path) -> None:
    def write() -> None:
        with open_flags(home, CONFIG) as flags:
            for number in range(60):
                with flags.database.writing() as connection:
                    for half in ("a", "b"):
                        connection.exec_driver_sql(
                            "INSERT INTO runs VALUES (?, 'pair', '2026-01-01', NULL, 'done', '{}', '', '')",
                            (f"{number}{half}",),
                        )

    writer = threading.Thread(target=write)
    writer.start()
    copies = []
    while writer.is_alive():
        copies.append(tmp_path / f"{len(copies)}.sqlite")
        back_up(home, CONFIG, copies[-1])
    writer.join()
    assert copies
    for path in copies:
        with closing(sqlite3.connect(path)) as copy:
            assert copy.execute("SELECT count(*) % 2 FROM runs WHERE work = 'pair'").fetchone() == (0,)
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_copy_is_its_owners_alone_and_nothing_lies_beside_it(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    for _ in range(2):
        back_up(home, CONFIG, folder / "copy.sqlite")
    assert [path.name for path in folder.iterdir()] == ["copy.sqlite"]
    assert (folder / "copy.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_damaged_database_does_not_take_the_place_of_a_sound_copy(home: Home, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    back_up(home, CONFIG, copy)
    before = copy.read_bytes()
    with closing(sqlite3.connect(home.path / "review.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_runs_started_at'").fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with (home.path / "review.sqlite").open("r+b") as file:
        file.seek((root - 1) * size + 8)
        file.write(bytes(32))
    with pytest.raises(StoreUnavailableError, match=r"copy\.sqlite is left as it was"):
        back_up(home, CONFIG, copy)
    assert copy.read_bytes() == before


@pytest.mark.parametrize("name", ["home", "ho?me"])
def test_the_database_is_not_its_own_copy(tmp_path: Path, name: str) -> None:
    home = Home.at(tmp_path / name)
    with pytest.raises(StoreUnavailableError, match="is the database itself"):
        back_up(home, CONFIG, home.path / "review.sqlite")


def test_doctor_says_how_old_the_last_backup_is(home: Home, tmp_path: Path) -> None:
    state, text = said(home)
    assert state == "note"
    assert text.startswith("never; 1 verdict or account since ")
    assert text.endswith(": burnwatch backup FILE")
    back_up(home, CONFIG, tmp_path / "copy.sqlite", at=NOW - timedelta(days=5))
    state, text = said(home)
    assert (state, ", 5 days old; 1 verdict or account since " in text) == ("note", True)
    back_up(home, CONFIG, tmp_path / "copy.sqlite", at=NOW - timedelta(days=1))
    state, text = said(home)
    assert (state, text.endswith(", 1 day old; no verdict or account is newer")) == ("ok", True)


def test_verdicts_that_were_never_saved_are_broken_after_a_while(home: Home) -> None:
    with open_flags(home, CONFIG) as flags:
        (flag_id,) = flags.upsert(frame(event(day=9.0)), run()).created
        flags.settle(
            flag_id, Status.CONFIRMED, who="ann", expected_version=1, at=NOW - timedelta(days=UNSAVED_DAYS + 1)
        )
    state, text = said(home)
    assert (state, text.startswith("never; 2 verdicts or accounts since ")) == ("broken", True)


def test_a_home_without_verdicts_has_nothing_to_lose(tmp_path: Path) -> None:
    assert said(Home.at(tmp_path / "home")) == ("ok", "never, nothing to lose yet")
