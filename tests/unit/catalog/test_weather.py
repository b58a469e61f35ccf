"""Space weather: what the file says, and what was known at a time."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.weather import AP_COLUMNS, WEATHER_DTYPES, WeatherError, WeatherTable, read_space_weather, weather_at

HEADER = (
    "DATE,BSRN,ND,KP1,KP2,KP3,KP4,KP5,KP6,KP7,KP8,KP_SUM,AP1,AP2,AP3,AP4,AP5,AP6,AP7,AP8,AP_AVG,CP,C9,ISN,F10.7_OBS,"
    "F10.7_ADJ,F10.7_DATA_TYPE,F10.7_OBS_CENTER81,F10.7_OBS_LAST81,F10.7_ADJ_CENTER81,F10.7_ADJ_LAST81"
)


def row(date: str, ap: str = "1,2,3,4,5,6,7,8", average: str = "4", flux: str = "150.1", kind: str = "OBS") -> str:
    return (
        f"{date},2600,1,3,7,10,13,17,20,23,27,120,{ap},{average},0.2,1,99,{flux},{flux},{kind},140.0,141.5,139.0,139.5"
    )


def write(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "SW-All.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def times(*texts: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts), format="ISO8601", utc=True)).astype("datetime64[us, UTC]")


def table(days: int, start: str = "2026-01-01", **columns: object) -> pd.DataFrame:
    """A table whose three-hour ap counts up from 0, and whose flux is 100 plus the day."""
    date = pd.Series(pd.date_range(start, periods=days, tz="UTC")).astype("datetime64[us, UTC]")
    ap = np.arange(days * 8, dtype=float).reshape(days, 8)
    frame = pd.DataFrame({"date": date, **{name: ap[:, k] for k, name in enumerate(AP_COLUMNS)}})
    flux = 100.0 + np.arange(days)
    frame = frame.assign(ap_daily=ap.mean(axis=1), kp_sum=1.0, f107_obs_sfu=flux, f107_81d_sfu=flux, observed=True)
    return frame.assign(**columns).astype(WEATHER_DTYPES)


def test_reads_observed_and_predicted_days(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        row("2026-05-30"),
        row("2026-05-31", kind="INT"),
        row("2026-06-01", kind="PRD"),
        row("2026-07-01", ap=",,,,,,,", average="", kind="PRM"),
    )
    weather = read_space_weather(path)
    assert weather.dtypes.astype(str).to_dict() == WEATHER_DTYPES
    assert weather["observed"].tolist() == [True, True, False, False]
    first = weather.iloc[0]
    assert [first[name] for name in AP_COLUMNS] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert first["kp_sum"] == 12.0
    assert first["f107_obs_sfu"] == 150.1
    assert first["f107_81d_sfu"] == 141.5  # LAST81; the centered 140.0 would see the future
    assert weather.iloc[3][[*AP_COLUMNS, "ap_daily"]].isna().all()


@pytest.mark.parametrize(
    ("rows", "field", "says"),
    [
        ([row("2026-13-01")], "DATE", "2026-13-01"),
        ([row("0001-01-01")], "DATE", "0001-01-01"),
        ([row("9999-12-31")], "DATE", "9999-12-31"),
        ([row("２０２６-05-30")], "DATE", "２０２６"),
        ([row("2026-05-30", average="-999")], "AP_AVG", "-999"),
        ([row("2026-05-30", average="401")], "AP_AVG", "401"),
        ([row("2026-05-30", flux="1e30")], "F10.7_OBS", "1e30"),
        ([row("2026-05-30", flux="1_5")], "F10.7_OBS", "1_5"),
        ([row("2026-05-30", flux="nan")], "F10.7_OBS", "nan"),
        ([row("2026-05-30", flux="bright")], "F10.7_OBS", "bright"),
        ([row("2026-05-30", flux="inf")], "F10.7_OBS", "inf"),
        ([row("2026-05-30", kind="GUESS")], "F10.7_DATA_TYPE", "GUESS"),
        ([row("2026-05-30")[:60]], "row", "fields"),
    ],
)
def test_a_bad_value_is_named(tmp_path: Path, rows: list[str], field: str, says: str) -> None:
    with pytest.raises(WeatherError) as caught:
        read_space_weather(write(tmp_path, *rows))
    assert (caught.value.field, caught.value.line) == (field, len(rows) + 1)
    assert says in str(caught.value)


def test_a_bad_cell_costs_its_day_alone(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        row("2026-05-29"),
        row("2026-05-30", flux="."),
        row("2026-05-31", average="-999"),
        row("2026-06-01")[:40],
        row("9999-12-31"),
        row("2026-06-02", flux=""),
    )
    refused: list[pd.DataFrame] = []
    weather = read_space_weather(path, refuse=refused.append)
    assert weather["date"].dt.strftime("%m-%d").tolist() == ["05-29", "06-02"]
    assert np.isnan(weather["f107_obs_sfu"][1])
    assert refused[0][["line", "field"]].to_numpy().tolist() == [
        [3, "F10.7_OBS"],
        [4, "AP_AVG"],
        [5, "row"],
        [6, "DATE"],
    ]


def test_a_bomb_and_a_column_that_comes_twice(tmp_path: Path) -> None:
    bomb = tmp_path / "SW-All.csv.gz"
    bomb.write_bytes(gzip.compress(write(tmp_path, row("2026-05-29")).read_bytes() + b",\n" * 10_000_000))
    with pytest.raises(WeatherError, match="decompression bomb"):
        read_space_weather(bomb)
    text = write(tmp_path, row("2026-05-29")).read_text().replace("C9", "AP_AVG")
    (tmp_path / "twice.csv").write_text(text)
    with pytest.raises(WeatherError, match="AP_AVG: the header has this column twice"):
        read_space_weather(tmp_path / "twice.csv")


def test_a_poisoned_table_opens(tmp_path: Path) -> None:
    kept = WeatherTable(tmp_path)
    good = table(3, "2026-05-01")
    kept.merge(good)
    poison = pd.concat([good] * 3, ignore_index=True).assign(
        date=np.array(["-005-01-01", "9999-12-31", "20000-01-01"] * 3, dtype="M8[us]"),
        ap_daily=-999.0,
    )
    poison["date"] = poison["date"].dt.tz_localize("UTC")
    worse = good.assign(date=good["date"] + pd.Timedelta(days=10), ap_daily=[np.inf, -999.0, 1e300], f107_obs_sfu=1e300)
    pd.concat([good, poison, worse.astype(good.dtypes)]).to_parquet(tmp_path / "weather.parquet")
    loaded = kept.load()
    assert len(loaded) == 6
    assert loaded[["ap_daily", "f107_obs_sfu"]].tail(3).isna().all(axis=None)
    weather_at(loaded, loaded["date"])
    assert kept.merge(good) == 0


def test_a_file_of_another_form_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeatherError, match=r"SW-All\.csv: has no column DATE.*found a, b"):
        read_space_weather(write(tmp_path, "1,2", header="a,b"))
    with pytest.raises(WeatherError, match="cannot be read"):
        read_space_weather(tmp_path / "absent.csv")
    (tmp_path / "torn.csv.gz").write_bytes(b"\x1f\x8b\x08\x00torn")
    with pytest.raises(WeatherError, match="cannot be read"):
        read_space_weather(tmp_path / "torn.csv.gz")


def test_lookup_takes_the_eight_intervals_that_had_ended() -> None:
    weather = table(3)
    found = weather_at(
        weather, times("2026-01-02T00:00", "2026-01-02T02:59:59", "2026-01-02T03:00", "2026-01-03T23:00")
    )
    assert found["ap_daily"].tolist() == [3.5, 3.5, 4.5, np.mean(range(15, 23))]
    assert found["ap_max_24h"].tolist() == [7, 7, 8, 22]
    assert found["f107_sfu"].tolist() == [100, 100, 100, 101]


def test_lookup_is_nan_where_the_table_does_not_reach() -> None:
    weather = table(2)
    found = weather_at(
        weather, times("2025-12-01", "2026-01-01T12:00", "2026-01-03T00:00", "2026-01-03T03:00", "2026-03-01")
    )
    assert found["ap_daily"].notna().tolist() == [False, False, True, False, False]
    assert found["f107_sfu"].notna().tolist() == [False, False, True, True, False]
    assert weather_at(weather.iloc[:0], times("2026-01-01")).isna().all(axis=None)


def test_lookup_keeps_the_index_and_skips_missing_days() -> None:
    weather = table(5).drop(index=2)
    asked = times("2026-01-04T12:00", "2026-01-05T12:00").set_axis([7, 3])
    found = weather_at(weather, asked)
    assert found.index.tolist() == [7, 3]
    assert found["ap_daily"].isna().tolist() == [True, False]
    assert found["f107_sfu"].tolist()[1] == 103


def test_predictions_are_used_only_on_request() -> None:
    weather = table(3, observed=[True, True, False], ap1=np.nan)
    late = times("2026-01-04T00:00")
    assert weather_at(weather, late).isna().all(axis=None)
    assert weather_at(weather, late, predicted=True).notna().all(axis=None)


@given(hour=st.floats(0, 24 * 9), future=st.floats(0, 400))
@settings(max_examples=40, deadline=None)
def test_lookup_never_sees_the_future(hour: float, future: float) -> None:
    """Whatever is measured after the time changes nothing."""
    weather = table(10)
    at = pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(hours=hour)
    changed = weather.copy()
    for k, name in enumerate(AP_COLUMNS):
        not_over = changed["date"] + pd.Timedelta(hours=3 * (k + 1)) > at
        changed.loc[not_over, name] = future
    changed.loc[changed["date"] + pd.Timedelta(hours=20) > at, ["f107_obs_sfu", "ap_daily"]] = future
    asked = pd.Series([at]).astype("datetime64[us, UTC]")
    pd.testing.assert_frame_equal(weather_at(weather, asked), weather_at(changed, asked))


def test_merging_is_idempotent_and_observed_days_win(tmp_path: Path) -> None:
    kept = WeatherTable(tmp_path)
    assert kept.load().empty
    predicted = table(4, observed=False, f107_obs_sfu=1.0)
    observed = table(2)
    assert kept.merge(predicted) == 4
    assert kept.merge(observed) == 0
    assert kept.merge(predicted) == 0
    merged = kept.load()
    assert merged.dtypes.astype(str).to_dict() == WEATHER_DTYPES
    assert merged["observed"].tolist() == [True, True, False, False]
    assert merged["f107_obs_sfu"].tolist() == [100, 101, 1, 1]
    assert [path.name for path in tmp_path.iterdir() if path.suffix not in (".parquet", ".lock")] == []


def test_a_table_of_other_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeatherError, match="lacks ap3"):
        WeatherTable(tmp_path).merge(table(1).drop(columns="ap3"))


@pytest.mark.real_data
def test_the_real_table(real_data: Path) -> None:
    weather = read_space_weather(real_data / "space_weather" / "SW-All.csv")
    assert len(weather) == 12_570
    assert weather["date"].diff().dropna().eq(pd.Timedelta(days=1)).all()
    storm = weather_at(weather, times("2024-05-11T12:00", "2024-05-08T12:00"))  # the storm of May 2024
    assert storm["ap_max_24h"].tolist()[0] == 400
    assert storm["ap_daily"].iloc[0] > 10 * storm["ap_daily"].iloc[1]
