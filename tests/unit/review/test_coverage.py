"""What is said of the store's content, held to a slow count of its sets."""

import pandas as pd
import pytest

from catalog.store import ElementStore
from orbits.elements import regime
from review.coverage import cover
from tests.desk_home import fleet


@pytest.fixture(scope="module")
def sets():
    """A fleet's sets, some of them from a second source, in which one object was seen last."""
    made = fleet().element_sets
    other = made[(made["norad_id"] % 3 == 0) & (made.index % 5 == 0)].assign(source="file", available_at_imputed=True)
    return pd.concat([made, other], ignore_index=True)


@pytest.fixture(scope="module")
def store(sets, tmp_path_factory):
    """They come in three instalments, so that objects lie in several parts."""
    store = ElementStore(tmp_path_factory.mktemp("coverage"))
    for place in range(3):
        store.append(sets[sets.index % 3 == place])
    return store


def regimes_of(sets):
    return regime(sets["mean_motion_rev_day"].to_numpy(), sets["eccentricity"].to_numpy())


def test_each_object_and_source_is_counted(store, sets):
    found = cover(store).by_source
    assert len(found) == sets.groupby(["norad_id", "source"]).ngroups
    for row in found.itertuples():
        own = sets[(sets["norad_id"] == row.norad_id) & (sets["source"] == row.source)]
        newest = own.loc[[own["epoch"].idxmax()]]
        assert (row.sets, row.imputed) == (len(own), own["available_at_imputed"].sum())
        assert (row.first_epoch, row.last_epoch) == (own["epoch"].min(), own["epoch"].max())
        assert row.last_available_at == own["available_at"].max()
        assert row.regime == regimes_of(newest)[0]


def test_days_and_regimes_add_up_to_all_sets(store, sets):
    days = cover(store).days
    counted = sets.assign(day=sets["epoch"].dt.floor("D"), regime=regimes_of(sets)).groupby(["day", "regime"]).size()
    assert {(row.day, row.regime): row.sets for row in days.itertuples()} == counted.to_dict()


def test_objects_and_sources_and_regimes_agree(store, sets):
    coverage = cover(store)
    objects, sources, regimes = coverage.objects(), coverage.sources(), coverage.regimes()
    assert objects["sets"].sum() == sources["sets"].sum() == regimes["sets"].sum() == len(sets)
    assert regimes["objects"].sum() == len(objects) == sets["norad_id"].nunique()
    assert regimes["regime"].tolist() == ["leo", "meo", "geo"]
    shared = objects[objects["norad_id"] % 3 == 0]
    assert set(shared["sources"]) == {"file, simulated"}
    assert sources.set_index("source")["imputed"].to_dict() == {
        "file": (sets["source"] == "file").sum(),
        "simulated": sets[sets["source"] == "simulated"]["available_at_imputed"].sum(),
    }


def test_an_object_is_stale_from_its_newest_epoch_on(tmp_path, sets):
    newest = sets["available_at"].max()
    silent = int(sets["norad_id"].iloc[0])
    late = (sets["norad_id"] == silent) & (sets["epoch"] > newest - pd.Timedelta(days=20))
    store = ElementStore(tmp_path)
    store.append(sets[~late])
    stale = cover(store).stale(7.0)
    assert stale["norad_id"].tolist() == [silent]
    assert stale["age_days"].iloc[0] == pytest.approx(20.0, abs=2.0)
    ages = cover(store).regimes().set_index("regime")
    counts = ages.loc[stale["regime"].iloc[0]]
    assert counts["age_7d"] == counts["objects"] - 1
    assert counts["age_30d"] == counts["objects"]


def test_only_new_parts_are_read_again(tmp_path, sets, monkeypatch):
    store = ElementStore(tmp_path)
    newest = sets["epoch"].max() - pd.Timedelta(days=1)
    store.append(sets[sets["epoch"] < newest])
    known = {}
    cover(store, known)
    assert known
    monkeypatch.setattr("catalog.store.decode", pytest.fail)
    assert cover(store, known).by_source["sets"].sum() == store.count()
    monkeypatch.undo()
    store.append(sets[sets["epoch"] >= newest])
    again = cover(store, known)
    pd.testing.assert_frame_equal(again.by_source, cover(store).by_source)
    assert set(known) == {part.path for part in store._manifest().parts}


def test_an_empty_store_has_no_rows(tmp_path):
    coverage = cover(ElementStore(tmp_path))
    for frame in (coverage.by_source, coverage.days, coverage.objects(), coverage.regimes(), coverage.stale(7.0)):
        assert frame.empty
    assert pd.isna(coverage.newest)
