from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from catalog.records import epoch_us, mean_elements
from orbits.propagate import propagate
from review.dossier.motion import relative_motion
from review.dossier.pictures import relative
from tests.review_examples import element_sets, flag_of

SETS = element_sets()
FLAG = flag_of(SETS)
OTHER = element_sets(norad_id=90412, burn_day=200.0, a_km=6879.0, seed=2).assign(epoch=SETS["epoch"])
WHEN = FLAG.burn_time + timedelta(days=6)


@pytest.fixture(scope="module")
def motion():
    return relative_motion(pd.concat([SETS, OTHER]), FLAG, 90412, WHEN)


def test_the_neighbor_is_where_sgp4_puts_it(motion):
    """Slowly, one moment at a time: the distance between the sets of each that are nearest."""
    for row in motion.iloc[[0, 150, 400, len(motion) - 1]].itertuples():
        at = int(row.epoch.timestamp() * 1e6)
        at = int(epoch_us(pd.Series([row.epoch]))[0])
        own = (
            SETS[SETS["epoch"] >= FLAG.epoch_after]
            if row.epoch >= FLAG.burn_time
            else SETS[SETS["epoch"] <= FLAG.epoch_before]
        )
        places = []
        for sets in (own, OTHER):
            nearest = sets.iloc[[int((sets["epoch"] - row.epoch).abs().argmin())]]
            places.append(propagate(mean_elements(nearest), np.array([at])).position_km[0])
        assert row.range_km == pytest.approx(np.linalg.norm(places[1] - places[0]), rel=1e-9)


def test_range_is_the_length_of_what_the_axes_say(motion):
    assert np.allclose(motion["range_km"], np.sqrt((motion[["r_km", "t_km", "n_km"]] ** 2).sum(axis=1)))


def test_without_the_burn_is_told_from_the_burn_on(motion):
    before = motion["epoch"] < FLAG.burn_time
    assert motion.loc[before, "unburnt_km"].isna().all()
    after = motion[~before]
    # The burn raised the orbit by 0.46 km: left alone, it would be elsewhere by some kilometers an orbit.
    apart = (after["unburnt_km"] - after["range_km"]).abs()
    assert apart.iloc[-100:].mean() > 20 > apart.iloc[:2].mean()


def test_the_span_reaches_from_two_days_before_to_beyond_the_meeting(motion):
    assert motion["epoch"].min() == FLAG.burn_time - timedelta(days=2)
    assert motion["epoch"].max() >= WHEN
    far = relative_motion(pd.concat([SETS, OTHER]), FLAG, 90412, FLAG.burn_time + timedelta(days=300))
    assert far["epoch"].max() <= FLAG.burn_time + timedelta(days=20)
    past = relative_motion(pd.concat([SETS, OTHER]), FLAG, 90412, None)
    assert past["epoch"].max() == FLAG.burn_time + timedelta(days=3)


@pytest.mark.parametrize(
    "history",
    [
        SETS,
        OTHER,
        pd.concat([SETS, OTHER[OTHER["epoch"] < FLAG.burn_time - timedelta(days=30)]]),
    ],
    ids=["no neighbor", "no object", "a stale neighbor"],
)
def test_of_whom_too_little_is_known_nothing_is_drawn(history):
    motion = relative_motion(history, FLAG, 90412, WHEN)
    assert motion.empty
    assert relative(motion, FLAG, "X") is None


def test_without_a_set_after_the_burn_there_is_one_way_only():
    early = SETS[SETS["epoch"] <= FLAG.epoch_before]
    motion = relative_motion(pd.concat([early, OTHER]), FLAG, 90412, None)
    assert motion["unburnt_km"].isna().all()
    assert motion["range_km"].notna().all()


def test_the_picture_names_a_stranger_safely_and_marks_the_burn(motion):
    figure = relative(motion, FLAG, "<b>LANTERN</b>")
    assert "&lt;b&gt;LANTERN&lt;/b&gt;" in figure["layout"]["annotations"][0]["text"]
    assert {trace["name"] for trace in figure["data"]} == {"without the burn", "before the burn", "after the burn"}
    points = sum(len(trace["x"]) for trace in figure["data"] if trace["yaxis"] == "y4")
    assert points == len(motion)
    assert [shape["name"] for shape in figure["layout"]["shapes"]].count("burn") == 4
    decayed = replace(FLAG, name="")
    assert relative(motion.assign(range_km=np.nan), decayed, "X") is None
