"""An object's life: its orbit, what is drawn of it, and its years."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from orbits.constants import EARTH_RADIUS_KM
from review.life import flags_of, life, thinned, years
from review.life_plot import life_figure
from review.records import Status
from review.store import FlagStore
from tests.desk_home import INSPECTOR, fleet
from tests.review_examples import event, frame, run


def sets_of(norad_id):
    sets = fleet().element_sets
    return sets[sets["norad_id"] == norad_id].sort_values("epoch", ignore_index=True)


def leo():
    sets = fleet().element_sets
    return int(sets.loc[sets["mean_motion_rev_day"] > 11.25, "norad_id"].iloc[0])


def test_heights_are_over_the_equator():
    sets = sets_of(leo())
    orbit = life(sets)
    assert len(orbit) == len(sets)
    mean = (orbit["perigee_km"] + orbit["apogee_km"]) / 2 + EARTH_RADIUS_KM
    np.testing.assert_allclose(mean, orbit["a_km"])
    ratio = (orbit["perigee_km"] + EARTH_RADIUS_KM) / orbit["a_km"]
    np.testing.assert_allclose(ratio, 1 - sets["eccentricity"])


def test_a_longitude_is_in_one_piece():
    orbit = life(sets_of(INSPECTOR))
    assert orbit["longitude_deg"].diff().abs().max() < 90.0


def test_no_sets_are_no_life():
    assert life(sets_of(INSPECTOR).iloc[:0]).empty


@given(
    arrays(np.float64, st.integers(0, 600), elements=st.one_of(st.floats(-1e6, 1e6), st.just(np.nan))),
    st.integers(2, 80),
)
def test_thinning_keeps_the_ends_and_the_extremes(values, most):
    kept = thinned(values, most)
    assert (np.diff(kept) > 0).all()
    assert len(kept) <= min(len(values), most + 3)
    if len(values):
        assert (kept[0], kept[-1]) == (0, len(values) - 1)
    known = values[np.isfinite(values)]
    if known.size:
        assert np.nanmin(values[kept]) == known.min()
        assert np.nanmax(values[kept]) == known.max()


def test_thinning_keeps_a_step_of_one_sample():
    values = np.zeros(20_000)
    values[12_345] = 1.0
    assert 12_345 in thinned(values, 400)


@pytest.fixture
def store(tmp_path):
    with FlagStore(f"sqlite:///{tmp_path / 'review.sqlite'}") as store:
        yield store


def test_flags_come_latest_first_without_the_withdrawn(store):
    store.upsert(frame(event(day=0), event(day=10), event(norad_id=90002, day=5)), run())
    assert len(flags_of(store.database, 90001)) == 2
    store.upsert(frame(event(day=10)), run(spans=[(90001, -1.0, 3.0)]))
    (left,) = flags_of(store.database, 90001)
    assert left.burn_time > datetime(2026, 3, 10, tzinfo=UTC)


def test_a_year_counts_what_stands_for_maneuvers(store):
    given_flags = (
        event(day=0, dv_m_s=0.5, unexpectedness=2.0),
        event(day=5, dv_m_s=0.25, unexpectedness=None),
        event(day=10, explanation="drag storm", dv_m_s=7.0),
        event(day=15, dv_m_s=9.0),
        event(day=400, dv_m_s=1.0),
    )
    ids = store.upsert(frame(*given_flags), run()).flag_ids
    store.settle(ids[3], Status.DATA_ERROR, who="ann", expected_version=1)
    epochs = pd.Series(pd.to_datetime(["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"]))
    found = years(epochs, flags_of(store.database, 90001))
    assert [(year.year, year.sets, year.maneuvers) for year in found] == [(2027, 0, 1), (2026, 2, 2), (2025, 1, 0)]
    assert found[1].dv_m_s == pytest.approx(0.75)
    assert (found[1].unexpectedness, found[2].unexpectedness) == (2.0, None)


def test_the_picture_shows_every_flag_at_its_size(store):
    store.upsert(
        frame(event(day=0), event(day=10, dv_m_s=None, listed=True), event(day=20, explanation="decay")), run()
    )
    flags = flags_of(store.database, 90001)
    figure = life_figure(life(sets_of(leo())), flags, [], in_the_belt=False)
    burns = {trace["name"]: trace for trace in figure["data"] if trace.get("meta") == "/flags/"}
    assert {name: len(trace["x"]) for name, trace in burns.items()} == {
        "listed or confirmed": 1,
        "open": 1,
        "no maneuver": 1,
    }
    assert burns["open"]["y"] == [0.251]
    assert burns["listed or confirmed"]["y"][0] < 0.251
    drawn = {trace["name"] for trace in figure["data"]} - set(burns)
    assert drawn == {
        "Semi-major axis [km]",
        "Eccentricity",
        "Inclination [°]",
        "Drag term B* [1/Earth radius]",
    }
    axis = figure["layout"]["xaxis"]["range"]
    assert all(axis[0] < x < axis[1] for trace in burns.values() for x in trace["x"])


def test_a_line_is_broken_where_no_set_came_for_long():
    sets = sets_of(leo())
    silent = sets["epoch"].min() + timedelta(days=20)
    parts = sets[(sets["epoch"] < silent) | (sets["epoch"] > silent + timedelta(days=60))]
    figure = life_figure(life(parts.reset_index(drop=True)), [], [], in_the_belt=False)
    whole = life_figure(life(sets), [], [], in_the_belt=False)
    assert [trace["y"].count(None) for trace in figure["data"]] == [1] * 4
    assert [trace["y"].count(None) for trace in whole["data"]] == [0] * 4
    assert len(figure["data"]) == 4  # and no panel for burns that are not there


def test_nothing_known_is_no_picture():
    assert life_figure(pd.DataFrame(), [], [], in_the_belt=False) is None
