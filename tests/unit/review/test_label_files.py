import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.label_files import MOST_REFUSED, LabelFileError, read_labels, rendered
from review.label_rules import LONGEST_WINDOW
from review.labels import LABEL_DTYPES, VERDICTS, label_frame
from tests.contract.label_store import DECIDED, label

NOW = DECIDED + timedelta(days=1)
LINE = {
    "team": "Elsewhere",
    "norad_id": "90001",
    "epoch_before": "2026-03-02T00:00:00Z",
    "epoch_after": "2026-03-02T20:00:00Z",
    "verdict": "confirmed",
    "decided_at": "2026-03-08T00:00:00Z",
}


def read(data, **values):
    return read_labels(data.encode(), name="theirs", now=NOW, **values)


def csv_of(*lines):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for line in lines for name in line)))
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


words = st.text(st.sampled_from("'=+-@|x") | st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=30).map(
    str.strip
)
speeds = st.floats(-100, 100, allow_nan=False) | st.just(float("nan"))


@st.composite
def labels(draw):
    before = datetime(1960, 1, 1, tzinfo=UTC) + draw(st.timedeltas(timedelta(0), timedelta(days=24_000)))
    after = before + draw(st.timedeltas(timedelta(minutes=1), LONGEST_WINDOW))
    verdict = draw(st.sampled_from(VERDICTS))
    burned = verdict in ("confirmed", "routine")
    return label(
        draw(st.integers(1, 999_999_999)),
        name=draw(words),
        team=draw(words.filter(bool)),
        epoch_before=before,
        epoch_after=after,
        burn_time=before + draw(st.floats(-1, 2)) * (after - before),
        verdict=verdict,
        kind="orbit raise" if burned else "",
        note=draw(st.lists(words.filter(bool), max_size=3).map("\n".join)),
        **{f"dv_{axis}_m_s": draw(speeds) if burned else float("nan") for axis in "rtn"},
    )


@given(st.lists(labels(), max_size=5), st.sampled_from(["csv", "json"]))
def test_what_is_written_is_read_again(rows, form):
    given = label_frame(rows)
    found = read(rendered(given, form, team="Us"))
    assert found.refused.empty
    pd.testing.assert_frame_equal(found.labels, given)


def test_own_labels_go_out_under_the_teams_name():
    given = label_frame([label(team=""), label(90002)])
    assert read(rendered(given, "csv", team="Us")).labels["team"].tolist() == ["Us", "Elsewhere"]


def test_the_least_that_a_line_needs():
    (row,) = read(csv_of(LINE)).labels.to_dict("records")
    assert row["burn_time"] == pd.Timestamp("2026-03-02T10:00:00Z")
    assert (row["name"], row["note"]) == ("", "")
    assert read(json.dumps([LINE | {"norad_id": 90001}])).labels.to_dict("records")[0]["norad_id"] == 90001


def test_the_team_may_be_said_beside_the_file():
    nameless = {name: value for name, value in LINE.items() if name != "team"}
    assert read(csv_of(nameless), team="Friends").labels["team"].tolist() == ["Friends"]
    assert read(csv_of(LINE), team="Friends").labels["team"].tolist() == ["Elsewhere"]
    assert read(csv_of(nameless)).refused["field"].tolist() == ["team"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"norad_id": "ISS"}, "norad_id"),
        ({"norad_id": "1234567890"}, "norad_id"),
        ({"norad_id": "0"}, "norad_id"),
        ({"norad_id": "0000000001999999999"}, "norad_id"),
        ({"norad_id": "٩٠٠٠١"}, "norad_id"),
        ({"norad_id": "9" * 5000}, "norad_id"),
        ({"epoch_before": "9998-12-01T00:00:00Z", "epoch_after": "9998-12-02T00:00:00Z"}, "epoch_after"),
        ({"dv_t_m_s": "1e300"}, "dv_t_m_s"),
        ({"dv_t_m_s": "1_0"}, "dv_t_m_s"),
        ({"epoch_before": "yesterday"}, "epoch_before"),
        ({"epoch_before": "2026-03-02T00:00:00"}, "epoch_before"),
        ({"epoch_before": "1066-10-14T09:00:00Z"}, "epoch_before"),
        ({"epoch_before": "0001-01-01T00:00:00+14:00"}, "epoch_before"),
        ({"epoch_after": "2026-03-02T00:00:00Z"}, "epoch_after"),
        ({"epoch_after": "2026-07-02T00:00:00Z"}, "epoch_after"),
        ({"burn_time": "2026-06-03T00:00:00Z"}, "burn_time"),
        ({"verdict": "guilty"}, "verdict"),
        ({"verdict": "in review"}, "verdict"),
        ({"decided_at": "2999-01-01T00:00:00Z"}, "decided_at"),
        ({"decided_at": ""}, "decided_at"),
        ({"dv_t_m_s": "fast"}, "dv_t_m_s"),
        ({"dv_t_m_s": "inf"}, "dv_t_m_s"),
        ({"dv_t_m_s": "nan"}, "dv_t_m_s"),
        ({"note": "x" * 10_001}, "note"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_and_the_others_are_taken(values, field):
    found = read(csv_of({**LINE, "burn_time": "", "dv_t_m_s": "", "note": "", **values}, LINE))
    assert len(found.labels) == 1
    (refused,) = found.refused.to_dict("records")
    assert (refused["file"], refused["line"], refused["field"]) == ("theirs", 2, field)
    assert refused["reason"]


def test_refused_lines_are_counted_as_an_editor_counts_them():
    two_lines = {**LINE, "note": "one\ntwo"}
    broken = {**LINE, "note": "", "verdict": "guilty"}
    assert read(csv_of(two_lines, broken)).refused["line"].tolist() == [4]
    given = label_frame([label(), label(90002), label(90003)])
    text = rendered(given, "json", team="Us").replace("90002", '"ninety"')
    assert read(text).refused["line"].tolist() == [3]


def test_a_line_with_too_many_fields_is_refused():
    found = read(csv_of(LINE) + "Elsewhere,90002\r\n")
    assert (len(found.labels), found.refused["line"].tolist()) == (1, [3])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"norad_id,verdict\n1,confirmed\n",
        b'{"norad_id": 1}',
        b"[1, 2",
        b"[nan]",
        b"[] []",
        b"[" * 100_000,
        b"\xff\xfe\x00",
        csv_of(LINE).encode() + b'"never closed',
        b"PK\x03\x04" + bytes(100),
    ],
    ids=["empty", "columns", "object", "cut", "nan", "trailing", "deep", "utf-16", "quote", "zip"],
)
def test_a_file_that_cannot_be_read_is_told_in_one_line(data):
    with pytest.raises(LabelFileError) as caught:
        read_labels(data, name="theirs", now=NOW)
    assert "theirs" in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: "[" + text).map(str.encode))
