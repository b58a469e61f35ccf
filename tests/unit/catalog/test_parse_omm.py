import json
import time
from typing import Any

import pandas as pd
import pytest

from catalog.parse import Parsed, ParseError, parse_bytes
from configs.catalog import IngestConfig
from tests.naive import catalog as naive

GOOD = naive.omm(naive.published(naive.element_set()))
WRITERS = {"JSON": naive.omm_json, "CSV": naive.omm_csv, "XML": naive.omm_xml, "KVN": naive.omm_kvn}


def parse(data: bytes, name: str = "sets", **limits: Any) -> Parsed:
    return parse_bytes(data, name=name, config=IngestConfig(**limits))


def error(data: bytes, name: str = "sets", **limits: Any) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(data, name, **limits)
    assert str(caught.value).startswith(name)
    assert "\n" not in str(caught.value)
    return caught.value


def one(**changes: Any) -> pd.Series:
    return parse(naive.omm_json([{**GOOD, **changes}])).element_sets.iloc[0]


def refused(**changes: Any) -> tuple[str, str]:
    record = {keyword: value for keyword, value in {**GOOD, **changes}.items() if value is not ...}
    parsed = parse(naive.omm_json([GOOD, record]))
    assert len(parsed.element_sets) == 1
    row = parsed.refused.iloc[0]
    assert row["reason"].startswith("record 2: ")
    return row["field"], row["reason"]


def test_space_track_prints_text_and_celestrak_numbers() -> None:
    numbers = parse(json.dumps([GOOD]).encode())
    text = parse(json.dumps([{keyword: str(value) for keyword, value in GOOD.items()}]).encode())
    pd.testing.assert_frame_equal(numbers.element_sets, text.element_sets)
    assert numbers.names.to_dict("records") == [{"norad_id": 98765, "name": "INVENTED", "object_id": "1998-067A"}]


def test_a_single_object_and_an_empty_list() -> None:
    assert len(parse(json.dumps(GOOD).encode()).element_sets) == 1
    assert parse(b" [ ]\n").element_sets.empty
    assert parse(naive.omm_csv([GOOD]).splitlines(keepends=True)[0]).element_sets.empty
    assert parse(b"<ndm></ndm>").element_sets.empty


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-05-01T12:34:56", "2026-05-01T12:34:56Z"),
        ("2026-05-01T12:34:56Z", "2026-05-01T12:34:56Z"),
        ("2026-05-01T12:34:56.5Z", "2026-05-01T12:34:56.5Z"),
        ("2026-05-01 12:34:56.123456", "2026-05-01T12:34:56.123456Z"),
        ("2026-05-01T12:34:56.1234567", "2026-05-01T12:34:56.123457Z"),
        ("2026-05-01T23:59:59.9999999", "2026-05-02T00:00:00Z"),
        ("2026-121T12:34:56.5", "2026-05-01T12:34:56.5Z"),
        ("1957-10-04T19:28:34", "1957-10-04T19:28:34Z"),
        ("2056-12-31T23:59:59", "2056-12-31T23:59:59Z"),
        ("2056-12-31T23:59:59.9999999", "2057-01-01T00:00:00Z"),
        ("2057-01-01T00:00:00.000000", "2057-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60.500", "2017-01-01T00:00:00.5Z"),
        ("2016-366T23:59:60.25Z", "2017-01-01T00:00:00.25Z"),
    ],
)
def test_times(text: str, time: str) -> None:
    row = one(EPOCH=text, CREATION_DATE=text)
    assert row["epoch"] == row["creation_date"] == pd.Timestamp(time)


@pytest.mark.parametrize("number", [1, 99_999, 100_000, 339_999, 799_500_123, 999_999_999])
def test_catalogue_numbers_of_nine_digits(number: int) -> None:
    assert one(NORAD_CAT_ID=number)["norad_id"] == one(NORAD_CAT_ID=str(number))["norad_id"] == number


