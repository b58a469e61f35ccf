"""What every parser keeps to, whatever the format."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.availability import stamp
from catalog.parse import Parsed, ParseError, parse_bytes
from catalog.parse.result import NAME_DTYPES, PARSED_DTYPES, REFUSED_DTYPES
from catalog.records import ELEMENT_SET_DTYPES
from configs.catalog import IngestConfig
from tests.naive import catalog as naive

Drawn = dict[str, Any]
NAME = "sets"


def as_tle(drawn: Sequence[Drawn]) -> bytes:
    return "".join(f"{line}\n" for one in drawn for line in naive.tle_lines(one)).encode()


def as_3le(drawn: Sequence[Drawn]) -> bytes:
    return "".join("0 INVENTED\n" + "".join(f"{line}\n" for line in naive.tle_lines(one)) for one in drawn).encode()


def through(writer: Callable[[list[Drawn]], bytes], *, as_text: bool = False) -> Callable[[Sequence[Drawn]], bytes]:
    return lambda drawn: writer([naive.omm(naive.published(one), as_text=as_text) for one in drawn])


FORMATS: dict[str, Callable[[Sequence[Drawn]], bytes]] = {
    "TLE": as_tle,
    "3LE": as_3le,
    "JSON": through(naive.omm_json),
    "JSON as text": through(naive.omm_json, as_text=True),
    "CSV": through(naive.omm_csv),
    "XML": through(naive.omm_xml),
    "KVN": through(naive.omm_kvn),
}
SETS = [
    naive.element_set(),
    naive.element_set(norad_id=5, year=1958, tick=0, bstar=(0, 0), dot=99_999_999),
    naive.element_set(
        norad_id=339_999, year=2056, mean_motion=200_000_001, eccentricity=7_499_999, ddot=(-12_345, -9), inclination=0
    ),
]
every_format = pytest.mark.parametrize("form", list(FORMATS))


def parse(data: bytes) -> Parsed:
    return parse_bytes(data, name=NAME)


def parse_or_error(data: bytes) -> Parsed | ParseError:
    """The outcome; an error is one line that names the file and says what is wrong."""
    try:
        return parse(data)
    except ParseError as error:
        return error


def check_error(error: ParseError) -> None:
    assert error.file == NAME
    assert error.reason
    assert str(error).startswith(NAME)
    assert len(str(error).splitlines()) == 1


@every_format
def test_the_same_sets_whatever_the_format(form: str) -> None:
    parsed = parse(FORMATS[form](SETS))
    assert parsed.element_sets.dtypes.astype(str).to_dict() == PARSED_DTYPES
    assert parsed.names.dtypes.astype(str).to_dict() == NAME_DTYPES
    assert parsed.refused.dtypes.astype(str).to_dict() == REFUSED_DTYPES
    assert parsed.refused.empty
    assert parsed.names["object_id"].tolist() == ["1998-067A"] * 3
    for row, one in zip(parsed.element_sets.to_dict("records"), SETS, strict=True):
        assert {name: row[name] for name in naive.published(one)} == naive.published(one)


@every_format
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_cut_file_gives_whole_records_or_an_error(form: str, data: st.DataObject) -> None:
    whole = FORMATS[form](SETS)
    expected = parse(whole).element_sets
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    outcome = parse_or_error(cut)
    if isinstance(outcome, ParseError):
        check_error(outcome)
        return
    found = outcome.element_sets
    # The last number of a CSV row and the last two of a KVN message may be cut unseen: SGP4 uses neither.
    unseen = {"mean_motion_ddot_rev_day3"} | ({"mean_motion_dot_rev_day2"} if form == "KVN" else set())
    shown = [name for name in PARSED_DTYPES if name not in unseen]
    pd.testing.assert_frame_equal(found[shown], expected[shown].iloc[: len(found)])


@every_format
@given(
    at=st.floats(0, 1, exclude_max=True),
    junk=st.one_of(
        st.binary(max_size=20), st.sampled_from([b"\0", b"\xff", b"\r", b"\n\n", b"\xef\xbb\xbf", b"<", b"{"])
    ),
)
@settings(max_examples=40, deadline=None)
def test_damage_ends_in_an_error_or_refused_records(form: str, at: float, junk: bytes) -> None:
    data = FORMATS[form](SETS)
    place = int(at * len(data))
    outcome = parse_or_error(data[:place] + junk + data[place + len(junk) :])
    if isinstance(outcome, ParseError):
        check_error(outcome)
        return
    stamp(outcome, source="file")
    assert np.isfinite(outcome.element_sets.select_dtypes("float64")).all(axis=None)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
@settings(max_examples=100, deadline=None)
def test_no_bytes_do_harm(data: bytes) -> None:
    outcome = parse_or_error(data)
    if isinstance(outcome, ParseError):
        check_error(outcome)


@every_format
def test_a_byte_order_mark_and_other_newlines_change_nothing(form: str) -> None:
    data = FORMATS[form](SETS).replace(b"\r\n", b"\n")
    expected = parse(data).element_sets
    pd.testing.assert_frame_equal(parse(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")).element_sets, expected)
    pd.testing.assert_frame_equal(parse(data if form == "XML" else b"\n \n" + data).element_sets, expected)


def test_availability_is_the_creation_date_else_the_fetch_else_imputed() -> None:
    record = naive.omm(naive.published(SETS[0]))
    parsed = parse(naive.omm_json([{**record, "CREATION_DATE": "2026-05-09T06:00:00"}, record]))
    epoch = parsed.element_sets["epoch"][0]
    fetched = pd.Timestamp("2026-06-01T12:00:00Z")
    with_fetch = stamp(parsed, source="celestrak", fetched_at=fetched)
    assert with_fetch["available_at"].tolist() == [pd.Timestamp("2026-05-09T06:00:00Z"), fetched]
    assert not with_fetch["available_at_imputed"].any()
    imputed = stamp(parsed, source="file", config=IngestConfig(imputed_latency_hours=1.5))
    assert imputed["available_at"].tolist() == [pd.Timestamp("2026-05-09T06:00:00Z"), epoch + pd.Timedelta(hours=1.5)]
    assert imputed["available_at_imputed"].tolist() == [False, True]
    assert imputed.dtypes.astype(str).to_dict() == ELEMENT_SET_DTYPES
    with pytest.raises(ValueError, match="time zone"):
        stamp(parsed, source="file", fetched_at=pd.Timestamp("2026-06-01"))


@pytest.mark.parametrize("form", ["TLE", "CSV", "JSON"])
def test_supplemental_sets_are_told_from_gp_and_never_mixed_with_it(form: str) -> None:
    data = FORMATS[form]([naive.element_set(), naive.element_set(norad_id=6, classification="C")])
    parsed = parse(data)
    assert stamp(parsed, source="file")["source"].tolist() == ["file", "supgp"]
    assert stamp(parsed, source="file", supplemental=True)["source"].tolist() == ["supgp", "supgp"]
    assert stamp(parsed, source="file", supplemental=False)["source"].tolist() == ["file", "file"]
    assert stamp(parsed, source="user")["source"].tolist() == ["user", "user"]


@pytest.mark.parametrize("keyword", ["RMS", "DATA_SOURCE"])
def test_a_supplemental_set_is_told_by_its_columns(keyword: str) -> None:
    record = naive.omm(naive.published(SETS[0]))
    data = naive.omm_json([record, {**record, keyword: "0.123"}, {**record, keyword: ""}])
    assert stamp(parse(data), source="file")["source"].tolist() == ["file", "supgp", "file"]
