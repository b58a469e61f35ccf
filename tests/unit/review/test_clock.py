"""A clock that cannot be right keeps `score` from writing; a home of old sets is ordinary."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest

from catalog.availability import stamp
from catalog.parse import parse_bytes
from catalog.store import ElementStore
from configs.catalog import StoreConfig
from review.clock import ClockError, believe_clock, check_clock
from tests.tle_files import tle_bytes

NOW = pd.Timestamp("2026-06-01T12:00", tz="UTC")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path


def days(number: float) -> pd.Timedelta:
    return pd.Timedelta(days=number)


def check(home: Path, now: pd.Timestamp, *epochs: pd.Timestamp) -> None:
    with patch("review.clock._last_epochs", return_value=pd.Series(epochs, dtype="datetime64[us, UTC]")):
        check_clock(home, now, StoreConfig())


@pytest.mark.parametrize("age_days", [-2.0, 0.0, 30.0, 400.0, 10_000.0])
def test_a_new_home_may_hold_sets_of_any_age(home: Path, age_days: float) -> None:
    check(home, NOW, NOW - days(age_days))
    check(home, NOW)


def test_a_clock_before_the_sets_is_behind(home: Path) -> None:
    with pytest.raises(ClockError, match="most objects have element sets of later, up to 2026-06-01") as caught:
        check(home, NOW - days(365), NOW, NOW - days(1), NOW - days(500))
    assert caught.value.now == NOW - days(365)
    check(home, NOW, NOW + days(10_000), NOW, NOW)  # one set from the future does not tell the time


@pytest.mark.parametrize("behind_days", [5, 30, 400])
def test_sets_that_a_clock_takes_for_the_future_tell_that_it_is_behind(home: Path, behind_days: int) -> None:
    now = pd.Timestamp.now("UTC")  # by which the store hides what lies days ahead
    sets = stamp(parse_bytes(tle_bytes(1), name="a"), source="file").assign(epoch=now + days(behind_days))
    ElementStore(home / "elements", StoreConfig()).append(sets)
    with pytest.raises(ClockError, match="most objects have element sets of later"):
        check_clock(home, now, StoreConfig())


@pytest.mark.parametrize("ahead_days", [8, 40, 365])
def test_a_live_home_tells_a_clock_that_is_ahead(home: Path, ahead_days: float) -> None:
    believe_clock(home, NOW)
    with pytest.raises(ClockError, match=f"{ahead_days} days later than when it was last right") as caught:
        check(home, NOW + days(ahead_days), NOW + days(0.3), NOW - days(1))
    assert "--trust-clock" in str(caught.value)
    check(home, NOW + days(ahead_days), NOW + days(ahead_days - 2), NOW)  # fresh sets bear it out


def test_a_clock_that_is_behind_the_last_run_is_told(home: Path) -> None:
    believe_clock(home, NOW)
    with pytest.raises(ClockError, match="40 days earlier"):
        check(home, NOW - days(40), NOW)
    with pytest.raises(ClockError, match="40 days earlier"):
        check(home, NOW - days(40), NOW - days(300))


def test_a_clock_set_right_is_believed_again_by_the_sets(home: Path) -> None:
    believe_clock(home, NOW + days(365))
    check(home, NOW, NOW - days(0.5), NOW - days(90))


def test_a_home_of_old_sets_may_rest_for_a_month_and_is_then_asked_once(home: Path) -> None:
    believe_clock(home, NOW)
    check(home, NOW + days(29), NOW - days(200))
    with pytest.raises(ClockError):
        check(home, NOW + days(40), NOW - days(200))
    believe_clock(home, NOW + days(40))
    check(home, NOW + days(40), NOW - days(200))


def test_a_simulated_home_is_of_any_time(home: Path) -> None:
    (home / "truth.parquet").touch()
    believe_clock(home, NOW)
    check(home, NOW + days(365), NOW)
    check(home, NOW - days(365), NOW)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"believed_at": "x"}', b'{"believed_at": "2026-06-01"}', b"\xff"]
)
def test_a_damaged_note_is_as_none(home: Path, content: bytes) -> None:
    (home / "state" / "clock.json").write_bytes(content)
    check(home, NOW, NOW - days(100))
