"""`burnwatch export` and `report` on a flag and a finding."""

import json

import pytest
from typer.testing import CliRunner

from pipelines.cli.main import app
from review.ocm_rules import check
from tests.desk_home import FINDING, INSPECTOR, make_home


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def flag(home):
    with home.open().flags as flags:
        return flags.flags(norad_id=INSPECTOR)[0]


def burnwatch(home, *arguments):
    return CliRunner().invoke(app, ["--home", str(home.path), *arguments], catch_exceptions=False)


def test_a_flag_goes_to_stdout_in_every_form_of_text(home, flag):
    assert json.loads(burnwatch(home, "export", flag.flag_id[:13]).stdout)["flag_id"] == flag.flag_id
    check(burnwatch(home, "export", flag.flag_id[:13], "--format", "ocm").stdout)
    assert burnwatch(home, "export", flag.flag_id, "--format", "omm").stdout.startswith("CCSDS_OMM_VERS = 3.0\n")
    assert burnwatch(home, "export", flag.flag_id, "--format", "csv").stdout.startswith("flag_id,")


def test_a_package_goes_to_a_file(home, flag, tmp_path):
    done = burnwatch(home, "export", flag.flag_id, "--format", "zip", "--out", str(tmp_path / "x.zip"))
    assert done.exit_code == 0
    assert (tmp_path / "x.zip").read_bytes().startswith(b"PK")
    assert f"wrote {tmp_path / 'x.zip'}" in done.stderr.replace("\n", "")


def test_a_report_is_a_pdf_where_its_name_says_so(home, flag, tmp_path):
    assert burnwatch(home, "report", flag.flag_id, "--out", str(tmp_path / "x.pdf")).exit_code == 0
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-")
    assert burnwatch(home, "report", flag.flag_id, "--out", str(tmp_path / "x.html")).exit_code == 0
    assert (tmp_path / "x.html").read_text().startswith("<!doctype html>")


def test_a_finding_is_handed_on_with_all_its_burns(home):
    text = burnwatch(home, "export", FINDING, "--format", "ocm").stdout
    check(text)
    assert text.count("MAN_START") > 1


def test_what_a_finding_has_not_is_said(home):
    from review.hand_on import UnknownFormatError

    with pytest.raises(UnknownFormatError, match="there are html, json, csv, ocm"):
        burnwatch(home, "export", FINDING, "--format", "zip")
    with pytest.raises(UnknownFormatError):
        burnwatch(home, "report", FINDING, "--out", "x.pdf")
