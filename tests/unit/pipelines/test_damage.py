"""What doctor and the commands say of damaged files of a home, each by its name and with what to do."""

import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from catalog.errors import CorruptFileError
from catalog.object_records import object_frame
from catalog.objects import ObjectCatalog
from catalog.store import ElementStore
from catalog.weather import WEATHER_DTYPES, WeatherTable
from configs.schema import BurnwatchConfig
from pipelines import doctor
from pipelines.doctor import examine
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.ingest import ingest_files
from pipelines.runs import recorded
from review.errors import StoreUnavailableError
from tests.tle_files import tle_bytes


@pytest.fixture
def home(tmp_path):
    home = Home.at(tmp_path / "home")
    (tmp_path / "sets.tle").write_bytes(tle_bytes(30))
    ingest_files(home, BurnwatchConfig(), [tmp_path / "sets.tle"])
    ObjectCatalog(home.path).merge(object_frame({"norad_id": [98765], "name": ["ONE"]}, source="table"))
    day = {"date": pd.Timestamp("2026-01-01", tz="UTC"), "observed": True}
    weather = pd.DataFrame([{name: day.get(name, 1.0) for name in WEATHER_DTYPES}]).astype(WEATHER_DTYPES)
    WeatherTable(home.path).merge(weather)
    return home


@pytest.fixture(autouse=True)
def no_models(monkeypatch):
    """What is no part of this, and slow."""
    monkeypatch.setattr(doctor, "_models", lambda *_: iter(()))


def damage(path, how):
    data = path.read_bytes()
    path.write_bytes({"empty": b"", "cut": data[: len(data) // 2], "foreign": b"nothing of the kind " * 99}[how])


def said(home, subject, **options):
    return [(one.state, one.text) for one in examine(home.path, None, **options) if one.subject == subject]


@pytest.mark.parametrize("how", ["empty", "cut", "foreign"])
@pytest.mark.parametrize(
    ("file", "subject", "load", "remedy"),
    [
        ("objects.parquet", "objects", ObjectCatalog, "`burnwatch ingest objects` again"),
        ("weather.parquet", "space weather", WeatherTable, "`burnwatch ingest weather` again"),
    ],
)
def test_a_damaged_table_is_named_with_its_remedy(home, file, subject, load, remedy, how):
    assert load(home.path).load() is not None
    damage(home.path / file, how)
    with pytest.raises(CorruptFileError, match=f"{file}: damaged: .*{remedy}"):
        load(home.path).load()
    ((state, text),) = said(home, subject)
    assert state == "broken"
    assert str(home.path / file) in text
    assert text.endswith(remedy)


@pytest.mark.parametrize("how", ["cut", "foreign"])
def test_a_damaged_database_is_named_with_its_remedy(home, how):
    damage(home.path / "review.sqlite", how)
    for left in home.path.glob("review.sqlite-*"):
        left.unlink()
    with pytest.raises(StoreUnavailableError, match=r"review\.sqlite: .*; restore it from a backup: verdicts"):
        open_flags(home, BurnwatchConfig())
    ((state, text),) = said(home, "flags")
    assert state == "broken"
    assert "restore it from a backup" in text


def test_deep_reads_every_byte(home):
    assert said(home, "every byte") == []
    assert said(home, "every byte", deep=True) == [("ok", "the store and the databases are what was written")]
    part = next(home.elements.glob("bucket=*/*.parquet"))
    data = part.read_bytes()
    part.write_bytes(data[:-30] + bytes([data[-30] ^ 1]) + data[-29:])
    ((state, text),) = said(home, "every byte", deep=True)
    assert state == "broken"
    assert str(part) in text
    assert ElementStore(home.elements).damaged()


def test_deep_reads_the_database_of_flags(home):
    for number in range(40):
        with recorded(home, BurnwatchConfig(), f"work {number:03d}"):
            pass
    database = home.path / "review.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_runs_started_at'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = bytearray(database.read_bytes())
    data[(root - 1) * size + 8 : (root - 1) * size + 40] = bytes(32)
    database.write_bytes(bytes(data))
    for state, text in said(home, "every byte", deep=True):
        assert state == "broken"
        assert text.startswith(f"flag database sqlite:///{database}: ")
        assert "restore it from a backup" in text


def test_what_does_not_fit_is_broken_until_it_is_scored(home):
    assert said(home, "scoring") == [("ok", "what was scored, its events and the flags fit each other")]
    with open_flags(home, BurnwatchConfig()) as flags:
        flags.scoring.done("a mark", "")
    ((state, text),) = said(home, "scoring")
    assert state == "broken"
    assert f"{home.state / 'scored.json'}: missing" in text
    assert "the next `burnwatch score` scores everything anew" in text
