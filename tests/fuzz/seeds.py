"""Small good files of every form that a reader takes, invented, from which hostile ones are made."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

from tests.naive import catalog as naive

DRAWN = [naive.element_set(norad_id=number, tick=12_345_678_901 + number) for number in (90_001, 90_002, 90_003)]
RECORDS = [naive.omm(naive.published(one), CREATION_DATE="2026-05-05T00:00:00") for one in DRAWN]
OMM = {"json": naive.omm_json, "csv": naive.omm_csv, "kvn": naive.omm_kvn, "xml": naive.omm_xml}

SATCAT = [
    {
        "OBJECT_NAME": f"SAT {number}", "OBJECT_ID": f"2020-00{number}A", "NORAD_CAT_ID": str(90_000 + number),
        "OBJECT_TYPE": "PAY", "OPS_STATUS_CODE": "+", "OWNER": "US", "LAUNCH_DATE": "2020-01-05", "DECAY_DATE": "",
    }
    for number in (1, 2, 3)
]  # fmt: skip
GP = [
    {
        "OBJECT_NAME": f"SAT {number}", "OBJECT_ID": f"2020-00{number}A", "NORAD_CAT_ID": str(90_000 + number),
        "OBJECT_TYPE": "PAYLOAD", "COUNTRY_CODE": "US", "LAUNCH_DATE": "2020-01-05", "DECAY_DATE": "",
    }
    for number in (1, 2, 3)
]  # fmt: skip
GCAT = [
    {
        "#JCAT": f"S9000{number}", "Satcat": f"9000{number}", "Piece": f"2020-00{number}A", "Type": "P", "Name": "SAT",
        "LDate": "2020 Jan  5 1200:30", "DDate": "-", "Status": "O", "Owner": "ME", "State": "US",
    }
    for number in (1, 2, 3)
]  # fmt: skip
UCS = [
    {
        "Current Official Name of Satellite": f"SAT {number}", "Country of Operator/Owner": "USA",
        "Operator/Owner": "ME, Inc.", "Users": "Civil", "Purpose": "Science", "Date of Launch": "1/5/2020",
        "COSPAR Number": f"2020-00{number}A", "NORAD Number": str(90_000 + number),
    }
    for number in (1, 2, 3)
]  # fmt: skip
_AP = {f"AP{k}": str(k) for k in range(1, 9)}
WEATHER = [
    {"DATE": f"2026-03-0{day}", "KP_SUM": "80", **_AP, "AP_AVG": "4", "F10.7_OBS": "150.0", "F10.7_DATA_TYPE": "OBS",
     "F10.7_OBS_LAST81": "140.0"}
    for day in (1, 2, 3)
]  # fmt: skip
LABELS = [
    {
        "team": "north", "norad_id": str(90_000 + number), "name": "SAT", "epoch_before": "2026-03-02T00:00:00Z",
        "epoch_after": "2026-03-02T20:00:00Z", "burn_time": "2026-03-02T10:00:00Z", "verdict": "confirmed",
        "kind": "orbit raise", "dv_t_m_s": "0.25", "decided_at": "2026-03-08T00:00:00Z", "note": "seen",
    }
    for number in (1, 2, 3)
]  # fmt: skip
BURNS = [
    {"norad_id": str(90_000 + number), "burn_time": "2026-03-02T10:00:00Z", "dv_t_m_s": "0.25", "kind": "unknown"}
    for number in (1, 2, 3)
]
_FIRING = "2012 001 06 05 00.000 60.0 0.0 0.01 0.0" + " 0.0" * 6
DORIS = f"CRYO2 2012 001 06 00 2012 001 06 10 006 1 {_FIRING}\nCRYO2 2012 002 06 00 2012 002 06 10\n".encode()
FENGYUN = b'GEO-EW-STATION-KEEPING 2016-077A "2020-03-01T02:00:00 CST" "2020-03-01T03:00:00 CST"\n'
SHIPPED = b"SATCAT number: 39086\nmanoeuvre_timestamps:\n- 2014-03-05 00:00:00\n- 2014-04-05 00:00:00\n"
CONFIG = b"# settings\nscore:\n  context_days: 99\ningest:\n  imputed_latency_hours: 3.5\nschedule:\n  spacetrack_ids: [5, 6]\n"
LIST = {
    "name": "mine",
    "kind": "protected",
    "objects": [
        {"name": "A", "norad_id": 90_001, "keep_out_km": 5.5, "why": "ours"},
        {"name": "B", "tle": list(naive.tle_lines(DRAWN[0]))},
        {"name": "C", "omm": [RECORDS[1]]},
    ],
}
LIST_YAML = b"name: mine\nkind: watched\nobjects:\n  - name: A\n    norad_id: 5\n    keep_out_km: 2.5\n  - {name: B, norad_id: 6}\n"


def table(rows: Sequence[dict[str, Any]], delimiter: str = ",") -> bytes:
    """Rows as CSV."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def as_json(rows: Sequence[dict[str, Any]]) -> bytes:
    """Rows as a JSON array, one a line."""
    return ("[" + ",\n".join(json.dumps(row) for row in rows) + "]").encode()


def tle(drawn: Sequence[dict[str, Any]] = DRAWN, *, named: bool = False) -> bytes:
    """Element sets as two or three lines."""
    return "".join(
        ("0 INVENTED\n" if named else "") + "".join(f"{line}\n" for line in naive.tle_lines(one)) for one in drawn
    ).encode()


def zipped(**members: bytes) -> bytes:
    """Members as a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return out.getvalue()


def packed(data: bytes) -> bytes:
    """Data as gzip, the same bytes each time."""
    return gzip.compress(data, mtime=0)


def workbook(rows: Sequence[dict[str, str]]) -> bytes:
    """Rows as the one sheet of an Excel workbook."""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    cells = (
        "".join(f'<c t="inlineStr"><is><t>{cell.replace("&", "&amp;")}</t></is></c>' for cell in line) for line in lines
    )
    sheet = f"<worksheet><sheetData>{''.join(f'<row>{row}</row>' for row in cells)}</sheetData></worksheet>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return out.getvalue()
