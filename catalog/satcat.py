"""Readers of object catalogs: CelesTrak's and Space-Track's SATCAT, the UCS satellite database, plain tables."""

from __future__ import annotations

import csv
import gzip
import io
import json
import logging
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from catalog.designators import clean_name, cospar_id, kind_from_name
from catalog.object_records import ObjectError, object_frame
from catalog.parse.result import Refusal, refused_frame

MAX_BYTES = 256 * 2**20  # after decompression; Space-Track's whole SATCAT is 30 MB of JSON

_log = logging.getLogger(__name__)

_KINDS = {
    "PAY": "payload",
    "PAYLOAD": "payload",
    "R/B": "rocket body",
    "ROCKET BODY": "rocket body",
    "DEB": "debris",
    "DEBRIS": "debris",
}
# https://celestrak.org/satcat/status.php: operational, partly so, standby, spare, extended mission; not; decayed.
_STATUSES = {**dict.fromkeys("+PBSX", "active"), "-": "inactive", "D": "decayed"}


@dataclass(frozen=True)
class _Rows:
    """A file's rows as text: a column a field, and where each row stood."""

    file: str
    cells: pd.DataFrame
    line: pd.Series
    refused: list[Refusal]

    def refuse(self, bad: pd.Series, field: str, reason: str) -> None:
        for index in self.cells.index[bad.to_numpy(dtype=bool)]:
            text = " | ".join(value for value in self.cells.loc[index] if value)
            self.refused.append(Refusal(int(self.line[index]), field, reason, text))

    def keep(self, good: pd.Series) -> _Rows:
        return _Rows(self.file, self.cells[good], self.line[good], self.refused)


def read_objects(path: Path | str, *, refuse: Callable[[pd.DataFrame], object] | None = None) -> pd.DataFrame:
    """Read a file of objects; its form is told by its header.

    Known forms: CelesTrak SATCAT (CSV or JSON), Space-Track satcat (CSV or JSON), the satellite database of the Union of
    Concerned Scientists (CSV), and a plain CSV of norad_id, name, intl_designator. Each may be compressed with gzip.

    Parameters
    ----------
    path : Path
    refuse : callable, optional
        Called once with the rows that could not be used, or not in full: a frame of file, line, field, reason, text. Without
        it their number is logged.

    Returns
    -------
    DataFrame
        ``OBJECT_DTYPES``, sorted by norad_id, one row an object.

    Raises
    ------
    ObjectError
        The file cannot be read, or its header is of no known form.
    """
    path = Path(path)
    text = _decode(_read(path), path.name)
    rows = _json_rows(text, path.name) if text.lstrip()[:1] in ("[", "{") else _csv_rows(text, path.name)
    form = next((form for form in _FORMS if form.needs <= set(rows.cells.columns)), None)
    if form is None:
        known = "; ".join(f"{form.title} ({', '.join(sorted(form.needs))})" for form in _FORMS)
        found = ", ".join(str(name) for name in rows.cells.columns if str(name).strip())[:300]
        raise ObjectError(f"unknown columns: {found or 'none'}; known forms: {known}", file=path.name, line=1)
    rows = _numbered(rows.keep((rows.cells != "").any(axis=1)), form.id_column)
    rows = _unrepeated(form.drop(rows), form.id_column)
    objects = object_frame(
        {"norad_id": rows.cells[form.id_column].astype("int64"), **form.read(rows)}, source=form.source
    )
    if rows.refused:
        refused = refused_frame(path.name, sorted(rows.refused, key=lambda refusal: refusal.line))
        if refuse is not None:
            refuse(refused)
        else:
            _log.warning(
                "%s: %d rows not used in full, the first: %s", path.name, len(refused), refused["reason"].iloc[0]
            )
    return objects.sort_values("norad_id", ignore_index=True)


def _celestrak(rows: _Rows) -> dict[str, pd.Series]:
    cells = rows.cells
    decay = _iso_dates(rows, "DECAY_DATE")
    status = cells["OPS_STATUS_CODE"].map(_STATUSES).fillna("unknown").mask(decay.notna(), "decayed")
    return {
        "name": clean_name(cells["OBJECT_NAME"]),
        "object_id": _designators(rows, "OBJECT_ID"),
        "owner": cells["OWNER"],
        "kind": cells["OBJECT_TYPE"].map(_KINDS).fillna("unknown"),
        "status": status,
        "launch_date": _iso_dates(rows, "LAUNCH_DATE"),
        "decay_date": decay,
    }


def _space_track(rows: _Rows) -> dict[str, pd.Series]:
    cells = rows.cells
    decay = _iso_dates(rows, "DECAY")
    return {
        "name": clean_name(cells["SATNAME"]),
        "object_id": _designators(rows, "INTLDES"),
        "owner": cells["COUNTRY"],
        "kind": cells["OBJECT_TYPE"].map(_KINDS).fillna("unknown"),
        "status": decay.notna().map({True: "decayed", False: "unknown"}),
        "launch_date": _iso_dates(rows, "LAUNCH"),
        "decay_date": decay,
    }


def _ucs(rows: _Rows) -> dict[str, pd.Series]:
    # Its satellites were all working on the day of the edition; whether they still are it does not say: status stays unknown.
    cells = rows.cells
    return {
        "name": clean_name(cells["Current Official Name of Satellite"]),
        "object_id": _designators(rows, "COSPAR Number"),
        "owner": cells["Country of Operator/Owner"],
        "kind": pd.Series("payload", index=cells.index),
        "launch_date": _month_first_dates(rows, "Date of Launch"),
        "users": cells["Users"],
        "purpose": cells["Purpose"],
        "operator": cells["Operator/Owner"],
    }


