"""Readers of object catalogs: CelesTrak's and Space-Track's, McDowell's GCAT, the UCS satellite database, plain tables."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import pandas as pd

from catalog import workbook
from catalog.delimited import MOST_REFUSALS, MOST_ROWS, DelimitedError, decoded, delimited, first_names, read_bytes
from catalog.designators import clean_name, cospar_id, kind_from_name
from catalog.object_records import FIRST_DATE, LAST_DATE, ObjectError, object_frame
from catalog.parse.json_items import JsonError, json_items
from catalog.parse.result import Refusal, refused_frame

MAX_BYTES = 256 * 2**20  # after decompression; Space-Track's whole SATCAT is 30 MB of JSON
_LONGEST_TEXT = 1000
_ISO = "[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]{5,20}(?:Z|[+]00:00)?)?"
_MOST_HEADER_ROWS = 50  # of a sheet or a JSON list, among which the names of columns are looked for

_log = logging.getLogger(__name__)

_KINDS = {
    "PAY": "payload",
    "PAYLOAD": "payload",
    "R/B": "rocket body",
    "ROCKET BODY": "rocket body",
    "DEB": "debris",
    "DEBRIS": "debris",
}
# The first letter of GCAT's type; components are pieces that came off as planned.
_GCAT_KINDS = {"P": "payload", "R": "rocket body", "C": "debris", "D": "debris"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# https://celestrak.org/satcat/status.php: operational, partly so, standby, spare, extended mission; not; decayed.
_STATUSES = {**dict.fromkeys("+PBSX", "active"), "-": "inactive", "D": "decayed"}


@dataclass
class _Refusals:
    """Rows that could not be used, or not in full; beyond a limit they are only counted."""

    kept: list[Refusal] = field(default_factory=list)
    uncounted: int = 0

    def add(self, line: int, column: str, reason: str, cells: Iterable[str]) -> None:
        if len(self.kept) < MOST_REFUSALS:
            self.kept.append(Refusal(line, column, reason, " | ".join(cell for cell in cells if cell)))
        else:
            self.uncounted += 1

    def frame(self, file: str) -> pd.DataFrame:
        kept = sorted(self.kept, key=lambda refusal: refusal.line)
        if self.uncounted:
            kept.append(Refusal(kept[-1].line, "", f"{self.uncounted} more rows were not used, or not in full", ""))
        return refused_frame(file, kept)


@dataclass(frozen=True)
class _Rows:
    """A file's rows as text: a column a field, and where each row stood."""

    cells: pd.DataFrame
    line: pd.Series
    refused: _Refusals

    def refuse(self, bad: pd.Series, column: str, reason: str) -> None:
        rows = self.cells[bad.to_numpy(dtype=bool)]
        for line, cells in zip(self.line[rows.index], rows.itertuples(index=False, name=None), strict=True):
            self.refused.add(int(line), column, reason, cells)

    def keep(self, good: pd.Series) -> _Rows:
        return _Rows(self.cells[good], self.line[good], self.refused)


def read_objects(path: Path | str, *, refuse: Callable[[pd.DataFrame], object] | None = None) -> pd.DataFrame:
    """Read a file of objects; its form is told by its header.

    Known forms: CelesTrak SATCAT (CSV or JSON), Space-Track satcat and gp (CSV or JSON), Jonathan McDowell's GCAT
    (satcat.tsv), the satellite database of the Union of Concerned Scientists (Excel, tab text or CSV), and a plain table of
    norad_id, name, intl_designator. Tables may be parted by comma, semicolon or tab and packed with gzip.

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
    form, rows = _read(read_bytes(path, max_bytes=MAX_BYTES, refuse=ObjectError), path.name)
    rows = _numbered(rows.keep((rows.cells != "").any(axis=1)), form.id_column)
    rows = _unrepeated(form.drop(rows), form.id_column)
    objects = object_frame(
        {"norad_id": rows.cells[form.id_column].astype("int64"), **form.read(rows)}, source=form.source
    )
    if rows.refused.kept:
        refused = rows.refused.frame(path.name)
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
    return _of_space_track(rows, "SATNAME", "INTLDES", "COUNTRY", "LAUNCH", "DECAY")


def _space_track_gp(rows: _Rows) -> dict[str, pd.Series]:
    return _of_space_track(rows, "OBJECT_NAME", "OBJECT_ID", "COUNTRY_CODE", "LAUNCH_DATE", "DECAY_DATE")


def _of_space_track(
    rows: _Rows, name: str, object_id: str, owner: str, launch_date: str, decay_date: str
) -> dict[str, pd.Series]:
    """Space-Track's tables differ in what they call their columns alone."""
    cells = rows.cells
    decay = _iso_dates(rows, decay_date)
    return {
        "name": clean_name(cells[name]),
        "object_id": _designators(rows, object_id),
        "owner": cells[owner],
        "kind": cells["OBJECT_TYPE"].map(_KINDS).fillna("unknown"),
        "status": decay.notna().map({True: "decayed", False: "unknown"}),
        "launch_date": _iso_dates(rows, launch_date),
        "decay_date": decay,
    }


