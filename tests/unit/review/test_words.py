from dataclasses import replace
from datetime import timedelta

import pytest

from review import words
from tests.review_examples import element_sets, flag_of


@pytest.fixture(scope="module")
def flag():
    return flag_of(element_sets(days=75))


@pytest.mark.parametrize(
    ("value", "sigma", "said"),
    [
        (0.251, 0.003, "0.2510 ± 0.0030 m/s"),
        (12.3456, 0.51, "12.35 ± 0.51 m/s"),
        (12.3456, 25.0, "12.3 ± 25.0 m/s"),
        (-0.0000123, 0.0000001, "−0.00001 ± 0.00000 m/s"),
        (0.251, None, "0.251 m/s"),
        (None, None, "– m/s"),
        (float("nan"), float("inf"), "– m/s"),
    ],
)
def test_digits_follow_the_standard_error(value, sigma, said):
    assert words.with_sigma(value, sigma, "m/s").replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ({"seconds": 12}, "12 s"),
        ({"minutes": 41}, "41 min"),
        ({"hours": -19.5}, "19.5 h"),
        ({"days": 9}, "9.0 days"),
    ],
)
def test_durations_have_the_unit_that_fits(span, said):
    assert words.duration(timedelta(**span)) == said


def test_ordinals():
    said = [words.ordinal(rank) for rank in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111)]
    assert said == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th"]


def test_a_probability_is_never_rounded_to_certainty():
    said = [words.percent(value) for value in (0.0, 1e-6, 0.5, 0.99951, 1.0)]
    assert said == ["0.0 %", "< 0.1 %", "50.0 %", "> 99.9 %", "100.0 %"]


def test_an_interval_names_its_days_only_where_they_differ(flag):
    low, high = flag.burn_time_low, flag.burn_time_high
    assert words.interval(low, high) == "09:25 to 10:41"
    assert words.interval(low - timedelta(days=1), high) == "03-01 09:25 to 03-02 10:41"


def test_the_headline_says_what_when_how_large_and_which_way(flag):
    assert words.headline(flag).replace("\u00a0", " ") == (
        "ARGUS 4 raised its orbit on 2 March 2026 at 10:00 UTC, give or take 41 min: "
        "0.2510 ± 0.0030 m/s, mostly along-track, forward."
    )


@pytest.mark.parametrize(
    ("dv", "way"),
    [
        ((0.3, 0.1, 0.1), "radially outward"),
        ((-0.3, 0.1, 0.1), "radially inward"),
        ((0.0, -0.1, 0.05), "along-track, against the motion"),
        ((None, 0.01, -2.0), "cross-track, away from the orbit normal"),
        ((None, None, None), ""),
    ],
)
def test_the_direction_is_the_largest_components(flag, dv, way):
    r, t, n = dv
    assert words.direction(replace(flag, dv_r_m_s=r, dv_t_m_s=t, dv_n_m_s=n)) == way


def test_a_nameless_object_without_a_fit_still_has_a_headline(flag):
    said = words.headline(replace(flag, name="", dv_m_s=None, kind="unknown"))
    assert said.startswith("Object 90001 changed its orbit on 2 March 2026")
    assert said.endswith("could not be fitted.")


def test_a_refused_burn_is_said_to_be_none(flag):
    said = words.headline(replace(flag, explanation="drag storm", kind="drag storm"))
    assert "is taken for no maneuver: a geomagnetic storm raised its drag." in said
    assert "m/s" not in said


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (25.0, "25.0 times that with it (χ²)"),
        (0.9, "0.900 times that with it (χ²)"),
        (4210.0, "4210 times that with it (χ²)"),
        (None, "–"),
        (float("inf"), "–"),
    ],
)
def test_the_misfit_without_the_burn_is_told_in_that_with_it(ratio, said):
    assert words.misfit(ratio) == said
