"""The log of events takes what was judged anew and keeps the rest."""

from pathlib import Path

import pandas as pd

from pipelines.events import EventLog


def day(number: float) -> pd.Timestamp:
    return pd.Timestamp("2026-01-01", tz="UTC").as_unit("us") + pd.Timedelta(hours=round(24 * number))


def events(*windows: tuple[int, float, float], score: float = 1.0) -> pd.DataFrame:
    rows = [
        {"norad_id": norad_id, "epoch_before": day(begin), "epoch_after": day(end), "score": score}
        for norad_id, begin, end in windows
    ]
    return pd.DataFrame(rows, columns=["norad_id", "epoch_before", "epoch_after", "score"]).astype(
        {
            "norad_id": "int64",
            "epoch_before": "datetime64[us, UTC]",
            "epoch_after": "datetime64[us, UTC]",
            "score": "float64",
        }
    )


def spans(*rows: tuple[int, float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"norad_id": norad_id, "span_start": day(start), "span_end": day(end)} for norad_id, start, end in rows]
    )


def windows(frame: pd.DataFrame) -> list[tuple[int, float, float, bool]]:
    first = day(0)
    return [
        (
            row.norad_id,
            (row.epoch_before - first) / pd.Timedelta(days=1),
            (row.epoch_after - first) / pd.Timedelta(days=1),
            row.new,
        )
        for row in frame.itertuples()
    ]


def written(folder: Path, frame: pd.DataFrame) -> EventLog:
    log = EventLog(folder / "events.parquet")
    log.write(frame)
    return log


def test_the_first_run_is_all_new(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.parquet")
    assert windows(log.merged(events((1, 3, 4)), spans((1, 0, 10)))) == [(1, 3, 4, True)]


def test_what_lies_in_a_span_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    log = written(tmp_path, events((1, 3, 4), (1, 20, 21), (2, 3, 4)))
    merged = log.merged(events((1, 22, 23)), spans((1, 15, 30)))
    assert windows(merged) == [(1, 3, 4, False), (1, 22, 23, True), (2, 3, 4, False)]


def test_an_event_that_is_not_found_again_is_gone(tmp_path: Path) -> None:
    log = written(tmp_path, events((1, 20, 21)))
    assert log.merged(events(), spans((1, 15, 30))).empty


def test_a_burn_at_the_edge_of_the_span_is_not_doubled(tmp_path: Path) -> None:
    log = written(tmp_path, events((1, 14, 16)))
    assert windows(log.merged(events((1, 15, 17)), spans((1, 15, 30)))) == [(1, 15, 17, True)]
    assert windows(log.merged(events((1, 25, 26)), spans((1, 15, 30)))) == [(1, 14, 16, False), (1, 25, 26, True)]


def test_merging_the_same_again_changes_nothing(tmp_path: Path) -> None:
    found = events((1, 3, 4), (2, 5, 6))
    whole = spans((1, 0, 10), (2, 0, 10))
    log = EventLog(tmp_path / "events.parquet")
    log.write(log.merged(found, whole).drop(columns="new"))
    again = log.merged(found, whole).drop(columns="new")
    pd.testing.assert_frame_equal(again, log.read())