def _gcat(rows: _Rows) -> dict[str, pd.Series]:
    # https://planet4589.org/space/gcat/web/cat/cols.html. DDate ends a phase of flight: a decay where the status says so.
    rows = _Rows(rows.cells.mask(rows.cells == "-", ""), rows.line, rows.refused)
    cells = rows.cells
    down = cells["Status"].str.fullmatch("[RDL]")
    return {
        "name": clean_name(cells["Name"]),
        "object_id": cospar_id(cells["Piece"]),  # before 1963 a Greek letter, which is no fault
        "owner": cells["State"],
        "kind": cells["Type"].str[:1].map(_GCAT_KINDS).fillna("unknown"),
        "status": down.map({True: "decayed", False: "unknown"}),
        "launch_date": _vague_dates(rows, "LDate"),
        "decay_date": _vague_dates(rows.keep(down), "DDate").reindex(cells.index),
        "operator": cells["Owner"],
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
    also: frozenset[str] = frozenset()

    def places(self, header: list[str], *, file: str, line: int) -> list[int]:
        """Where in a header the columns stand that are read."""
        wanted = self.needs | self.also
        twice = next((name for name in wanted if header.count(name) > 1), None)
        if twice is not None:
            raise ObjectError("the header has this column twice", file=file, line=line, field=twice)
        return [place for place, name in enumerate(header) if name in wanted]


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
        frozenset({"CURRENT"}),
    ),
    _Form(
        "Space-Track gp",
        "satcat space-track",
        "NORAD_CAT_ID",
        frozenset(
            "OBJECT_NAME,OBJECT_ID,NORAD_CAT_ID,OBJECT_TYPE,COUNTRY_CODE,LAUNCH_DATE,DECAY_DATE".split(",")  # noqa: SIM905
        ),
        _space_track_gp,
    ),
    _Form(
        "GCAT satcat.tsv",
        "gcat",
        "Satcat",
        frozenset(["#JCAT", "Satcat", "Piece", "Type", "Name", "LDate", "DDate", "Status", "Owner", "State"]),
        _gcat,
    ),
    _Form("UCS satellite database", "ucs", "NORAD Number", frozenset(_UCS_COLUMNS.split(",")), _ucs),
    _Form("table", "table", "norad_id", frozenset({"norad_id", "name", "intl_designator"}), _table),
)


def _numbered(rows: _Rows, column: str) -> _Rows:
    good = rows.cells[column].str.fullmatch("0*[1-9][0-9]{0,8}")
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
    return _dates(rows, column, rows.cells[column].where(rows.cells[column].str.fullmatch(_ISO), ""))


def _month_first_dates(rows: _Rows, column: str) -> pd.Series:
    """Dates like 12/31/98 or 12/31/1998, where two-digit years from 57 on are of the twentieth century, or like 1998-12-31."""
    parts = rows.cells[column].str.extract("^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})$")
    year = pd.to_numeric(parts[2])
    year += ((year < 57) * 2000 + ((year >= 57) & (year < 100)) * 1900).where(year.notna(), 0)
    text = year.astype("Int64").astype("str") + "-" + parts[0].str.zfill(2) + "-" + parts[1].str.zfill(2)
    return _dates(rows, column, text.where(parts[0].notna(), rows.cells[column]))


def _vague_dates(rows: _Rows, column: str) -> pd.Series:
    """GCAT's dates such as ``1957 Oct  4 1933:36`` or ``2020 Jan 31?``; what is known to no day is no date here."""
    parts = rows.cells[column].str.extract(r"^([0-9]{4}) ([A-Z][a-z]{2}) {1,2}([0-9]{1,2})(?:[ ?].*)?$")
    month = parts[1].map({name: f"{number:02}" for number, name in enumerate(_MONTHS, start=1)})
    text = parts[0] + "-" + month + "-" + parts[2].str.zfill(2)
    return _dates(rows, column, text.fillna(""))


def _dates(rows: _Rows, column: str, iso: pd.Series) -> pd.Series:
    """Dates of the space age from text in ISO 8601; what is none, or of another age, is left out and said."""
    dates = pd.to_datetime(iso, format="ISO8601", errors="coerce", utc=True).astype("datetime64[us, UTC]")
    rows.refuse((rows.cells[column] != "") & dates.isna(), column, "is no date of this form; row kept without it")
    outside = dates.notna() & ~dates.between(FIRST_DATE, LAST_DATE)
    reason = f"is not between {FIRST_DATE:%Y-%m-%d} and {LAST_DATE:%Y-%m-%d}; row kept without it"
    rows.refuse(outside, column, reason)
    return dates.mask(outside)


