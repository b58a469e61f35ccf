"""Objects: every form of catalog, and what several of them say together."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.designators import clean_name, cospar_id, kind_from_name
from catalog.objects import (
    OBJECT_DTYPES,
    SOURCES,
    ObjectCatalog,
    ObjectError,
    join_sources,
    objects_from_names,
    read_objects,
)

CELESTRAK = (
    "OBJECT_NAME,OBJECT_ID,NORAD_CAT_ID,OBJECT_TYPE,OPS_STATUS_CODE,OWNER,LAUNCH_DATE,LAUNCH_SITE,DECAY_DATE,PERIOD,"
    "INCLINATION,APOGEE,PERIGEE,RCS,DATA_STATUS_CODE,ORBIT_CENTER,ORBIT_TYPE\n"
    "ALPHASAT,2021-001A,900001,PAY,+,US,2021-01-02,AFETR,,95.1,97.4,560,540,1.2,,EA,ORB\n"
    "ALPHASAT DEB,2021-001C,900003,DEB,,US,2021-01-02,AFETR,,,,,,,NEA,EA,ORB\n"
    "BOOSTER R/B,2021-001B,900002,R/B,D,US,2021-01-02,AFETR,2022-03-04,,,,,,,EA,IMP\n"
    "BETASAT,2021-001D,900004,PAY,-,ESA,2021-01-02,AFETR,,95.1,97.4,560,540,1.2,,EA,ORB\n"
    '"GAMMA, THE ""OLD"" SAT",2021-001E,900005,UNK,?,CIS,2021-01-02,AFETR,,,,,,,,EA,ORB\n'
)
SPACE_TRACK = [
    {
        "INTLDES": "2021-001A", "NORAD_CAT_ID": "900001", "OBJECT_TYPE": "PAYLOAD", "SATNAME": "ALPHASAT 1",
        "COUNTRY": "US", "LAUNCH": "2021-01-02", "SITE": "AFETR", "DECAY": None, "PERIOD": "95.1", "CURRENT": "Y",
    },
    {
        "INTLDES": "2021-001A", "NORAD_CAT_ID": "900001", "OBJECT_TYPE": "TBA", "SATNAME": "OBJECT A",
        "COUNTRY": "TBD", "LAUNCH": "2021-01-02", "SITE": "AFETR", "DECAY": None, "PERIOD": None, "CURRENT": "N",
    },
    {
        "INTLDES": "2021-001B", "NORAD_CAT_ID": "900002", "OBJECT_TYPE": "ROCKET BODY", "SATNAME": "BOOSTER R/B",
        "COUNTRY": "US", "LAUNCH": "2021-01-02", "SITE": "AFETR", "DECAY": "2022-03-04", "PERIOD": None, "CURRENT": "Y",
    },
]  # fmt: skip
UCS_HEADER = (
    '"Name of Satellite, Alternate Names",Current Official Name of Satellite,Country/Org of UN Registry,'
    "Country of Operator/Owner,Operator/Owner,Users,Purpose,Date of Launch,COSPAR Number,NORAD Number,Comments,,Source,Source,"
)


def ucs_row(number: str, *, name: str = "Alphasat", launched: str = "1/2/21", cospar: str = "2021-001A ") -> str:
    return f'"{name} (A, B)",{name} ,NR,USA,"Sat Co., Ltd.",Commercial ,Earth Observation,{launched},{cospar},{number},,,x,,'


def write(folder: Path, text: str, name: str = "objects.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def by_id(objects: pd.DataFrame) -> dict[int, dict[str, object]]:
    return {row["norad_id"]: row for row in objects.to_dict("records")}


def test_celestrak_satcat(tmp_path: Path) -> None:
    objects = read_objects(write(tmp_path, CELESTRAK))
    assert objects.dtypes.astype(str).to_dict() == OBJECT_DTYPES
    rows = by_id(objects)
    assert list(rows) == [900001, 900002, 900003, 900004, 900005]
    assert [rows[i]["kind"] for i in rows] == ["payload", "rocket body", "debris", "payload", "unknown"]
    assert [rows[i]["status"] for i in rows] == ["active", "decayed", "unknown", "inactive", "unknown"]
    assert rows[900002]["decay_date"] == utc("2022-03-04")
    assert rows[900001]["launch_date"] == utc("2021-01-02")
    assert rows[900005]["name"] == 'GAMMA, THE "OLD" SAT'
    assert set(objects["source"]) == {"satcat celestrak"}


def test_celestrak_satcat_json_reads_like_its_csv(tmp_path: Path) -> None:
    header, *lines = CELESTRAK.splitlines()
    records = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines[:4]]
    typed = [
        {**record, "NORAD_CAT_ID": int(record["NORAD_CAT_ID"]), "DECAY_DATE": record["DECAY_DATE"] or None}
        for record in records
    ]
    from_json = read_objects(write(tmp_path, json.dumps(typed), "satcat.json"))
    from_csv = read_objects(write(tmp_path, "\n".join([header, *lines[:4]])))
    pd.testing.assert_frame_equal(from_json, from_csv)


def test_space_track_satcat_in_json_and_csv(tmp_path: Path) -> None:
    refused: list[pd.DataFrame] = []
    objects = read_objects(write(tmp_path, json.dumps(SPACE_TRACK), "satcat.json"), refuse=refused.append)
    rows = by_id(objects)
    assert rows[900001]["name"] == "ALPHASAT 1"  # the former entry, CURRENT = N, neither counts nor is refused
    assert (rows[900001]["kind"], rows[900001]["status"]) == ("payload", "unknown")
    assert (rows[900002]["kind"], rows[900002]["status"]) == ("rocket body", "decayed")
    assert refused == []
    as_csv = pd.DataFrame(SPACE_TRACK).to_csv(index=False)
    pd.testing.assert_frame_equal(read_objects(write(tmp_path, as_csv)), objects)


def test_ucs_with_its_quirks(tmp_path: Path) -> None:
    text = "\r\n".join(
        [
            UCS_HEADER,
            ucs_row("900001"),
            ucs_row("900001"),  # a plain copy: dropped in silence
            ucs_row("900001", name="Other"),
            ucs_row("900006", launched="7/4/76", cospar="1976-050A"),
            ucs_row("900007", launched="1/9//2023", cospar="29230991AS"),
            ucs_row("n/a"),
            ucs_row("0"),
            ucs_row("900008") + ",,extra",
            "," * 14,
            "",
        ]
    )
    refused: list[pd.DataFrame] = []
    path = tmp_path / "ucs.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.encode()))
    rows = by_id(read_objects(path, refuse=refused.append))
    assert list(rows) == [900001, 900006, 900007]
    first = rows[900001]
    assert (first["name"], first["object_id"], first["kind"]) == ("Alphasat", "2021-001A", "payload")
    assert (first["users"], first["purpose"], first["operator"]) == ("Commercial", "Earth Observation", "Sat Co., Ltd.")
    assert (first["owner"], first["status"]) == ("USA", "unknown")
    assert first["launch_date"] == utc("2021-01-02")
    assert rows[900006]["launch_date"] == utc("1976-07-04")
    assert rows[900007]["object_id"] == ""
    assert pd.isna(rows[900007]["launch_date"])
    (report,) = refused
    assert report[["line", "field"]].to_numpy().tolist() == [
        [4, "NORAD Number"],
        [6, "COSPAR Number"],
        [6, "Date of Launch"],
        [7, "NORAD Number"],
        [8, "NORAD Number"],
        [9, "row"],
    ]
    assert report["reason"].str.contains("left out|kept without").all()
    assert report["text"].str.contains("Alphasat|Other").all()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_by_comma_semicolon_and_tab_after_comments(tmp_path: Path, delimiter: str) -> None:
    text = "# saved on Monday, by hand\n\n" + "".join(
        delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in next(csv.reader([line]))) + "\n"
        for line in CELESTRAK.replace('"GAMMA, THE ""OLD"" SAT"', "GAMMA").splitlines()
    )
    expected = read_objects(write(tmp_path, CELESTRAK.replace('"GAMMA, THE ""OLD"" SAT"', "GAMMA")))
    pd.testing.assert_frame_equal(read_objects(write(tmp_path, text)), expected)


def test_ucs_as_tab_text_with_dates_of_both_kinds(tmp_path: Path) -> None:
    lines = [UCS_HEADER, ucs_row("900001"), ucs_row("900002", launched="2021-01-02", cospar="2021-001B")]
    text = "\n".join("\t".join(next(csv.reader([line]))) for line in lines)
    objects = read_objects(write(tmp_path, text, "ucs.txt"))
    assert objects["launch_date"].tolist() == [utc("2021-01-02")] * 2
    assert objects["operator"].tolist() == ["Sat Co., Ltd."] * 2


GP = {
    "OBJECT_NAME": "ALPHASAT", "OBJECT_ID": "2021-001A", "NORAD_CAT_ID": "900001", "OBJECT_TYPE": "PAYLOAD",
    "COUNTRY_CODE": "US", "LAUNCH_DATE": "2021-01-02", "DECAY_DATE": None, "EPOCH": "2026-01-01T00:00:00",
    "MEAN_MOTION": "15.1", "TLE_LINE0": "0 ALPHASAT",
}  # fmt: skip


def test_space_track_gp_as_a_table_of_objects(tmp_path: Path) -> None:
    older = {**GP, "EPOCH": "2025-12-31T00:00:00"}
    down = {**GP, "NORAD_CAT_ID": "900002", "OBJECT_TYPE": "DEBRIS", "DECAY_DATE": "2022-03-04"}
    refused: list[pd.DataFrame] = []
    path = write(tmp_path, json.dumps([GP, older, down]), "gp.json")
    objects = read_objects(path, refuse=refused.append)
    assert refused == [], "another epoch is no other object"
    assert objects[["kind", "status", "owner"]].to_numpy().tolist() == [
        ["payload", "unknown", "US"],
        ["debris", "decayed", "US"],
    ]
    assert objects["decay_date"][1] == utc("2022-03-04")
    as_csv = write(tmp_path, pd.DataFrame([GP, older, down]).to_csv(index=False), "gp.csv")
    pd.testing.assert_frame_equal(read_objects(as_csv), objects)


def test_gcat(tmp_path: Path) -> None:
    names = (
        "#JCAT Satcat Launch_Tag Piece Type Name PLName LDate Parent SDate Primary DDate Status Dest Owner State Bus"
    )
    rows = [
        "S00004 00004 1958-ALP 1958_ALP_1 P___________A Explorer_1 Explorer_I 1958_Feb__1 A - Earth 1970_Mar_31 R - ABMA US -",
        'S900001 900001 2021-001 2021-001A P "Alphasat - 2021_Jan__2_1200:30 A - Earth - O - SATCO L -',
        "S900002 900002 2021-001 2021-001B R2 Booster - 2021_Jan__2? A - Earth 2022_Mar DK S900001 SATCO L -",
        "S900003 900003 2021-001 2021-001C C Cover - 2021_Jan A - Earth 2022_Mar__4 D - SATCO L -",
        "A00046 NNA 2021-001 2021-001D P Ghost - 2021_Jan__2 A - Earth - O - SATCO L -",
    ]
    head, *lines = [
        "\t".join(cell.replace("_", " ") if at else cell for at, cell in enumerate(row.split()))
        for row in [names, *rows]
    ]
    head = head.replace("Launch Tag", "Launch_Tag")
    refused: list[pd.DataFrame] = []
    text = "\n".join([head, "# Updated 2026 May 31, 1200:00", *lines]) + "\n"
    found = by_id(read_objects(write(tmp_path, text, "satcat.tsv"), refuse=refused.append))
    assert list(found) == [4, 900001, 900002, 900003]
    first, second, third, fourth = found.values()
    assert (first["name"], first["kind"], first["status"], first["owner"]) == ("Explorer 1", "payload", "decayed", "US")
    assert (first["launch_date"], first["decay_date"]) == (utc("1958-02-01"), utc("1970-03-31"))
    assert (second["name"], second["object_id"], second["operator"]) == ('"Alphasat', "2021-001A", "SATCO")
    assert (second["launch_date"], second["source"]) == (utc("2021-01-02"), "gcat")
    assert (third["kind"], third["status"], pd.isna(third["decay_date"])) == ("rocket body", "unknown", True)
    assert (fourth["kind"], fourth["decay_date"]) == ("debris", utc("2022-03-04"))
    (report,) = refused
    assert report[["line", "field"]].to_numpy().tolist() == [[6, "LDate"], [7, "Satcat"]]


@pytest.mark.parametrize(
    "launched", ["-5", "-0001-01-01", "9999-01-01", "0001-01-01", "1956-12-31", "２０２１-01-02", "2021-13-45"]
)
def test_dates_that_are_none_or_of_another_age_are_left_out(tmp_path: Path, launched: str) -> None:
    refused: list[pd.DataFrame] = []
    path = write(tmp_path, CELESTRAK.replace("PAY,+,US,2021-01-02", f"PAY,+,US,{launched}"))
    objects = read_objects(path, refuse=refused.append)
    assert objects["launch_date"].isna().tolist() == [True, False, False, False, False]
    assert refused[0][["line", "field"]].to_numpy().tolist() == [[2, "LAUNCH_DATE"]]


def test_what_is_said_twice_or_is_no_text_costs_only_its_row(tmp_path: Path) -> None:
    good = json.dumps(SPACE_TRACK[0])
    other = json.dumps(SPACE_TRACK[2])
    twice = other.replace('"COUNTRY": "US"', '"COUNTRY": "US", "country": "CIS"')
    for bad, field in (
        (twice, "country"),
        (other.replace('"900002"', "9" * 500), "NORAD_CAT_ID"),
        (other.replace('"900002"', "NaN"), "NORAD_CAT_ID"),
        (other.replace('"900002"', "[[[1]]]"), "NORAD_CAT_ID"),
        (other.replace("BOOSTER R/B", "x" * 2000), "row"),
    ):
        refused: list[pd.DataFrame] = []
        objects = read_objects(write(tmp_path, f"[{good},{bad}]"), refuse=refused.append)
        assert objects["norad_id"].tolist() == [900001]
        assert refused[0]["field"].tolist() == [field]
    named = read_objects(write(tmp_path, f"[{good.replace('ALPHASAT', chr(92) + 'ud800A' + chr(92) + 'u0000B')}]"))
    assert named["name"].tolist() == ["A B 1"]
    doubled = CELESTRAK.replace("RCS", "OWNER")
    with pytest.raises(ObjectError, match="OWNER: the header has this column twice"):
        read_objects(write(tmp_path, doubled))


def test_a_bomb_of_refusals_is_counted_and_one_of_bytes_refused(tmp_path: Path) -> None:
    refused: list[pd.DataFrame] = []
    with_junk = write(tmp_path, CELESTRAK + "x\n" * 30_000)
    assert len(read_objects(with_junk, refuse=refused.append)) == 5
    assert len(refused[0]) == 10_001
    assert "20000 more rows" in refused[0]["reason"].iloc[-1]
    bomb = tmp_path / "bomb.csv.gz"
    bomb.write_bytes(gzip.compress(CELESTRAK.encode() + b",\n" * 10_000_000))
    with pytest.raises(ObjectError, match="decompression bomb"):
        read_objects(bomb)
    nothings = tmp_path / "nothings.json"
    nothings.write_text("[" + "{}," * 200_000 + "{}]")
    with pytest.raises(ObjectError, match="unknown columns: none"):
        read_objects(nothings)


def test_a_poisoned_table_of_objects_opens(tmp_path: Path) -> None:
    sound = objects_from_names(pd.DataFrame({"norad_id": [1, 2], "name": ["A", "B"], "object_id": ["", ""]}))
    ObjectCatalog(tmp_path).merge(sound)
    path = tmp_path / "objects.parquet"
    rows = pd.read_parquet(path)
    poison = rows.loc[[0, 0, 0, 0, 0]].assign(
        norad_id=[-1, 0, 2**40, 3, 4],
        launch_date=np.array(["-005-01-01", "2020-01-01", "2020-01-01", "20000-01-01", "9999-12-31"], dtype="M8[us]"),
        kind=["payload", "payload", "payload", "teapot", None],
        source=["table", "table", "table", "table", "table"],
    )
    poison["launch_date"] = poison["launch_date"].dt.tz_localize("UTC")
    pd.concat([rows, poison], ignore_index=True).to_parquet(path)
    objects = ObjectCatalog(tmp_path).load()
    assert objects["norad_id"].tolist() == [1, 2, 3, 4]
    assert objects["launch_date"].isna().all()
    assert objects["kind"].tolist() == ["unknown"] * 4
    assert ObjectCatalog(tmp_path).merge(sound) == 0


def test_latin_1_is_read(tmp_path: Path) -> None:
    text = UCS_HEADER + "\n" + ucs_row("900001", name="Pléiades")
    objects = read_objects(write(tmp_path, text, encoding="latin-1"))
    assert objects["name"].tolist() == ["Pléiades"]


def test_plain_table_with_junk_in_names(tmp_path: Path) -> None:
    text = (
        "norad_id,name,intl_designator\n"
        "900010,OLDSAT 2                   Age = -1.06,63099A\n"
        "900011,BIGROCKET DEB,20001C\n"
        "900012,BIGROCKET R/B(2),2020-001B\n"
        "900013,DEBUTANT,99001AB\n"
    )
    rows = by_id(read_objects(write(tmp_path, text)))
    assert [(row["name"], row["object_id"], row["kind"]) for row in rows.values()] == [
        ("OLDSAT 2", "1963-099A", "unknown"),
        ("BIGROCKET DEB", "2020-001C", "debris"),
        ("BIGROCKET R/B(2)", "2020-001B", "rocket body"),
        ("DEBUTANT", "1999-001AB", "unknown"),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("norad,label\n1,x\n", "unknown columns: norad, label; known forms: CelesTrak SATCAT"),
        ("", "unknown columns: none"),
        ("[]", "unknown columns: none"),
        ('[{"a": 1}]', "unknown columns: a;"),
        ('[{"a": 1}', "is the file whole"),
        ('{"error": "x"}', "expected a JSON list"),
        ("[" * 100_000, "no JSON"),
        ("norad_id,name\x00,intl_designator\n", "zero bytes"),
        ('norad_id,name,intl_designator\n1,"' + "x" * 200_000, "is no CSV"),
    ],
    ids=lambda value: value[:25],
)
def test_a_file_that_is_none_of_them_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ObjectError, match=says) as caught:
        read_objects(write(tmp_path, text))
    assert str(caught.value).startswith("objects.csv: ")
    assert caught.value.file == "objects.csv"


def test_a_file_that_cannot_be_read_or_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ObjectError, match="cannot be read"):
        read_objects(tmp_path / "absent.csv")
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(gzip.compress(CELESTRAK.encode())[:100])
    with pytest.raises(ObjectError, match="is the file whole"):
        read_objects(torn)
    monkeypatch.setattr("catalog.satcat.MAX_BYTES", 10_000)
    torn.write_bytes(gzip.compress(b"x" * 10_001))
    with pytest.raises(ObjectError, match="larger than"):
        read_objects(torn)


def test_without_a_quarantine_the_refused_rows_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    read_objects(write(tmp_path, "norad_id,name,intl_designator\nx,A,63099A\n"))
    assert "1 rows not used in full" in caplog.text


@given(st.binary(max_size=300))
@settings(max_examples=50, deadline=None)
def test_no_file_does_harm(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("hostile") / "objects.csv"
    path.write_bytes(b"norad_id,name,intl_designator\n" + data)
    try:
        objects = read_objects(path)
    except ObjectError:
        return
    assert objects["norad_id"].is_unique
    assert objects.dtypes.astype(str).to_dict() == OBJECT_DTYPES


def test_designators_and_names() -> None:
    given_ids = pd.Series(
        ["98067A", "1998-067a ", "57001B", "56001C", "20061BQ", "", "2020--019BK", "29230991AS", "98067"]
    )
    expected = ["1998-067A", "1998-067A", "1957-001B", "2056-001C", "2020-061BQ", "", "", "", "1998-067"]
    assert cospar_id(given_ids).tolist() == expected
    names = pd.Series(["0 ISS (ZARYA)", "A\x07B\tC   Age = 12", "0", "  PE2  (X) "])
    assert clean_name(names).tolist() == ["ISS (ZARYA)", "A B C", "0", "PE2 (X)"]
    assert kind_from_name(pd.Series(["X DEB [TANK]", "CZ-4B R/B", "DEBUT", "x deb"])).tolist() == [
        "debris", "rocket body", "unknown", "debris",
    ]  # fmt: skip


def sources(tmp_path: Path) -> list[pd.DataFrame]:
    names = pd.DataFrame(
        {"norad_id": [900001, 900009], "name": ["ALPHASAT (LINE)", "ONLY HERE DEB"], "object_id": ["21001A", ""]}
    )
    return [
        read_objects(write(tmp_path, CELESTRAK)),
        read_objects(write(tmp_path, json.dumps(SPACE_TRACK), "satcat.json")),
        read_objects(write(tmp_path, UCS_HEADER + "\n" + ucs_row("900001") + "\n" + ucs_row("900009"))),
        objects_from_names(names),
    ]


def test_the_best_source_of_each_field_counts(tmp_path: Path) -> None:
    catalog = ObjectCatalog(tmp_path)
    assert catalog.load().empty
    celestrak, space_track, ucs, lines = sources(tmp_path)
    assert catalog.merge(lines) == 2
    assert catalog.merge(ucs) == 0
    assert catalog.name_of([900001, 5]) == {900001: "ALPHASAT (LINE)"}
    assert catalog.merge(celestrak) == 4
    assert catalog.merge(space_track) == 0
    rows = by_id(catalog.load())
    alpha = rows[900001]
    assert (alpha["name"], alpha["owner"], alpha["status"]) == ("ALPHASAT", "US", "active")
    assert (alpha["users"], alpha["operator"], alpha["source"]) == ("Commercial", "Sat Co., Ltd.", "satcat celestrak")
    # UCS lists payloads only: its row on a piece of debris carries a wrong number.
    assert (rows[900009]["name"], rows[900009]["kind"], rows[900009]["users"]) == ("ONLY HERE DEB", "debris", "")


def test_order_of_merging_does_not_matter_and_repeating_changes_nothing(tmp_path: Path) -> None:
    frames = sources(tmp_path)
    loaded = []
    for number, order in enumerate(itertools.islice(itertools.permutations(frames), 0, None, 5)):
        catalog = ObjectCatalog(tmp_path / str(number))
        for frame in order:
            catalog.merge(frame)
        before = (tmp_path / str(number) / "objects.parquet").stat().st_mtime_ns
        assert catalog.merge(order[0]) == 0
        assert (tmp_path / str(number) / "objects.parquet").stat().st_mtime_ns == before
        loaded.append(catalog.load())
    for other in loaded[1:]:
        pd.testing.assert_frame_equal(loaded[0], other)


def test_a_later_edition_of_a_source_replaces_the_former(tmp_path: Path) -> None:
    catalog = ObjectCatalog(tmp_path)
    catalog.merge(read_objects(write(tmp_path, CELESTRAK)))
    catalog.merge(read_objects(write(tmp_path, CELESTRAK.replace("PAY,+", "PAY,-"))))
    assert by_id(catalog.load())[900001]["status"] == "inactive"


def test_a_frame_of_another_form_is_refused_whole(tmp_path: Path) -> None:
    catalog = ObjectCatalog(tmp_path)
    good = read_objects(write(tmp_path, CELESTRAK))
    with pytest.raises(ObjectError, match="lacks users"):
        catalog.merge(good.drop(columns="users"))
    with pytest.raises(ObjectError, match="kind: 'ufo' is not one of payload"):
        catalog.merge(good.assign(kind="ufo"))
    assert catalog.load().empty


text = st.sampled_from(["", "unknown", "a", "b"])


@st.composite
def object_rows(draw: st.DrawFn) -> pd.DataFrame:
    keys = draw(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(SOURCES)), unique=True, min_size=1, max_size=9))
    kinds = st.sampled_from(["payload", "debris", "unknown"])
    rows = [
        {"norad_id": i, "source": s, "name": draw(text), "owner": draw(text), "kind": draw(kinds), "object_id": "",
         "status": "unknown", "users": "", "purpose": "", "operator": "", "launch_date": pd.NaT, "decay_date": pd.NaT}
        for i, s in keys
    ]  # fmt: skip
    dates = {"launch_date": "datetime64[us]", "decay_date": "datetime64[us]"}
    frame = pd.DataFrame(rows).astype(dates)
    for column in dates:
        frame[column] = frame[column].dt.tz_localize("UTC")
    return frame[list(OBJECT_DTYPES)].astype(OBJECT_DTYPES)


@pytest.mark.slow
@given(object_rows(), st.randoms())
@settings(max_examples=25, deadline=None)
def test_joining_takes_no_heed_of_order_and_invents_nothing(rows: pd.DataFrame, random: object) -> None:
    joined = join_sources(rows)
    shuffled = rows.sample(frac=1, random_state=random.randrange(2**31))  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(join_sources(shuffled), joined)
    assert joined["norad_id"].tolist() == sorted(set(rows["norad_id"]))
    for _, row in joined.iterrows():
        said = rows[rows["norad_id"] == row["norad_id"]]
        assert row["owner"] == "" or row["owner"] in set(said["owner"])
        order = [s for s in SOURCES if s in set(said["source"])]
        kinds = set(said.loc[said["source"] != "ucs", "kind"])
        usable = [s for s in order if s != "ucs" or "debris" not in kinds]
        owners = [said.loc[said["source"] == s, "owner"].item() for s in usable]
        assert row["owner"] == next((owner for owner in owners if owner not in ("", "unknown")), "")


@pytest.mark.slow
@pytest.mark.real_data
def test_the_real_tables(real_data: Path, tmp_path: Path) -> None:
    catalog = ObjectCatalog(tmp_path)
    refused: list[pd.DataFrame] = []
    assert catalog.merge(read_objects(real_data / "ucs_2023-05-01.csv.gz", refuse=refused.append)) == 7_551
    assert catalog.merge(read_objects(real_data / "objects.csv", refuse=refused.append)) == 28_158
    (report,) = refused
    assert len(report) == 10
    objects = catalog.load()
    assert len(objects) == 35_709
    assert not objects["name"].str.contains("Age =").any()
    rows = by_id(objects)
    assert (rows[25544]["object_id"], rows[55841]["owner"]) == ("1998-067A", "Russia")
    assert rows[48261]["kind"] == "debris"  # UCS has another satellite under this number
