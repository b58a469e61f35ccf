"""What was known at a time is the same out of the store and out of memory."""

from pathlib import Path

import pandas as pd
import pytest

from catalog import known
from catalog.known import KnownSets
from catalog.store import ElementStore
from tests.synthetic_history import START_US, synthetic_history

START = pd.Timestamp(START_US, unit="us", tz="UTC")
REST = {
    "available_at_imputed": False,
    "source": "file",
    "mean_motion_dot_rev_day2": 0.0,
    "mean_motion_ddot_rev_day3": 0.0,
    "ephemeris_type": 0,
    "classification": "U",
    "element_set_no": 1,
    "rev_at_epoch": 1,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ElementStore:
    """Three objects, one of which has every set issued again four days later; not to be written to."""
    store = ElementStore(tmp_path_factory.mktemp("known"))
    for norad_id in (90001, 90002, 90003):
        store.append(synthetic_history(40, norad_id=norad_id, seed=norad_id).assign(**REST))
    first = store.history([90002])
    store.append(first.assign(available_at=first["available_at"] + pd.Timedelta(days=4), raan_deg=7.0))
    return store


TIMES = [None, *(START + pd.Timedelta(days=days) for days in (-1, 0.5, 10, 17.3, 60))]


@pytest.mark.parametrize("as_of", TIMES)
@pytest.mark.parametrize("most", [0, 1_000_000])
def test_memory_and_store_tell_the_same(
    as_of: pd.Timestamp | None, most: int, store: ElementStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "_AT_ONCE", most)
    issues = store.history(every_issue=True)
    since, until = START + pd.Timedelta(days=5), START + pd.Timedelta(days=12)
    for sets in (KnownSets(store, as_of), KnownSets(store, as_of, issues)):
        pd.testing.assert_frame_equal(sets.history(), store.history(as_of=as_of))
        pd.testing.assert_frame_equal(sets.history([90003, 90002, 5]), store.history([90003, 90002, 5], as_of=as_of))
        pd.testing.assert_frame_equal(
            sets.history([90002], since=since, until=until),
            store.history([90002], as_of=as_of, since=since, until=until),
        )
        pd.testing.assert_frame_equal(
            sets.issues(since, until), store.history(as_of=as_of, since=since, until=until, every_issue=True)
        )


@pytest.mark.parametrize("as_of", TIMES)
def test_coverage_is_that_of_a_store_that_holds_no_more(
    as_of: pd.Timestamp | None, store: ElementStore, tmp_path: Path
) -> None:
    issues = store.history(every_issue=True)
    then = ElementStore(tmp_path / "then")
    then.append(issues if as_of is None else issues[issues["available_at"] <= as_of])
    for sets in (KnownSets(store, as_of), KnownSets(store, as_of, issues)):
        pd.testing.assert_frame_equal(sets.coverage, then.coverage())
