"""What every source of element sets promises, whatever it reads them from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from pydantic import SecretStr

from catalog.availability import stamp
from catalog.parse import Parsed
from catalog.records import ELEMENT_SET_DTYPES, GP_SOURCES, SUPPLEMENTAL_SOURCE
from catalog.simulate import simulate_fleet
from catalog.sources import celestrak, spacetrack
from catalog.sources.files import read_paths
from catalog.sources.web import Batch
from catalog.store import ElementStore
from configs.catalog import StoreConfig
from configs.simulate import SimulateConfig
from configs.sources import CelestrakConfig, SpaceTrackConfig, SpaceTrackLogin
from tests.servers import CelestrakServer, SpaceTrackServer, gp_record, render_2le, render_json

RECORDS = [
    gp_record(norad_id, f"2026-04-{day:02d}T06:30:00", f"2026-04-{day:02d}T14:00:00")
    for norad_id in (25544, 90001)
    for day in (1, 2, 3)
]
NOW = pd.Timestamp("2026-05-02T12:00", tz="UTC").as_unit("us")

Fetch = Callable[[Path], list[pd.DataFrame]]


def fetch_files(home: Path) -> list[pd.DataFrame]:
    folder = home / "files"
    folder.mkdir(parents=True)
    (folder / "a.tle").write_bytes(render_2le(RECORDS))
    (folder / "b.json").write_bytes(render_json(RECORDS))
    outcomes = [outcome for _, outcome in read_paths([folder])]
    return [stamp(outcome, source="file") for outcome in outcomes if isinstance(outcome, Parsed)]


def fetch_celestrak(home: Path, *, supplemental: bool = False) -> list[pd.DataFrame]:
    with CelestrakServer({"test": RECORDS}) as server:
        query = celestrak.Query("FILE" if supplemental else "GROUP", "test", supplemental)
        batch = celestrak.fetch(query, home=home, config=CelestrakConfig(base_url=server.url), clock=lambda: NOW)
    assert isinstance(batch, Batch)
    batch.done()
    return [batch.element_sets]


def fetch_spacetrack(home: Path) -> list[pd.DataFrame]:
    login = SpaceTrackLogin(user=SecretStr("analyst"), password=SecretStr("sesame"))
    frames = []
    with SpaceTrackServer(RECORDS) as server:
        config = SpaceTrackConfig(base_url=server.url)
        begin, end = pd.Timestamp("2026-04-01", tz="UTC"), pd.Timestamp("2026-04-04", tz="UTC")
        for batch in spacetrack.fetch_history(
            [25544, 90001], begin, end, home=home, login=login, config=config, clock=lambda: NOW
        ):
            assert isinstance(batch, Batch)
            frames.append(batch.element_sets)
            batch.done()
    return frames


def fetch_simulated(home: Path) -> list[pd.DataFrame]:
    return [simulate_fleet(SimulateConfig(days=40)).element_sets]


SOURCES: dict[str, Fetch] = {
    "file": fetch_files,
    "celestrak": fetch_celestrak,
    "supgp": lambda home: fetch_celestrak(home, supplemental=True),
    "space-track": fetch_spacetrack,
    "simulated": fetch_simulated,
}


Fetched = tuple[str, list[pd.DataFrame], list[pd.DataFrame]]


@pytest.fixture(params=sorted(SOURCES), scope="module")
def fetched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Fetched:
    """The name of a source, and what two fetches of the same data gave."""
    fetch = SOURCES[request.param]
    return request.param, fetch(tmp_path_factory.mktemp("one")), fetch(tmp_path_factory.mktemp("two"))


def test_frames_have_the_columns_and_types_of_element_sets(
    fetched: Fetched,
) -> None:
    name, frames, _ = fetched
    assert frames
    for frame in frames:
        assert not frame.empty
        assert frame.dtypes.astype(str).to_dict() == ELEMENT_SET_DTYPES
        assert list(frame.columns) == list(ELEMENT_SET_DTYPES)
        assert set(frame["source"]) == {name}
    assert name in (*GP_SOURCES, SUPPLEMENTAL_SOURCE)


def test_every_set_says_when_it_could_be_had(fetched: Fetched) -> None:
    _, frames, _ = fetched
    sets = pd.concat(frames)
    assert sets[["epoch", "available_at"]].notna().all(axis=None)
    assert str(sets["epoch"].dt.tz) == str(sets["available_at"].dt.tz) == "UTC"
    assert (sets["available_at"] > sets["epoch"]).all()
    assert (sets["norad_id"] > 0).all()


def test_fetching_again_gives_the_same_content(fetched: Fetched, tmp_path: Path) -> None:
    _, frames, again = fetched
    store = ElementStore(tmp_path, StoreConfig())
    for frame in frames:
        store.append(frame)
    before = store.snapshot_id()
    assert before
    assert [store.append(frame) for frame in again] == [(0, len(frame)) for frame in frames]
    assert store.snapshot_id() == before
