import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sgp4.api import Satrec
from sgp4.omm import initialize

from catalog.availability import stamp
from catalog.ccsds import instant, number, printable
from catalog.objects import empty_objects
from catalog.omm import omm_json, omm_kvn
from catalog.parse import parse_bytes
from catalog.records import ELEMENT_SET_DTYPES
from tests.review_examples import element_sets

IDENTITY = pd.DataFrame({"norad_id": [90001], "name": ["ARGUS 4"], "object_id": ["2019-004A"]})


def printed(sets: pd.DataFrame) -> pd.DataFrame:
    """Element sets with the digits that published ones have."""
    digits = {"mean_motion_rev_day": 8, "bstar_inv_er": 9, "mean_motion_dot_rev_day2": 8}
    return sets.assign(**{name: sets[name].round(places) for name, places in digits.items()})


SETS = printed(element_sets(days=20))


@st.composite
def published(draw):
    """One element set as it might be published, with values from end to end of what they may be."""

    def figure(places, low, high):
        return draw(st.integers(round(low * 10**places), round(high * 10**places))) / 10**places

    mean_motion = figure(8, 0.0001, 17)
    row = SETS.iloc[[0]].assign(
        norad_id=draw(st.integers(1, 999_999_999)),
        epoch=pd.Timestamp(draw(st.integers(-378_000_000_000_000, 2_713_000_000_000_000)), unit="us", tz="UTC"),
        mean_motion_rev_day=mean_motion,
        eccentricity=figure(7, 0, max(0.0, 1 - 6378.135 / (42_241.1 * mean_motion ** (-2 / 3)))),
        inclination_deg=figure(4, 0, 180),
        raan_deg=figure(4, 0, 360),
        arg_pericenter_deg=figure(4, 0, 360),
        mean_anomaly_deg=figure(4, 0, 360),
        bstar_inv_er=draw(st.integers(-99999, 99999)) * 10.0 ** draw(st.integers(-14, -5)),
        mean_motion_dot_rev_day2=figure(8, -1, 1),
        mean_motion_ddot_rev_day3=draw(st.integers(-99999, 99999)) * 10.0 ** draw(st.integers(-14, -5)),
        ephemeris_type=draw(st.sampled_from([0, 1, 2])),
        classification=draw(st.sampled_from("USC")),
        element_set_no=draw(st.integers(0, 9999)),
        rev_at_epoch=draw(st.integers(0, 99999)),
    )
    return row.astype(ELEMENT_SET_DTYPES)


@pytest.mark.parametrize("form", [omm_json, omm_kvn])
def test_our_own_parser_reads_the_same_sets_again(form):
    parsed = parse_bytes(form(SETS, IDENTITY, originator="BURNWATCH").encode(), name="omm")
    assert parsed.refused.empty
    same = [name for name in ELEMENT_SET_DTYPES if name not in ("available_at", "available_at_imputed", "source")]
    pd.testing.assert_frame_equal(parsed.element_sets[same], SETS[same])
    assert parsed.names.to_dict("records") == IDENTITY.to_dict("records")


@settings(max_examples=60, deadline=None)
@given(published())
def test_every_published_set_survives_both_forms(row):
    for form in (omm_json, omm_kvn):
        read = parse_bytes(form(row, empty_objects(), originator="X").encode(), name="omm").element_sets
        for name in ("norad_id", "epoch", "classification", "element_set_no", "rev_at_epoch", "ephemeris_type"):
            assert read[name].iloc[0] == row[name].iloc[0], name
        for name in ("mean_motion_rev_day", "eccentricity", "bstar_inv_er", "mean_motion_ddot_rev_day3"):
            # A five-digit mantissa times a power of ten may be a double of 17 digits, which a message may not print.
            assert read[name].iloc[0] == pytest.approx(row[name].iloc[0], rel=1e-15, abs=0), name


def test_when_a_set_became_available_goes_along_where_it_is_recorded():
    recorded = SETS[~SETS["available_at_imputed"]]
    for form in (omm_json, omm_kvn):
        parsed = parse_bytes(form(recorded, IDENTITY, originator="X").encode(), name="omm")
        again = stamp(parsed, source="file").astype({"source": "str"})
        assert not again["available_at_imputed"].any()
        assert (again["available_at"].array == recorded["available_at"].array).all()


