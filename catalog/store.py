"""The bitemporal store of element sets.

Objects are spread over buckets (``norad_id`` modulo their number); each bucket holds a few immutable Parquet parts,
sorted by object and epoch. A manifest lists the live parts; replacing it is the commit, so a crash at any instant leaves
the state before or after a whole write. A lost manifest is made anew from the parts by the next write. One process writes at a time; readers take no lock.

A set is stored once for each (``norad_id``, ``epoch``, ``source``, published fields). When the same set comes again with
an earlier ``available_at``, the part that holds it is written anew with the earlier time and replaces the old one in the
same commit. Sets re-issued for one epoch with other contents are all kept.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeVar
from uuid import uuid4

import filelock
import numpy as np
import pandas as pd

from catalog.encoding import CorruptPartError, MissingFileError, decode
from catalog.errors import CatalogError, CorruptFileError
from catalog.future import is_ahead, latest_epoch_us
from catalog.identity import latest_issues
from catalog.manifest import NAME, Manifest, Part, read_manifest, write_manifest
from catalog.parts import earliest, found_parts, merge, write_part
from catalog.records import ELEMENT_SET_DTYPES, GP_SOURCES, empty_element_sets, epoch_us
from configs.catalog import StoreConfig
from orbits.elements import IntArray

_log = logging.getLogger(__name__)
_MAX_NORAD_ID = 999_999_999
_WHOLE_SETS = 100  # from which on an object is as much work as any

Result = TypeVar("Result")


class AppendResult(NamedTuple):
    """How many element sets of a batch were new, and how many were in the store before (or twice in the batch)."""

    added: int
    known: int


class InvalidElementSetsError(CatalogError):
    """A frame that cannot be stored.

    Attributes
    ----------
    column : str
    reason : str
    """

    def __init__(self, column: str, reason: str) -> None:
        self.column, self.reason = column, reason
        super().__init__(f"element sets not stored: {column}: {reason}")


class StoreLockedError(CatalogError):
    """Another process is writing to the store."""


class ElementStore:
    """Element sets of all objects, by epoch and by when they became available.

    Parameters
    ----------
    home : Path
        The store's folder. It is made by the first write.
    config : StoreConfig, optional
    """

    def __init__(self, home: Path, config: StoreConfig | None = None) -> None:
        self.home, self.config = home, config or StoreConfig()

    def append(self, element_sets: pd.DataFrame, *, read_at: datetime | None = None) -> AppendResult:
        """Store the sets that are not there yet, all or none of them. Appending again changes nothing.

        Parameters
        ----------
        element_sets : DataFrame
            Columns of ``ELEMENT_SET_DTYPES``.
        read_at : datetime, optional
            When they were read (UTC), in this order: then what was read later wins where nothing else tells which of two
            sets is newer (`catalog.corrections`). Without it the order of storage never matters.

        Raises
        ------
        InvalidElementSetsError
            A column is missing or holds what cannot be stored; nothing was written.
        StoreLockedError, CorruptFileError
        """
        new = earliest(_checked(element_sets))
        if new.empty:
            return AppendResult(0, 0)
        at = None if read_at is None else pd.Timestamp(read_at)
        with self._writing() as manifest:
            buckets = new["norad_id"].to_numpy() % manifest.buckets
            order = np.argsort(buckets, kind="stable")
            added, gone, parts = 0, set[str](), list[Part]()
            for rows in np.split(order, np.flatnonzero(np.diff(buckets[order])) + 1):
                bucket = int(buckets[rows[0]])
                live = [part for part in manifest.parts if part.bucket == bucket]
                change = merge(self.home, bucket, new.iloc[rows], live, self.config.row_group_rows, at)
                added += change.added
                gone |= change.gone
                parts += change.parts
            self._commit(manifest, gone, parts)
        return AppendResult(added, len(element_sets) - added)

    def history(
        self,
        ids: Iterable[int] | None = None,
        *,
        as_of: datetime | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sources: Collection[str] = GP_SOURCES,
        every_issue: bool = False,
    ) -> pd.DataFrame:
        """Element sets as they were known at ``as_of``: one for each object and epoch, the latest issue.

        Parameters
        ----------
        ids : iterable of int, optional
            Catalog numbers; all objects if not given.
        as_of : datetime, optional
            Only sets with ``available_at <= as_of`` are seen.
        since, until : datetime, optional
            ``since <= epoch < until``.
        sources : collection of str
        every_issue : bool
            All issues of an epoch instead, for a caller that asks for several times `catalog.identity.latest_issues`.

        Returns
        -------
        DataFrame
            Columns of ``ELEMENT_SET_DTYPES``, sorted by ``norad_id`` and ``epoch``.
        """
        wanted = None if ids is None else np.unique(np.fromiter(ids, dtype=np.int64))
        as_of_us, since_us, until_us = (_to_us(time) for time in (as_of, since, until))

        def read(manifest: Manifest) -> list[pd.DataFrame]:
            frames = []
            for part in manifest.parts:
                if not _may_hold(part, manifest.buckets, wanted, since_us, until_us):
                    continue
                sets = self._decoded(part, tuple(ELEMENT_SET_DTYPES), wanted)
                seen = np.array(sets["source"].isin(list(sources)))
                if as_of_us is not None:
                    seen &= epoch_us(sets["available_at"]) <= as_of_us
                if since_us is not None:
                    seen &= epoch_us(sets["epoch"]) >= since_us
                if until_us is not None:
                    seen &= epoch_us(sets["epoch"]) < until_us
                frames.append(sets if seen.all() else sets[seen])
            return frames

        found = _sorted(_joined(self._reading(read)))
        return found.reset_index(drop=True) if every_issue else latest_issues(found)

    def gathered(self, ids: IntArray, most: int, sets: IntArray | None = None) -> list[IntArray]:
        """``ids`` in groups of at most ``most`` whose sets lie together, so that `history` reads few parts for each.

        With ``sets``, how many each has, one of less than ``_WHOLE_SETS`` counts for its share of an object.
        """
        order = np.lexsort((ids, ids % self._manifest().buckets))
        shares = np.ones(len(ids)) if sets is None else np.clip(sets[order] / _WHOLE_SETS, 0.0, 1.0)
        group = np.ceil(np.cumsum(shares) / most - 1e-9)
        return np.split(ids[order], np.flatnonzero(np.diff(group)) + 1) if len(ids) else []

    def changed_since(self, available_after: datetime) -> IntArray:
        """Objects with a set that became available after ``available_after``, sorted."""
        after = _to_us(available_after)

        def read(manifest: Manifest) -> list[IntArray]:
            ids = []
            for part in manifest.parts:
                if after is None or part.available_at_max_us <= after:
                    continue
                sets = self._decoded(part, ("norad_id", "available_at"))
                ids.append(np.unique(sets["norad_id"].to_numpy()[epoch_us(sets["available_at"]) > after]))
            return ids

        return _union(self._reading(read))

    def object_ids(self) -> IntArray:
        """Catalog numbers of all objects in the store, sorted."""
        return _union(
            self._reading(
                lambda manifest: [
                    np.unique(decode(self.home / part.path, ("norad_id",))["norad_id"].to_numpy())
                    for part in manifest.parts
                ]
            )
        )

    def coverage(self) -> pd.DataFrame:
        """What the store holds of each object.

        Returns
        -------
        DataFrame
            ``norad_id, count`` (all issues from all sources)``, first_epoch, last_epoch, last_available_at``, sorted.
        """
        summaries = self.summaries(("norad_id", "epoch", "available_at"), _summary)
        none = _summary(empty_element_sets()[["norad_id", "epoch", "available_at"]])
        return (
            pd.concat([*summaries.values()] or [none])
            .groupby("norad_id", as_index=False)
            .agg({"count": "sum", "first_epoch": "min", "last_epoch": "max", "last_available_at": "max"})
        )

    def summaries(
        self,
        columns: Sequence[str],
        summarize: Callable[[pd.DataFrame], Result],
        known: Mapping[str, Result] = MappingProxyType({}),
    ) -> dict[str, Result]:
        """What ``summarize`` makes of each part of the store, under a name that its content alone gives it.

        Parameters
        ----------
        columns : sequence of str
            Those that it takes, of ``ELEMENT_SET_DTYPES``.
        summarize : callable
            From the element sets of a part, all issues from all sources. All sets of an object may lie in several parts.
        known : mapping, optional
            What was made earlier: these parts are not read again.
        """
        return self._reading(
            lambda manifest: {
                part.path: known[part.path] if part.path in known else summarize(self._decoded(part, tuple(columns)))
                for part in manifest.parts
            }
        )

    def count(self) -> int:
        """Element sets in the store, all issues from all sources."""
        return self._manifest().rows

    def snapshot_id(self) -> str:
        """Twelve hexadecimal digits that name the content: the same content has the same name, however it is laid out."""
        return self._manifest().snapshot_id

    def store_id(self) -> str:
        """What tells this store from every other one, whatever they hold; '' of one that nothing was written to."""
        return self._manifest().store_id

    @contextmanager
    def frozen(self, folder: Path) -> Iterator[ElementStore]:
        """The store as it is now, unmoved by later writes, while the block runs; for what must all be made from one state.

        Parameters
        ----------
        folder : Path
            Where its parts are linked to, in the same file system (else they are copied). Emptied before and after, so
            that what a killed process left there goes with the next one.
        """
        shutil.rmtree(folder, ignore_errors=True)

        def link(manifest: Manifest) -> Manifest:
            for part in manifest.parts:
                _link(self.home / part.path, folder / part.path)
            return manifest

        try:
            write_manifest(folder, self._reading(link))
            yield ElementStore(folder, self.config)
        except CorruptPartError as error:  # what is damaged is the part that outlives the block
            if not error.path.is_relative_to(folder):
                raise
            raise CorruptPartError(self.home / error.path.relative_to(folder), error.reason) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def compact(self) -> None:
        """Merge each bucket into one part, and remove files that a crash left behind."""
        with self._writing() as manifest:
            gone, parts = set[str](), list[Part]()
            for bucket in sorted({part.bucket for part in manifest.parts}):
                live = [part for part in manifest.parts if part.bucket == bucket]
                if len(live) > 1:
                    merged = _joined([decode(self.home / part.path) for part in live])
                    parts.append(write_part(self.home, bucket, merged, self.config.row_group_rows))
                    gone |= {part.path for part in live}
            manifest = self._commit(manifest, gone, parts)
            listed = {self.home / part.path for part in manifest.parts}
            for path in [*self.home.glob("bucket=*/*"), *self.home.glob(".*.tmp")]:
                if path not in listed:
                    path.unlink(missing_ok=True)

    def damaged(self) -> list[CorruptFileError]:
        """Compare every part with the checksum that the manifest holds; an empty list means all are sound."""
        found: list[CorruptFileError] = []
        for part in self._manifest().parts:
            path = self.home / part.path
            try:
                sound = hashlib.sha256(path.read_bytes()).hexdigest() == part.sha256
            except FileNotFoundError:
                found.append(MissingFileError(path))
                continue
            if not sound:
                found.append(CorruptPartError(path, "its content is not what was written"))
        return found

    def _decoded(self, part: Part, columns: tuple[str, ...], norad_ids: IntArray | None = None) -> pd.DataFrame:
        """Columns of a part's sets, without those from the future: a wrong year would be the newest set for decades."""
        latest_us = latest_epoch_us(self.config)
        if part.epoch_max_us <= latest_us:
            return decode(self.home / part.path, columns, norad_ids)
        sets = decode(self.home / part.path, tuple(dict.fromkeys((*columns, "epoch", "source"))), norad_ids)
        return sets.loc[~is_ahead(sets["epoch"], sets["source"], latest_us), list(columns)]

    def _manifest(self) -> Manifest:
        manifest = read_manifest(self.home)
        if manifest is not None:
            return manifest
        if any(self.home.glob("bucket=*/*.parquet")):
            raise CorruptFileError(
                self.home / NAME,
                "missing beside its parts",
                "restore it from a backup, or let the next `burnwatch ingest` make it anew from them",
            )
        return Manifest(buckets=self.config.buckets)

    def _reading(self, read: Callable[[Manifest], Result]) -> Result:
        """Result of ``read`` on the current state, tried again where a writer replaced parts meanwhile."""
        manifest = self._manifest()
        while True:
            try:
                return read(manifest)
            except MissingFileError:
                current = self._manifest()
                if current == manifest:
                    raise
                manifest = current

    @contextmanager
    def _writing(self) -> Iterator[Manifest]:
        """The current state, with the right to replace it."""
        self.home.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(self.home / ".lock", timeout=self.config.lock_timeout_s):
                yield read_manifest(self.home) or self._begun()
        except filelock.Timeout as error:
            raise StoreLockedError(
                f"{self.home}: another process has been writing for {self.config.lock_timeout_s:g} s; wait for it and run again"
            ) from error

    def _begun(self) -> Manifest:
        """A manifest for a store without one, written before any part: where parts lie, it was lost."""
        parts = tuple(found_parts(self.home, self.config.buckets, self.config.row_group_rows))
        manifest = Manifest(store_id=uuid4().hex, buckets=self.config.buckets, parts=parts)
        write_manifest(self.home, manifest)
        if parts:
            _log.warning("%s was missing: made anew from its parts, %d element sets", self.home / NAME, manifest.rows)
        return manifest

    def _commit(self, manifest: Manifest, gone: set[str], parts: list[Part]) -> Manifest:
        """Make the new parts live, then remove the files they replace."""
        gone = gone - {part.path for part in parts}
        if not parts and not gone:
            return manifest
        manifest = manifest.replacing(gone | {part.path for part in parts}, parts)
        write_manifest(self.home, manifest)
        for path in gone:
            (self.home / path).unlink(missing_ok=True)
        return manifest


