from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from configs.schema import BurnwatchConfig
from features.bank import compute_features
from review.dossier.gathered import Gathered
from review.dossier.nearby import nearby
from review.dossier.page import assembled
from review.dossier.pictures import inclinations
from review.evidence import orbits_around
from review.pages import figure_json
from tests.review_examples import element_sets, flag_of, verdicts_on

CONFIG = BurnwatchConfig()
SETS = element_sets()
FLAG = flag_of(SETS)
OTHER = element_sets(norad_id=90412, burn_day=200.0, a_km=6879.0, seed=2).assign(epoch=SETS["epoch"])
EARLIER = replace(FLAG, flag_id="earlier", burn_time=FLAG.burn_time - timedelta(days=23), dv_m_s=0.1)


def made(sets=SETS, others=OTHER, flag=FLAG, flags=(FLAG, EARLIER)):
    history = pd.concat([sets, others], ignore_index=True)
    gaps = compute_features(sets)
    found = Gathered(history, orbits_around(history, gaps, flag), gaps)
    return assembled(flag, None, verdicts_on(flag), list(flags), nearby(flag, None, {}), found, [], CONFIG)


def test_in_low_orbit_it_shows_the_neighbors_plane_and_its_relative_motion():
    dossier = made()
    assert set(dossier.figures) == {"elements", "residuals", "delta_v", "way", "relative", "life"}
    assert dossier.met.norad_id == 90412
    titles = [one["text"] for one in dossier.figures["way"]["layout"]["annotations"]]
    assert "Angle to the neighbor's plane [°]" in titles
    assert {"LANTERN 2"} <= {trace["name"] for trace in dossier.figures["way"]["data"]}


def test_its_days_are_those_of_the_configuration():
    dossier = made()
    assert dossier.sets["epoch"].min() >= FLAG.burn_time - timedelta(days=CONFIG.review.report_days_before)
    assert dossier.sets["epoch"].max() <= FLAG.burn_time + timedelta(days=CONFIG.review.report_days_after)
    assert {"other flag", "burn"} <= {shape["name"] for shape in dossier.figures["elements"]["layout"]["shapes"]}


@pytest.mark.parametrize(
    ("sets", "missing"),
    [
        (SETS.iloc[:0], {"elements", "residuals", "way", "relative"}),
        (SETS.iloc[[3]], {"residuals"}),
        (SETS[SETS["epoch"] <= FLAG.epoch_before], set()),
        (SETS[SETS["epoch"] >= FLAG.epoch_after], set()),
    ],
    ids=["no history", "one set", "none after", "none before"],
)
def test_missing_data_makes_a_smaller_dossier(sets, missing):
    dossier = made(sets)
    assert not missing & set(dossier.figures)
    assert dossier.quality


def test_a_flag_of_which_little_is_known_has_a_dossier():
    unknown = {name: None for name in FLAG.__dataclass_fields__ if "dv_" in name or name in {"threshold", "rank"}}
    bare = replace(FLAG, **unknown, name="", neighbours=[], reasons=[])
    dossier = made(flag=bare, flags=[bare])
    assert set(dossier.figures) == {"elements", "residuals"}
    assert dossier.met is None


def test_every_figure_is_json_without_what_json_has_not():
    for figure in made(SETS.assign(bstar_inv_er=np.nan)).figures.values():
        assert "NaN" not in figure_json(figure)
        assert "<" not in figure_json(figure)


def test_the_inclination_vector_is_drawn_to_one_scale_around_all_of_it():
    figure = inclinations(SETS, FLAG, [("LANTERN 2", OTHER), ("gone", OTHER.iloc[:0])])
    assert [trace["name"] for trace in figure["data"]] == ["burn", "before the burn", "after the burn", "LANTERN 2"]
    widths = [np.ptp(figure["layout"][axis]["range"]) for axis in ("xaxis", "yaxis")]
    assert widths[0] == pytest.approx(widths[1])
    for axis, name in (("x", "xaxis"), ("y", "yaxis")):
        low, high = figure["layout"][name]["range"]
        assert all(low < value < high for trace in figure["data"] for value in trace[axis])
    first = figure["data"][1]
    i, node = np.radians(SETS["inclination_deg"].iloc[0]), np.radians(SETS["raan_deg"].iloc[0])
    assert (first["x"][0], first["y"][0]) == pytest.approx((np.degrees(i) * np.cos(node), np.degrees(i) * np.sin(node)))
