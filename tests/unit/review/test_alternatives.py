"""What speaks against other explanations of a flag."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from catalog.weather import empty_weather
from review.alternatives import alternatives
from review.evidence import orbits_around
from tests.desk_home import burn_events, fleet, make_home


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = make_home(tmp_path_factory.mktemp("desk")).open()
    with desk.flags:
        yield desk


@pytest.fixture(scope="module")
def raised(desk):
    """The flag of a burn that raised a low orbit in the middle of the simulation."""
    flags = [one for one in desk.flags.flags(order="time") if one.name == "LARKSPUR 1" and (one.dv_t_m_s or 0) > 0.1]
    return flags[len(flags) // 2]


@pytest.fixture(scope="module")
def sets(raised):
    return orbits_around(fleet().element_sets, None, raised)


def by_name(*given, **options):
    return {one.explanation: one for one in alternatives(*given, **options)}


def test_every_other_explanation_of_a_clear_burn_is_refused_with_figures(raised, sets, desk):
    found = by_name(raised, sets, desk.weather())
    assert set(found) == {
        "another object",
        "bad element set",
        "cross-tag",
        "drag storm",
        "decay",
        "first element sets",
        "break-up or loss",
    }
    assert all(one.refused for one in found.values()), found
    assert "the orbit rose by" in found["drag storm"].why
    assert "of it are left over the next 6" in found["bad element set"].why


def test_while_one_set_only_shows_it_a_bad_set_and_a_loss_stay_possible(raised, sets, desk):
    found = by_name(raised, sets[sets["epoch"] <= raised.epoch_after], desk.weather())
    assert not found["bad element set"].refused
    assert not found["break-up or loss"].refused


def test_a_step_that_goes_back_is_not_refused_as_a_bad_set(raised, sets, desk):
    off = sets.copy()
    bad = off["epoch"] == raised.epoch_after
    off.loc[bad, "a_km"] += 50.0
    off.loc[bad, "mean_motion_rev_day"] *= (1 + 50.0 / off.loc[bad, "a_km"]) ** -1.5
    assert not by_name(raised, off, desk.weather())["bad element set"].refused


def test_an_orbit_that_fell_is_held_against_the_weather(sets, desk):
    events = burn_events(fleet())
    lowered = events[(events["name"] == "LARKSPUR 1") & (events["dv_t_m_s"] > 0)].iloc[2]
    flag = next(
        one for one in desk.flags.flags(norad_id=int(lowered["norad_id"])) if one.epoch_after == lowered["epoch_after"]
    )
    fell = sets.copy()
    later = fell["epoch"] >= flag.epoch_after
    fell.loc[later, "mean_motion_rev_day"] *= 1.001
    fell["a_km"] = fell["a_km"].where(~later, fell["a_km"] * 1.001 ** (-2 / 3))
    calm = pd.DataFrame(
        {"date": pd.date_range(flag.epoch_before - timedelta(days=3), periods=9).floor("D"), "ap_daily": 6.0}
    )
    stormy = calm.assign(ap_daily=120.0)
    assert by_name(flag, fell, calm)["drag storm"].refused
    assert not by_name(flag, fell, stormy)["drag storm"].refused
    assert not by_name(flag, fell, empty_weather())["drag storm"].refused


def test_far_above_the_air_no_storm_moves_anything(desk):
    flag = desk.flags.flags(norad_id=900602)[0]
    found = by_name(flag, orbits_around(fleet().element_sets, None, flag), desk.weather())
    assert found["drag storm"].refused
    assert "no air" in found["drag storm"].why


def test_a_young_object_may_still_settle(raised, sets, desk):
    young = by_name(raised, sets, desk.weather(), launch_date=raised.epoch_after - timedelta(days=3))
    assert not young["first element sets"].refused


def test_the_explanation_that_holds_is_no_alternative(raised, sets, desk):
    found = by_name(replace(raised, explanation="decay"), sets, desk.weather())
    assert "decay" not in found


def test_without_the_sets_of_the_burn_nothing_is_said(raised, sets, desk):
    assert alternatives(raised, sets.iloc[:0], desk.weather()) == []


def test_objects_that_move_as_one_keep_the_cross_tag_possible(raised, sets, desk):
    docked = replace(raised, explanation_note="moves as one with HARBOR 1: docked, in close formation, or cross-tagged")
    assert not by_name(docked, sets, desk.weather())["cross-tag"].refused
