"""Who was where at a time: as the store says, read once for many times."""

from pathlib import Path

import pandas as pd
import pytest

from catalog.known import KnownSets
from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from pipelines.judgement import _dismissed, _latest_sets
from tests.synthetic_history import START_US, synthetic_history

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


@pytest.mark.parametrize("limit_days", [None, 31.3])
def test_the_latest_sets_are_those_of_the_store_at_that_time(limit_days: float | None, tmp_path: Path) -> None:
    start = pd.Timestamp(START_US, unit="us", tz="UTC")
    limit = None if limit_days is None else start + pd.Timedelta(days=limit_days)
    config, store = BurnwatchConfig(), ElementStore(tmp_path)
    for norad_id in (90001, 90002, 90003):
        store.append(synthetic_history(40, norad_id=norad_id, seed=norad_id).assign(**REST))
    first = store.history()
    issued_again = first[first["norad_id"] == 90002].assign(
        available_at=lambda sets: sets["available_at"] + pd.Timedelta(days=4), raan_deg=7.0
    )
    store.append(issued_again)
    lookup = _latest_sets(KnownSets(store, limit), config)
    for days in (-1.0, 0.5, 9.99, 10.0, 17.3, 31.2, 60.0):
        seen = start + pd.Timedelta(days=days) if limit is None else min(start + pd.Timedelta(days=days), limit)
        recent = store.history(as_of=seen, since=seen - pd.Timedelta(days=config.proximity.max_age_days))
        found = lookup(start + pd.Timedelta(days=days)).reset_index(drop=True)
        pd.testing.assert_frame_equal(found, recent.drop_duplicates("norad_id", keep="last", ignore_index=True))


def test_events_that_share_a_window_with_a_data_error_are_dismissed() -> None:
    def windows(*rows: tuple[int, float, float]) -> pd.DataFrame:
        start = pd.Timestamp(START_US, unit="us", tz="UTC")
        days = [(number, start + pd.Timedelta(days=low), start + pd.Timedelta(days=high)) for number, low, high in rows]
        return pd.DataFrame(days, columns=["norad_id", "epoch_before", "epoch_after"])

    events = windows((1, 0, 1), (1, 1, 2), (1, 5, 6), (2, 1, 2))
    assert _dismissed(events, None).tolist() == [False] * 4
    assert _dismissed(events, windows((3, 0, 9))).tolist() == [False] * 4
    assert _dismissed(events, windows((1, 1.5, 4), (1, 1, 2))).tolist() == [False, True, False, False]
