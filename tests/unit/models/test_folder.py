"""What of a benchmark's folder takes part."""

from __future__ import annotations

import pandas as pd
import pytest

from catalog.store import ElementStore
from models.benchmark.folder import read_controls, read_satellites
from models.benchmark.labels import LabelSource
from models.errors import ModelError
from tests.shorten_folder import GEO, write_shorten

PAIR = {"CRYO2": 36508, "JASO2": 33105}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_shorten(tmp_path_factory.mktemp("folder") / "two", PAIR, {"2012-002A": GEO["2012-002A"]})


@pytest.fixture
def folder(written, tmp_path):
    import shutil

    return shutil.copytree(written, tmp_path / "copy")


def reasons(satellites) -> dict[str, str]:
    return dict(satellites.left_out)


def test_everything_that_has_sets_and_labels_takes_part(folder):
    satellites = read_satellites(folder)
    assert sorted(satellites.sets) == sorted([*PAIR.values(), GEO["2012-002A"]])
    assert not satellites.left_out
    assert set(satellites.maneuvers["name"]) == {"CryoSat-2", "Jason-2", "Fengyun-2F"}
    assert satellites.snapshot == read_satellites(folder).snapshot
    first = satellites.sets[36508]
    assert first["epoch"].is_monotonic_increasing
    assert len(first) == 260


def test_sets_without_labels_and_labels_without_sets_are_named(folder):
    (folder / "processed_files" / "CryoSat-2.tle").unlink()
    (folder / "raw_data" / "manoeuvres" / "jasman.txt").unlink()
    satellites = read_satellites(folder)
    assert list(satellites.sets) == [GEO["2012-002A"]]
    assert reasons(satellites) == {"CryoSat-2": "labels but no element sets", "33105": "element sets but no labels"}


def test_a_broken_log_is_named_with_its_line_and_the_rest_goes_on(folder):
    log = folder / "raw_data" / "manoeuvres" / "cryman.txt"
    log.write_text(log.read_text() + "CRYO2 2020 400 00 00 2020 400 00 00\n")
    satellites = read_satellites(folder)
    assert 36508 not in satellites.sets
    assert 33105 in satellites.sets
    assert "line 10, date" in reasons(satellites)["cryman.txt"]


def test_a_broken_record_is_named_with_its_line_and_the_rest_goes_on(folder):
    path = folder / "processed_files" / "Jason-2.tle"
    lines = path.read_text().splitlines()
    lines[4] = lines[4][:-1] + str((int(lines[4][-1]) + 1) % 10)
    path.write_text("\n".join(lines) + "\n")
    (folder / "processed_files" / "CryoSat-2.tle").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    satellites = read_satellites(folder)
    assert len(satellites.sets[33105]) == 259
    told = reasons(satellites)
    assert any("Jason-2.tle, line 5" in name for name in told)
    assert "CryoSat-2.tle" in told


def test_too_few_sets_are_named(folder):
    path = folder / "processed_files" / "Jason-2.tle"
    path.write_text("\n".join(path.read_text().splitlines()[:16]) + "\n")
    assert "too few" in reasons(read_satellites(folder))["Jason-2"]


def test_a_folder_of_nothing_says_so(tmp_path):
    with pytest.raises(ModelError, match="no maneuver logs"):
        read_satellites(tmp_path)
    with pytest.raises(ModelError, match="no element sets"):
        read_controls(tmp_path)


def test_shipped_labels_only_on_demand(folder):
    yaml = "SATCAT number: 36508\nmanoeuvre_timestamps:\n- 2020-03-05 00:00:00\n"
    (folder / "processed_files" / "manoeuvres_CryoSat-2.yaml").write_text(yaml)
    (folder / "processed_files" / "manoeuvres_Jason-2.yaml").write_text("nothing: here\n")
    with pytest.warns(UserWarning, match="late"):
        satellites = read_satellites(folder, LabelSource((), as_shipped=True))
    assert satellites.maneuvers["burn_time"].tolist() == [pd.Timestamp("2020-03-05", tz="UTC")]
    assert "manoeuvres_Jason-2.yaml" in reasons(satellites)


def test_labels_of_ones_own_join_those_of_the_layout_and_only_labelled_objects_are_read(folder, tmp_path):
    sets = tmp_path / "sets"
    sets.mkdir()
    text = (folder / "processed_files" / "Jason-2.tle").read_text()
    (sets / "mine.tle").write_text(text)
    (folder / "processed_files" / "Jason-2.tle").unlink()
    (folder / "raw_data" / "manoeuvres" / "jasman.txt").unlink()
    (sets / "burns.csv").write_text("norad_id,name,burn_time\n33105,mine,2020-03-01\n99,gone,2020-03-01\n")
    with_labels = read_satellites([folder, sets], LabelSource((sets / "burns.csv",)))
    assert sorted(with_labels.sets) == [33105, 36508, 38049]
    assert reasons(with_labels) == {"gone": "labels but no element sets"}
    alone = read_satellites(sets)
    assert list(alone.sets) == [33105]
    assert reasons(alone) == {"gone": "labels but no element sets"}, "a table of labels is no file of element sets"
    with pytest.raises(ModelError, match="no maneuver logs"):
        read_satellites(sets / "mine.tle")


def test_a_home_gives_the_element_sets_of_labelled_objects(folder, tmp_path):
    frames = list(read_satellites(folder).sets.values())
    ElementStore(tmp_path / "home" / "elements").append(pd.concat(frames, ignore_index=True))
    burns = tmp_path / "burns.csv"
    burns.write_text("norad_id,burn_time\n33105,2020-03-01\n")
    found = read_satellites(tmp_path / "home", LabelSource((burns,)))
    assert list(found.sets) == [33105]
    assert len(found.sets[33105]) == 260