def _checked(element_sets: pd.DataFrame) -> pd.DataFrame:
    """``element_sets`` with exactly the columns and dtypes of ``ELEMENT_SET_DTYPES``."""
    columns = {}
    for name, dtype in ELEMENT_SET_DTYPES.items():
        if name not in element_sets:
            raise InvalidElementSetsError(name, "the column is missing")
        values = element_sets[name]
        if missing := int(values.isna().sum()):
            raise InvalidElementSetsError(name, f"{missing} values are missing")
        try:
            columns[name] = values.astype(pd.api.types.pandas_dtype(dtype))
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidElementSetsError(name, f"not {dtype} ({error})") from error
        if dtype == "float64" and not np.isfinite(columns[name]).all():
            raise InvalidElementSetsError(name, "not all values are finite")
    if not columns["norad_id"].between(1, _MAX_NORAD_ID).all():
        raise InvalidElementSetsError("norad_id", f"not all catalog numbers are in 1..{_MAX_NORAD_ID}")
    return pd.DataFrame(columns).reset_index(drop=True)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(source)
    except FileNotFoundError as error:
        raise MissingFileError(source) from error
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)


def _may_hold(part: Part, buckets: int, ids: IntArray | None, since_us: int | None, until_us: int | None) -> bool:
    if since_us is not None and part.epoch_max_us < since_us:
        return False
    if until_us is not None and part.epoch_min_us >= until_us:
        return False
    if ids is None:
        return True
    inside = ids[(ids >= part.norad_id_min) & (ids <= part.norad_id_max)]
    return bool((inside % buckets == part.bucket).any())


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True) if frames else empty_element_sets()


def _sorted(element_sets: pd.DataFrame) -> pd.DataFrame:
    order = np.lexsort((epoch_us(element_sets["epoch"]), element_sets["norad_id"].to_numpy()))
    return element_sets.iloc[order]


def _summary(sets: pd.DataFrame) -> pd.DataFrame:
    return sets.groupby("norad_id", as_index=False).agg(
        count=("epoch", "size"),
        first_epoch=("epoch", "min"),
        last_epoch=("epoch", "max"),
        last_available_at=("available_at", "max"),
    )


def _union(ids: list[IntArray]) -> IntArray:
    return np.unique(np.concatenate([*ids, np.empty(0, dtype=np.int64)]))


def _to_us(time: datetime | None) -> int | None:
    """UTC [us since 1970-01-01]."""
    if time is None:
        return None
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone: give it in UTC")
    return int(pd.Timestamp(time).value) // 1000  # pandas counts nanoseconds here, whatever the unit
