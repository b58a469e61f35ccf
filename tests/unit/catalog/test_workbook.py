"""Excel workbooks: the rows of their sheets, and no harm from what only looks like one."""

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from catalog.object_records import ObjectError
from catalog.objects import read_objects
from catalog.workbook import sheets

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
STYLES = (
    f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="170" formatCode="d\\-mmm\\-yy;@"/>'
    '<numFmt numFmtId="171" formatCode="0.00&quot; days&quot;"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>'
)
HEADER = [
    "Current Official Name of Satellite", "Country of Operator/Owner", "Operator/Owner", "Users", "Purpose",
    "Date of Launch", "COSPAR Number", "NORAD Number",
]  # fmt: skip


def workbook(*rows: str, shared: str = "", book: str = "", **parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", f"<workbook {MAIN}>{book}</workbook>")
        archive.writestr("xl/styles.xml", STYLES)
        archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{shared}</sst>")
        sheet = f"<worksheet {MAIN}><sheetData>{''.join(rows)}</sheetData></worksheet>"
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, text in parts.items():
            archive.writestr(f"xl/worksheets/{name}.xml", text)
    return buffer.getvalue()


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def inline(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def rows_of(data: bytes) -> list[tuple[int, dict[int, str]]]:
    return next(iter(sheets(data, file="book.xlsx", refuse=ObjectError)))


def test_every_kind_of_cell() -> None:
    shared = "<si><t>one</t></si><si><r><t>tw</t></r><r><t>o</t></r><rPh><t>zz</t></rPh></si>"
    cells = [
        '<c r="A3" t="s"><v>0</v></c>', '<c r="B3" t="s"><v>1</v></c>', inline("D3", " three "),
        '<c r="E3"><v>25544</v></c>', '<c r="F3"><v>2.5E-3</v></c>', '<c r="G3" s="1"><v>43835.5</v></c>',
        '<c r="H3" s="2"><v>43835</v></c>', '<c r="I3" s="3"><v>7</v></c>', '<c r="AA3" t="str"><f>A1</f><v>sum</v></c>',
        '<c r="AB3" t="s"><v>99</v></c>', '<c r="AC3"/>', "<c><v>8.0</v></c>",
    ]  # fmt: skip
    ((number, found),) = rows_of(workbook(row(3, *cells), shared=shared))
    assert number == 3
    assert found == {
        0: "one", 1: "two", 3: "three", 4: "25544", 5: "2.5E-3", 6: "2020-01-05", 7: "2020-01-05", 8: "7", 26: "sum", 11: "8",
    }  # fmt: skip
    since_1904 = workbook(row(1, '<c r="A1" s="1"><v>42373</v></c>'), book='<workbookPr date1904="1"/>')
    assert rows_of(since_1904)[0][1] == {0: "2020-01-05"}


def ucs(number: int, launched: str) -> str:
    cells = ["Alphasat", "USA", "Sat Co.", "Civil", "Science", launched, "2020-001A", ""]
    made = [inline(f"{chr(65 + at)}{number}", cell) for at, cell in enumerate(cells) if cell and cell != launched]
    return row(number, *made, launched, f'<c r="H{number}"><v>{900_000 + number}</v></c>')


def test_the_ucs_database_as_it_is_published(tmp_path: Path) -> None:
    header = row(2, *(inline(f"{chr(65 + at)}2", name) for at, name in enumerate(HEADER)))
    title = row(1, inline("A1", "UCS Satellite Database"))
    dated = [ucs(3, '<c r="F3" s="1"><v>43835</v></c>'), ucs(4, inline("F4", "1/5/2020")), ucs(5, inline("F5", "soon"))]
    path = tmp_path / "ucs.xlsx"
    path.write_bytes(workbook(title, header, *dated))
    refused: list[pd.DataFrame] = []
    objects = read_objects(path, refuse=refused.append)
    assert objects["norad_id"].tolist() == [900_003, 900_004, 900_005]
    assert objects["launch_date"].tolist()[:2] == [pd.Timestamp("2020-01-05", tz="UTC")] * 2
    assert objects["source"].unique().tolist() == ["ucs"]
    assert refused[0][["line", "field"]].to_numpy().tolist() == [[5, "Date of Launch"]]
    second = f"<worksheet {MAIN}><sheetData>{header}{''.join(dated)}</sheetData></worksheet>"
    path.write_bytes(workbook(title, sheet2=second))
    assert len(read_objects(path)) == 3, "on whichever sheet it is"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (workbook(), "unknown columns: none"),
        (workbook(row(1, inline("A1", "norad"))), "unknown columns: norad"),
        (workbook()[:200], "damaged or cut"),
        (workbook("<row>"), "no Excel workbook that can be read"),
        (workbook(sheet2="<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet>&a;</worksheet>"), "that can be read"),
        (workbook(" " * 30_000_000), "decompression bomb"),
        (workbook(row(1, '<c t="inlineStr">' + "<is>" * 5000 + "</is>" * 5000 + "</c>")), "damaged or cut"),
    ],
    ids=["empty", "foreign", "cut", "unclosed", "entity", "bomb", "deep"],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(data)
    with pytest.raises(ObjectError, match=says):
        read_objects(path)


def test_a_zip_without_sheets(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(ObjectError, match="without a sheet"):
        read_objects(path)
