"""Which of watermark, log and database of flags fit each other, whatever was lost, restored or killed."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pipelines.events import EventLog
from pipelines.standing import OtherDatabaseError, standing
from pipelines.watermark import Watermark
from review.store import FlagStore

KEY = "model config store"
EVENTS = pd.DataFrame({"norad_id": [1], "available_at": [pd.Timestamp("2026-01-01", tz="UTC")]})


@pytest.fixture
def home(tmp_path: Path) -> "Scoring":
    return Scoring(tmp_path)


class Scoring:
    """A home that is scored, as far as `standing` can tell."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.watermark = folder, folder / "scored.json"
        self.log, self.database = folder / "events.parquet", folder / "review.sqlite"

    def flags(self) -> FlagStore:
        return FlagStore(f"sqlite:///{self.database}")

    def state(self, key: str = KEY):
        with self.flags() as flags:
            return standing(self.folder, key, flags)

    def run(self, mark: str, steps: int = 3) -> None:
        """Scored once, or killed after so many steps."""
        state = self.state()
        if steps > 0:
            replace(state.watermark, mark=state.made_from).write(self.watermark)
            EventLog(self.log).write(EVENTS, mark, state.made_from)
        if steps > 1:
            with self.flags() as flags:
                flags.scoring.done(mark, state.made_from)
        if steps > 2:
            scored = pd.DataFrame({"norad_id": [1], "count": [3], "last_epoch": EVENTS["available_at"]})
            Watermark(KEY, scored, mark, state.watermark.database_id).write(self.watermark)


def damage(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "flipped":
        data[40] ^= 0xFF
    path.write_bytes({"empty": b"", "cut": data[: len(data) // 2], "flipped": data}[how])


def test_the_first_run_begins_without_a_word(home: Scoring) -> None:
    state = home.state()
    assert (state.log, state.made_from, state.anew) == (None, "", ())
    assert state.watermark.objects.empty


@pytest.mark.parametrize("killed_after", [0, 1, 2])
def test_a_run_that_was_killed_goes_on_from_where_the_last_one_ended(home: Scoring, killed_after: int) -> None:
    home.run("a")
    for mark in ("b", "c", "d"):  # killed there again and again
        home.run(mark, killed_after)
        state = home.state()
        assert (state.anew, state.made_from, len(state.watermark.objects)) == ((), "a", 1)
        assert state.log is not None
    home.run("e")
    assert (home.state().anew, home.state().made_from) == ((), "e")


@pytest.mark.parametrize("killed_after", [0, 1, 2])
def test_a_first_run_that_was_killed_begins_again(home: Scoring, killed_after: int) -> None:
    home.run("a", killed_after)
    assert home.state().watermark.objects.empty
    home.run("b")
    assert (home.state().anew, len(home.state().watermark.objects)) == ((), 1)


def test_another_key_scores_anew_and_keeps_the_log(home: Scoring) -> None:
    home.run("a")
    state = home.state("model2 config store")
    assert state.anew == ("another model, configuration or store of element sets",)
    assert state.watermark.objects.empty
    assert state.log is not None


@pytest.mark.parametrize("how", ["lost", "empty"])
def test_a_new_database_keeps_the_log(home: Scoring, how: str) -> None:
    home.run("a")
    home.run("b")
    if how == "lost":
        home.database.unlink()
    else:
        home.database.write_bytes(b"")
    state = home.state()
    assert state.anew == (f"flag database sqlite:///{home.database}: new",)
    assert state.watermark.objects.empty
    assert state.log is not None


@pytest.mark.parametrize("runs_since", [1, 2])
def test_a_restored_database_scores_anew(home: Scoring, runs_since: int) -> None:
    home.run("a")
    backup = home.database.read_bytes()
    for mark in "bc"[:runs_since]:
        home.run(mark)
    home.database.write_bytes(backup)
    assert home.state().anew == (f"flag database sqlite:///{home.database}: of an earlier time",)
    home.run("d", 2)
    assert home.state().watermark.objects.empty  # killed before its watermark: not yet done
    home.run("e")
    assert (home.state().anew, len(home.state().watermark.objects)) == ((), 1)


@pytest.mark.parametrize("how", ["lost", "empty", "cut", "flipped", "restored"])
def test_a_log_that_does_not_fit_scores_anew(home: Scoring, how: str) -> None:
    home.run("a")
    backup = home.log.read_bytes()
    home.run("b")
    home.run("c")
    if how == "lost":
        home.log.unlink()
    elif how == "restored":
        home.log.write_bytes(backup)
    else:
        damage(home.log, how)
    said = {"lost": "missing", "restored": "of another time or home"}.get(how, "damaged: not a table that can be read")
    state = home.state()
    assert state.anew == (f"{home.log}: {said}",)
    assert state.log is None
    assert state.watermark.objects.empty


@pytest.mark.parametrize("how", ["lost", "empty", "cut"])
def test_a_watermark_that_cannot_be_read_scores_anew_and_keeps_the_log(home: Scoring, how: str) -> None:
    home.run("a")
    if how == "lost":
        home.watermark.unlink()
    else:
        damage(home.watermark, how)
    state = home.state()
    assert state.anew == (f"{home.watermark}: {'missing' if how == 'lost' else 'not a readable watermark'}",)
    assert state.log is not None


def test_the_database_of_another_home_is_refused(home: Scoring, tmp_path: Path) -> None:
    home.run("a")
    (tmp_path / "other").mkdir()
    other = Scoring(tmp_path / "other")
    other.run("a")
    home.database.write_bytes(other.database.read_bytes())
    with pytest.raises(OtherDatabaseError, match=r"review\.sqlite: not the one that this home was scored into: name"):
        home.state()


def test_what_a_home_of_before_has_is_scored_anew(home: Scoring) -> None:
    EVENTS.to_parquet(home.log)
    home.watermark.write_text(
        '{"key": "model config", "objects": "norad_id,count,last_epoch\\n1,3,2026-01-01 00:00:00+00:00"}'
    )
    state = home.state()
    assert state.anew == ("another model, configuration or store of element sets",)
    assert state.log is not None
