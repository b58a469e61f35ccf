"""Every reader of what comes from outside: what it is fed, how it is asked, and by what error it may refuse."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from catalog.asset_files import lists_of, rendered
from catalog.availability import stamp
from catalog.errors import CatalogError
from catalog.objects import ObjectCatalog, read_objects
from catalog.parse import parse_bytes
from catalog.records import ELEMENT_SET_DTYPES
from catalog.sources.files import read_file
from catalog.weather import WEATHER_DTYPES, WeatherTable, read_space_weather, weather_at
from configs.load import ConfigError, load_config
from models.benchmark.labels import LABEL_DTYPES, LabelSource, read_labels
from models.errors import ModelError
from review import label_files
from review.errors import ReviewError
from tests.fuzz import seeds

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Reader:
    """A way in.

    Parameters
    ----------
    files : dict of str to bytes
        Good files by name; what is made of one keeps its name.
    read : callable
        Reads the bytes of such a file (its path is free to be written to) and checks what is promised of the result.
    refuses : tuple of exception types
    """

    files: dict[str, bytes]
    read: Callable[[bytes, Path], object]
    refuses: tuple[type[Exception], ...]


def _element_sets(data: bytes, path: Path) -> None:
    sets = stamp(parse_bytes(data, name=path.name), source="file")
    assert sets.dtypes.astype(str).to_dict() == ELEMENT_SET_DTYPES
    assert np.isfinite(sets.select_dtypes("float64")).all(axis=None)
    assert sets["norad_id"].between(1, 999_999_999).all()


def _files(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    for _, outcome in read_file(path):
        if not isinstance(outcome, CatalogError):
            stamp(outcome, source="file")


def _packed(data: bytes, path: Path) -> None:
    _files(seeds.packed(data), path.with_name(f"{path.name}.gz"))


def _is_stored(data: bytes) -> bool:
    """Writing takes ten times as long as reading: some inputs stand for all."""
    return zlib.crc32(data) % 8 == 0


def _objects(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    refused: list[pd.DataFrame] = []
    objects = read_objects(path, refuse=refused.append)
    assert objects["norad_id"].is_unique
    assert objects["norad_id"].between(1, 999_999_999).all()
    for name in ("launch_date", "decay_date"):
        assert objects[name].dropna().dt.year.between(1957, 2056).all()
    for frame in refused:
        frame.to_json()
    if not _is_stored(data):
        return
    home = path.parent / "home"
    (home / "objects.parquet").unlink(missing_ok=True)
    catalog = ObjectCatalog(home)
    catalog.merge(objects)
    assert len(catalog.load()) == len(objects)


def _weather(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    weather = read_space_weather(path, refuse=lambda frame: frame.to_json())
    assert weather.dtypes.astype(str).to_dict() == WEATHER_DTYPES
    weather_at(weather, weather["date"])
    if _is_stored(data):
        home = path.parent / "home"
        (home / "weather.parquet").unlink(missing_ok=True)
        WeatherTable(home).merge(weather)
        assert len(WeatherTable(home).load()) == len(weather)


def _labels(data: bytes, path: Path) -> None:
    found = label_files.read_labels(data, name=path.name, team="south", now=NOW)
    found.refused.to_json()
    for form in ("csv", "json"):
        text = label_files.rendered(found.labels, form, team="south")  # type: ignore[arg-type]
        again = label_files.read_labels(text.encode(), name="again", now=NOW)
        assert again.refused.empty
        pd.testing.assert_frame_equal(again.labels, found.labels)


def _burns(data: bytes, path: Path) -> None:
    folder = path.parent / ("processed_files" if path.suffix == ".yaml" else "raw_data/manoeuvres")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / path.name).write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        is_table = path.suffix == ".csv"
        place = folder / path.name if is_table else path.parent
        burns = read_labels(LabelSource((place,), as_shipped=path.suffix == ".yaml"))
    assert burns.dtypes.astype(str).to_dict() == LABEL_DTYPES
    assert not np.isinf(burns.select_dtypes("float64")).any(axis=None)


def _lists(data: bytes, path: Path) -> None:
    lists = lists_of(data, path)
    assert lists_of(rendered(lists, form="json"), Path("again.json")) == lists


def _config(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    load_config(path)


CATALOG, LABEL, BURN = (CatalogError,), (ReviewError,), (ModelError,)
READERS = {
    "TLE": Reader({"a.tle": seeds.tle(), "a.txt": seeds.tle(named=True)}, _element_sets, CATALOG),
    **{
        f"OMM {form}": Reader({f"a.{form}": write(seeds.RECORDS)}, _element_sets, CATALOG)
        for form, write in seeds.OMM.items()
    },
    "files": Reader(
        {
            "a.zip": seeds.zipped(a__tle=seeds.tle(), b__csv=seeds.OMM["csv"](seeds.RECORDS)),
            "a.tle.gz": seeds.packed(seeds.tle()),
        },
        _files,
        CATALOG,
    ),
    "packed": Reader({f"a.{form}": write(seeds.RECORDS) for form, write in seeds.OMM.items()}, _packed, CATALOG),
    "objects": Reader(
        {
            "satcat.csv": seeds.table(seeds.SATCAT),
            "satcat.json": seeds.as_json(seeds.SATCAT),
            "gp.json": seeds.as_json(seeds.GP),
            "gp.csv": seeds.table(seeds.GP, ";"),
            "satcat.tsv": seeds.table(seeds.GCAT, "\t"),
            "ucs.txt": seeds.table(seeds.UCS, "\t"),
            "ucs.xlsx": seeds.workbook(seeds.UCS),
        },
        _objects,
        CATALOG,
    ),
    "weather": Reader({"sw.csv": seeds.table(seeds.WEATHER)}, _weather, CATALOG),
    "labels": Reader(
        {"labels.csv": seeds.table(seeds.LABELS), "labels.json": seeds.as_json(seeds.LABELS)}, _labels, LABEL
    ),
    "burn logs": Reader(
        {
            "cs2man.txt": seeds.DORIS,
            "manFY4A.txt.fy": seeds.FENGYUN,
            "manoeuvres_SARAL.yaml": seeds.SHIPPED,
            "burns.csv": seeds.table(seeds.BURNS),
        },
        _burns,
        BURN,
    ),
    "lists": Reader(
        {"list.json": seeds.as_json([seeds.LIST])[1:-1], "list.yaml": seeds.LIST_YAML, "all.yaml": seeds.as_json([seeds.LIST])[1:-1]},
        _lists,
        CATALOG,
    ),
    "configuration": Reader({"settings.yaml": seeds.CONFIG}, _config, (ConfigError,)),
}  # fmt: skip


def outcome(reader: Reader, name: str, data: bytes, folder: Path) -> Exception | None:
    """Read a file; the error by which it was refused, in one line, or None where it was taken.

    Any other error passes through.
    """
    refusal: Exception | None = None
    try:
        reader.read(data, folder / name)
    except reader.refuses as error:
        refusal = error
    if refusal is not None:
        assert 0 < len(str(refusal)) < 5000, "a refusal is one readable line"
        assert len(str(refusal).splitlines()) == 1
    return refusal
