import importlib.resources
import math
import tracemalloc
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sgp4.api import Satrec
from sgp4.io import verify_checksum

from catalog.parse import Parsed, ParseError, parse_bytes, parse_chunks
from catalog.parse.result import PARSED_DTYPES, frame_of, joined
from catalog.parse.tle import parse_tle
from configs.catalog import IngestConfig
from tests.naive import catalog as naive

ISS = (  # the public example of CelesTrak's and Wikipedia's pages on the format
    "1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927",
    "2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537",
)

exponentials = st.tuples(st.integers(-99_999, 99_999), st.integers(-9, 2))
drawn_sets = st.fixed_dictionaries(
    {
        "norad_id": st.integers(1, 339_999),
        "year": st.integers(1957, 2056),
        "tick": st.integers(0, 365 * 10**8 - 1),
        "mean_motion": st.integers(1, 17 * 10**8),
        "eccentricity": st.integers(0, 9_999_999),
        "inclination": st.integers(0, 1_800_000),
        "raan": st.integers(0, 3_600_000),
        "arg_pericenter": st.integers(0, 3_600_000),
        "mean_anomaly": st.integers(0, 3_600_000),
        "bstar": exponentials,
        "dot": st.integers(-99_999_999, 99_999_999),
        "ddot": exponentials,
        "ephemeris_type": st.sampled_from([0, 1, 2]),
        "classification": st.sampled_from("UCS"),
        "element_set_no": st.integers(0, 9999),
        "rev": st.integers(0, 99_999),
    }
).map(naive.above_ground)


def text_of(*lines: str, newline: str = "\n") -> bytes:
    return "".join(line + newline for line in lines).encode()


def parse(data: bytes, **limits: Any) -> Parsed:
    return parse_bytes(data, name="sets.tle", config=IngestConfig(**limits))


def refused(data: bytes) -> list[tuple[int, str]]:
    frame = parse(data + text_of(*ISS)).refused
    assert (frame["file"] == "sets.tle").all()
    return list(zip(frame["line"], frame["field"], strict=True))


def damaged(line: int, column: int, text: str, *, checksum: bool = True) -> tuple[str, str]:
    """The example with ``text`` at a column, from 1; its checksum made right."""
    lines = list(ISS)
    changed = lines[line - 1][: column - 1] + text + lines[line - 1][column - 1 + len(text) :]
    lines[line - 1] = naive.with_checksum(changed) if checksum else changed
    return lines[0], lines[1]


def test_the_public_example() -> None:
    parsed = parse(text_of("ISS (ZARYA)", *ISS))
    row = parsed.element_sets.iloc[0]
    assert row["norad_id"] == 25544
    assert row["epoch"] == pd.Timestamp("2008-09-20T12:25:40.104192Z")
    assert row["mean_motion_rev_day"] == 15.72125391
    assert row["eccentricity"] == 0.0006703
    assert row["inclination_deg"] == 51.6416
    assert row["raan_deg"] == 247.4627
    assert row["arg_pericenter_deg"] == 130.536
    assert row["mean_anomaly_deg"] == 325.0288
    assert row["bstar_inv_er"] == -0.11606e-4
    assert row["mean_motion_dot_rev_day2"] == -0.00002182
    assert row["mean_motion_ddot_rev_day3"] == 0.0
    assert row["element_set_no"] == 292
    assert row["rev_at_epoch"] == 56353
    assert pd.isna(row["creation_date"])
    assert parsed.names.to_dict("records") == [{"norad_id": 25544, "name": "ISS (ZARYA)", "object_id": "1998-067A"}]
    assert parsed.element_sets.dtypes.astype(str).to_dict() == PARSED_DTYPES