def _read(data: bytes, file: str) -> tuple[_Form, _Rows]:
    if data.startswith(workbook.MAGIC):
        header, line, rows = _of_workbook(data, file)
        return _gathered(file, header, line, rows, _Refusals())
    text = decoded(data, file=file, refuse=ObjectError)
    if text.lstrip()[:1] in ("[", "{"):
        return _of_json(text, file)
    table = delimited(text, lambda names: _form_of(names) is not None)
    if table is None:
        raise _unknown(file, first_names(text))
    return _gathered(file, table.header, table.line, table.rows, _Refusals())


def _form_of(names: Iterable[str]) -> _Form | None:
    there = set(names)
    return next((form for form in _FORMS if form.needs <= there), None)


def _unknown(file: str, names: Iterable[str]) -> ObjectError:
    known = "; ".join(f"{form.title} ({', '.join(sorted(form.needs))})" for form in _FORMS)
    found = ", ".join(name for name in names if name.strip())[:300]
    return ObjectError(f"unknown columns: {found or 'none'}; known forms: {known}", file=file, line=1)


def _gathered(
    file: str, header: list[str], line: int, rows: Iterable[tuple[int, list[str]]], refused: _Refusals
) -> tuple[_Form, _Rows]:
    """The columns that are read of rows under a header; a row of another width is refused."""
    form = _form_of(header)
    if form is None:
        raise _unknown(file, header)
    places = form.places(header, file=file, line=line)
    records: list[list[str]] = []
    lines: list[int] = []
    try:
        for line, cells in rows:
            if len(cells) != len(header):
                reason = f"has {len(cells)} fields where the header has {len(header)}; row left out"
                refused.add(line, "row", reason, cells)
                continue
            record = [_plain(cells[place]) for place in places]
            if max(map(len, record)) > _LONGEST_TEXT:
                refused.add(line, "row", f"has a text above {_LONGEST_TEXT} characters; row left out", record)
                continue
            records.append(record)
            lines.append(line)
            if len(records) > MOST_ROWS:
                raise ObjectError(f"has more than {MOST_ROWS} rows: no catalog of objects is", file=file, line=line)
    except DelimitedError as error:
        raise ObjectError(f"is no CSV: {error.reason}", file=file, line=error.line) from error
    columns = {header[place]: [record[at] for record in records] for at, place in enumerate(places)}
    return form, _Rows(pd.DataFrame(columns, dtype="str"), pd.Series(lines, dtype="int64"), refused)


def _of_workbook(data: bytes, file: str) -> tuple[list[str], int, Iterator[tuple[int, list[str]]]]:
    """The first sheet with a header that is known: the header, its row, and the rows after it."""
    names: list[str] = []
    for sheet in workbook.sheets(data, file=file, refuse=ObjectError):
        rows = iter(sheet)
        for number, cells in islice(rows, _MOST_HEADER_ROWS):
            width = max(cells, default=-1) + 1
            header = [cells.get(column, "") for column in range(width)]
            names = names or header
            if _form_of(header) is not None:
                return header, number, ((line, _filled(row, width)) for line, row in rows if row)
    raise _unknown(file, names)


def _filled(row: workbook.Row, width: int) -> list[str]:
    """A sheet's row as a list as long as its header, or longer where it has more."""
    return [row.get(column, "") for column in range(max(width, max(row) + 1))]


def _of_json(text: str, file: str) -> tuple[_Form, _Rows]:
    refused = _Refusals()

    def records() -> Iterator[tuple[int, dict[str, object]]]:
        for number, item in enumerate(json_items(text), start=1):
            if item.fields is None or not item.in_list:
                raise ObjectError("expected a JSON list of objects, one a catalog entry", file=file)
            if item.twice:
                refused.add(number, item.twice, "is given twice; row left out", [item.text])
            else:
                yield number, item.fields

    try:
        rest = records()
        first = list(islice(rest, _MOST_HEADER_ROWS))
        header = list(dict.fromkeys(name for _, record in first for name in record))
        form = _form_of(header)
        if form is None:
            raise _unknown(file, header)
        header = sorted(form.needs | form.also)
        rows = ((number, [_text(record.get(name)) for name in header]) for number, record in chain(first, rest))
        return _gathered(file, header, 1, rows, refused)
    except JsonError as error:
        raise ObjectError(f"is no JSON ({error.reason}); is the file whole?", file=file, line=error.line) from error


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _plain(cell: str) -> str:
    """One line of text without blanks around it; what cannot be printed is a blank."""
    plain = cell if cell.isprintable() else "".join(char if char.isprintable() else " " for char in cell)
    return plain.strip()