def test_numbers_keep_their_sign_and_exponent() -> None:
    row = one(BSTAR="-.11606E-4", MEAN_MOTION_DOT="-2.182e-05", MEAN_MOTION_DDOT=-0.0, ECCENTRICITY=".0006703")
    assert row["bstar_inv_er"] == -0.11606e-4
    assert row["mean_motion_dot_rev_day2"] == -2.182e-5
    assert str(row["mean_motion_ddot_rev_day3"]) == "0.0"
    assert row["eccentricity"] == 0.0006703


def test_mean_motion_from_the_semi_major_axis() -> None:
    record = {**GOOD, "SEMI_MAJOR_AXIS": 42_164.17}
    assert parse(json.dumps(record).encode()).element_sets["mean_motion_rev_day"][0] == GOOD["MEAN_MOTION"]
    del record["MEAN_MOTION"]
    row = parse(json.dumps(record).encode()).element_sets.iloc[0]
    assert row["mean_motion_rev_day"] == pytest.approx(1.0027379, abs=1e-6)
    record["GM"] = 4 * 398600.8
    assert parse(json.dumps(record).encode()).element_sets["mean_motion_rev_day"][0] == pytest.approx(
        2.0054758, abs=2e-6
    )


def test_what_may_be_missing() -> None:
    record = dict(GOOD)
    for keyword in (
        "OBJECT_NAME",
        "OBJECT_ID",
        "MEAN_MOTION_DOT",
        "MEAN_MOTION_DDOT",
        "CLASSIFICATION_TYPE",
        "EPHEMERIS_TYPE",
        "REV_AT_EPOCH",
    ):
        del record[keyword]
    parsed = parse(json.dumps([record]).encode())
    row = parsed.element_sets.iloc[0]
    assert row["classification"] == "U"
    assert row["rev_at_epoch"] == 0
    assert row["mean_motion_dot_rev_day2"] == 0.0
    assert pd.isna(row["creation_date"])
    assert parsed.names.to_dict("records") == [{"norad_id": 98765, "name": "", "object_id": ""}]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("EPOCH", ...),
        ("EPOCH", "yesterday"),
        ("EPOCH", "2026-02-30T00:00:00"),
        ("EPOCH", "2026-366T00:00:00"),
        ("EPOCH", "2026-000T00:00:00"),
        ("EPOCH", "2026-05-01T24:01:00"),
        ("EPOCH", "1956-12-31T23:59:59"),
        ("EPOCH", "2057-01-01T00:00:00.000001"),
        ("EPOCH", "2026-05-01T12:00:00+02:00"),
        ("EPOCH", "2016-12-30T23:59:60"),
        ("EPOCH", "2016-12-31T22:59:60"),
        ("EPOCH", "2016-12-31T23:59:61"),
        ("CREATION_DATE", "n/a"),
        ("NORAD_CAT_ID", ...),
        ("NORAD_CAT_ID", 0),
        ("NORAD_CAT_ID", 1_000_000_000),
        ("NORAD_CAT_ID", 25544.5),
        ("NORAD_CAT_ID", "T0002"),
        ("MEAN_MOTION", ...),
        ("MEAN_MOTION", 0.0),
        ("MEAN_MOTION", 20.1),
        ("MEAN_MOTION", True),
        ("ECCENTRICITY", 1.0),
        ("ECCENTRICITY", -0.1),
        ("ECCENTRICITY", ""),
        ("INCLINATION", 180.1),
        ("RA_OF_ASC_NODE", "inf"),
        ("RA_OF_ASC_NODE", 1e6),
        ("ARG_OF_PERICENTER", "nan"),
        ("MEAN_ANOMALY", "1_0"),
        ("MEAN_ANOMALY", [1]),
        ("BSTAR", ...),
        ("BSTAR", "1e999"),
        ("BSTAR", 10**400),
        ("BSTAR", 1e299),
        ("BSTAR", "-1e3"),
        ("MEAN_MOTION_DOT", 101),
        ("MEAN_MOTION_DDOT", "1e9"),
        ("ECCENTRICITY", 0.9),  # its perigee lies inside the Earth
        ("MEAN_MOTION_DOT", "fast"),
        ("ELEMENT_SET_NO", -1),
        ("REV_AT_EPOCH", 2**31),
        ("CLASSIFICATION_TYPE", "unclassified"),
        ("EPHEMERIS_TYPE", 3),
        ("EPHEMERIS_TYPE", 4),
        ("EPHEMERIS_TYPE", 6),
        ("EPHEMERIS_TYPE", 10),
        ("MEAN_ELEMENT_THEORY", "DSST"),
        ("REF_FRAME", "EME2000"),
        ("TIME_SYSTEM", "TDB"),
        ("CENTER_NAME", "MARS"),
    ],
)
def test_a_wrong_field_is_named(keyword: str, value: Any) -> None:
    assert refused(**{keyword: value})[0] == keyword