def test_official_vectors_equal_sgp4() -> None:
    text = importlib.resources.files("sgp4").joinpath("SGP4-VER.TLE").read_text()
    lines = [line[:69] for line in text.splitlines() if line[:2] in ("1 ", "2 ")]
    pairs = []
    for one, two in zip(lines[::2], lines[1::2], strict=True):
        try:
            verify_checksum(one, two)
        except ValueError:
            continue
        pairs.append((one, two))
    assert len(pairs) > 25
    sets = parse(text_of(*(line for pair in pairs for line in pair))).element_sets
    assert len(sets) == len(pairs)
    for row, pair in zip(sets.to_dict("records"), pairs, strict=True):
        satellite = Satrec.twoline2rv(*pair)
        assert row["norad_id"] == satellite.satnum
        for name, value in {
            "mean_motion_rev_day": satellite.no_kozai * 1440 / (2 * math.pi),
            "eccentricity": satellite.ecco,
            "inclination_deg": math.degrees(satellite.inclo),
            "raan_deg": math.degrees(satellite.nodeo),
            "arg_pericenter_deg": math.degrees(satellite.argpo),
            "mean_anomaly_deg": math.degrees(satellite.mo),
            "bstar_inv_er": satellite.bstar,
            "mean_motion_dot_rev_day2": satellite.ndot * 1440**2 / (2 * math.pi),
            "mean_motion_ddot_rev_day3": satellite.nddot * 1440**3 / (2 * math.pi),
        }.items():
            assert row[name] == pytest.approx(value, rel=1e-13, abs=1e-13), name
        julian = satellite.jdsatepoch + satellite.jdsatepochF
        assert row["epoch"].to_julian_date() == pytest.approx(julian, abs=1e-9)


@pytest.mark.slow
@given(st.lists(drawn_sets, min_size=1, max_size=5))
@settings(deadline=None)
def test_equal_to_the_slow_reader(drawn: list[dict[str, Any]]) -> None:
    pairs = [naive.tle_lines(one) for one in drawn]
    parsed = parse(text_of(*(line for pair in pairs for line in pair)))
    expected = pd.DataFrame([naive.read_pair(*pair) for pair in pairs])
    dtypes = {name: dtype for name, dtype in PARSED_DTYPES.items() if name != "creation_date"}
    assert parsed.refused.empty
    pd.testing.assert_frame_equal(
        parsed.element_sets[list(dtypes)], frame_of({name: expected[name] for name in dtypes}, dtypes), check_exact=True
    )


messy_lines = st.lists(
    st.one_of(
        drawn_sets.map(lambda drawn: list(naive.tle_lines(drawn))),
        drawn_sets.map(lambda drawn: ["0 A NAME", *naive.tle_lines(drawn)]),
        drawn_sets.map(lambda drawn: list(naive.tle_lines(drawn))[:1]),
        drawn_sets.map(lambda drawn: list(naive.tle_lines(drawn))[1:]),
        drawn_sets.map(lambda drawn: [naive.tle_lines(drawn)[0], "", naive.tle_lines(drawn)[1] + "  "]),
        st.sampled_from(
            [[""], ["# a remark that is much longer than any name of an object could possibly be, honestly"]]
        ),
    ),
    max_size=8,
).map(lambda groups: [line for group in groups for line in group])


@pytest.mark.slow
@given(messy_lines, st.integers(5, 300), st.sampled_from(["\n", "\r\n", "\r"]))
@settings(max_examples=80, deadline=None)
def test_the_same_however_the_file_is_cut(lines: list[str], size: int, newline: str) -> None:
    data = text_of(*ISS, *lines, newline=newline)
    whole = parse(text_of(*ISS, *lines))
    pieces = parse_chunks((data[at : at + size] for at in range(0, len(data), size)), name="sets.tle")
    pd.testing.assert_frame_equal(whole.element_sets, pieces.element_sets)
    pd.testing.assert_frame_equal(whole.names, pieces.names)
    good = whole.refused[whole.refused["field"] != ""]
    again = pieces.refused[pieces.refused["field"] != ""]
    pd.testing.assert_frame_equal(good.reset_index(drop=True), again.reset_index(drop=True))


