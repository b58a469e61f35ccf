"""What the store of element sets holds and how fresh it is, by object, regime, source and day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import empty_element_sets, epoch_us, utc
from catalog.store import ElementStore
from orbits.constants import US_PER_DAY
from orbits.elements import regime

AGES_DAYS = (1.0, 3.0, 7.0, 30.0)  # an object's newest set is at most so old

_READ = (
    "norad_id",
    "epoch",
    "available_at",
    "available_at_imputed",
    "source",
    "mean_motion_rev_day",
    "eccentricity",
)
_REGIMES = ("leo", "meo", "geo", "heo")


class PartCoverage(NamedTuple):
    """One part's share: a row each object and source in ``objects``, a row each day and regime in ``days``; times in us."""

    objects: dict[str, NDArray[Any]]
    days: dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Coverage:
    """What a store holds.

    Parameters
    ----------
    by_source : DataFrame
        A row each object and source: ``norad_id, source, sets, imputed, first_epoch, last_epoch, last_available_at`` and
        the ``regime`` of the newest set; ``imputed`` counts the sets of which it is not known when they came out.
    days : DataFrame
        ``day`` (UTC midnight), ``regime``, ``sets``: how many epochs fall on each day.
    """

    by_source: pd.DataFrame
    days: pd.DataFrame

    @property
    def newest(self) -> pd.Timestamp:
        """When the newest set became available; NaT in an empty store."""
        newest: pd.Timestamp = self.by_source["last_available_at"].max()
        return newest

    def objects(self) -> pd.DataFrame:
        """A row each object, by number: ``norad_id, sets, first_epoch, last_epoch, last_available_at, regime, sources``."""
        return self._objects.copy()

    @cached_property
    def _objects(self) -> pd.DataFrame:
        ordered = self.by_source.sort_values(["norad_id", "last_epoch"])
        found = ordered.groupby("norad_id").agg(
            sets=("sets", "sum"),
            first_epoch=("first_epoch", "min"),
            last_epoch=("last_epoch", "max"),
            last_available_at=("last_available_at", "max"),
            regime=("regime", "last"),
            sources=("source", lambda names: ", ".join(sorted(names))),
        )
        return found.reset_index()

    def regimes(self) -> pd.DataFrame:
        """A row each regime: ``objects, sets, last_epoch, last_available_at`` and ``age_1d`` … : how many objects' newest
        epoch is at most so many days before the store's newest set became available.
        """
        objects = self.objects()
        age = (self.newest - objects["last_epoch"]).dt.total_seconds() / 86_400.0
        counted = objects.assign(**{f"age_{days:g}d": age <= days for days in AGES_DAYS})
        found = counted.groupby("regime").agg(
            objects=("norad_id", "size"),
            sets=("sets", "sum"),
            last_epoch=("last_epoch", "max"),
            last_available_at=("last_available_at", "max"),
            **{name: (name, "sum") for name in counted.columns if name.startswith("age_")},
        )
        return found.reindex([name for name in _REGIMES if name in found.index]).reset_index()

    def sources(self) -> pd.DataFrame:
        """A row each source: ``source, objects, sets, imputed, first_epoch, last_epoch, last_available_at``."""
        found = self.by_source.groupby("source").agg(
            objects=("norad_id", "size"),
            sets=("sets", "sum"),
            imputed=("imputed", "sum"),
            first_epoch=("first_epoch", "min"),
            last_epoch=("last_epoch", "max"),
            last_available_at=("last_available_at", "max"),
        )
        return found.reset_index()

    def stale(self, days: float) -> pd.DataFrame:
        """The objects whose newest epoch is older than so many days, the longest silent last, with ``age_days``."""
        objects = self.objects()
        objects["age_days"] = (self.newest - objects["last_epoch"]).dt.total_seconds() / 86_400.0
        return objects[objects["age_days"] > days].sort_values(["age_days", "norad_id"], ignore_index=True)


def cover(elements: ElementStore, known: dict[str, PartCoverage] | None = None) -> Coverage:
    """What a store holds.

    Parameters
    ----------
    elements : ElementStore
    known : dict, optional
        What earlier calls made of its parts, brought up to date here: only new parts are read.
    """
    parts = elements.summaries(_READ, _of_part, {} if known is None else known)
    if known is not None:
        for gone in known.keys() - parts.keys():
            del known[gone]
        known.update(parts)
    made = [*parts.values()] or [_of_part(empty_element_sets()[list(_READ)])]
    objects = pd.DataFrame({name: np.concatenate([part.objects[name] for part in made]) for name in made[0].objects})
    by_source = objects.sort_values("last_epoch").groupby(["norad_id", "source"], as_index=False)
    first, last = dict.fromkeys(("first_epoch",), "min"), dict.fromkeys(("last_epoch", "last_available_at"), "max")
    found = by_source.agg(dict.fromkeys(("sets", "imputed"), "sum") | first | last | {"regime": "last"})
    each = pd.DataFrame({name: np.concatenate([part.days[name] for part in made]) for name in made[0].days})
    days = each.groupby(["day", "regime"], as_index=False).agg(sets=("sets", "sum"))
    return Coverage(
        found.assign(**{name: utc(found[name].to_numpy(np.int64)) for name in (*first, *last)}),
        days.assign(day=utc(days["day"].to_numpy(np.int64))),
    )


def _of_part(sets: pd.DataFrame) -> PartCoverage:
    source, sources = pd.factorize(sets["source"])
    norad_id, epoch = sets["norad_id"].to_numpy(), epoch_us(sets["epoch"])
    regimes = regime(sets["mean_motion_rev_day"].to_numpy(), sets["eccentricity"].to_numpy())
    order = np.lexsort((epoch, source, norad_id))
    norad_id, source, epoch = norad_id[order], source[order], epoch[order]
    begins = np.ones(len(sets), dtype=bool)
    begins[1:] = (norad_id[1:] != norad_id[:-1]) | (source[1:] != source[:-1])
    starts = np.flatnonzero(begins)
    ends = np.append(starts[1:], len(sets)) - 1 if len(sets) else starts
    objects = {
        "norad_id": norad_id[starts],
        "source": np.asarray(sources, dtype=object)[source[starts]],
        "sets": ends - starts + 1,
        "imputed": _reduced(np.add, sets["available_at_imputed"].to_numpy(np.int64)[order], starts),
        "first_epoch": epoch[starts],
        "last_epoch": epoch[ends],
        "last_available_at": _reduced(np.maximum, epoch_us(sets["available_at"])[order], starts),
        "regime": np.asarray(regimes, dtype=object)[order][ends],
    }
    kind, kinds = pd.factorize(np.asarray(regimes, dtype=object))
    keys, counts = np.unique(epoch_us(sets["epoch"]) // US_PER_DAY * len(_REGIMES) + kind, return_counts=True)
    days = {
        "day": keys // len(_REGIMES) * US_PER_DAY,
        "regime": np.asarray(kinds, dtype=object)[keys % len(_REGIMES)],
        "sets": counts,
    }
    return PartCoverage(objects, days)


def _reduced(by: np.ufunc, values: NDArray[np.int64], starts: NDArray[np.intp]) -> NDArray[np.int64]:
    return np.asarray(by.reduceat(values, starts)) if len(starts) else values
