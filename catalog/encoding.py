"""Element sets as compact Parquet, without loss.

A printed element set holds short decimals. A column whose every value is a whole number of 10^-d, exactly, is stored as
those whole numbers, packed by their differences (Parquet's DELTA_BINARY_PACKED); a column that holds any other double is
stored as doubles. Times are whole multiples of their common tick (864 us, the last digit of a TLE epoch, where that
fits). An imputed availability is stored as its distance from the epoch. What was chosen stands in the file's metadata.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.errors import CorruptFileError
from catalog.records import ELEMENT_SET_DTYPES, epoch_us
from orbits.elements import FloatArray, IntArray

FORMAT = 1
_METADATA_KEY = b"burnwatch"
_TICKS_US = (86_400_000_000, 1_000_000, 864, 1)
# Decimals to begin with: those of a two-line element set.
_DECIMALS = {
    "mean_motion_rev_day": 8,
    "eccentricity": 7,
    "inclination_deg": 4,
    "raan_deg": 4,
    "arg_pericenter_deg": 4,
    "mean_anomaly_deg": 4,
    "mean_motion_dot_rev_day2": 8,
}
_FLOATING = ("bstar_inv_er", "mean_motion_ddot_rev_day3")  # printed with an exponent: each value has its own decimals
_MAX_DECIMALS = 16
_EXACT = 2.0**53  # below this every whole number is a double
_POW10 = [float(10**places) for places in range(_MAX_DECIMALS + 1)]
_WHOLE = ("norad_id", "ephemeris_type", "element_set_no", "rev_at_epoch")
_TEXT = ("source", "classification")
_LATENCY = "latency_us"
_PLACES = "_places"


class CorruptPartError(CorruptFileError):
    """A part of the store that cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            path, reason, "restore this file from a backup, or move the whole store folder away and ingest again"
        )