def test_lines_are_those_of_the_file() -> None:
    bad = {**GOOD, "ECCENTRICITY": 1.5}
    for form, begins in {"JSON": "{", "CSV": "INVENTED", "XML": "<omm>", "KVN": "CCSDS_OMM_VERS"}.items():
        data = WRITERS[form]([GOOD, bad, GOOD])
        row = parse(data).refused.iloc[0]
        assert row["field"] == "ECCENTRICITY"
        lines = [number for number, line in enumerate(data.decode().splitlines(), 1) if line.strip().startswith(begins)]
        assert row["line"] == lines[1]


@pytest.mark.parametrize("form", ["JSON", "XML"])
def test_nothing_is_taken_from_a_cut_document(form: str) -> None:
    data = WRITERS[form]([GOOD, GOOD])
    for end in range(30, len(data.rstrip()), 7):
        assert error(data[:end]).line is not None


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("time", ["9999-12-31T23:59:60Z", "9999-366T00:00:00"])
@pytest.mark.parametrize("keyword", ["EPOCH", "CREATION_DATE"])
def test_the_end_of_the_last_year_costs_its_own_record(form: str, time: str, keyword: str) -> None:
    good = {**GOOD, "CREATION_DATE": "2026-05-05T00:00:00"}
    found = parse_bytes(WRITERS[form]([good, {**good, keyword: time}]), name="a")
    assert len(found.element_sets) == 1
    assert found.refused["field"].tolist() == [keyword]


def test_a_bomb_of_bare_headers_takes_little_time() -> None:
    started = time.process_time()
    assert error(b"CCSDS_OMM_VERS = 2.0\n" * 800_000).field == "NORAD_CAT_ID"
    assert time.process_time() - started < 2.5


def test_json_that_is_not_a_document() -> None:
    assert error(b"[NaN]").line == 1
    assert error(json.dumps([GOOD]).encode() + b"x").column == len(json.dumps([GOOD])) + 1
    assert "not JSON" in error(b"[" * 10_000).reason
    assert "not JSON" in error(b'{"a":' * 10_000).reason
    assert "not a JSON object" in error(b"[" + b"9" * 5000 + b"]").reason
    assert error(b"[1, 2]").reason == "record 1: not a JSON object"
    assert "no such request" in error(b'{"error": "no such request"}').reason


def test_text_that_no_file_can_hold() -> None:
    data = json.dumps([GOOD, {**GOOD, "OBJECT_NAME": "\ud800\n", "EPOCH": "\udfff"}]).encode()
    refused_row = parse(data).refused.iloc[0]
    refused_row["reason"].encode()
    refused_row["text"].encode()
    assert parse(json.dumps([{**GOOD, "OBJECT_NAME": "\ud800A\nB"}]).encode()).names["name"].tolist() == ["AB"]


