"""A set from the future is refused with its place, and one that is stored already blinds nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from catalog.availability import stamp
from catalog.future import without_future
from catalog.known import KnownSets
from catalog.parse import parse_bytes
from catalog.store import ElementStore
from configs.catalog import IngestConfig, StoreConfig
from pipelines.refusals import Refusals
from review.coverage import cover
from tests.naive import catalog as naive

CONFIG = StoreConfig()
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
OMM = (
    '{{"NORAD_CAT_ID": {number}, "EPOCH": "{epoch:%Y-%m-%dT%H:%M:%S}", "MEAN_MOTION": 15.1, "ECCENTRICITY": 0.001, '
    '"INCLINATION": 98.0, "RA_OF_ASC_NODE": 1.0, "ARG_OF_PERICENTER": 2.0, "MEAN_ANOMALY": 3.0, "BSTAR": 0.0001, '
    '"MEAN_MOTION_DOT": 0.0}}'
)
EPOCHS = [NOW - timedelta(days=1), NOW.replace(year=2056), NOW + timedelta(days=4), NOW + timedelta(days=6)]


def tle(norad_id: int, epoch: datetime) -> str:
    ticks = round((epoch - datetime(epoch.year, 1, 1, tzinfo=UTC)) / timedelta(days=1) * 10**8)
    lines = naive.tle_lines(naive.element_set(norad_id=norad_id, year=epoch.year, tick=ticks))
    return "".join(f"{line}\n" for line in lines)


def written(form: str) -> bytes:
    if form == "json":
        return ("[\n" + ",\n".join(OMM.format(number=7, epoch=epoch) for epoch in EPOCHS) + "\n]").encode()
    return "".join(tle(7, epoch) for epoch in EPOCHS).encode()


@pytest.mark.parametrize(("form", "lines"), [("tle", [3, 7]), ("json", None)])
def test_an_epoch_days_ahead_is_refused_by_file_line_and_field(form: str, lines: list[int] | None) -> None:
    parsed = parse_bytes(written(form), name="day.txt")
    found = without_future(parsed, "day.txt", CONFIG, 10, NOW)
    assert found.element_sets["epoch"].tolist() == [EPOCHS[0], EPOCHS[2]]
    assert found.refused["file"].tolist() == ["day.txt"] * 2
    assert found.refused["field"].tolist() == ["epoch"] * 2
    assert found.refused["line"].tolist() == (lines or [parsed.lines[1], parsed.lines[3]])
    assert "2056-12-01 is more than 5 days ahead of this machine's clock" in found.refused["reason"].iloc[0]
    assert len(found.lines) == 2


def test_more_than_can_be_kept_are_counted() -> None:
    found = without_future(parse_bytes(written("tle"), name="a"), "a", CONFIG, 1, NOW)
    assert found.refused["reason"].tolist()[1:] == ["1 more records of this file were refused"]


def test_refusals_of_both_kinds_are_counted_in_one_last_row() -> None:
    damaged = "".join(tle(9, NOW)[:-2] + "X\n" for _ in range(3)).encode()
    parsed = parse_bytes(damaged + written("tle"), name="a", config=IngestConfig(max_refused_per_file=1))
    assert parsed.uncounted == 2
    found = without_future(parsed, "a", CONFIG, 1, NOW)
    assert found.uncounted == 3
    assert found.refused["reason"].iloc[-1] == "3 more records of this file were refused"
    counted = Refusals()
    counted.add(found.refused, found.uncounted)
    assert counted.count == 5


def test_the_setting_allows_more() -> None:
    parsed = parse_bytes(written("tle"), name="a")
    assert without_future(parsed, "a", StoreConfig(max_ahead_days=20_000), 10, NOW) is parsed


def stored(tmp_path: Path, source: str) -> ElementStore:
    """A store that holds a set of 2056 from before such were refused."""
    late = [datetime.now(UTC) - timedelta(days=9), datetime(2056, 3, 1, tzinfo=UTC)]
    parsed = parse_bytes("".join(tle(7, epoch) for epoch in late).encode(), name="a")
    store = ElementStore(tmp_path / "elements", CONFIG)
    store.append(stamp(parsed, source=source))
    return store


def test_what_is_stored_from_the_future_is_not_seen(tmp_path: Path) -> None:
    store = stored(tmp_path, "file")
    assert store.count() == 2
    newest = store.history()["epoch"].tolist()
    assert len(newest) == 1
    assert store.history([7], every_issue=True)["epoch"].tolist() == newest
    assert store.coverage()[["count", "last_epoch"]].to_numpy().tolist() == [[1, newest[0]]]
    assert KnownSets(store, None).coverage["last_epoch"].tolist() == newest
    assert KnownSets(store, pd.Timestamp("2060-01-01", tz="UTC")).history([7])["epoch"].tolist() == newest
    assert cover(store).objects()["last_epoch"].tolist() == newest


def test_simulated_sets_may_lie_anywhere(tmp_path: Path) -> None:
    store = stored(tmp_path, "simulated")
    assert len(store.history()) == 2
    assert store.coverage()["last_epoch"].dt.year.tolist() == [2056]