@pytest.mark.parametrize(
    ("line", "column", "text", "field"),
    [
        (1, 3, "I2345", "norad_id"),
        (1, 3, "00000", "norad_id"),
        (1, 8, "5", "classification"),
        (1, 19, "2X", "epoch"),
        (1, 21, "367", "epoch"),
        (1, 21, "   ", "epoch"),
        (1, 19, "57000", "epoch"),
        (1, 24, ",", "epoch"),
        (1, 30, " ", "epoch"),
        (1, 34, "x", "mean_motion_dot_rev_day2"),
        (1, 35, "0", "mean_motion_dot_rev_day2"),
        (1, 46, "1 234", "mean_motion_ddot_rev_day3"),
        (1, 54, "*", "bstar_inv_er"),
        (1, 60, "5", "bstar_inv_er"),
        (1, 63, "3", "ephemeris_type"),
        (1, 63, "4", "ephemeris_type"),
        (1, 63, "6", "ephemeris_type"),
        (1, 65, "9 99", "element_set_no"),
        (2, 3, "25545", "norad_id"),
        (2, 8, "1", "layout"),
        (2, 9, "181.0000", "inclination_deg"),
        (2, 9, "51.64160", "inclination_deg"),
        (2, 18, "400.0000", "raan_deg"),
        (2, 27, "000.670", "eccentricity"),
        (2, 27, "00067  ", "eccentricity"),
        (2, 27, "       ", "eccentricity"),
        (1, 54, " 11606- ", "bstar_inv_er"),
        (1, 34, " .0  2182", "mean_motion_dot_rev_day2"),
        (2, 35, "-10.0000", "arg_pericenter_deg"),
        (2, 44, "\0\0\0.0000", "mean_anomaly_deg"),
        (2, 53, " 0.00000000", "mean_motion_rev_day"),
        (2, 53, "20.00000001", "mean_motion_rev_day"),
        (2, 27, "9000000", "eccentricity"),  # its perigee lies inside the Earth
        (1, 54, " 10001+3", "bstar_inv_er"),
        (1, 45, "-10001+3", "mean_motion_ddot_rev_day3"),
        (2, 64, "1 234", "rev_at_epoch"),
    ],
)
def test_a_damaged_field_is_named(line: int, column: int, text: str, field: str) -> None:
    lines = damaged(line, column, text)
    if field == "norad_id" and line == 1 and text == "00000":
        lines = (lines[0], naive.with_checksum(lines[1][:2] + text + lines[1][7:]))
    assert refused(text_of(*lines)) == [(line, field)]


@pytest.mark.parametrize("line", [1, 2])
def test_a_wrong_checksum_is_refused(line: int) -> None:
    good = ISS[line - 1][68]
    for digit in set("0123456789X ") - {good}:
        assert refused(text_of(*damaged(line, 69, digit, checksum=False))) == [(line, "checksum")]


@pytest.mark.parametrize("line", [1, 2])
def test_every_single_changed_digit_is_noticed(line: int) -> None:
    for column, char in enumerate(ISS[line - 1][:68], start=1):
        if char.isdigit() and column > 2:
            other = "1" if char != "1" else "2"
            assert refused(text_of(*damaged(line, column, other, checksum=False))) == [(line, "checksum")]


def test_lengths_and_orphans() -> None:
    one, two = ISS
    assert refused(text_of(one[:68], two)) == [(1, "checksum")]
    assert refused(text_of(one, two[:40])) == [(2, "length")]
    assert refused(text_of(one, two + "0.00 4320.0")) == [(2, "length")]
    assert refused(text_of(one)) == [(1, "line 1")]
    assert refused(text_of(two)) == [(1, "line 2")]
    assert refused(text_of(two, one, one, two, "X" + two)) == [(1, "line 2"), (2, "line 1"), (5, "")]


def test_trailing_blanks_blank_lines_and_a_byte_order_mark() -> None:
    data = b"\xef\xbb\xbf\r\n" + (ISS[0] + " \t\r\n\n \n" + ISS[1] + "\r").encode()
    parsed = parse(data)
    assert len(parsed.element_sets) == 1
    assert parsed.refused.empty


