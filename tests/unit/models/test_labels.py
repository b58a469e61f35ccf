"""Burn logs in the layout of Shorten et al. 2023. The lines here are invented in that format."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.benchmark.labels import LABEL_DTYPES, LabelError, LabelSource, label_frame, merge_burns, read_labels
from models.errors import ModelError

FIRING = "{date} {seconds} {duration} {dv1} {dv2} {dv3} 0.0 0.0 0.0 0.0 0.0 0.0"


def firing(date: str, duration: float, dv: tuple[float, float, float]) -> str:
    return FIRING.format(date=date, seconds="30.000", duration=duration, dv1=dv[0], dv2=dv[1], dv3=dv[2])


def folder_of(tmp_path: Path, **logs: str) -> Path:
    logs_folder = tmp_path / "raw_data" / "manoeuvres"
    logs_folder.mkdir(parents=True)
    for name, text in logs.items():
        (logs_folder / name.replace("_", ".")).write_text(text)
    return tmp_path


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def test_day_one_is_the_first_of_january(tmp_path):
    line = f"CRYO2 2012 001 06 00 2012 001 06 10     006 1 {firing('2012 001 06 05', 600.0, (0.001, 0.02, -0.003))}"
    row = read_labels(folder_of(tmp_path, cs2man_txt=line)).iloc[0]
    assert (row["norad_id"], row["name"]) == (36508, "CryoSat-2")
    assert row["burn_time"] == utc("2012-01-01 06:05:30")
    assert row["burn_begin"] == utc("2012-01-01 06:00:30")
    assert row["burn_end"] == utc("2012-01-01 06:10:30")
    assert row[["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]].tolist() == [0.001, 0.02, -0.003]


def test_day_366_of_a_leap_year_and_a_maneuver_type(tmp_path):
    line = f"JASO3 2016 366 23 59 2017 001 00 01 OPT 007 1 {firing('2016 366 23 59', 2.0, (0.0, 0.01, 0.0))}"
    row = read_labels(folder_of(tmp_path, ja3man_txt=line)).iloc[0]
    assert row["burn_time"] == utc("2016-12-31 23:59:30")
    assert row["dv_t_m_s"] == 0.01


def test_parameter_type_005_lists_cross_track_first(tmp_path):
    line = f"SPOT5 2010 032 00 00 2010 032 00 01     005 1 {firing('2010 032 00 00', 4.0, (0.3, 0.2, 0.1))}"
    row = read_labels(folder_of(tmp_path, sp5man_txt=line)).iloc[0]
    assert row[["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]].tolist() == [0.1, 0.2, 0.3]
    assert row["burn_time"] == utc("2010-02-01 00:00:30")


def test_every_firing_of_a_line_is_a_burn(tmp_path):
    two = f"{firing('2012 010 02 00', 60.0, (0, 0.01, 0))} {firing('2012 010 05 00', 60.0, (0, 0.03, 0))}"
    labels = read_labels(folder_of(tmp_path, cs2man_txt=f"CRYO2 2012 010 02 00 2012 010 05 01 006 2 {two}"))
    assert labels["burn_time"].tolist() == [utc("2012-01-10 02:00:30"), utc("2012-01-10 05:00:30")]


def test_a_log_of_begin_times_alone(tmp_path):
    labels = read_labels(folder_of(tmp_path, topman_txt="TOPEX 1993 060 10 02 1993 060 10 02\n"))
    assert labels["burn_time"].tolist() == [utc("1993-03-01 10:02")]
    assert labels[["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]].isna().all(axis=None)


def test_fengyun_times_are_eight_hours_ahead_of_utc(tmp_path):
    text = (
        'GEO-EW-STATION-KEEPING 2016-077A "2020-03-01T02:00:00 CST" "2020-03-01T03:00:00 CST"\n'
        'GEO-NS-STATION-KEEPING   2016-077A "2020-04-01T16:16:00 CST" "2020/04/01T16:44:00 CST"\n'
        'GEO-ATTITUDE-CONTROL 2016-077A "2020-05-01T16:00:00 CST" "2020-05-01T17:00:00 CST"\n'
    )
    labels = read_labels(folder_of(tmp_path, manFY4A_txt_fy=text))
    assert labels["burn_begin"].tolist() == [utc("2020-02-29 18:00"), utc("2020-04-01 08:16"), utc("2020-05-01 08:00")]
    assert labels["burn_time"].iloc[1] == utc("2020-04-01 08:30")
    assert labels["kind"].tolist() == ["east-west station-keeping", "north-south station-keeping", "unknown"]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("CRYO2 2012 001 06 00 2012", "begin and end"),
        ("NOONE 2012 001 06 00 2012 001 06 00", "satellite"),
        ("CRYO2 2012 400 06 00 2012 001 06 00", "date"),
        ("CRYO2 2012 001 26 00 2012 001 06 00", "date"),
        ("CRYO2 2011 366 06 00 2012 001 06 00", "date"),
        ("CRYO2 0001 001 06 00 2012 001 06 00", "date"),
        ("CRYO2 9999 001 06 00 9999 001 06 00", "date"),
        ("CRYO2 -005 001 06 00 2012 001 06 00", "date"),
        ("CRYO2 2_12 001 06 00 2012 001 06 00", "date"),
        ("CRYO2 2012 001 06 00 2012 001 05 00", "end"),
        ("CRYO2 2012 001 06 00 2014 001 06 00", "end"),
        ("CRYO2 2012 001 06 00 2012 001 06 10 006 " + "9" * 5000, "firings"),
        *(
            ("CRYO2 2012 001 06 00 2012 001 06 10 006 1 " + firing("2012 001 06 05", duration, (0, dv, 0)), field)
            for duration, dv, field in [
                (1, "nan", "Δv"),
                (1, "inf", "Δv"),
                (1, "1e300", "Δv"),
                (1, "1_0", "Δv"),
                ("nan", 0, "duration"),
                ("1e300", 0, "duration"),
                ("-1", 0, "duration"),
            ]
        ),
        ("CRYO2 2012 001 06 00 2012 001 06 10 006 2 2012 001", "firings"),
        ("CRYO2 2012 001 06 00 2012 001 06 10 XX 009 1", "parameter type"),
        (
            "CRYO2 2012 001 06 00 2012 001 06 10 006 1 "
            + firing("2012 001 06 05", 1, (0, 0, 0)).replace(" 1 ", " x ", 1),
            "",
        ),
    ],
)
def test_a_bad_line_is_named_with_its_field(tmp_path, line, field):
    with pytest.raises(LabelError) as caught:
        read_labels(folder_of(tmp_path, cs2man_txt="\n" + line))
    assert (caught.value.line, caught.value.path.name) == (2, "cs2man.txt")
    assert field in caught.value.field
    assert "line 2" in str(caught.value)


def test_a_refusal_is_one_short_line_however_long_the_code(tmp_path):
    with pytest.raises(LabelError) as caught:
        read_labels(folder_of(tmp_path, cs2man_txt="X" * 5000 + " 2012 001 06 05 2012 001 06 10\n"))
    assert len(str(caught.value)) < 100


def test_no_logs_is_an_error_that_says_where(tmp_path):
    with pytest.raises(ModelError, match="manoeuvres"):
        read_labels(tmp_path)


def test_shipped_labels_come_only_when_asked_for_and_warn(tmp_path):
    folder = tmp_path / "processed_files"
    folder.mkdir()
    (folder / "manoeuvres_SARAL.yaml").write_text(
        "SATCAT number: 39086\nmanoeuvre_timestamps:\n- 2014-03-05 00:00:00\n"
    )
    with pytest.raises(ModelError):
        read_labels(tmp_path)
    with pytest.warns(UserWarning, match="late"):
        labels = read_labels(LabelSource((tmp_path,), as_shipped=True))
    assert labels[["norad_id", "name"]].to_numpy().tolist() == [[39086, "SARAL"]]


def test_a_csv_needs_only_objects_and_times(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("norad_id,burn_time,dv_t_m_s\n5,2020-01-02T03:04:05Z,0.5\n4,2020-01-01 00:00:00,\n")
    labels = read_labels(path)
    assert {name: str(dtype) for name, dtype in labels.dtypes.items()} == LABEL_DTYPES
    assert labels["norad_id"].tolist() == [4, 5]
    assert labels["burn_begin"].iloc[1] == utc("2020-01-02 03:04:05")
    path.write_text("object,when\n")
    with pytest.raises(ModelError, match="norad_id, burn_time"):
        read_labels(path)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("0000000001999999999,2020-01-02T00:00:00Z,", "norad_id"),
        ("1e3,2020-01-02T00:00:00Z,", "norad_id"),
        ("5,9999-12-31T00:00:00Z,", "burn_time"),
        ("5,-0005-01-01,", "burn_time"),
        ("5,0001-01-01T00:00:00+14:00,", "burn_time"),
        ("5,soon,", "burn_time"),
        ("5,2020-01-02T00:00:00Z,1e300", "dv_t_m_s"),
        ("5,2020-01-02T00:00:00Z,nan", "dv_t_m_s"),
        ("5,2020-01-02T00:00:00Z", "row"),
    ],
)
def test_a_bad_row_of_a_csv_is_named(tmp_path, row, field):
    path = tmp_path / "labels.csv"
    path.write_text(f"norad_id,burn_time,dv_t_m_s\n5,2020-01-02T03:04:05Z,0.5\n{row}\n")
    with pytest.raises(LabelError) as caught:
        read_labels(path)
    assert (caught.value.line, caught.value.field) == (3, field)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("SATCAT number: 39086\nmanoeuvre_timestamps:\n- 2014-03-05 00:00:00\n- 2020-13-45\n", 4),
        ("SATCAT number: 39086\nmanoeuvre_timestamps:\n- 2014-03-05 00:00:00\n- 9999-01-01 00:00:00\n", 4),
        ("SATCAT number: 39086\nmanoeuvre_timestamps:\n- !!timestamp x\n", 3),
        ("# of SARAL\nSATCAT number: " + "9" * 400 + "\nmanoeuvre_timestamps: []\n", 2),
        ("SATCAT number: 1\nSATCAT number: 2\nmanoeuvre_timestamps: []\n", 2),
        ("SATCAT number: 1234567890\nmanoeuvre_timestamps: []\n", 1),
        ("[" * 5000, 1),
    ],
)
@pytest.mark.filterwarnings("ignore:as-shipped labels are late")
def test_a_shipped_list_that_cannot_be_read_is_refused_by_line(tmp_path, text, line):
    (tmp_path / "processed_files").mkdir()
    (tmp_path / "processed_files" / "manoeuvres_SARAL.yaml").write_text(text)
    with pytest.raises(LabelError) as caught:
        read_labels(LabelSource((tmp_path,), as_shipped=True))
    assert caught.value.line == line


def burns(*hours_dv: tuple[float, float], norad_id: int = 1) -> pd.DataFrame:
    time = [utc("2020-01-01") + pd.Timedelta(hours=hours) for hours, _ in hours_dv]
    frame = pd.DataFrame(
        {"norad_id": norad_id, "name": "A", "burn_begin": time, "burn_end": time, "burn_time": time, "kind": "unknown"}
    )
    frame["dv_r_m_s"], frame["dv_t_m_s"], frame["dv_n_m_s"] = 0.0, [dv for _, dv in hours_dv], 0.0
    return label_frame(frame)


def test_burns_under_a_day_apart_are_one_maneuver():
    merged = merge_burns(burns((0, 1.0), (23.9, 3.0), (47.9, 1.0)))
    assert merged["burns"].tolist() == [2, 1], "24.0 h apart is two"
    assert merged["burn_time"].iloc[0] == utc("2020-01-01 17:55:30")
    assert merged["dv_t_m_s"].tolist() == [4.0, 1.0]
    chain = merge_burns(burns((0, 1.0), (20, 1.0), (40, 1.0)))
    assert chain["burns"].tolist() == [3]
    assert chain["burn_end"].iloc[0] == utc("2020-01-02 16:00")


def test_objects_are_not_merged_and_unknown_sizes_weigh_the_same():
    merged = merge_burns(pd.concat([burns((0, np.nan), (10, np.nan)), burns((5, 1.0), norad_id=2)]))
    assert merged["norad_id"].tolist() == [1, 2]
    assert merged["burn_time"].iloc[0] == utc("2020-01-01 05:00")
    assert np.isnan(merged["dv_m_s"].iloc[0])


def test_opposite_cross_track_burns_keep_their_total():
    merged = merge_burns(burns((0, 0.4), (3, -0.4)))
    assert merged["dv_t_m_s"].iloc[0] == 0.0
    assert merged["dv_m_s"].iloc[0] == pytest.approx(0.8)


def test_a_single_burn_keeps_its_instant():
    labels = burns((1.234567, 0.2), (100.0, 0.3))
    assert merge_burns(labels)["burn_time"].tolist() == labels["burn_time"].tolist()


def test_real_logs_have_the_hand_worked_counts_and_instants(real_data):
    labels = read_labels(real_data / "shorten2023")
    # One row a firing; the logs announce their number in each line. Worked by hand: day 105 of 2010 is April 15,
    # day 230 of 1992 (a leap year) is August 17, and 16:16 in China is 08:16 UTC.
    assert labels.groupby("name").size().to_dict() == {
        "CryoSat-2": 190, "Fengyun-2D": 22, "Fengyun-2E": 48, "Fengyun-2H": 12, "Fengyun-4A": 49, "Haiyang-2A": 58,
        "Jason-1": 198, "Jason-3": 58, "SARAL": 90, "Sentinel-3A": 70, "Sentinel-6A": 19, "TOPEX": 43,
    }  # fmt: skip
    first = labels.groupby("name")["burn_time"].min()
    assert first["CryoSat-2"].floor("min") == utc("2010-04-15 17:47")
    assert first["TOPEX"] == utc("1992-08-17 18:22")
    assert labels[labels["name"] == "Fengyun-4A"]["burn_begin"].max() == utc("2022-02-21 08:16")
    with pytest.warns(UserWarning, match="late"):
        shipped = read_labels(LabelSource((real_data / "shorten2023",), as_shipped=True))
    late = shipped[shipped["name"] == "TOPEX"]["burn_time"].to_numpy() - np.sort(
        labels[labels["name"] == "TOPEX"]["burn_time"].to_numpy()
    )
    assert (late == np.timedelta64(24, "h")).all()


def test_real_burns_worked_by_hand(real_data):
    """Instant and Δv of three firings, read off the raw lines; Δv is also acceleration times duration."""
    labels = read_labels(real_data / "shorten2023")

    def first(name: str) -> pd.Series:
        return labels[labels["name"] == name].iloc[0]

    # CryoSat-2: day 105 of 2010, 17:47:34; 60 s at -1.2533, 91.571 and 1.0955 millionths of m/s².
    burn = first("CryoSat-2")
    assert burn["burn_time"] == utc("2010-04-15 17:47:34")
    assert burn[["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]].tolist() == pytest.approx(
        [60 * -1.2533e-6, 60 * 91.571e-6, 60 * 1.0955e-6], rel=1e-4
    )
    # Jason-1: day 345 of 2001 (not a leap year) is December 11; 4.518 s at 4125.7 millionths of m/s², along-track.
    burn = first("Jason-1")
    assert burn["burn_time"] == utc("2001-12-11 13:08:39.789")
    assert burn[["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]].tolist() == pytest.approx([0, 4.518 * 4125.72e-6, 0], rel=1e-4)
    # Sentinel-3A: day 55 of 2016 is February 24; 170.453 s against the motion.
    burn = labels[(labels["name"] == "Sentinel-3A") & (labels["burn_time"] > utc("2016-02-24 19:00"))].iloc[0]
    assert burn["burn_time"] == utc("2016-02-24 19:31:10.882")
    assert burn["dv_t_m_s"] == pytest.approx(170.453 * -3212.74e-6, rel=1e-4)