class MissingFileError(CorruptPartError):
    """A part that the manifest lists but that is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "the manifest lists this file but it is missing")


def encode(element_sets: pd.DataFrame, row_group_rows: int) -> bytes:
    """The content of a Parquet file that ``decode`` turns back into the same frame.

    Parameters
    ----------
    element_sets : DataFrame
        Columns of ``ELEMENT_SET_DTYPES``, without missing or infinite values.
    row_group_rows : int
    """
    columns: dict[str, Any] = {name: element_sets[name].to_numpy(dtype=np.int64) for name in _WHOLE}
    coding: dict[str, dict[str, int]] = {}
    for name, times_us in _times(element_sets).items():
        tick = next(tick for tick in _TICKS_US if not (times_us % tick).any())
        columns[name], coding[name] = times_us // tick, {"tick_us": tick}
    for name in (*_DECIMALS, *_FLOATING):
        values = element_sets[name].to_numpy(dtype=np.float64) + 0.0  # a negative zero is a zero
        columns |= _as_decimals(name, values, coding) if name in _DECIMALS else _as_floating_decimals(name, values)
    columns["available_at_imputed"] = element_sets["available_at_imputed"].to_numpy(dtype=np.bool_)
    for name in _TEXT:
        columns[name] = pa.array(element_sets[name], type=pa.string()).dictionary_encode()
    table = pa.table({name: columns[name] for name in sorted(columns)})
    packed = {
        field.name: "BYTE_STREAM_SPLIT" if pa.types.is_floating(field.type) else "DELTA_BINARY_PACKED"
        for field in table.schema
        if pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
    }
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        table.schema,
        use_dictionary=list(_TEXT),
        column_encoding=packed,
        compression="zstd",
        write_page_checksum=True,
        store_schema=False,
    ) as writer:
        writer.write_table(table, row_group_size=row_group_rows)
        writer.add_key_value_metadata({_METADATA_KEY: json.dumps({"format": FORMAT, "coding": coding}, sort_keys=True)})
    return bytes(sink.getvalue().to_pybytes())


def _times(element_sets: pd.DataFrame) -> dict[str, IntArray]:
    """Stored times [us]: the epoch, the availability where it is known, its distance from the epoch where imputed."""
    epoch, available_at = epoch_us(element_sets["epoch"]), epoch_us(element_sets["available_at"])
    imputed = element_sets["available_at_imputed"].to_numpy(dtype=np.bool_)
    return {
        "epoch": epoch,
        "available_at": np.where(imputed, 0, available_at),
        _LATENCY: np.where(imputed, available_at - epoch, 0),
    }


def _as_decimals(name: str, values: FloatArray, coding: dict[str, dict[str, int]]) -> dict[str, Any]:
    """``values`` as whole numbers of 10^-d, noting d, or as they are where no d is exact for all of them."""
    for places in range(_DECIMALS[name], _MAX_DECIMALS + 1):
        if np.abs(values).max(initial=0.0) >= _EXACT / _POW10[places]:
            break
        scaled = np.rint(values * _POW10[places])
        if np.array_equal(scaled / _POW10[places], values):
            coding[name] = {"decimals": places}
            return {name: scaled.astype(np.int64)}
    return {name: values}


def _as_floating_decimals(name: str, values: FloatArray) -> dict[str, Any]:
    """Each of ``values`` as a whole number and its own number of decimals, or as they are where that is not exact."""
    whole = np.zeros(len(values), dtype=np.int64)
    places = np.zeros(len(values), dtype=np.int64)
    left = np.flatnonzero(values)
    if np.abs(values).max(initial=0.0) >= _EXACT:
        return {name: values}
    for decimals in range(_MAX_DECIMALS + 1):
        scaled = np.rint(values[left] * _POW10[decimals])
        exact = (scaled / _POW10[decimals] == values[left]) & (np.abs(scaled) < _EXACT)
        whole[left[exact]], places[left[exact]] = scaled[exact], decimals
        left = left[~exact]
        if not len(left):
            return {name: whole, name + _PLACES: places}
    return {name: values}


def decode(
    path: Path, columns: Sequence[str] = tuple(ELEMENT_SET_DTYPES), norad_ids: IntArray | None = None
) -> pd.DataFrame:
    """Element sets of a stored file.

    Parameters
    ----------
    path : Path
    columns : sequence of str
        Some of ``ELEMENT_SET_DTYPES``.
    norad_ids : (M,) int64, optional
        Sorted; only row groups that may hold one of these objects are read, and only their rows returned.

    Returns
    -------
    DataFrame
        ``columns``, with the dtypes of ``ELEMENT_SET_DTYPES``.

    Raises
    ------
    CorruptFileError
    """
    try:
        with pq.ParquetFile(path, memory_map=True, page_checksum_verification=True) as file:
            coding = _coding(path, file)
            wanted = {"norad_id", *(stored for name in columns for stored in _stored(name))}
            groups = _row_groups(file, norad_ids)
            table = file.read_row_groups(groups, columns=sorted(wanted), use_threads=False)
    except FileNotFoundError as error:
        raise MissingFileError(path) from error
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise CorruptPartError(path, f"not a readable part of the store ({str(error).splitlines()[0]})") from error
    if norad_ids is not None:
        of_rows = table.column("norad_id").to_numpy()
        rows = np.flatnonzero(np.isin(of_rows, norad_ids))
        table = table.take(rows) if len(rows) < len(of_rows) else table
    return pd.DataFrame({name: _column(name, table, coding) for name in columns}, copy=False)


def _stored(name: str) -> tuple[str, ...]:
    """Columns of the file that make up a column of the frame."""
    if name == "available_at":
        return ("available_at", _LATENCY, "epoch", "available_at_imputed")
    return (name, name + _PLACES) if name in _FLOATING else (name,)


def _coding(path: Path, file: pq.ParquetFile) -> dict[str, dict[str, int]]:
    noted = json.loads((file.metadata.metadata or {}).get(_METADATA_KEY, b"{}"))
    if noted.get("format") != FORMAT:
        raise CorruptPartError(path, f"format {noted.get('format')} is not known to this version, which reads {FORMAT}")
    coding: dict[str, dict[str, int]] = noted["coding"]
    return coding


def _row_groups(file: pq.ParquetFile, norad_ids: IntArray | None) -> list[int]:
    """Row groups whose range of objects holds one of ``norad_ids``."""
    every = range(file.metadata.num_row_groups)
    if norad_ids is None:
        return list(every)
    at = file.metadata.schema.names.index("norad_id")
    ranges = [file.metadata.row_group(group).column(at).statistics for group in every]
    return [
        group
        for group in every
        if np.searchsorted(norad_ids, ranges[group].min, "left")
        < np.searchsorted(norad_ids, ranges[group].max, "right")
    ]


def _column(name: str, table: pa.Table, coding: dict[str, dict[str, int]]) -> pd.Series | pd.DatetimeIndex:
    if name in _TEXT:
        return pd.Series(table.column(name).to_pandas(), dtype="str")
    if name == "epoch":
        return _utc(_ticks(name, table, coding))
    if name == "available_at":
        imputed = table.column("available_at_imputed").to_numpy()
        known, latency, epoch = (_ticks(part, table, coding) for part in ("available_at", _LATENCY, "epoch"))
        return _utc(np.where(imputed, epoch + latency, known))
    values = table.column(name).to_numpy()
    if name in coding:
        values = values / _POW10[coding[name]["decimals"]]
    elif name + _PLACES in table.column_names:
        values = values / np.array(_POW10)[table.column(name + _PLACES).to_numpy()]
    return pd.Series(values, dtype=ELEMENT_SET_DTYPES[name])


def _utc(times_us: IntArray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(times_us.view("datetime64[us]")).tz_localize("UTC")


def _ticks(name: str, table: pa.Table, coding: dict[str, dict[str, int]]) -> IntArray:
    return np.asarray(table.column(name).to_numpy() * coding[name]["tick_us"], dtype=np.int64)
