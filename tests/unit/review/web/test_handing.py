"""Downloads: what they hold, under which names and headers, and who may have them."""

import io
import json
import re
import zipfile

import pytest

from review import hand_on
from review.hand_on import FINDING_FORMS, FORMS
from review.ocm_rules import check
from review.records import Status
from review.web.handing import attachment
from tests.desk_client import logged_in, program_of, visitor
from tests.desk_home import FINDING, INSPECTOR

FILES = [form.file for form in FORMS.values()]


@pytest.fixture
def client(desk):
    with logged_in(desk, "vera") as client:
        yield client


@pytest.fixture
def flag(desk):
    return desk.flags.flags(norad_id=INSPECTOR)[0]


@pytest.mark.slow
def test_every_form_of_a_flag_is_a_download_with_a_name_of_ids_alone(client, flag):
    for form in FORMS.values():
        answer = client.get(f"/flags/{flag.flag_id}/{form.file}")
        assert answer.status_code == 200, form.file
        assert answer.headers["content-type"] == form.media_type
        assert answer.headers["content-disposition"] == f'attachment; filename="burnwatch-{flag.flag_id}-{form.file}"'
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.slow
def test_downloads_are_what_they_say(client, flag):
    page = f"/flags/{flag.flag_id}"
    assert client.get(f"{page}/flag.json").json()["flag_id"] == flag.flag_id
    assert client.get(f"{page}/report.pdf").content.startswith(b"%PDF-")
    check(client.get(f"{page}/ocm.kvn").text)
    with zipfile.ZipFile(io.BytesIO(client.get(f"{page}/package.zip").content)) as archive:
        assert archive.testzip() is None


def test_every_form_of_a_finding_is_a_download(client):
    for form in FINDING_FORMS.values():
        answer = client.get(f"/findings/{FINDING}/{form.file}")
        assert answer.status_code == 200, form.file
        assert answer.headers["content-disposition"] == f'attachment; filename="burnwatch-{FINDING}-{form.file}"'


def test_what_there_is_not_is_said_on_a_page(client):
    assert client.get("/flags/ffffffff-none/flag.json").status_code == 404
    assert client.get("/findings/ffffffff-none/finding.json").status_code == 404


def test_a_flag_without_a_maneuver_says_why_it_makes_no_message(desk, client, flag):
    desk.flags.settle(flag.flag_id, Status.DATA_ERROR, who="ann", expected_version=flag.version)
    answer = client.get(f"/flags/{flag.flag_id}/ocm.kvn")
    assert answer.status_code == 422
    assert "an analyst judged it a data error" in answer.text
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize("path", ["/flags.csv", "/flags.json", "/lists.yaml", *[f"/flags/x/{file}" for file in FILES]])
def test_strangers_get_nothing(desk, path):
    with visitor(desk) as stranger:
        answer = stranger.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")


def test_a_program_may_have_them_with_its_token(desk, flag):
    with program_of(desk) as program:
        assert program.get(f"/flags/{flag.flag_id}/flag.json").status_code == 200


def test_the_flags_of_a_filter_are_those_of_the_queue_in_its_order(desk, client):
    answer = client.get("/flags.json?regime=geo&order=time")
    assert answer.headers["content-disposition"] == 'attachment; filename="burnwatch-flags.json"'
    expected = [flag.flag_id for flag in desk.flags.flags(order="time") if flag.regime == "geo"]
    assert [flag["flag_id"] for flag in answer.json()] == expected
    table = client.get("/flags.csv?regime=geo&order=time").text
    assert re.findall(r"^([0-9a-f-]{36}),", table, flags=re.MULTILINE) == expected
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_a_filter_that_lets_nothing_through_gives_an_empty_document(client):
    assert client.get("/flags.json?text=nothing-is-called-so").json() == []
    assert client.get("/flags.csv?text=nothing-is-called-so").text.count("\n") == 1


def test_a_filter_that_makes_no_sense_is_refused(client):
    answer = client.get("/flags.csv?regime=moon")
    assert answer.status_code == 422
    assert "regime" in answer.text


def test_a_flag_that_is_settled_as_it_is_written_breaks_nothing(desk, client, flag, monkeypatch):
    """What is written was read in one go, so no flag is missing or there twice."""
    before = len(desk.flags.flags())
    written = hand_on.flags_csv

    def settled_meanwhile(flags):
        current = desk.flags.get(flag.flag_id)
        if current.status == Status.OPEN:
            desk.flags.settle(flag.flag_id, Status.ROUTINE, who="ann", expected_version=current.version)
        return written(flags)

    monkeypatch.setattr(hand_on, "flags_csv", settled_meanwhile)
    ids = re.findall(r"^([0-9a-f-]{36}),", client.get("/flags.csv").text, flags=re.MULTILINE)
    assert len(ids) == len(set(ids)) == before


@pytest.mark.parametrize("name", ['x".html', "a\r\nSet-Cookie: x", "../x", "a b", "", "ü"])
def test_no_name_can_break_out_of_its_header(name):
    with pytest.raises(ValueError, match="no name for a download"):
        attachment(name)


@pytest.mark.slow
def test_an_object_with_a_hostile_name_cannot_reach_a_header(desk, flag, client):
    from review.flags import Flag

    with desk.database.writing("flags") as connection:
        connection.execute(Flag.__table__.update().values(name='"\r\nX-Evil: 1\r\n\r\n<script>'))
    for file in FILES:
        answer = client.get(f"/flags/{flag.flag_id}/{file}")
        assert answer.status_code == 200, file
        assert "x-evil" not in answer.headers
    assert json.loads(client.get(f"/flags/{flag.flag_id}/flag.json").text)["name"].startswith('"')
