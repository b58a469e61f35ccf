"""Which element sets are still to be asked of Space-Track, told from its ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from catalog.ledger import Receipt
from catalog.sources.web import Skipped
from configs.sources import SpaceTrackConfig

_ORIGIN = pd.Timestamp("1957-01-01", tz="UTC")  # windows are counted from here, whatever span is wanted
# Sets created in the last minute before an answer may still be on their way into the database that gave it.
_SETTLING = pd.Timedelta(minutes=1)


@dataclass(frozen=True)
class Request:
    """One request of Space-Track.

    Attributes
    ----------
    kind : str
        Request class, 'gp' or 'gp_history'.
    ids : tuple of int or None
        Objects [NORAD id]; None for all.
    since, until : str or None
        Window of epochs, dates.
    created_after : str or None
        Only sets with a later CREATION_DATE.
    """

    kind: str
    ids: tuple[int, ...] | None
    since: str | None = None
    until: str | None = None
    created_after: str | None = None

    def __str__(self) -> str:
        who = "all objects" if self.ids is None else f"{len(self.ids)} objects from {self.ids[0]} on"
        window = f", epochs {self.since} to {self.until}" if self.since else ""
        return f"{self.kind} of {who}{window}{f', created after {self.created_after}' if self.created_after else ''}"

    def as_json(self) -> dict[str, Any]:
        """As the ledger writes it."""
        return {**asdict(self), "ids": None if self.ids is None else list(self.ids)}

    @staticmethod
    def from_json(entry: dict[str, Any]) -> Request:
        """As the ledger reads it."""
        return Request(**{**entry, "ids": None if entry["ids"] is None else tuple(entry["ids"])})


@dataclass(frozen=True)
class _Known:
    """What is here of one object in one window."""

    at: pd.Timestamp
    complete: bool
    created_through: str | None


def plan_current(
    receipts: Sequence[Receipt], ids: Collection[int] | None, config: SpaceTrackConfig, now: pd.Timestamp
) -> Iterator[Request | Skipped]:
    """Requests of class gp, for what is newer than the newest set that is here."""
    yield from _plan("gp", None, receipts, ids, config, now)


def plan_history(
    receipts: Sequence[Receipt],
    ids: Collection[int],
    since: pd.Timestamp,
    until: pd.Timestamp,
    config: SpaceTrackConfig,
    now: pd.Timestamp,
) -> Iterator[Request | Skipped]:
    """Requests of class gp_history, window by window, for what is not here of [since, until).

    Raises
    ------
    ValueError
        A time has no time zone.
    """
    if since.tzinfo is None or until.tzinfo is None:
        raise ValueError("since and until have no time zone: give them in UTC")
    length = pd.Timedelta(days=config.window_days)
    first, last = (since - _ORIGIN) // length, -((_ORIGIN - until) // length)
    for index in range(first, last):
        begin = _ORIGIN + index * length
        window = (f"{begin:%Y-%m-%d}", f"{begin + length:%Y-%m-%d}")
        yield from _plan("gp_history", window, receipts, ids, config, now)


def facts(
    request: Request, newest_created: pd.Timestamp | None, at: pd.Timestamp, config: SpaceTrackConfig
) -> dict[str, Any]:
    """What the ledger remembers of an answer: how far it is complete.

    A window is complete once every epoch in it was ``settled_after_days`` old when the answer came. Else it is known through
    the newest CREATION_DATE seen, and never beyond.
    """
    settled = request.until is not None and (
        pd.Timestamp(request.until, tz="UTC") + pd.Timedelta(days=config.settled_after_days) <= at
    )
    through = request.created_after
    if newest_created is not None:
        seen = min(newest_created, at - _SETTLING).strftime("%Y-%m-%d %H:%M:%S")
        through = max(through or seen, seen)
    return {"complete": settled, "created_through": through}


def _plan(
    kind: str,
    window: tuple[str, str] | None,
    receipts: Sequence[Receipt],
    ids: Collection[int] | None,
    config: SpaceTrackConfig,
    now: pd.Timestamp,
) -> Iterator[Request | Skipped]:
    known = _known(kind, window, receipts)
    wanted: list[int | None] = [None] if ids is None else [*sorted(set(ids))]
    to_ask: dict[str | None, list[int | None]] = defaultdict(list)
    here: list[int | None] = []
    early: list[int | None] = []
    next_at = None
    for norad_id in wanted:
        state = known.get(norad_id)
        if state is None:
            to_ask[None].append(norad_id)
        elif state.complete:
            here.append(norad_id)
        elif state.at <= now < (due := state.at + pd.Timedelta(hours=config.min_interval_h)):
            early.append(norad_id)
            next_at = due if next_at is None else min(next_at, due)
        else:
            to_ask[state.created_through].append(norad_id)

    since, until = window or (None, None)
    for skipped, reason, when in (
        (here, "already downloaded", None),
        (early, f"asked less than {config.min_interval_h:g} h ago", next_at),
    ):
        if skipped:
            yield Skipped(str(Request(kind, _ids(skipped), since, until)), reason, when)
    for created_after, asked in sorted(to_ask.items(), key=lambda item: item[0] or ""):
        for start in range(0, len(asked), config.ids_per_request):
            chunk = _ids(asked[start : start + config.ids_per_request])
            yield Request(kind, chunk, since, until, created_after)


def _known(kind: str, window: tuple[str, str] | None, receipts: Sequence[Receipt]) -> dict[int | None, _Known]:
    known: dict[int | None, _Known] = {}
    for receipt in receipts:
        request = receipt.request
        if receipt.state not in ("received", "stored") or request["kind"] != kind:
            continue
        if window is not None and not (request["since"] <= window[0] and window[1] <= request["until"]):
            continue
        # What is received and not stored yet was handed over by this run, or will be by the next: no need to ask.
        in_hand = receipt.state == "received"
        new = _Known(receipt.at, in_hand or receipt.facts.get("complete", False), receipt.facts.get("created_through"))
        for norad_id in request["ids"] or [None]:
            old = known.get(norad_id)
            known[norad_id] = new if old is None else _later(old, new)
    return known


def _later(old: _Known, new: _Known) -> _Known:
    through = max(filter(None, (old.created_through, new.created_through)), default=None)
    return _Known(max(old.at, new.at), old.complete or new.complete, through)


def _ids(chunk: list[int | None]) -> tuple[int, ...] | None:
    return None if chunk == [None] else tuple(norad_id for norad_id in chunk if norad_id is not None)