def test_zero_padded_fields_and_signs() -> None:
    one = naive.with_checksum("1 22076U 92052  A 92261.23748056 +.00035466 +00000-0 +0153801 0  9991")
    two = naive.with_checksum("2 22076 066.0397 006.0874 0006971 072.2313 087.7878 02.80988404004784")
    row = parse(text_of(one, two)).element_sets.iloc[0]
    assert row["inclination_deg"] == 66.0397
    assert row["mean_motion_rev_day"] == 2.80988404
    assert row["mean_motion_dot_rev_day2"] == 0.00035466
    assert row["bstar_inv_er"] == 0.1538
    assert row["bstar_inv_er"] == Satrec.twoline2rv(one, two).bstar


@pytest.mark.parametrize(
    ("number", "norad_id"), [("A0000", 100_000), ("T0002", 270_002), ("Z9999", 339_999), ("    5", 5)]
)
def test_catalogue_numbers(number: str, norad_id: int) -> None:
    lines = [naive.with_checksum(line[:2] + number + line[7:]) for line in ISS]
    assert parse(text_of(*lines)).element_sets["norad_id"].tolist() == [norad_id]


@pytest.mark.parametrize(("digits", "year"), [("57", 1957), ("99", 1999), ("00", 2000), ("56", 2056)])
def test_two_digit_years(digits: str, year: int) -> None:
    sets = parse(text_of(*damaged(1, 19, digits))).element_sets
    assert sets["epoch"].dt.year.tolist() == [year]


def test_the_last_day_of_a_year() -> None:
    assert parse(text_of(*damaged(1, 19, "24366.99999999"))).element_sets["epoch"][0] == pd.Timestamp(
        "2024-12-31T23:59:59.999136Z"
    )


@pytest.mark.parametrize(
    ("printed", "time"),
    [
        ("23366.00000000", "2024-01-01T00:00:00Z"),
        ("25366.82137887", "2026-01-01T19:42:47.134368Z"),
        ("26000.50000000", "2025-12-31T12:00:00Z"),
        ("00000.00000000", "1999-12-31T00:00:00Z"),
        ("  001.50000000", "2000-01-01T12:00:00Z"),
        ("26060.5       ", "2026-03-01T12:00:00Z"),
        ("26 60.        ", "2026-03-01T00:00:00Z"),
    ],
)
def test_days_beside_the_year_and_short_epochs(printed: str, time: str) -> None:
    assert parse(text_of(*damaged(1, 19, printed))).element_sets["epoch"].tolist() == [pd.Timestamp(time)]


def test_names() -> None:
    other = naive.tle_lines(naive.element_set())
    parsed = parse(text_of("0 FIRST", *ISS, "SECOND \xe9", *other, "0 THIRD", *ISS))
    assert parsed.names.set_index("norad_id")["name"].to_dict() == {25544: "THIRD", 98765: "SECOND \xe9"}
    latin = text_of("ISS", *ISS) + "CAF\xc9".encode("latin-1") + b"\n" + text_of(*other)
    parsed = parse(latin)
    assert len(parsed.element_sets) == 2
    assert parsed.names.set_index("norad_id")["name"][98765].startswith("CAF")
    assert parse(text_of(*ISS)).names["name"].tolist() == [""]


def names_of(*lines: str) -> dict[int, str]:
    return parse(text_of(*lines)).names.set_index("norad_id")["name"].to_dict()


OTHER = naive.tle_lines(naive.element_set())


@pytest.mark.parametrize(
    "fragment", [["1"], ["a remark"], [ISS[1][41:]], [ISS[0], ISS[1][:40], ISS[1][40:]], [ISS[0][:30]], [ISS[1], "0 X"]]
)
def test_a_fragment_names_nothing(fragment: list[str]) -> None:
    assert names_of("0 THE OTHER", *OTHER, *ISS, *fragment, *OTHER) == {25544: "", 98765: "THE OTHER"}
    assert names_of("THE OTHER", *OTHER, *fragment, *ISS, *OTHER)[98765] in ("", "THE OTHER")