def test_an_imputed_availability_is_not_passed_off_as_recorded():
    imputed = SETS[SETS["available_at_imputed"]]
    assert len(imputed)
    assert all("CREATION_DATE" not in message for message in json.loads(omm_json(imputed, IDENTITY, originator="X")))
    text = omm_kvn(imputed, IDENTITY, originator="X")
    assert (
        text.count("COMMENT CREATION_DATE is not recorded but imputed") == len(imputed) == text.count("\nCREATION_DATE")
    )


def test_an_unknown_name_says_so_and_becomes_no_name_on_reading():
    for form in (omm_json, omm_kvn):
        text = form(SETS.head(1), empty_objects(), originator="X")
        assert "UNKNOWN" in text
        assert parse_bytes(text.encode(), name="omm").names.to_dict("records") == [
            {"norad_id": 90001, "name": "", "object_id": ""}
        ]


def test_a_long_name_is_cut_to_the_line_that_the_standard_allows():
    long = IDENTITY.assign(name="A" * 300, object_id="B" * 300)
    text = omm_kvn(SETS.head(1), long, originator="C" * 300)
    assert max(len(line) for line in text.splitlines()) == 254
    assert parse_bytes(text.encode(), name="omm").names["name"][0].startswith("AAA")


def test_a_name_cannot_add_a_line_to_a_message():
    hostile = IDENTITY.assign(name="ARGUS\nMEAN_MOTION = 3.0\rüber\x07 ≤ 1°")
    text = omm_kvn(SETS.head(1), hostile, originator="X")
    assert "OBJECT_NAME = ARGUS MEAN_MOTION = 3.0 uber? <= 1 deg\n" in text
    assert (
        parse_bytes(text.encode(), name="omm").element_sets["mean_motion_rev_day"][0] == SETS["mean_motion_rev_day"][0]
    )


def test_keywords_stand_in_the_order_of_the_standard():
    lines = omm_kvn(SETS.head(1), IDENTITY, originator="X").splitlines()
    keywords = [line.split(" ")[0] for line in lines if not line.startswith("COMMENT")]
    header, metadata = ["CCSDS_OMM_VERS", "CREATION_DATE", "ORIGINATOR"], ["OBJECT_NAME", "OBJECT_ID", "CENTER_NAME"]
    elements = ["EPOCH", "MEAN_MOTION", "ECCENTRICITY", "INCLINATION", "RA_OF_ASC_NODE", "ARG_OF_PERICENTER"]
    tle = ["EPHEMERIS_TYPE", "CLASSIFICATION_TYPE", "NORAD_CAT_ID", "ELEMENT_SET_NO", "REV_AT_EPOCH", "BSTAR"]
    assert keywords == [
        *header, *metadata, "REF_FRAME", "TIME_SYSTEM", "MEAN_ELEMENT_THEORY", *elements, "MEAN_ANOMALY", *tle,
        "MEAN_MOTION_DOT", "MEAN_MOTION_DDOT",
    ]  # fmt: skip
    assert lines[1].startswith("COMMENT"), "comments stand right after the version"


def test_another_reader_of_omm_propagates_the_same_orbit():
    message = json.loads(omm_json(SETS.head(1), IDENTITY, originator="X"))[0]
    satellite = Satrec()
    initialize(satellite, message)
    assert satellite.no_kozai == pytest.approx(SETS["mean_motion_rev_day"][0] * 2 * np.pi / 1440, rel=1e-12)
    assert satellite.bstar == SETS["bstar_inv_er"][0]


@given(st.floats(-1e300, 1e300))
def test_numbers_keep_to_sixteen_digits_and_lose_nothing_that_matters(value):
    text = number(value)
    mantissa = text.split("E")[0]
    assert sum(char.isdigit() for char in mantissa) <= 16
    assert "E" not in text or mantissa.lstrip("-")[1] == "."
    assert float(text) == pytest.approx(value, rel=1e-15, abs=0)


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.0"), (-0.0, "0.0"), (4e-05, "4.0E-05"), (15.25, "15.25"), (1e22, "1.0E+22")]
)
def test_numbers_as_a_reader_meets_them(value, text):
    assert number(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="cannot stand in a message"):
        number(value)


@given(st.text(max_size=60))
def test_text_becomes_one_line_of_ascii(text):
    assert all(" " <= char <= "~" for char in printable(text))


def test_times_have_microseconds_and_no_zone():
    assert instant(datetime(2026, 3, 2, 10, tzinfo=UTC)) == "2026-03-02T10:00:00.000000"
