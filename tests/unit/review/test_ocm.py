import math
import re
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.objects import empty_objects
from configs.review import ReviewConfig
from review.ocm import NoManeuverError, ocm
from review.ocm_rules import breaches
from review.records import Status
from tests.review_examples import element_sets, flag_of

FLAG = flag_of(element_sets(days=80))
OBJECTS = empty_objects().reindex([0]).assign(
    norad_id=90001, name="ARGUS 4", object_id="2019-004A", owner="SIM", kind="payload", status="active", users="",
    purpose="", operator="Argus Oy", source="simulated",
)  # fmt: skip


def entries(text):
    return dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)


def data_lines(text):
    composition = entries(text)["MAN_COMPOSITION"].split(", ")
    lines = re.findall(r"^\d{4}-\d\d-\d\dT.*$", text, flags=re.MULTILINE)
    return [dict(zip(composition, line.split(), strict=True)) for line in lines]


def test_the_burn_stands_in_the_maneuver_block():
    text = ocm([FLAG], OBJECTS)
    said = entries(text)
    assert said["OBJECT_NAME"] == "ARGUS 4"
    assert said["INTERNATIONAL_DESIGNATOR"] == "2019-004A"
    assert said["OBJECT_DESIGNATOR"] == "90001"
    assert said["OPERATOR"] == "Argus Oy"
    assert (said["MAN_BASIS"], said["MAN_DEVICE_ID"], said["MAN_REF_FRAME"]) == ("DETERMINED", "ALL", "RSW_INERTIAL")
    assert said["MAN_ID"] == FLAG.flag_id
    assert said["MAN_UNITS"] == "[s, km/s, km/s, km/s, %, deg]"
    (burn,) = data_lines(text)
    assert burn["TIME_ABSOLUTE"] == "2026-03-02T10:00:00.000000"
    assert [float(burn[f"DV_{axis}"]) for axis in "XYZ"] == pytest.approx([1e-6, 0.25e-3, -0.02e-3])
    assert float(burn["DV_MAG_SIGMA"]) == pytest.approx(100 * 0.003 / np.linalg.norm([0.001, 0.25, -0.02]), rel=1e-5)


def test_the_error_of_the_direction_is_that_across_the_burn():
    along = replace(
        FLAG, dv_r_m_s=0.0, dv_t_m_s=2.0, dv_n_m_s=0.0, dv_r_sigma_m_s=0.1, dv_t_sigma_m_s=5.0, dv_n_sigma_m_s=0.3
    )
    (burn,) = data_lines(ocm([along], OBJECTS))
    assert float(burn["DV_DIR_SIGMA"]) == pytest.approx(math.degrees(math.atan(0.3 / 2.0)), rel=1e-5)


def test_unknown_errors_are_left_out():
    (burn,) = data_lines(ocm([replace(FLAG, dv_sigma_m_s=None, dv_n_sigma_m_s=None)], OBJECTS))
    assert list(burn) == ["TIME_ABSOLUTE", "MAN_DURA", "DV_X", "DV_Y", "DV_Z"]


def test_the_same_flag_gives_the_same_message_for_ever():
    assert ocm([FLAG], OBJECTS) == ocm([FLAG], OBJECTS)
    assert entries(ocm([FLAG], OBJECTS))["MESSAGE_ID"] == f"{FLAG.flag_id}-3"
    assert entries(ocm([FLAG], OBJECTS))["CREATION_DATE"] == FLAG.updated_at.strftime("%Y-%m-%dT%H:%M:%S.%f")


def test_burns_of_one_object_name_their_neighbors():
    later = replace(FLAG, flag_id="00000000-0000-5000-8000-000000000002", burn_time=FLAG.burn_time + timedelta(days=2))
    text = ocm([later, FLAG], OBJECTS, message_id="finding-7")
    first, second = text.split("MAN_START")[1:]
    assert f"MAN_NEXT_ID = {later.flag_id}" in first
    assert "MAN_PREV" not in first
    assert f"MAN_PREV_ID = {FLAG.flag_id}" in second
    assert "MAN_NEXT" not in second
    assert entries(text)["OCM_DATA_ELEMENTS"] == "MAN, MAN"
    assert entries(text)["MESSAGE_ID"] == "finding-7"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"dv_t_m_s": None}, "no change of velocity"),
        ({"explanation": "cross-tag", "status": Status.OPEN}, "explained as cross-tag"),
        ({"status": Status.DATA_ERROR}, "judged it a data error"),
        ({"status": Status.DUPLICATE}, "judged it a duplicate"),
    ],
)
def test_what_is_no_maneuver_is_not_handed_on_as_one(values, reason):
    with pytest.raises(NoManeuverError, match=reason):
        ocm([replace(FLAG, **values)], OBJECTS)


def test_a_person_who_confirms_a_burn_outweighs_the_explanation():
    assert "MAN_START" in ocm([replace(FLAG, explanation="decay", status=Status.CONFIRMED)], OBJECTS)


def test_originator_and_caveat_are_those_of_the_configuration():
    said = entries(ocm([FLAG], OBJECTS, config=ReviewConfig(originator="FIN-SSA", classification="Partners only")))
    assert (said["ORIGINATOR"], said["CLASSIFICATION"]) == ("FIN-SSA", "Partners only")


def test_a_name_of_which_nothing_can_be_written_gives_way_to_the_catalogs():
    assert entries(ocm([replace(FLAG, name="\x1f\u0301")], OBJECTS))["OBJECT_NAME"] == OBJECTS["name"].iloc[0]
    assert entries(ocm([replace(FLAG, name="\u0301")], empty_objects()))["OBJECT_NAME"] == "UNKNOWN"


def test_an_object_of_ones_own_has_no_public_number():
    said = entries(ocm([replace(FLAG, norad_id=990_000_001)], empty_objects()))
    assert (said["CATALOG_NAME"], said["OBJECT_TYPE"]) == ("BURNWATCH", "UNKNOWN")


text = st.text(max_size=80)
figure = st.floats(-1e4, 1e4)


@settings(max_examples=80, deadline=None)
@given(
    name=text,
    note=text,
    kind=text,
    dv=st.tuples(figure, figure, figure),
    sigma=st.none() | st.floats(0, 1e4),
    probability=st.none() | st.floats(0, 1),
)
def test_whatever_a_flag_says_the_message_keeps_the_rules(name, note, kind, dv, sigma, probability):
    hostile = replace(
        FLAG, name=name, explanation_note=note, kind=kind, judged_kind=kind, model_version=f"{name}\nMAN_STOP",
        dv_r_m_s=dv[0], dv_t_m_s=dv[1], dv_n_m_s=dv[2], dv_sigma_m_s=sigma, dv_r_sigma_m_s=sigma, dv_t_sigma_m_s=sigma,
        dv_n_sigma_m_s=sigma, probability=probability,
    )  # fmt: skip
    assert breaches(ocm([hostile], OBJECTS)) == []
