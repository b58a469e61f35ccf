"""Who is who: names, owners, kinds and dates of objects, merged from several catalogs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock

from catalog.atomic import read_parquet, replace_parquet
from catalog.designators import clean_name, cospar_id, kind_from_name
from catalog.object_records import (
    KINDS,
    OBJECT_DTYPES,
    SOURCES,
    STATUSES,
    ObjectError,
    empty_objects,
    object_frame,
    sound_objects,
)
from catalog.satcat import read_objects

__all__ = [
    "KINDS",
    "OBJECT_DTYPES",
    "SOURCES",
    "STATUSES",
    "ObjectCatalog",
    "ObjectError",
    "empty_objects",
    "join_sources",
    "objects_from_names",
    "read_objects",
]

# Best first. UCS describes satellites well and numbers them badly: on its 2023 edition 6 of 7,500 rows carry the number
# of a piece of debris or a rocket body, and some twenty have swapped numbers. So catalogs name an object, UCS describes it.
_DESCRIBED_BY = SOURCES
_REMEDY = "restore it from a backup, or move it away and `burnwatch ingest objects` again"
_NAMED_BY = ("satcat celestrak", "satcat space-track", "gcat", "table", "name line", "simulated", "ucs")
_NAME_LINE = "name line"
_NO_NAME = r"|(?:OBJECT [A-Z]{1,3}|TB[AD]|UNKNOWN|UNNAMED)\b.*"  # what stands for one until an object has it
_NAMING_FIELDS = ("name", "object_id", "kind")
_NOTHING = ("", "unknown")  # what a source says when it does not know


def objects_from_names(names: pd.DataFrame) -> pd.DataFrame:
    """Objects from the name lines of three-line files.

    Parameters
    ----------
    names : DataFrame
        ``norad_id``, ``name``, ``object_id`` as ``catalog.parse`` gives them.
    """
    name = clean_name(names["name"].astype("str"))
    return object_frame(
        {
            "norad_id": names["norad_id"],
            "name": name,
            "object_id": cospar_id(names["object_id"].astype("str")),
            "kind": kind_from_name(name),
        },
        source=_NAME_LINE,
    )


class ObjectCatalog:
    """The objects kept under ``home/objects.parquet``.

    Each source's row of an object is kept, and the sources are joined on reading, so they may be merged in any order.
    Of two editions of one source the one merged last stands.

    Parameters
    ----------
    home : Path
        ``$BURNWATCH_HOME``.
    """

    def __init__(self, home: Path) -> None:
        self._path = Path(home) / "objects.parquet"

    def merge(self, objects: pd.DataFrame, *, renames: bool = False) -> int:
        """Add objects of ``OBJECT_DTYPES``; merging the same ones again changes nothing.

        Parameters
        ----------
        objects : DataFrame
        renames : bool
            The element sets come from the catalog itself, so the names that go with them replace those known. Else a
            name line names an object only where no name is known, or where another source has the same one.

        Returns
        -------
        int
            Number of objects that no source knew before.

        Raises
        ------
        ObjectError
            A column is missing, or a kind, status or source is none of those allowed.
        """
        given = self._checked(objects)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._path.with_suffix(".lock")):
            known = self._rows()
            named = _name_lines(known, given, renames=renames)
            merged = (
                pd.concat([known, given[given["source"] != _NAME_LINE], named], ignore_index=True)
                .drop_duplicates(["norad_id", "source"], keep="last")
                .sort_values(["norad_id", "source"])
                .reset_index(drop=True)
            )
            if not merged.equals(known):
                replace_parquet(self._path, merged)
        return int(merged["norad_id"].nunique() - known["norad_id"].nunique())

    def load(self) -> pd.DataFrame:
        """One row an object, ``OBJECT_DTYPES`` sorted by norad_id, each field from the best source that knows it."""
        return join_sources(self._rows())

    def name_of(self, ids: Iterable[int]) -> dict[int, str]:
        """Names of those of ``ids`` that have one."""
        objects = self.load()
        named = objects[objects["norad_id"].isin(list(ids)) & (objects["name"] != "")]
        return dict(zip(named["norad_id"].tolist(), named["name"].tolist(), strict=True))

    def _rows(self) -> pd.DataFrame:
        if not self._path.exists():
            return empty_objects()
        return sound_objects(read_parquet(self._path, _REMEDY).astype(OBJECT_DTYPES))

    def _checked(self, objects: pd.DataFrame) -> pd.DataFrame:
        missing = [column for column in OBJECT_DTYPES if column not in objects]
        if missing:
            raise ObjectError(f"the frame lacks {', '.join(missing)}", file=self._path.name)
        for field, allowed in (("kind", KINDS), ("status", STATUSES), ("source", SOURCES)):
            odd = sorted(set(objects[field]) - set(allowed), key=str)
            if odd:
                message = f"{odd[0]!r} is not one of {', '.join(allowed)}"
                raise ObjectError(message, file=self._path.name, field=field)
        return sound_objects(objects[list(OBJECT_DTYPES)].astype(OBJECT_DTYPES))


def join_sources(rows: pd.DataFrame) -> pd.DataFrame:
    """One row an object from one row an object and source.

    Name, designator and kind: the SATCATs, then GCAT, table, name line, simulation, UCS. The rest: the SATCATs, then UCS,
    GCAT, table, name line. A UCS row on an object that another source calls debris or a rocket body is left out: UCS lists
    payloads only, so that number is wrong.
    """
    if rows.empty:
        return empty_objects()
    not_payload = rows.loc[(rows["source"] != "ucs") & rows["kind"].isin(["debris", "rocket body"]), "norad_id"]
    rows = rows[~((rows["source"] == "ucs") & rows["norad_id"].isin(not_payload))]
    identity = _first_known(rows, _NAMED_BY)
    joined = _first_known(rows, _DESCRIBED_BY)
    for field in _NAMING_FIELDS:
        joined[field] = identity[field]
    for field in ("kind", "status"):
        joined[field] = joined[field].fillna("unknown")
    text = [name for name, dtype in OBJECT_DTYPES.items() if dtype == "str"]
    joined[text] = joined[text].fillna("")
    return joined.reset_index()[list(OBJECT_DTYPES)].astype(OBJECT_DTYPES)


def _name_lines(known: pd.DataFrame, given: pd.DataFrame, *, renames: bool) -> pd.DataFrame:
    """One row for each object that a name line of ``given`` or ``known`` is about: the one that names it best."""
    every = pd.concat([given.iloc[::-1], known] if renames else [known, given], ignore_index=True)
    is_line = every["source"] == _NAME_LINE
    lines, others = every[is_line], every[~is_line]
    name = lines["name"].str.upper()
    confirmed = pd.MultiIndex.from_arrays([lines["norad_id"], name]).isin(
        pd.MultiIndex.from_arrays([others["norad_id"], others["name"].str.upper()])
    )
    is_no_name = name.str.fullmatch(_NO_NAME).to_numpy(dtype=bool)
    rank = np.where(is_no_name, 2, np.where(confirmed & (not renames), 0, 1)) + (name == "").to_numpy(dtype=int)
    ordered = lines.iloc[np.argsort(rank, kind="stable")]
    best = ordered.drop_duplicates("norad_id").copy()
    designator = ordered[ordered["object_id"] != ""].drop_duplicates("norad_id").set_index("norad_id")["object_id"]
    best["object_id"] = best["object_id"].mask(best["object_id"] == "", best["norad_id"].map(designator)).fillna("")
    return best.astype(OBJECT_DTYPES)


def _first_known(rows: pd.DataFrame, best_first: tuple[str, ...]) -> pd.DataFrame:
    rank = rows["source"].map({source: rank for rank, source in enumerate(best_first)})
    ordered = rows.assign(rank=rank).sort_values(["norad_id", "rank"]).drop(columns="rank")
    text = [name for name, dtype in OBJECT_DTYPES.items() if dtype == "str"]
    ordered[text] = ordered[text].mask(ordered[text].isin(_NOTHING))
    return ordered.groupby("norad_id").first()