def test_a_damaged_record_costs_a_three_line_file_no_other_name() -> None:
    bad = damaged(1, 69, "0", checksum=False)
    expected = {25544: "ISS", 98765: "THE OTHER"}
    assert names_of("THE OTHER", *OTHER, "ISS", *ISS, "BAD", *bad, *OTHER) == expected
    assert names_of("THE OTHER", *OTHER, "ISS", *ISS, "BAD", bad[0], bad[1][:50], bad[1][50:], *OTHER) == expected


def test_a_remark_is_no_record_and_no_name() -> None:
    assert refused(text_of("# made by hand")) == []
    assert names_of("# made by hand", *ISS) == {25544: ""}
    assert names_of("# made by hand", "ISS", *ISS) == {25544: "ISS"}


@pytest.mark.parametrize("name", ["<UNNAMED>", "{TBD}", "[ODD] NAME", "PAR1", "A, B", "OBJECT_NAME = X", "<html"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_odd_first_name_does_not_make_another_format(name: str, newline: str) -> None:
    data = text_of(name, *ISS, "B", *OTHER, newline=newline)
    assert parse(data).names.set_index("norad_id")["name"].to_dict() == {25544: name, 98765: "B"}


@pytest.mark.parametrize(
    ("line", "column", "printed", "field", "value"),
    [
        (2, 27, "  06703", "eccentricity", 0.0006703),
        (2, 27, "      0", "eccentricity", 0.0),
        (2, 9, "   .642 ", "inclination_deg", 0.642),
        (1, 54, "        ", "bstar_inv_er", 0.0),
        (1, 54, "       0", "bstar_inv_er", 0.0),
        (1, 54, " 00000 0", "bstar_inv_er", 0.0),
        (1, 54, "    60-4", "bstar_inv_er", 0.0006e-4),
        (1, 45, "        ", "mean_motion_ddot_rev_day3", 0.0),
        (1, 34, "          ", "mean_motion_dot_rev_day2", 0.0),
        (1, 34, "-.0001    ", "mean_motion_dot_rev_day2", -0.0001),
        (1, 34, "0.00002182", "mean_motion_dot_rev_day2", 0.00002182),
        (1, 8, "c", "classification", "C"),
    ],
)
def test_blanks_for_zeros_and_small_letters(line: int, column: int, printed: str, field: str, value: Any) -> None:
    parsed = parse(text_of(*damaged(line, column, printed)))
    assert parsed.refused.empty
    assert parsed.element_sets[field].tolist() == [value]


def test_a_small_letter_in_a_number_or_a_designator_is_its_capital() -> None:
    parsed = parse(text_of(*(naive.with_checksum(line[:2] + "a0001" + line[7:].lower()) for line in ISS)))
    assert parsed.names.to_dict("records") == [{"norad_id": 100_001, "name": "", "object_id": "1998-067A"}]


def test_text_that_stands_apart_behind_a_line_changes_nothing() -> None:
    plain = parse(text_of(*ISS))
    for behind in (" 0.00 4320.0", "\\", " \\ \t", "\t# a note", "\\ and more"):
        parsed = parse(text_of(*(line + behind for line in ISS)))
        assert parsed.unverified == 0
        pd.testing.assert_frame_equal(parsed.element_sets, plain.element_sets)
        assert refused(text_of(*(line[:68] + "0" + behind for line in ISS))) == [(1, "checksum")]


@pytest.mark.parametrize("behind", ["", "\\", " \\"])
def test_a_pair_without_checksums_is_taken_by_its_layout_and_counted(behind: str) -> None:
    one, two = (line[:68] for line in ISS)
    parsed = parse(text_of(*ISS, one + behind, two, one[:2] + "25545" + one[7:] + behind, two, one + behind, two[1:]))
    assert parsed.unverified == 1
    assert len(parsed.element_sets) == 2
    assert parsed.element_sets.iloc[0].equals(parsed.element_sets.iloc[1])
    assert parsed.refused["field"].tolist() == ["norad_id", "line 1", ""]
    shifted = one[:30] + one[31:] + "0"
    assert parse(text_of(*ISS, shifted, two)).refused["line"].tolist() == [3]
    assert refused(text_of(one, ISS[1])) == [(1, "checksum")]


@pytest.mark.parametrize("blank", ["\xa0", "\u2009", "\u202f", "\u3000"])
def test_blanks_of_other_kinds_are_blanks(blank: str) -> None:
    data = text_of("0 VOIL\xe0", *ISS).decode().replace(" ", blank, 40).encode()
    for text in (data, data.decode().encode("latin-1") if blank == "\xa0" else data):
        for size in (7, 1000):
            (parsed,) = parse_tle((text[at : at + size] for at in range(0, len(text), size)), name="sets.tle")
            assert parsed.refused.empty
            assert parsed.names["name"][0].startswith("VOIL")
    assert parse(data).names["name"].tolist() == ["VOIL\xe0"]


def test_the_parts_of_a_file_are_those_of_the_whole() -> None:
    bad = damaged(1, 69, "0", checksum=False)
    data = text_of(*("0 ISS", *ISS, *bad, "0 THE OTHER", *OTHER) * 300)
    chunks = [data[at : at + 999] for at in range(0, len(data), 999)]
    config = IngestConfig(max_refused_per_file=50)
    parts = list(parse_tle(chunks, name="sets.tle", config=config, sets_at_once=20))
    whole = joined(parts)
    assert len(parts) > 20
    assert all(len(part.element_sets) < 40 for part in parts)
    assert all(part.names.empty for part in parts[:-1])
    expected = parse(data, max_refused_per_file=50)
    pd.testing.assert_frame_equal(whole.element_sets, expected.element_sets)
    pd.testing.assert_frame_equal(whole.names, expected.names)
    assert whole.uncounted == expected.uncounted == 250
    pd.testing.assert_frame_equal(whole.refused, expected.refused)
    assert whole.refused["reason"].str.contains("more records").sum() == 1


def test_refusals_are_counted_beyond_the_limit() -> None:
    bad = text_of(*damaged(1, 69, "0", checksum=False))
    parsed = parse(text_of(*ISS) + bad * 7, max_refused_per_file=3)
    assert len(parsed.refused) == 4
    assert parsed.refused["reason"].iloc[-1].startswith("4 more records")


def test_a_file_of_refused_records_is_an_error_that_keeps_them() -> None:
    with pytest.raises(ParseError, match=r"sets\.tle:1: checksum: .*fetch it again") as caught:
        parse(text_of(*damaged(1, 69, "0", checksum=False)))
    assert caught.value.line == 1
    assert caught.value.field == "checksum"
    assert len(caught.value.refused) == 1


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n \r\n", b"hello\nworld\n", b"\0" * 5000, b"\xff\xfe1 \0"])
def test_a_file_without_element_sets_is_an_error(data: bytes) -> None:
    with pytest.raises(ParseError, match=r"sets\.tle"):
        parse(data)


def test_an_endless_line_takes_no_memory() -> None:
    good = text_of(*ISS)
    chunks = [good, *[b"1 " + b"x" * (1 << 20)] * 100, b"\n" + good]
    tracemalloc.start()
    parsed = parse_chunks(iter(chunks), name="sets.tle")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(parsed.element_sets) == 2
    assert parsed.refused["line"].tolist() == [3]
    assert peak < 30 << 20


@pytest.mark.real_data
@pytest.mark.slow
def test_every_real_set_is_read(real_data: Any) -> None:
    folder = real_data / "shorten2023" / "processed_files"
    for path in sorted(folder.glob("*.tle")):
        data = path.read_bytes()
        parsed = parse(data)
        lines = data.decode().splitlines()
        assert parsed.refused.empty
        assert len(parsed.element_sets) == len(lines) // 2
        expected = pd.DataFrame([naive.read_pair(*pair) for pair in zip(lines[::2], lines[1::2], strict=True)])
        for name in expected:
            assert (parsed.element_sets[name] == expected[name]).all(), name
