"""Labels as tables of one's own: windows, days, columns of other names, lists that are not whole."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from models.benchmark.labels import LabelError, LabelSource, label_frame, merge_burns, read_labels, whole_lists

HEADER = "norad_id,name,burn_time,window_start,window_end,dv_m_s,direction,source"


def table(tmp_path: Path, *rows: str, header: str = HEADER, name: str = "labels.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def test_a_day_is_a_window_and_its_noon_no_instant(tmp_path):
    path = table(
        tmp_path,
        "7,A,2026-02-05T12:00:00+00:00,2026-02-05T00:00:00+00:00,2026-02-06T00:00:00+00:00,,,X",
        "7,A,2026-03-05,,,,,X",
        "7,A,,2026-04-05,2026-04-05,,,X",
    )
    labels = read_labels(path)
    for label, day in zip(labels.itertuples(), ("2026-02-05", "2026-03-05", "2026-04-05"), strict=True):
        assert (label.window_start, label.window_end) == (utc(day), utc(day) + pd.Timedelta(days=1))
    assert labels["source"].tolist() == ["X"] * 3


def test_an_instant_has_no_window_unless_its_precision_is_told(tmp_path):
    path = table(
        tmp_path, "7,2026-02-05T12:00:00Z,", "7,2026-02-09T12:00:00Z,6", header="norad_id,burn_time,precision_h"
    )
    labels = read_labels(path)
    assert labels["window_start"].tolist() == [utc("2026-02-05 12:00"), utc("2026-02-09 06:00")]
    assert labels["window_end"].tolist() == [utc("2026-02-05 12:00"), utc("2026-02-09 18:00")]
    assert labels["burn_time"].tolist() == [utc("2026-02-05 12:00"), utc("2026-02-09 12:00")]


def test_the_size_alone_is_kept_and_so_is_what_the_list_says_of_itself(tmp_path):
    header = "norad_id,burn_time,dv_m_s,announced,partial,log_start,log_end"
    path = table(
        tmp_path,
        "7,2026-02-05T12:00:00Z,1.5,yes,no,2026-01-15,2026-05-31",
        "8,2026-02-05T12:00:00Z,,,yes,,",
        header=header,
    )
    labels = merge_burns(read_labels(path))
    assert labels["dv_m_s"].iloc[0] == 1.5
    assert labels["announced"].tolist() == [True, pd.NA]
    assert labels["partial"].tolist() == [False, True]
    assert labels["log_start"].iloc[0] == utc("2026-01-15")
    assert labels["log_end"].iloc[0] == utc("2026-06-01"), "the last day is listed too"
    assert whole_lists(labels)["norad_id"].tolist() == [7]


def test_columns_of_other_names_are_mapped(tmp_path):
    path = table(tmp_path, "7;2026-02-05 12:00;0,5", header="SATNO;Start (UTC);dv")
    with pytest.raises(LabelError, match="lacks the columns norad_id"):
        read_labels(path)
    source = LabelSource((path,), {"norad_id": "SATNO", "burn_time": "Start (UTC)"})
    assert read_labels(source)["burn_time"].tolist() == [utc("2026-02-05 12:00")]


def test_what_the_user_says_of_all_files_fills_what_they_do_not_say(tmp_path):
    table(tmp_path, "7,A,2026-02-05T12:00:00Z,,,,,", name="one.csv")
    table(tmp_path, "8,B,2026-02-06T12:00:00Z,,,,,", "7,A,2026-02-05T12:00:00Z,,,,,", name="two.csv")
    (tmp_path / "en1man.txt").write_text("ENVI1 2010 001 06 00 2010 001 06 10\n")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    labels = read_labels(LabelSource((tmp_path,), partial=frozenset({8}), log_start=start))
    assert labels["norad_id"].tolist() == [7, 7, 8, 27386]
    assert merge_burns(labels)["burns"].tolist() == [1, 1, 1], "what two files say alike is one burn"
    assert labels["partial"].tolist() == [False, False, True, False]
    assert (labels["log_start"] == utc("2026-01-01"))[:3].all()
    assert pd.isna(labels["log_start"].iloc[3]), "a log of other years is not meant"
    assert labels["log_end"].isna().all()
    ended = read_labels(LabelSource((tmp_path,), log_end=datetime(2026, 2, 6, tzinfo=UTC)))
    assert ended["log_end"].notna().tolist() == [True, True, False, True]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("7,A,05/02/2026,,,,,", "burn_time"),
        ("7,A,,,,,,", "burn_time"),
        ("7,A,,2026-02-05,,,,", "window_end"),
        ("7,A,,2026-02-05,2026-02-01,,,", "window_end"),
        ("7,A,2026-03-01T00:00:00Z,2026-02-05,2026-02-06,,,", "burn_time"),
        ("7,A,2026-02-05,,,-1,,", "dv_m_s"),
        (",A,2026-02-05,,,,,", "norad_id"),
    ],
)
def test_what_cannot_be_used_is_named_by_line_and_field(tmp_path, row, field):
    with pytest.raises(LabelError) as caught:
        read_labels(table(tmp_path, "7,A,2026-02-05,,,,,", row))
    assert (caught.value.line, caught.value.field) == (3, field)


def test_yes_and_no_are_told_apart_from_anything_else(tmp_path):
    with pytest.raises(LabelError, match="line 2, partial: 'perhaps'"):
        read_labels(table(tmp_path, "7,2026-02-05,perhaps", header="norad_id,burn_time,partial"))


def test_windows_merge_by_what_lies_between_them():
    days = [("2026-02-05", 1), ("2026-02-06", 1), ("2026-02-09", 1), ("2026-03-01", 20), ("2026-03-05", 1)]
    starts = [utc(day) for day, _ in days]
    ends = [start + pd.Timedelta(days=length) for start, (_, length) in zip(starts, days, strict=True)]
    middles = [start + (end - start) / 2 for start, end in zip(starts, ends, strict=True)]
    frame = pd.DataFrame({"norad_id": 7, "burn_time": middles, "window_start": starts, "window_end": ends})
    merged = merge_burns(frame)
    assert merged["burns"].tolist() == [2, 1, 2]
    assert merged["window_start"].tolist() == [starts[0], starts[2], starts[3]]
    assert merged["window_end"].tolist() == [ends[1], ends[2], ends[3]]


def test_a_frame_of_objects_and_times_is_enough():
    frame = label_frame(pd.DataFrame({"norad_id": [7], "burn_time": [utc("2026-02-05")]}))
    assert frame["kind"].tolist() == ["unknown"]
    assert frame["window_start"].tolist() == frame["burn_time"].tolist()
    assert not frame["partial"].any()
    assert frame["announced"].isna().all()


def test_real_lists_of_other_operators(real_data):
    labels = read_labels(real_data / "operators" / "labels.csv")
    counts = labels.groupby("name").size().to_dict()
    assert counts == {"GOES-16": 13, "GOES-17": 13, "GOES-19": 13, "QZS-1R": 1, "QZS-3": 7, "QZS-6": 6}
    goes = labels["name"].str.startswith("GOES")
    assert ((labels["window_end"] - labels["window_start"])[goes] == pd.Timedelta(days=1)).all()
    assert labels.loc[~goes, "dv_m_s"].notna().all()
    everything = read_labels(real_data / "operators")
    assert everything["norad_id"].nunique() == 49
    assert (everything["norad_id"] == 27386).sum() == 220
