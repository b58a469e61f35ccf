"""Element sets as they were known at one time, out of the store or out of memory."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import pandas as pd

from catalog.identity import latest_issues
from catalog.store import ElementStore

_AT_ONCE = 1_500_000  # element sets of a store that are held in memory at once


class KnownSets:
    """What a store held at one time. All is read at most once where it is small; else as far as asked for.

    Parameters
    ----------
    store : ElementStore
    as_of : Timestamp or None
        Only sets with ``available_at <= as_of`` are seen; all if None.
    issues : DataFrame, optional
        All issues of all element sets, as from ``store.history(every_issue=True)``, for a caller that looks at many
        times: then the store is not read.
    """

    def __init__(self, store: ElementStore, as_of: pd.Timestamp | None, issues: pd.DataFrame | None = None) -> None:
        self.as_of = as_of
        self._store = store
        self._issues: pd.DataFrame | None = None
        if issues is not None:
            seen = issues if as_of is None else issues[issues["available_at"] <= as_of]
            self._issues = seen.reset_index(drop=True)

    def history(
        self, ids: Iterable[int] | None = None, *, since: pd.Timestamp | None = None, until: pd.Timestamp | None = None
    ) -> pd.DataFrame:
        """One set for each object and epoch, the latest issue, with ``since <= epoch < until``; as `ElementStore.history`."""
        if self._issues is None and ids is None and self._store.count() <= _AT_ONCE:
            self._issues = self._all()
        if self._issues is None:
            return self._store.history(ids, as_of=self.as_of, since=since, until=until)
        return _between(_of(self._latest, ids), since, until)

    def issues(self, since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
        """All issues of the sets with ``since <= epoch < until``."""
        if self._issues is None:
            return self._store.history(as_of=self.as_of, since=since, until=until, every_issue=True)
        return _between(self._issues, since, until)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """What is known of each object, as `ElementStore.coverage`."""
        if self._issues is None and self.as_of is None:
            return self._store.coverage()
        known = self._all() if self._issues is None else self._issues
        return known.groupby("norad_id", as_index=False).agg(
            count=("epoch", "size"),
            first_epoch=("epoch", "min"),
            last_epoch=("epoch", "max"),
            last_available_at=("available_at", "max"),
        )

    @cached_property
    def _latest(self) -> pd.DataFrame:
        return latest_issues(self._all() if self._issues is None else self._issues)

    def _all(self) -> pd.DataFrame:
        return self._store.history(as_of=self.as_of, every_issue=True)


def _of(sets: pd.DataFrame, ids: Iterable[int] | None) -> pd.DataFrame:
    if ids is None:
        return sets
    wanted = np.unique(np.fromiter(ids, dtype=np.int64))
    owner = sets["norad_id"].to_numpy(np.int64)
    starts, stops = np.searchsorted(owner, wanted, "left"), np.searchsorted(owner, wanted, "right")
    rows = [np.arange(start, stop) for start, stop in zip(starts, stops, strict=True)]
    return sets.iloc[np.concatenate([*rows, np.empty(0, dtype=np.int64)])].reset_index(drop=True)


def _between(sets: pd.DataFrame, since: pd.Timestamp | None, until: pd.Timestamp | None) -> pd.DataFrame:
    if since is not None:
        sets = sets[sets["epoch"] >= since]
    if until is not None:
        sets = sets[sets["epoch"] < until]
    return sets.reset_index(drop=True)
