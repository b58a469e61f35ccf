"""Where the belt's objects are at one time, and what is on record of them."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from catalog.records import mean_elements, time_us
from orbits.elements import wrap_deg
from orbits.frames import longitude_deg
from orbits.propagate import propagate_grid
from review.belt import Marked, belt, marks
from review.belt_plot import belt_figure
from review.records import Status
from review.store import FlagStore
from tests.desk_home import fleet
from tests.review_examples import DAY, event, finding, findings, frame, run


@pytest.fixture(scope="module")
def sets():
    made = fleet().element_sets
    return made[made["mean_motion_rev_day"].between(0.9, 1.1)].sort_values(["norad_id", "epoch"], ignore_index=True)


def test_objects_are_where_sgp4_puts_them_over_a_day(sets):
    at = sets["epoch"].max() + pd.Timedelta(days=2)
    found = belt(sets, at)
    assert found["norad_id"].tolist() == found.sort_values("longitude_deg")["norad_id"].tolist()
    newest = sets.groupby("norad_id").tail(1).set_index("norad_id").loc[found["norad_id"]].reset_index()
    hours = np.linspace(-12, 12, 49)  # the mean of a day: the daily swing of the true longitude cancels
    times = time_us(at) + (hours * 3.6e9).astype(np.int64)
    state = propagate_grid(mean_elements(newest), times)
    true = longitude_deg(state.position_km.reshape(-1, 3), np.tile(times, len(newest))).reshape(len(newest), -1)
    middle = true[:, :1] + wrap_deg(true - true[:, :1])[:, :-1].mean(axis=1, keepdims=True)
    off = wrap_deg(found["longitude_deg"].to_numpy() - middle[:, 0])
    assert np.abs(off).max() < 0.1


def test_only_the_newest_set_counts_and_its_age_is_told(sets):
    at = sets["epoch"].max() + pd.Timedelta(days=1)
    found = belt(sets, at).set_index("norad_id")
    for norad_id, own in sets.groupby("norad_id"):
        assert found.loc[norad_id, "epoch"] == own["epoch"].max()
        assert found.loc[norad_id, "age_days"] == pytest.approx((at - own["epoch"].max()) / pd.Timedelta(days=1))


def test_an_empty_store_has_an_empty_belt(sets):
    assert belt(sets.iloc[:0], pd.NaT).empty


@pytest.fixture
def store(tmp_path):
    with FlagStore(f"sqlite:///{tmp_path / 'review.sqlite'}") as store:
        yield store


def test_marks_are_of_maneuvers_in_the_belt_in_the_time(store):
    geo = {"regime": "geo"}
    ids = store.upsert(
        frame(
            event(1, 0, **geo, unexpectedness=1.5),
            event(1, 4, **geo, unexpectedness=4.5),
            event(1, 90, **geo, unexpectedness=9.0),
            event(2, 0, **geo, explanation="bad element set"),
            event(3, 0, **geo),
            event(4, 0, regime="leo"),
        ),
        run(),
    ).flag_ids
    store.settle(ids[4], Status.DATA_ERROR, who="ann", expected_version=1)
    found = marks(store.database, DAY - timedelta(days=1), DAY + timedelta(days=30))
    assert set(found) == {1}
    assert (found[1].flags, found[1].flag_id, found[1].unexpectedness) == (2, ids[1], 4.5)
    assert found[1].burn_time == DAY + timedelta(days=4, hours=10)


def test_a_finding_marks_its_object_until_it_is_closed(store):
    store.findings.upsert(
        findings(
            finding(1, 0),
            finding(1, 30, kind="loitering"),
            finding(2, 0, state="closed", closed_at=DAY + timedelta(days=9)),
            finding(3, 0, regime="leo"),
        )
    )
    found = marks(store.database, DAY, DAY)
    assert {one: mark.finding for one, mark in found.items()} == {1: "loitering"}


def test_names_in_the_picture_leave_one_another_room(sets):
    at = sets["epoch"].max()
    one = belt(sets, at).iloc[:1]
    crowd = pd.concat([one.assign(norad_id=number, longitude_deg=0.1 * number) for number in range(1, 60)])
    crowd = crowd.assign(name="NAME").reset_index(drop=True)
    marked = {number: Marked(finding_id="f", unexpectedness=float(number)) for number in range(1, 60)}
    figure = belt_figure(crowd, np.ones(len(crowd), dtype=bool), marked)
    assert len(figure["layout"]["annotations"]) == 2  # one above, one below
    assert figure["layout"]["annotations"][0]["x"] == pytest.approx(5.9)  # the most unexpected first
    assert len(figure["data"][0]["x"]) == 59
