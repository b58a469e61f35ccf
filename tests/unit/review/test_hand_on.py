"""Flags and findings in the forms in which they are handed on."""

import io
import json
from dataclasses import replace

import pandas as pd
import pytest

from catalog.parse import parse_bytes
from review.errors import UnknownFlagError
from review.export import flags_csv, flags_json
from review.hand_on import FINDING_FORMS, FORMS, UnknownFormatError, hand_on, hand_on_finding, write_flags
from review.ocm import NoManeuverError
from review.ocm_rules import check
from review.records import Status
from tests.desk_home import FINDING, INSPECTOR, make_home


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = make_home(tmp_path_factory.mktemp("home")).open()
    with desk.flags:
        yield desk


@pytest.fixture(scope="module")
def flag(desk):
    return desk.flags.flags(norad_id=INSPECTOR)[0]


def test_every_form_has_content_and_a_name_of_ids_alone(desk, flag):
    for form, described in FORMS.items():
        handed = hand_on(desk, flag.flag_id[:13], form)
        assert handed.content, form
        assert handed.name == f"{flag.flag_id}-{described.file}"
        assert handed.media_type == described.media_type


def test_the_json_and_the_csv_are_of_this_flag(desk, flag):
    assert json.loads(hand_on(desk, flag.flag_id, "json").content)["flag_id"] == flag.flag_id
    assert flag.flag_id in hand_on(desk, flag.flag_id, "csv").content.decode()


def test_the_element_sets_are_the_same_in_every_form(desk, flag):
    table = pd.read_csv(io.BytesIO(hand_on(desk, flag.flag_id, "sets").content))
    assert set(table["norad_id"]) == {INSPECTOR}
    for form in ("omm", "omm-json"):
        parsed = parse_bytes(hand_on(desk, flag.flag_id, form).content, name=form)
        assert parsed.refused.empty
        for name in ("mean_motion_rev_day", "inclination_deg", "bstar_inv_er"):
            assert parsed.element_sets[name].tolist() == table[name].tolist(), (form, name)
        assert (parsed.element_sets["epoch"].array == pd.to_datetime(table["epoch"], utc=True).array).all()
        assert parsed.names["name"].tolist() == ["INSPECTOR"]


def test_the_sets_reach_to_both_sides_of_the_burn(desk, flag):
    epochs = pd.to_datetime(pd.read_csv(io.BytesIO(hand_on(desk, flag.flag_id, "sets").content))["epoch"], utc=True)
    assert epochs.min() < flag.epoch_before < flag.epoch_after <= epochs.max()


def test_the_message_on_a_burn_keeps_the_standard(desk, flag):
    check(hand_on(desk, flag.flag_id, "ocm").content.decode())


def test_a_finding_tells_of_all_its_burns_but_those_judged_away(desk):
    def message():
        return hand_on_finding(desk, FINDING, "ocm").content.decode()

    burns = desk.flags.findings.flags(FINDING)
    text = message()
    check(text)
    assert text.count("MAN_START") == len(burns) > 1
    desk.flags.settle(burns[0].flag_id, Status.DATA_ERROR, who="ann", expected_version=burns[0].version)
    assert message().count("MAN_START") == len(burns) - 1
    for burn in burns[1:]:
        desk.flags.settle(burn.flag_id, Status.DUPLICATE, who="ann", expected_version=burn.version)
    with pytest.raises(NoManeuverError, match="judged it a"):
        message()


def test_what_there_is_not_is_named(desk, flag):
    with pytest.raises(UnknownFormatError, match="json, csv, ocm"):
        hand_on(desk, flag.flag_id, "docx")
    with pytest.raises(UnknownFlagError):
        hand_on(desk, "ffffffff-none", "json")
    with pytest.raises(UnknownFormatError, match="html, json, csv, ocm"):
        hand_on_finding(desk, FINDING, "zip")


def test_every_form_of_a_finding_has_content(desk):
    for form in ("html", "json", "csv"):
        handed = hand_on_finding(desk, FINDING[:13], form)
        assert FINDING in handed.content.decode(), form
        assert handed.name == f"{FINDING}-{FINDING_FORMS[form].file}"


@pytest.mark.parametrize("count", [0, 1, 1000, 1001, 2500])
def test_many_flags_are_written_part_by_part_as_one_document(desk, flag, count):
    flags = [replace(flag, flag_id=str(number), name='A "name", or two\nof it') for number in range(count)]
    table, document = io.BytesIO(), io.BytesIO()
    write_flags(table, iter(flags), "csv")
    write_flags(document, iter(flags), "json")
    assert table.getvalue().decode() == flags_csv(flags)
    assert document.getvalue().decode() == flags_json(flags)
