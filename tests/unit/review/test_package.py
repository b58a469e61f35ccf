"""The package for partners: complete, checked by its own sums, the same each time, without what is internal."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from catalog.parse import parse_bytes
from catalog.store import ElementStore
from review.hand_on import hand_on
from review.ocm_rules import check
from review.records import Status
from tests.desk_home import INSPECTOR, make_home

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "flag.schema.json").read_text())
FILES = ["report.html", "report.pdf", "flag.json", "ocm.kvn", "omm.kvn", "omm.json", "sets.csv", "provenance.json"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = make_home(tmp_path_factory.mktemp("home")).open()
    with desk.flags:
        yield desk


@pytest.fixture(scope="module")
def flags(desk):
    return desk.flags.flags(norad_id=INSPECTOR)


def packed(desk, flag_id):
    content = hand_on(desk, flag_id, "zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return content, {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def first(desk, flags):
    return packed(desk, flags[0].flag_id)


def test_it_holds_all_files_and_the_sums_fit(first):
    _, files = first
    assert list(files) == [*FILES, "SHA256SUMS"]
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert sums == {name: hashlib.sha256(files[name]).hexdigest() for name in FILES}


def test_its_parts_are_what_their_names_say(first, flags):
    _, files = first
    flag = json.loads(files["flag.json"])
    jsonschema.validate(flag, SCHEMA)
    assert flag["flag_id"] == flags[0].flag_id
    assert files["report.pdf"].startswith(b"%PDF-")
    assert flags[0].flag_id in files["report.html"].decode()
    check(files["ocm.kvn"].decode())
    table = pd.read_csv(io.BytesIO(files["sets.csv"]))
    for name in ("omm.kvn", "omm.json"):
        assert len(parse_bytes(files[name], name=name).element_sets) == len(table)


def test_its_provenance_tells_what_it_was_made_from(first, flags):
    _, files = first
    told = json.loads(files["provenance.json"])
    assert told["made_by"]["model_version"] == flags[0].model_version
    assert told["made_by"]["data_snapshot"] == flags[0].data_snapshot
    assert told["element_sets"]["count"] == len(pd.read_csv(io.BytesIO(files["sets.csv"])))
    assert [file["name"] for file in told["files"]] == FILES[:-1]
    assert all(file["sha256"] == hashlib.sha256(files[file["name"]]).hexdigest() for file in told["files"])


def test_made_again_it_is_the_same_byte_for_byte(desk, flags, first):
    assert packed(desk, flags[0].flag_id)[0] == first[0]


def test_sets_that_come_later_and_other_flags_do_not_change_it(desk, flags, first):
    late = desk.elements.history([INSPECTOR]).tail(1)
    at = pd.Timestamp(flags[0].updated_at) + pd.Timedelta(days=1)
    again = late.assign(available_at=at, inclination_deg=late["inclination_deg"] + 0.5)
    assert ElementStore(desk.home / "elements").append(again).added == 1
    other = flags[1]
    desk.flags.settle(other.flag_id, Status.ROUTINE, who="ann", expected_version=other.version)
    assert packed(desk, flags[0].flag_id)[0] == first[0]


def test_who_reviewed_it_and_what_they_wrote_stays_in_the_house(desk, flags):
    flag = flags[2]
    desk.flags.settle(
        flag.flag_id, Status.CONFIRMED, who="ann-the-analyst", note="our own secret", expected_version=flag.version
    )
    _, files = packed(desk, flag.flag_id)
    assert b"confirmed" in files["report.html"]
    for name, content in files.items():
        assert b"ann-the-analyst" not in content, name
        assert b"our own secret" not in content, name
    assert json.loads(files["provenance.json"])["review"]["status"] == "confirmed"


def test_without_a_maneuver_it_has_no_message_and_says_why(desk, flags):
    flag = flags[3]
    desk.flags.settle(flag.flag_id, Status.DATA_ERROR, who="ann", expected_version=flag.version)
    _, files = packed(desk, flag.flag_id)
    assert "ocm.kvn" not in files
    assert "data error" in json.loads(files["provenance.json"])["left_out"]["ocm.kvn"]


def test_nothing_in_the_archive_points_out_of_it(first):
    with zipfile.ZipFile(io.BytesIO(first[0])) as archive:
        assert all("/" not in entry.filename and "\\" not in entry.filename for entry in archive.infolist())
        assert {entry.date_time for entry in archive.infolist()} == {archive.infolist()[0].date_time}
