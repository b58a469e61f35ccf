import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest

from review.export import (
    FIELDS,
    FINDING_FIELDS,
    finding_json,
    findings_csv,
    findings_json,
    flag_json,
    flags_csv,
    flags_json,
)
from review.records import State, Status
from review.store import FlagStore
from tests.review_examples import element_sets, event, finding, findings, flag_of, frame, run

FINDING_SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "finding.schema.json").read_text())
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "flag.schema.json").read_text())


@pytest.fixture(scope="module")
def flag():
    return flag_of(element_sets(days=75))


def read_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_flag_has_the_documented_fields_in_order(flag):
    plain = flag_json(flag)
    jsonschema.validate(plain, SCHEMA)
    assert list(plain) == list(FIELDS) == SCHEMA["required"]
    assert plain["burn_time"] == "2026-03-02T10:00:00Z"
    assert plain["status"] == "confirmed"
    assert plain["neighbours"][0] == {
        "norad_id": 90412,
        "name": "LANTERN 2",
        "miss_km": 11.4,
        "when": "2026-03-09T04:17:00Z",
    }


def test_what_the_store_keeps_of_unknowns_is_valid_json(tmp_path):
    nothing = dict.fromkeys(("dv_r_m_s", "dv_t_m_s", "dv_n_m_s", "dv_sigma_m_s", "probability", "unexpectedness"))
    nowhere = [{"norad_id": 7, "name": "", "miss_km": float("nan"), "when": None}]
    with FlagStore.at_home(tmp_path) as store:
        store.upsert(frame(event(**nothing, neighbours=nowhere, reasons=None, burn_time=None)), run())
        text = flags_json(store.flags())
    (plain,) = json.loads(text)
    jsonschema.validate(plain, SCHEMA)
    assert [plain[name] for name in nothing] == [None] * 6
    assert plain["neighbours"][0]["miss_km"] is None
    assert "NaN" not in text


@pytest.mark.parametrize(
    "broken",
    [{"burn_time": "2026-03-02 10:00"}, {"kind": "raise"}, {"rank": 0}, {"probability": 1.5}, {"surplus": 1}],
)
def test_the_schema_refuses_what_is_wrong(flag, broken):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(flag_json(flag) | broken, SCHEMA)


def test_json_of_many_flags_is_one_array(flag):
    assert json.loads(flags_json([flag, flag])) == [flag_json(flag)] * 2
    assert json.loads(flags_json([])) == []


def test_microseconds_are_kept(flag):
    late = replace(flag, burn_time=flag.burn_time + timedelta(microseconds=5))
    assert flag_json(late)["burn_time"] == "2026-03-02T10:00:00.000005Z"
    jsonschema.validate(flag_json(late), SCHEMA)


def test_csv_holds_what_json_holds(flag):
    (row,) = read_csv(flags_csv([replace(flag, rank=None)]))
    plain = flag_json(flag)
    assert list(row) == list(FIELDS)
    assert row["rank"] == ""
    assert float(row["dv_n_m_s"]) == plain["dv_n_m_s"] < 0
    for name in ("reasons", "neighbours"):
        assert json.loads(row[name]) == plain[name]
    assert flags_csv([]).splitlines() == [",".join(FIELDS)]


@pytest.mark.parametrize("name", ['=HYPERLINK("x")', "+1", "-2+3", "@SUM(A1)", "\t=1", "  =1", "＝1", "|calc"])
def test_a_name_cannot_become_a_formula(flag, name):
    (row,) = read_csv(flags_csv([replace(flag, name=name)]))
    assert row["name"] == "'" + name


def test_quotes_and_newlines_stay_in_their_cell(flag):
    (row,) = read_csv(flags_csv([replace(flag, name='A "B", C\nD', status=Status.OPEN)]))
    assert (row["name"], row["status"]) == ('A "B", C\nD', "open")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    with FlagStore.at_home(tmp_path_factory.mktemp("home")) as store:
        store.findings.upsert(
            findings(
                finding(closed_at=finding()["news_at"], state="closed", partners=[7]),
                finding(90002, news=[], neighbours=[], unexpectedness=None, dv_m_s=None, events=[], regime=""),
            )
        )
        return [store.findings.get(one["finding_id"]) for one in (finding(), finding(90002))]


def test_a_finding_has_the_documented_fields_in_order(found):
    for record in found:
        plain = finding_json(record)
        jsonschema.validate(plain, FINDING_SCHEMA)
        assert list(plain) == list(FINDING_FIELDS) == FINDING_SCHEMA["required"]
    plain = finding_json(found[0])
    assert plain["state"] == "closed"
    assert plain["news"] == [{**finding()["news"][0]}]
    assert plain["neighbours"] == finding()["neighbours"]
    assert json.loads(findings_json(found)) == [finding_json(record) for record in found]


@pytest.mark.parametrize(
    "broken", [{"state": "asleep"}, {"kind": "raise"}, {"headline": ""}, {"said": {}}, {"news": [{}]}]
)
def test_the_schema_of_findings_refuses_what_is_wrong(found, broken):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(finding_json(found[0]) | broken, FINDING_SCHEMA)


def test_csv_of_findings_holds_what_json_holds(found):
    rows = read_csv(findings_csv([replace(found[0], headline="=1+1"), found[1]]))
    assert list(rows[0]) == list(FINDING_FIELDS)
    assert rows[0]["headline"] == "'=1+1"
    assert json.loads(rows[0]["news"]) == finding_json(found[0])["news"]
    assert (rows[1]["unexpectedness"], rows[1]["closed_at"]) == ("", "")


def test_kinds_and_states_are_the_same_words_everywhere():
    from pipelines.cli.findings import FindingState, Kind

    assert [kind.value for kind in Kind] == FINDING_SCHEMA["properties"]["kind"]["enum"]
    assert [state.value for state in FindingState] == FINDING_SCHEMA["properties"]["state"]["enum"] == list(State)


def test_the_kinds_are_those_that_findings_are_made_with():
    from models.assess.findings.frame import FINDING_DTYPES, FINDING_KINDS, STATES
    from review.finding_intake import DTYPES

    assert list(FINDING_KINDS) == FINDING_SCHEMA["properties"]["kind"]["enum"]
    assert list(STATES) == list(State)
    assert list(FINDING_DTYPES) == list(DTYPES)
