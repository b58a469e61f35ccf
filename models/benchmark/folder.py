"""Element sets and labels of a benchmark, as far as they can be read, and their identity."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from catalog.availability import stamp
from catalog.errors import CatalogError
from catalog.sources.files import NothingToRead, read_paths
from catalog.store import ElementStore
from models.benchmark.labels import LabelSource, label_files, merge_burns, read_logs
from models.errors import ModelError

SETS_FOLDER = "processed_files"
STORE_FOLDER = "elements"  # of a home
_MOST_NAMED = 10
_LABEL_FILES = (".yaml", ".yml")
_FEWEST_SETS = 12  # five at each end are never evaluated


class LeftOut(NamedTuple):
    """What of a folder takes no part, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Satellites:
    """Objects whose element sets are known.

    Parameters
    ----------
    sets : dict of norad_id to DataFrame
        Element sets (``ELEMENT_SET_DTYPES``), sorted by epoch.
    maneuvers : DataFrame
        From `merge_burns`, of these objects alone; empty for controls.
    left_out : list of LeftOut
    """

    sets: dict[int, pd.DataFrame]
    maneuvers: pd.DataFrame
    left_out: list[LeftOut]

    @property
    def snapshot(self) -> str:
        """SHA-256 of the element sets and labels that take part."""
        digest = hashlib.sha256(fingerprint(self.maneuvers).encode())
        for norad_id in sorted(self.sets):
            digest.update(f"{norad_id} {fingerprint(self.sets[norad_id])}".encode())
        return digest.hexdigest()


def fingerprint(frame: pd.DataFrame) -> str:
    """SHA-256 of a frame's rows in their order."""
    return hashlib.sha256(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes()).hexdigest()


def read_satellites(paths: Path | Sequence[Path], labels: LabelSource | None = None) -> Satellites:
    """The labelled satellites of some places, whichever of them are there.

    A file that cannot be read is left out by itself, and so is a satellite with element sets but no labels or the reverse.

    Parameters
    ----------
    paths : Path or sequence of Path
        Homes, folders in the layout of Shorten et al. 2023, and other folders or files of element sets. Logs in the layout are
        read too, and those in any folder where ``labels`` has no paths.
    labels : LabelSource, optional

    Raises
    ------
    ModelError
        If no labelled satellite remains.
    """
    paths = [paths] if isinstance(paths, Path) else list(paths)
    source = labels or LabelSource(())
    beside = tuple(path for path in paths if path.is_dir() and (not source.paths or (path / SETS_FOLDER).is_dir()))
    source = replace(source, paths=tuple(dict.fromkeys(beside + source.paths)))
    burns, refused = read_logs(source)
    names = dict(zip(burns["norad_id"], burns["name"], strict=True))
    tables = set(label_files(source)) - {error.path for error in refused}
    sets, unlabelled, left_out = read_sets(paths, set(names), tables)
    left_out += [LeftOut(error.path.name, str(error)) for error in refused]
    left_out += _named([str(each) for each in sorted(unlabelled)], "element sets but no labels")
    unseen = [str(names[each] or each) for each in sorted(names) if each not in sets]
    left_out += _named(unseen, "labels but no element sets")
    for norad_id in sorted(sets):
        if len(sets[norad_id]) < _FEWEST_SETS:
            name = str(names[norad_id] or norad_id)
            left_out.append(LeftOut(name, f"{len(sets.pop(norad_id))} element sets are too few to evaluate"))
    if not sets:
        told = "; ".join(str(path) for path in paths)
        raise ModelError(f"no satellite in {told} has both element sets and labels: {_told(left_out)}")
    return Satellites(sets, merge_burns(burns[burns["norad_id"].isin(sets.keys())]), left_out)


def _named(names: list[str], reason: str) -> list[LeftOut]:
    """What is left out for one reason, each by its name, or many as one."""
    if len(names) > _MOST_NAMED:
        return [LeftOut(f"{len(names)} objects", reason)]
    return [LeftOut(name, reason) for name in names]


def read_controls(path: Path) -> Satellites:
    """Objects that cannot maneuver: every element set in a folder or file.

    Raises
    ------
    ModelError
        If there is none.
    """
    sets, _, left_out = read_sets([path])
    if not sets:
        raise ModelError(f"no element sets in {path}: {_told(left_out)}")
    return Satellites(sets, pd.DataFrame({"norad_id": pd.Series(dtype="int64")}), left_out)


def read_sets(
    paths: Sequence[Path], wanted: Collection[int] | None = None, tables: Collection[Path] = ()
) -> tuple[dict[int, pd.DataFrame], set[int], list[LeftOut]]:
    """Element sets of homes, folders and files, by object; numbers of objects that were not wanted; what could not be read.

    Parameters
    ----------
    paths : sequence of Path
    wanted : collection of int, optional
        Objects; all by default.
    tables : collection of Path
        Files that are passed over.
    """
    parts, others, left_out = [], set[int](), list[LeftOut]()
    for sets in _frames(paths, wanted, tables, left_out):
        own = sets if wanted is None else sets[sets["norad_id"].isin(wanted)]
        others |= set(sets["norad_id"].unique().tolist()) - set(own["norad_id"].unique().tolist())
        parts.append(own)
    if not parts:
        return {}, others, left_out
    frame = pd.concat(parts, ignore_index=True).sort_values(["norad_id", "epoch"], kind="stable")
    return {int(str(each)): own.reset_index(drop=True) for each, own in frame.groupby("norad_id")}, others, left_out


def _frames(
    paths: Sequence[Path], wanted: Collection[int] | None, tables: Collection[Path], left_out: list[LeftOut]
) -> Iterator[pd.DataFrame]:
    """Element sets, a frame a store or file that is no table of labels; ``left_out`` is told of what cannot be read."""
    files = []
    for path in paths:
        if (path / STORE_FOLDER).is_dir():
            store = ElementStore(path / STORE_FOLDER)
            yield store.history(sorted(store.coverage()["norad_id"] if wanted is None else wanted))
        else:
            files.append(path / SETS_FOLDER if (path / SETS_FOLDER).is_dir() else path)
    for file, outcome in read_paths(files):
        if file.suffix in _LABEL_FILES or file in tables:
            continue
        if isinstance(outcome, NothingToRead):
            left_out.append(LeftOut(file.name, f"no file of element sets in {file}"))
        elif isinstance(outcome, CatalogError):
            left_out.append(LeftOut(file.name, str(outcome)))
        else:
            for fault in outcome.refused.head(1).itertuples():
                more = f" ({len(outcome.refused)} records refused)" if len(outcome.refused) > 1 else ""
                place = f"{file.name}, line {fault.line}, {fault.field}"
                left_out.append(LeftOut(f"{file.name}, line {fault.line}", f"{place}: {fault.reason}{more}"))
            yield stamp(outcome, source="file")


def _told(left_out: list[LeftOut]) -> str:
    return "; ".join(f"{each.name}: {each.reason}" for each in left_out[:3]) or "it is empty"
