"""Writing and merging the immutable files of the store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from catalog.atomic import replace_bytes
from catalog.corrections import read_later
from catalog.encoding import CorruptPartError, decode, encode
from catalog.errors import CorruptFileError
from catalog.identity import PUBLISHED, column_hash, total_hash
from catalog.manifest import NAME, Part
from catalog.records import epoch_us

_CONTENT = (*PUBLISHED, "source")
_KEY = ("norad_id", "epoch")


class Change(NamedTuple):
    """What a write does to one bucket: files written but not yet listed, and the paths they replace."""

    added: int
    gone: set[str]
    parts: list[Part]


def write_part(home: Path, bucket: int, element_sets: pd.DataFrame, row_group_rows: int) -> Part:
    """Write ``element_sets`` (at least one) as a part of ``bucket``, named by its content."""
    element_sets = element_sets.sort_values(list(_KEY), kind="stable", ignore_index=True)
    data = encode(element_sets, row_group_rows)
    sha256 = hashlib.sha256(data).hexdigest()
    path = f"bucket={bucket:04d}/{sha256[:24]}.parquet"
    replace_bytes(home / path, data)
    norad_id, epoch = element_sets["norad_id"], epoch_us(element_sets["epoch"])
    return Part(
        path=path,
        bucket=bucket,
        rows=len(element_sets),
        size=len(data),
        sha256=sha256,
        norad_id_min=int(norad_id.iloc[0]),
        norad_id_max=int(norad_id.iloc[-1]),
        epoch_min_us=int(epoch.min()),
        epoch_max_us=int(epoch.max()),
        available_at_max_us=int(epoch_us(element_sets["available_at"]).max()),
        total_hash=total_hash(element_sets),
    )


def merge(
    home: Path,
    bucket: int,
    new: pd.DataFrame,
    live: Sequence[Part],
    row_group_rows: int,
    read_at: pd.Timestamp | None = None,
) -> Change:
    """Bring ``new`` (distinct sets of one bucket) into the bucket whose parts are ``live``; ``read_at`` as in `corrections`."""
    improved: dict[str, pd.DataFrame] = {}
    shared = {
        part.path: decode(home / part.path)
        for part in live
        if _overlaps(part, new) and _shares_a_key(home / part.path, new)
    }
    if read_at is not None:
        new = read_later(new, [*shared.values()], read_at)
    for path, stored in shared.items():
        new, earlier = _without_known(stored, new)
        if earlier is not None:
            improved[path] = earlier

    # Parts no larger than what is written join it: a bucket keeps about log2(its rows / rows of an append) parts,
    # and a row is written again about as often.
    frames, gone, rows = [new], set[str](), len(new)
    for part in sorted(live, key=lambda part: part.rows):
        if rows and part.rows < 2 * rows:
            frames.append(improved.pop(part.path) if part.path in improved else decode(home / part.path))
            gone.add(part.path)
            rows += part.rows
    parts = [write_part(home, bucket, pd.concat(frames, ignore_index=True), row_group_rows)] if rows else []
    for path, stored in improved.items():
        gone.add(path)
        parts.append(write_part(home, bucket, stored, row_group_rows))
    return Change(len(new), gone, parts)


def found_parts(home: Path, buckets: int, row_group_rows: int) -> list[Part]:
    """Live parts made anew, one a bucket, of all the parts that lie in ``home``.

    A part that a crash left behind, unlisted or replaced, holds nothing but sets that were given to the store: with them
    the state is the one before the loss, or the one after the write that the crash cut off.

    Raises
    ------
    CorruptFileError
        A part is damaged, or the parts are those of another number of buckets.
    """
    parts = []
    for folder in sorted(home.glob("bucket=*")):
        paths = sorted(folder.glob("*.parquet"))
        for path in paths:
            if hashlib.sha256(path.read_bytes()).hexdigest()[:24] != path.stem:
                raise CorruptPartError(path, "its content is not what was written")
        if paths:
            bucket = int(folder.name.removeprefix("bucket="))
            sets = earliest(pd.concat([decode(path) for path in paths], ignore_index=True))
            if (sets["norad_id"] % buckets != bucket).any():
                raise CorruptFileError(
                    home / NAME,
                    f"missing, and its parts are not those of {buckets} buckets",
                    "set `store.buckets` to what it was",
                )
            parts.append(write_part(home, bucket, sets, row_group_rows))
    return parts


def earliest(element_sets: pd.DataFrame) -> pd.DataFrame:
    """Distinct element sets, each with the earliest of its availabilities; a known time goes before an imputed one."""
    ordered = element_sets.sort_values(["available_at", "available_at_imputed"], kind="stable", ignore_index=True)
    first = ~pd.Series(column_hash(ordered, _CONTENT)).duplicated().to_numpy()
    return ordered if first.all() else ordered[first].reset_index(drop=True)


def _overlaps(part: Part, new: pd.DataFrame) -> bool:
    norad_id, epoch = new["norad_id"], epoch_us(new["epoch"])
    return bool(
        len(new)
        and part.norad_id_min <= norad_id.max()
        and part.norad_id_max >= norad_id.min()
        and part.epoch_min_us <= epoch.max()
        and part.epoch_max_us >= epoch.min()
    )


def _shares_a_key(path: Path, new: pd.DataFrame) -> bool:
    stored = decode(path, _KEY, np.unique(new["norad_id"].to_numpy()))
    return bool(np.isin(column_hash(stored, _KEY), column_hash(new, _KEY)).any())


def _without_known(stored: pd.DataFrame, new: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """``new`` less what is stored; and ``stored`` with earlier availabilities, where ``new`` has any."""
    at = pd.Index(column_hash(stored, _CONTENT)).get_indexer(pd.Index(column_hash(new, _CONTENT)))
    known = np.flatnonzero(at >= 0)
    again, held = new.iloc[known], stored.iloc[at[known]]
    time, held_time = epoch_us(again["available_at"]), epoch_us(held["available_at"])
    guess, held_guess = again["available_at_imputed"].to_numpy(), held["available_at_imputed"].to_numpy()
    better = (time < held_time) | ((time == held_time) & ~guess & held_guess)
    fresh = new.iloc[np.flatnonzero(at < 0)]
    if not better.any():
        return fresh, None
    earlier = stored.copy()
    for name in ("available_at", "available_at_imputed"):
        earlier[name] = _replaced(stored[name], at[known][better], again[name][better])
    return fresh, earlier


def _replaced(values: pd.Series, rows: np.ndarray, by: pd.Series) -> pd.Series:
    values = values.copy()
    values.iloc[rows] = by.to_numpy() if by.dtype == "bool" else by.array
    return values