def _table(rows: _Rows) -> dict[str, pd.Series]:
    name = clean_name(rows.cells["name"])
    return {"name": name, "object_id": _designators(rows, "intl_designator"), "kind": kind_from_name(name)}


def _current(rows: _Rows) -> _Rows:
    """Space-Track keeps an object's former entries as rows with CURRENT = N."""
    return rows.keep(rows.cells["CURRENT"] != "N") if "CURRENT" in rows.cells else rows


@dataclass(frozen=True)
class _Form:
    title: str
    source: str
    id_column: str
    needs: frozenset[str]
    read: Callable[[_Rows], dict[str, pd.Series]]
    drop: Callable[[_Rows], _Rows] = lambda rows: rows


_CELESTRAK_COLUMNS = "OBJECT_NAME,OBJECT_ID,NORAD_CAT_ID,OBJECT_TYPE,OPS_STATUS_CODE,OWNER,LAUNCH_DATE,DECAY_DATE"
_UCS_COLUMNS = (
    "Current Official Name of Satellite,Country of Operator/Owner,Operator/Owner,Users,Purpose,Date of Launch,"
    "COSPAR Number,NORAD Number"
)
_FORMS = (
    _Form("CelesTrak SATCAT", "satcat celestrak", "NORAD_CAT_ID", frozenset(_CELESTRAK_COLUMNS.split(",")), _celestrak),
    _Form(
        "Space-Track satcat",
        "satcat space-track",
        "NORAD_CAT_ID",
        frozenset(["INTLDES", "NORAD_CAT_ID", "OBJECT_TYPE", "SATNAME", "COUNTRY", "LAUNCH", "DECAY"]),
        _space_track,
        _current,
    ),
    _Form("UCS satellite database", "ucs", "NORAD Number", frozenset(_UCS_COLUMNS.split(",")), _ucs),
    _Form("table", "table", "norad_id", frozenset({"norad_id", "name", "intl_designator"}), _table),
)


def _numbered(rows: _Rows, column: str) -> _Rows:
    good = rows.cells[column].str.fullmatch(r"0*[1-9]\d{0,8}")
    rows.refuse(~good, column, "is no catalog number of up to nine digits; row left out")
    return rows.keep(good)


def _unrepeated(rows: _Rows, column: str) -> _Rows:
    """The first row of each object; a later row that says something else is refused, a copy just dropped."""
    number = rows.cells[column].astype("int64")
    later = number.duplicated()
    rows.refuse(later & ~rows.cells.duplicated(), column, "an earlier row has the same catalog number; row left out")
    return rows.keep(~later)


def _designators(rows: _Rows, column: str) -> pd.Series:
    text = rows.cells[column]
    designators = cospar_id(text)
    rows.refuse((text != "") & (designators == ""), column, "is no COSPAR designator; row kept without it")
    return designators


def _iso_dates(rows: _Rows, column: str) -> pd.Series:
    return _dates(rows, column, pd.to_datetime(rows.cells[column], format="ISO8601", errors="coerce", utc=True))


def _month_first_dates(rows: _Rows, column: str) -> pd.Series:
    """Dates like 12/31/98 or 12/31/1998; two-digit years from 57 on are of the twentieth century."""
    parts = rows.cells[column].str.extract(r"^(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})$")
    year = pd.to_numeric(parts[2])
    year += ((year < 57) * 2000 + ((year >= 57) & (year < 100)) * 1900).where(year.notna(), 0)
    text = year.astype("Int64").astype("str") + "-" + parts[0] + "-" + parts[1]
    return _dates(rows, column, pd.to_datetime(text, format="%Y-%m-%d", errors="coerce", utc=True))


def _dates(rows: _Rows, column: str, dates: pd.Series) -> pd.Series:
    rows.refuse((rows.cells[column] != "") & dates.isna(), column, "is no date of this form; row kept without it")
    return dates.astype("datetime64[us, UTC]")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ObjectError(f"cannot be read: {error}; is the file whole?", file=path.name) from error
    if len(data) > MAX_BYTES:
        raise ObjectError(f"is larger than {MAX_BYTES // 2**20} MB; expected a catalog of objects", file=path.name)
    return data


def _decode(data: bytes, file: str) -> str:
    if b"\x00" in data:
        raise ObjectError("holds zero bytes: not a text file", file=file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # never fails; older UCS editions are in it


def _csv_rows(text: str, file: str) -> _Rows:
    records: list[list[str]] = []
    lines: list[int] = []
    refused: list[Refusal] = []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
        for record in reader:
            if len(record) == len(header):
                records.append(record)
                lines.append(reader.line_num)
            elif any(cell.strip() for cell in record):
                reason = f"has {len(record)} fields where the header has {len(header)}; row left out"
                refused.append(Refusal(reader.line_num, "row", reason, " | ".join(record)))
    except csv.Error as error:
        raise ObjectError(f"is no CSV: {error}", file=file, line=reader.line_num) from error
    named = {name: at for at, name in reversed(list(enumerate(header))) if name}  # of repeated names the first counts
    columns = {
        name: [record[at].strip() for record in records] for name, at in sorted(named.items(), key=lambda x: x[1])
    }
    return _Rows(file, pd.DataFrame(columns, dtype="str"), pd.Series(lines, dtype="int64"), refused)


def _json_rows(text: str, file: str) -> _Rows:
    try:
        records = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ObjectError(f"is no JSON ({error}); is the file whole?", file=file) from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ObjectError("expected a JSON list of objects, one a catalog entry", file=file)
    cells = pd.DataFrame(
        [{key: "" if value is None else str(value).strip() for key, value in record.items()} for record in records],
        dtype="str",
    )
    return _Rows(file, cells.fillna(""), pd.Series(range(1, len(records) + 1), dtype="int64"), [])
