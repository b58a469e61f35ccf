"""Labels into a home and out of it: verdicts, flags, operators' burns."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from models.benchmark.folder import read_sets
from models.benchmark.labels import LabelSource, read_labels
from pipelines.home import Home
from pipelines.labels import check_labels, export_labels, import_labels, labels_of_flags
from pipelines.tables import print_labels
from review.labels import LabelStore
from review.records import Status
from review.store import FlagStore
from tests.review_examples import DAY, event, frame, run
from tests.shorten_folder import tle_text
from tests.synthetic_history import synthetic_history

CONFIG = BurnwatchConfig()


@pytest.fixture
def home(tmp_path) -> Home:
    """Four flags, two of which are settled; the fits place two burns beside their windows."""
    home = Home.at(tmp_path / "ours")
    beside = {"burn_time": DAY - timedelta(days=2)}
    with FlagStore.at_home(home.path) as store:
        store.upsert(frame(event(), event(90002, **beside), event(90003), event(90004, **beside)), run())
        for flag, to in zip(store.flags(order="time"), (Status.CONFIRMED, Status.ROUTINE), strict=False):
            store.settle(flag.flag_id, to, who="ann", note="seen", expected_version=flag.version)
    return home


def labels_of(home: Home) -> pd.DataFrame:
    with FlagStore.at_home(home.path) as store:
        return LabelStore(store.database).labels()


def test_every_flag_goes_out_as_a_label_that_is_taken_in(home, tmp_path):
    path = tmp_path / "flags.csv"
    with FlagStore.at_home(home.path) as store:
        path.write_text(labels_of_flags(store, store.flags(), team="Ours"))
        some = labels_of_flags(store, store.flags(limit=1), team="Ours")
        none = labels_of_flags(store, [], team="Ours")
    theirs = Home.at(tmp_path / "theirs")
    summary = import_labels(theirs, CONFIG, [path], by="bob")
    assert (summary.read, summary.added, summary.refused) == (4, 4, 0)
    assert sorted(labels_of(theirs)["verdict"]) == ["confirmed", "open", "open", "routine"]
    assert (some.count("\n"), none.count("\n")) == (2, 1)


def test_verdicts_teach_and_measure_as_burns_of_lists_that_are_not_whole(home, tmp_path):
    path = tmp_path / "verdicts.csv"
    path.write_text(export_labels(home, CONFIG, "csv", team="Ours"))
    with FlagStore.at_home(home.path) as store:
        for flag in store.flags(order="time"):
            if flag.status == Status.OPEN:
                store.settle(flag.flag_id, Status.DATA_ERROR, who="ann", note="bad", expected_version=flag.version)
    path.write_text(export_labels(home, CONFIG, "csv", team="Ours"))
    burns = read_labels(path)
    said = labels_of(home)
    said = said[said["verdict"] != "data error"]
    assert burns["norad_id"].tolist() == said["norad_id"].tolist()
    assert burns["window_start"].tolist() == said["epoch_before"].tolist()
    assert burns["window_end"].tolist() == said["epoch_after"].tolist()
    assert burns["partial"].all()
    assert set(burns["source"]) == {"Ours"}


def test_an_operators_burns_are_taken_in_once(tmp_path):
    home, path = Home.at(tmp_path / "home"), tmp_path / "burns.csv"
    path.write_text(
        "SATNO,name,burn_time,window_start,window_end,announced,source\n"
        "7,A,,2026-02-05,2026-02-05,yes,Agency\n7,A,2026-03-05T01:00:00Z,,,,\n"
    )
    refused = import_labels(home, CONFIG, [path], columns={"norad_id": "SATNO"}, by="bob")
    assert "name the team with --team" in refused.errors[0]
    first = import_labels(home, CONFIG, [path], team="Ops", columns={"norad_id": "SATNO"}, by="bob")
    again = import_labels(home, CONFIG, [path], team="Ops", columns={"norad_id": "SATNO"}, by="bob")
    assert ((first.read, first.added), (again.read, again.added)) == ((2, 2), (2, 0))
    told = labels_of(home)
    assert told["verdict"].tolist() == ["routine", "confirmed"]
    assert told["team"].tolist() == ["Agency", "Ops"]
    day, instant = told["epoch_after"] - told["epoch_before"]
    assert (day, instant) == (pd.Timedelta(days=1, seconds=2), pd.Timedelta(seconds=2))


def test_a_published_log_is_taken_in_and_a_broken_one_named(tmp_path):
    home, path = Home.at(tmp_path / "home"), tmp_path / "en1man.txt"
    path.write_text("ENVI1 2010 001 06 00 2010 001 06 10\n")
    assert import_labels(home, CONFIG, [path], team="ESA", by="bob").added == 1
    path.write_text("ENVI1 2010 400 06 00 2010 001 06 10\n")
    assert import_labels(home, CONFIG, [path], team="ESA", by="bob").errors == (
        "en1man.txt, line 1, date: 400 is not in 1..365",
    )
    assert import_labels(home, CONFIG, [Path("/nowhere.csv")], by="bob").failed


def test_labels_are_checked_against_the_home_or_other_element_sets(tmp_path):
    (tmp_path / "sets.tle").write_text(tle_text(synthetic_history(120, norad_id=7, orbit="leo", seed=1)))
    sets = read_sets([tmp_path / "sets.tle"])[0][7]
    home, empty, path = Home.at(tmp_path / "home"), Home.at(tmp_path / "empty"), tmp_path / "burns.csv"
    ElementStore(home.elements).append(sets)
    middle = sets["epoch"].iloc[60].isoformat()
    path.write_text(f"norad_id,burn_time\n7,{middle}\n8,{middle}\n")
    source = LabelSource.of(path)
    told = check_labels(home, CONFIG, source)
    assert told["remark"].tolist() == ["", "no element sets"]
    assert told["evaluated"].tolist() == [1, 0]
    assert check_labels(empty, CONFIG, source)["remark"].tolist() == ["no element sets"] * 2
    assert check_labels(empty, CONFIG, source, sets=[home.path]).equals(told)
    print_labels(told)