def test_a_record_that_is_no_json_number_or_says_a_thing_twice_costs_no_other() -> None:
    good = json.dumps(GOOD)
    twice = good.replace('"MEAN_MOTION": ', '"mean_motion": 12.0, "MEAN_MOTION": ', 1)
    records = [
        good,
        twice,
        *(good.replace('"BSTAR": ', f'"BSTAR": {odd}, "X": ', 1) for odd in ("NaN", "1e999", "9" * 5000)),
    ]
    parsed = parse(f"[{','.join(records)},{good}]".encode())
    assert len(parsed.element_sets) == 2
    assert parsed.refused["field"].tolist() == ["MEAN_MOTION", "BSTAR", "BSTAR", "BSTAR"]
    assert "given twice" in parsed.refused["reason"][0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_by_comma_semicolon_and_tab_after_comments(delimiter: str) -> None:
    lines = naive.omm_csv([GOOD, GOOD]).decode().splitlines()
    text = "# from the desk, of Monday\n\n" + "\n".join(line.replace(",", delimiter) for line in lines)
    parsed = parse(text.encode())
    pd.testing.assert_frame_equal(parsed.element_sets, parse(naive.omm_csv([GOOD, GOOD])).element_sets)
    bad = parse((text + "\n" + lines[1].replace(",", delimiter)[:-30] + "\n").encode()).refused
    assert bad["line"].tolist() == [6]


def test_a_column_that_comes_twice_is_named() -> None:
    header, row = naive.omm_csv([GOOD]).decode().splitlines()
    found = error(f"{header},eccentricity\n{row},0.9\n".encode())
    assert (found.field, found.line) == ("ECCENTRICITY", 1)


def test_the_first_derivative_is_needed_by_former_issues_of_the_standard() -> None:
    text = naive.omm_kvn([{key: value for key, value in GOOD.items() if key != "MEAN_MOTION_DOT"}]).decode()
    assert error(text.replace("VERS = 3.0", "VERS = 2.0").encode()).field == "MEAN_MOTION_DOT"
    newer = parse(text.encode())
    assert newer.element_sets["mean_motion_dot_rev_day2"].tolist() == [0.0]


@pytest.mark.parametrize("theory", ["SGP4", "TLE", "tle", "SGP/SGP4"])
def test_theories_that_are_sgp4(theory: str) -> None:
    assert len(parse(json.dumps([{**GOOD, "MEAN_ELEMENT_THEORY": theory}]).encode()).element_sets) == 1


@pytest.mark.parametrize(
    ("keyword", "unit", "fits"),
    [
        ("MEAN_MOTION", "rev/day", True),
        ("MEAN_MOTION", "REV / DAY", True),
        ("MEAN_MOTION", "rad/s", False),
        ("INCLINATION", "rad", False),
        ("MEAN_MOTION_DOT", "rev/day**2", True),
        ("MEAN_MOTION_DOT", "rev/day", False),
        ("BSTAR", "1/ER", True),
    ],
)
def test_units_other_than_those_of_the_standard_are_refused(keyword: str, unit: str, fits: bool) -> None:
    line = f"{keyword} = {GOOD[keyword]}"
    kvn = naive.omm_kvn([GOOD, GOOD]).decode().replace(line, f"{line} [{unit}]", 1)
    xml = naive.omm_xml([GOOD, GOOD]).decode().replace(f"<{keyword}>", f'<{keyword} units="{unit}">', 1)
    for text in (kvn, xml):
        parsed = parse(text.encode())
        assert len(parsed.element_sets) == 1 + fits
        assert parsed.refused["field"].tolist() == [] if fits else [keyword]
        assert fits or unit in parsed.refused["reason"][0]


def test_a_message_within_a_message_is_refused() -> None:
    text = naive.omm_xml([GOOD, GOOD]).decode()
    inner = text[text.index("<omm") : text.index("</omm>") + len("</omm>")]
    nested = text.replace("</omm>", f"{inner}</omm>", 1)
    parsed = parse(nested.encode())
    assert len(parsed.element_sets) == 1
    assert "within a message" in parsed.refused["reason"][0]


def test_csv_that_is_not_one() -> None:
    data = naive.omm_csv([GOOD, GOOD, GOOD])
    lines = data.splitlines(keepends=True)
    parsed = parse(b"".join([lines[0], lines[1], lines[2][:30] + b"\r\n", b"\r\n", lines[3]]))
    assert len(parsed.element_sets) == 2
    assert parsed.refused["line"].tolist() == [3]
    assert error(b"a,b\n1,2\n", "table.csv").field == "NORAD_CAT_ID"
    assert error(b"a,b\n1,2\n", "table.csv.gz").field == "NORAD_CAT_ID"
    assert error(data + b'"' + b"x" * 200_000).line == 5


def test_kvn() -> None:
    text = naive.omm_kvn([GOOD]).decode().replace("MEAN_MOTION = ", "COMMENT a remark\nMEAN_MOTION = ")
    text = text.replace(f"INCLINATION = {GOOD['INCLINATION']}", f"inclination={GOOD['INCLINATION']} [deg]")
    assert len(parse((text.replace("\n", "\r\n") * 2).encode()).element_sets) == 2
    headless = "".join(f"{keyword} = {value}\n" for keyword, value in GOOD.items())
    assert len(parse((headless * 3).encode()).element_sets) == 3
    assert parse((text + text + "BSTAR = 1\n").encode()).refused["field"].tolist() == ["BSTAR"]
    assert parse((text + text + "what is this\n").encode()).refused["reason"].str.contains("no '='").all()
    assert error(b"COMMENT x\nCCSDS_OMM_VERS = 2.0\n").field == "NORAD_CAT_ID"


def test_xml_of_strangers() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ndm><omm>&b;</omm></ndm>'
    assert "declares" in error(bomb).reason
    outside = b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><ndm><omm>&a;</omm></ndm>'
    assert "declares" in error(outside).reason
    assert "nested" in error(b"<ndm>" + b"<a>" * 1000).reason
    assert "<svg>" in error(b"<svg></svg>").reason
    assert "web page" in error(b"<!DOCTYPE html><html></html>").reason
    assert "encoding" in error(b'<?xml version="1.0" encoding="no-such"?><ndm/>').reason
    prefixed = naive.omm_xml([GOOD]).replace(b"<omm>", b"<x:omm>").replace(b"</omm>", b"</x:omm>")
    assert len(parse(prefixed).element_sets) == 1
    twice = naive.omm_xml([GOOD, GOOD]).replace(b"<BSTAR>", b"<BSTAR>1</BSTAR><BSTAR>", 1)
    assert parse(twice).refused["field"].tolist() == ["BSTAR"]
    latin = naive.omm_xml([{**GOOD, "OBJECT_NAME": "É"}]).decode().replace("UTF-8", "ISO-8859-1").encode("latin-1")
    assert parse(latin).names["name"].tolist() == ["É"]


@pytest.mark.parametrize("form", ["JSON", "CSV", "KVN"])
def test_text_that_is_not_utf8_says_where(form: str) -> None:
    data = WRITERS[form]([{**GOOD, "OBJECT_NAME": "É"}])
    found = error(data.decode().encode("latin-1"))
    assert "0xc9 is not UTF-8" in found.reason
    assert found.line == data[: data.index("É".encode())].count(b"\n") + 1


@pytest.mark.parametrize("form", list(WRITERS))
def test_a_document_above_the_limit_is_refused(form: str) -> None:
    data = WRITERS[form]([GOOD] * 100)
    assert "max_document_bytes" in error(data, max_document_bytes=10_000, chunk_bytes=1024).reason


@pytest.mark.parametrize("form", list(WRITERS))
def test_refusals_are_counted_beyond_the_limit(form: str) -> None:
    parsed = parse(WRITERS[form]([GOOD] + [{**GOOD, "BSTAR": "x"}] * 9), max_refused_per_file=4)
    assert len(parsed.refused) == 5
    assert parsed.refused["reason"].iloc[-1].startswith("5 more records")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "zip"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\xff\xfe1\0", "UTF-16"),
        (b"\0\1\2\3" * 100, "binary"),
        (b"", "empty"),
    ],
)
def test_foreign_files_are_named(data: bytes, what: str) -> None:
    assert what in error(data).reason


@pytest.mark.parametrize(
    "text",
    [
        "[" + "{}," * 20_000 + "{}]",
        "[" + "1," * 20_000 + "1]",
        "<ndm>" + "<a/>" * 20_001 + "</ndm>",
        "NORAD_CAT_ID,EPOCH\n" + "x\n" * 20_000,
        "CCSDS_OMM_VERS = 3.0\n" + "\n" * 20_000,
    ],
)
def test_a_document_of_marks_without_text_costs_nothing(text: str) -> None:
    assert "hardly of text" in error(text.encode()).reason


@pytest.mark.parametrize("form", list(WRITERS))
def test_a_large_document_of_terse_records_is_none_of_those(form: str) -> None:
    assert len(parse(WRITERS[form]([{**GOOD, "OBJECT_NAME": ""}] * 1500)).element_sets) == 1500