def test_any_bytes_are_labels_refusals_or_a_told_error(data):
    try:
        found = read_labels(data, name="theirs", now=NOW)
    except LabelFileError:
        return
    assert dict(found.labels.dtypes.astype(str)) == LABEL_DTYPES


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([*LABEL_DTYPES, "other"]),
            st.none() | st.integers() | st.text() | st.floats() | st.lists(st.integers(), max_size=2),
            max_size=8,
        ),
        max_size=3,
    )
)
def test_any_objects_are_labels_or_refused_one_by_one(records):
    try:
        found = read(json.dumps([{**LINE, **record} for record in records]))
    except LabelFileError:
        return
    assert len(found.labels) + len(found.refused) == len(records)


def test_a_formula_is_no_formula_to_a_spreadsheet_and_comes_back_as_it_was():
    given = label_frame([label(name="=HYPERLINK()", note="-1 is what it is")])
    text = rendered(given, "csv", team="Us")
    assert "'=HYPERLINK" in text
    assert read(text).labels.equals(given)


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("norad_id", "9" * 400, "norad_id"),
        ("norad_id", "1e400", "norad_id"),
        ("norad_id", "true", "norad_id"),
        ("dv_t_m_s", "9" * 400, "dv_t_m_s"),
        ("dv_t_m_s", "9" * 5000, "dv_t_m_s"),
        ("dv_t_m_s", "NaN", "dv_t_m_s"),
        ("dv_t_m_s", "true", "dv_t_m_s"),
        ("note", "[" * 200 + "]" * 200, "note"),
        ("note", '{"a": 1}', "note"),
        ("verdict", "[[1]]", "verdict"),
        ("NAME", '"x", "name": "y"', "name"),
    ],
)
def test_json_that_no_label_holds_costs_its_label_alone(name, value, field):
    bad = json.dumps({key: one for key, one in LINE.items() if key != name})[:-1] + f', "{name}": {value}}}'
    found = read(f"[{json.dumps(LINE)},\n{bad},\n{json.dumps(LINE)}]")
    assert len(found.labels) == 2
    assert found.refused[["line", "field"]].to_numpy().tolist() == [[2, field]]


def test_recursion_is_refused_as_a_file():
    with pytest.raises(LabelFileError, match="nested"):
        read("[" * 100_000)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_by_comma_semicolon_and_tab_after_comments(delimiter):
    text = "# of the desk, on Monday\n" + csv_of(LINE).replace(",", delimiter)
    assert len(read(text).labels) == 1
    with pytest.raises(LabelFileError, match="line 1: has the column verdict twice"):
        read(csv_of(LINE).replace("team", "verdict"))


@pytest.mark.parametrize(
    "text", ["[" + "{}," * 3000 + "{}]", "norad_id,epoch_before,epoch_after,verdict,decided_at\n" + "x\n" * 3001]
)
def test_of_what_cannot_be_used_all_is_counted_and_the_first_is_kept(text):
    found = read(text)
    assert (found.refused_count, len(found.refused), len(found.labels)) == (3001, MOST_REFUSED, 0)


def test_a_file_of_too_many_labels_is_refused_as_a_whole():
    lines = [{**LINE, "norad_id": str(number)} for number in range(1, 4)]
    assert len(read(csv_of(*lines), most=3).labels) == 3
    with pytest.raises(LabelFileError, match="theirs, line 4: has more than 2 labels; nothing was read"):
        read(csv_of(*lines), most=2)
    with pytest.raises(LabelFileError, match="more than 2 labels"):
        read("[1, 2, 3]", most=2)
