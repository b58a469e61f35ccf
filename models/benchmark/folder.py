"""Element sets and labels of a benchmark's folder, as far as they can be read, and their identity."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from catalog.availability import stamp
from catalog.errors import CatalogError
from catalog.sources.files import NothingToRead, read_paths
from models.benchmark.labels import merge_burns, read_logs
from models.errors import ModelError

SETS_FOLDER = "processed_files"
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


def read_satellites(path: Path, *, as_shipped: bool = False) -> Satellites:
    """The labelled satellites of a folder in the layout of Shorten et al. 2023, whichever of them are there.

    A file that cannot be read is left out by itself, and so is a satellite with element sets but no labels or the reverse.

    Parameters
    ----------
    path : Path
    as_shipped : bool
        Use the shipped labels, which are late; warns.

    Raises
    ------
    ModelError
        If no labelled satellite remains.
    """
    sets, left_out = _read_sets(path / SETS_FOLDER)
    labels, refused = read_logs(path, as_shipped=as_shipped)
    left_out += [LeftOut(error.path.name, str(error)) for error in refused]
    names = dict(zip(labels["norad_id"], labels["name"], strict=True))
    for norad_id in sorted(sets.keys() - names.keys()):
        left_out.append(LeftOut(str(norad_id), "element sets but no labels"))
    for norad_id in sorted(names.keys() - sets.keys()):
        left_out.append(LeftOut(str(names[norad_id]), "labels but no element sets"))
    for norad_id in sorted(names.keys() & sets.keys()):
        if len(sets[norad_id]) < _FEWEST_SETS:
            left_out.append(
                LeftOut(str(names[norad_id]), f"{len(sets[norad_id])} element sets are too few to evaluate")
            )
            del sets[norad_id]
    known = {norad_id: own for norad_id, own in sets.items() if norad_id in names}
    if not known:
        raise ModelError(f"no satellite in {path} has both element sets and labels: {_told(left_out)}")
    maneuvers = merge_burns(labels[labels["norad_id"].isin(known.keys())])
    return Satellites(known, maneuvers, left_out)


def read_controls(path: Path) -> Satellites:
    """Objects that cannot maneuver: every element set in a folder or file.

    Raises
    ------
    ModelError
        If there is none.
    """
    sets, left_out = _read_sets(path)
    if not sets:
        raise ModelError(f"no element sets in {path}: {_told(left_out)}")
    return Satellites(sets, pd.DataFrame({"norad_id": pd.Series(dtype="int64")}), left_out)


def _read_sets(path: Path) -> tuple[dict[int, pd.DataFrame], list[LeftOut]]:
    parts, left_out = [], []
    for file, outcome in read_paths([path]):
        if file.suffix in _LABEL_FILES:
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
            parts.append(stamp(outcome, source="file"))
    if not parts:
        return {}, left_out
    frame = pd.concat(parts, ignore_index=True).sort_values(["norad_id", "epoch"], kind="stable")
    ids = sorted(frame["norad_id"].unique().tolist())
    return {norad_id: frame[frame["norad_id"] == norad_id].reset_index(drop=True) for norad_id in ids}, left_out


def _told(left_out: list[LeftOut]) -> str:
    return "; ".join(f"{each.name}: {each.reason}" for each in left_out[:3]) or "it is empty"
