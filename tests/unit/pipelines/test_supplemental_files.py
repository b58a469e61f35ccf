"""Operators' fits among files: kept, and apart from the public catalog's sets."""

import pytest

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from pipelines.home import Home
from pipelines.ingest import ingest_files
from tests.naive import catalog as naive

CONFIG = BurnwatchConfig()


@pytest.mark.parametrize(("supplemental", "own"), [(None, [6]), (True, [5, 6]), (False, [])])
def test_sets_of_operators_are_stored_as_such(tmp_path, supplemental, own):
    record = naive.omm(naive.published(naive.element_set(norad_id=5)))
    theirs = {**record, "NORAD_CAT_ID": 6, "CLASSIFICATION_TYPE": "C", "RMS": 0.1, "DATA_SOURCE": "X-E"}
    path = tmp_path / "sets.csv"
    path.write_bytes(naive.omm_csv([{**record, "RMS": "", "DATA_SOURCE": ""}, theirs]))
    home = Home(tmp_path / "home")
    summary = ingest_files(home, CONFIG, [path], supplemental=supplemental)
    assert summary.read == 2
    assert any("SupGP" in line for line in summary.lines()) == bool(own)
    store = ElementStore(home.elements, CONFIG.store)
    assert store.history(sources=["supgp"])["norad_id"].tolist() == own
    assert store.history()["norad_id"].tolist() == [one for one in (5, 6) if one not in own]
