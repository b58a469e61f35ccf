"""The log of events takes what was judged anew and keeps the rest."""

from pathlib import Path

import pandas as pd

from pipelines.events import EventLog, merged


def day(number: float) -> pd.Timestamp:
    return pd.Timestamp("2026-01-01", tz="UTC").as_unit("us") + pd.Timedelta(hours=round(24 * number))


def events(*windows: tuple[int, float, float], score: float = 1.0) -> pd.DataFrame:
    rows = [
        {
            "norad_id": norad_id,
            "epoch_before": day(begin),
            "epoch_after": day(end),
            "available_at": day(end + 0.25),
            "score": score,
        }
        for norad_id, begin, end in windows
    ]
    times = dict.fromkeys(("epoch_before", "epoch_after", "available_at"), "datetime64[us, UTC]")
    dtypes = {"norad_id": "int64", **times, "score": "float64"}
    return pd.DataFrame(rows, columns=list(dtypes)).astype(dtypes)


def spans(*rows: tuple[int, float, float], backlog: bool = False) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"norad_id": norad_id, "span_start": day(start), "span_end": day(end), "backlog": backlog}
            for norad_id, start, end in rows
        ]
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


NOW = day(40)


def known(*windows: tuple[int, float, float], seen: float = 2) -> pd.DataFrame:
    return events(*windows).assign(first_seen_at=day(seen))


def first_seen(frame: pd.DataFrame) -> list[float]:
    return [(time - day(0)) / pd.Timedelta(days=1) for time in frame["first_seen_at"]]


def test_the_first_run_is_all_new() -> None:
    assert windows(merged(None, events((1, 3, 4)), spans((1, 0, 10)), NOW)) == [(1, 3, 4, True)]


def test_what_lies_in_a_span_is_replaced_and_the_rest_stays() -> None:
    after = merged(known((1, 3, 4), (1, 20, 21), (2, 3, 4)), events((1, 22, 23)), spans((1, 15, 30)), NOW)
    assert windows(after) == [(1, 3, 4, False), (1, 22, 23, True), (2, 3, 4, False)]


def test_an_event_that_is_not_found_again_is_gone() -> None:
    assert merged(known((1, 20, 21)), events(), spans((1, 15, 30)), NOW).empty


def test_a_burn_at_the_edge_of_the_span_is_not_doubled() -> None:
    log, span = known((1, 14, 16)), spans((1, 15, 30))
    assert windows(merged(log, events((1, 15, 17)), span, NOW)) == [(1, 15, 17, True)]
    assert windows(merged(log, events((1, 25, 26)), span, NOW)) == [(1, 14, 16, False), (1, 25, 26, True)]


def test_a_burn_at_the_end_of_the_span_is_not_doubled() -> None:
    log, span = known((1, 28, 31), (1, 31, 32)), spans((1, 15, 30))
    assert windows(merged(log, events((1, 28, 29)), span, NOW)) == [(1, 28, 29, True), (1, 31, 32, False)]


def test_an_event_is_first_seen_when_its_window_first_held_one() -> None:
    log = known((1, 20, 22), (1, 25, 26), (2, 20, 22), seen=23)
    after = merged(log, events((1, 21, 22), (1, 28, 29), (3, 21, 22)), spans((1, 15, 30), (3, 15, 30)), NOW)
    assert windows(after) == [(1, 21, 22, True), (1, 28, 29, True), (2, 20, 22, False), (3, 21, 22, True)]
    assert first_seen(after) == [23, 40, 23, 40]


def test_a_backlog_is_first_seen_when_it_became_available() -> None:
    found = events((1, 3, 4), (1, 38, 39.9), (2, 3, 4))
    span = pd.concat([spans((1, 0, 40), backlog=True), spans((2, 0, 40))], ignore_index=True)
    assert first_seen(merged(None, found, span, NOW)) == [4.25, 40, 40]


def test_merging_the_same_again_changes_nothing(tmp_path: Path) -> None:
    found = events((1, 3, 4), (2, 5, 6))
    whole = spans((1, 0, 10), (2, 0, 10))
    log = EventLog(tmp_path / "events.parquet")
    log.write(merged(None, found, whole, NOW).drop(columns="new"))
    again = merged(log.read(), found, whole, NOW + pd.Timedelta(days=1)).drop(columns="new")
    pd.testing.assert_frame_equal(again, log.read())


def test_a_log_without_first_seen_at_is_read(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.parquet")
    log.write(events((1, 3, 4)))
    read = log.read()
    assert read is not None
    assert first_seen(read) == [4.25]
