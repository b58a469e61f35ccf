"""What was asked of a web source and when, and its answers until they are stored.

One source has one folder under ``home/ledger``: ``requests.jsonl``, to which lines are only ever appended, and a file for each
answer that was received and not stored yet. An answer is on the disk before it is handed over, so a crash between receiving
and storing costs no second request: the next run hands the same answer over again.

Each line carries a checksum. One that is damaged may have been a hold, or a request: it counts as a hold from when it is found.
"""

from __future__ import annotations

import json
import os
import uuid
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from catalog.atomic import make_private, replace_bytes

SHORTEST_HOLD, LONGEST_HOLD = pd.Timedelta(hours=2), pd.Timedelta(days=7)


@dataclass(frozen=True)
class Receipt:
    """One answer of a source.

    Attributes
    ----------
    id : str
    request : dict
        What was asked, as the source wrote it down.
    at : Timestamp
        When the answer came.
    state : str
        'received', 'stored', 'unreadable', or 'lost' where someone removed the content.
    facts : dict
        What the source noted when it closed the receipt.
    """

    id: str
    request: dict[str, Any]
    at: pd.Timestamp
    state: str = "received"
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Hold:
    """A time until which a source must not be asked again.

    Attributes
    ----------
    at : Timestamp
        When it began.
    until : Timestamp
        At most ``LONGEST_HOLD`` later.
    status : int
        HTTP status that led to it, 0 where there was no answer.
    reason : str
    """

    at: pd.Timestamp
    until: pd.Timestamp
    status: int
    reason: str


class Ledger:
    """The ledger of one source.

    Parameters
    ----------
    home : Path
        ``$BURNWATCH_HOME``.
    source : str
        Name of the folder under ``home/ledger``.

    Attributes
    ----------
    folder : Path
    lock : FileLock
        Held around every change; hold it to look and ask without another process in between. Reentrant.
    """

    def __init__(self, home: Path, source: str) -> None:
        self.folder = Path(home) / "ledger" / source
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = FileLock(self.folder / "lock")
        self._journal = self.folder / "requests.jsonl"
        self._read_to = 0
        self._receipts: dict[str, Receipt] = {}
        self._hold: Hold | None = None
        self._damaged = False  # since the last hold
        with self.lock:
            self._sweep()

    def receipts(self) -> list[Receipt]:
        """Every receipt, oldest first, as this moment's journal has it."""
        with self.lock:
            self._catch_up()
        return list(self._receipts.values())

    def last(self, request: dict[str, Any]) -> Receipt | None:
        """The latest receipt of a request equal to ``request``."""
        return next((receipt for receipt in reversed(self.receipts()) if receipt.request == request), None)

    def pending(self) -> list[tuple[Receipt, bytes]]:
        """Answers received and not closed yet, oldest first, with their content."""
        kept: list[tuple[Receipt, bytes]] = []
        for receipt in self.receipts():
            if receipt.state == "received":
                try:
                    kept.append((receipt, self._body(receipt.id).read_bytes()))
                except FileNotFoundError:
                    self.close(receipt, state="lost")
        return kept

    def receive(self, request: dict[str, Any], body: bytes, at: pd.Timestamp) -> Receipt:
        """Keep an answer until it is closed."""
        receipt = Receipt(uuid.uuid4().hex, request, at)
        with self.lock:
            replace_bytes(self._body(receipt.id), body, private=True)
            self._append({"id": receipt.id, "request": request, "at": at.isoformat(), "state": "received"})
        return receipt

    def close(self, receipt: Receipt, *, state: str = "stored", **facts: object) -> None:
        """Note that the answer is stored (or 'unreadable') and drop its content. Closing twice changes nothing.

        Parameters
        ----------
        **facts
            What to remember of it, JSON values.
        """
        with self.lock:
            self._catch_up()
            known = self._receipts.get(receipt.id)
            if known is None or known.state == "received":
                self._append({"id": receipt.id, "state": state, "facts": facts})
            self._body(receipt.id).unlink(missing_ok=True)

    def note(self, request: dict[str, Any], at: pd.Timestamp, **facts: object) -> None:
        """Note a request whose answer had nothing to store."""
        entry = {"id": uuid.uuid4().hex, "request": request, "at": at.isoformat(), "state": "stored", "facts": facts}
        with self.lock:
            self._append(entry)

    def hold(self, hold: Hold) -> None:
        """Ask the source nothing until then."""
        times = {"at": hold.at.isoformat(), "until": hold.until.isoformat()}
        with self.lock:
            self._append({"hold": {**times, "status": hold.status, "reason": hold.reason}})

    def lift(self) -> None:
        """End the hold, if there is one: what led to it is mended."""
        with self.lock:
            self._append({"hold": None})

    def held(self, now: pd.Timestamp) -> Hold | None:
        """The hold in force at ``now``. One from a clock that was ahead lasts as long as it would have, counted from now."""
        with self.lock:
            self._catch_up()
            if self._damaged:
                reason = f"{self._journal} is damaged: what it said of requests and holds is not known"
                self.hold(Hold(now, now + SHORTEST_HOLD, 0, reason))
            elif self._hold is not None and now < self._hold.at:
                self.hold(replace(self._hold, at=now, until=now + (self._hold.until - self._hold.at)))
            self._catch_up()
        return self._hold if self._hold is not None and now < self._hold.until else None

    def _body(self, receipt_id: str) -> Path:
        return self.folder / f"{receipt_id}.body"

    def _append(self, entry: dict[str, Any]) -> None:
        make_private(self._journal)
        with self._journal.open("ab+") as journal:
            if journal.tell():
                journal.seek(-1, os.SEEK_END)
                if journal.read() != b"\n":  # a line that a crash cut off
                    journal.write(b"\n")
            journal.write(_line({**entry, "crc32": _checksum(entry)}) + b"\n")
            journal.flush()
            os.fsync(journal.fileno())

    def _catch_up(self) -> None:
        """Take what was appended since the last time; only under the lock, so that an unfinished line is one of a crash."""
        if not self._journal.exists():
            return
        with self._journal.open("rb") as journal:
            journal.seek(self._read_to)
            tail = journal.read()
        whole = tail[: tail.rfind(b"\n") + 1]
        for line in whole.splitlines():
            try:
                self._take(_entry(line))
            except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
                self._damaged = True
        self._damaged |= len(whole) < len(tail)
        self._read_to += len(whole)

    def _take(self, entry: dict[str, Any]) -> None:
        if "hold" in entry:
            self._hold = None if entry["hold"] is None else _hold(entry["hold"])
            self._damaged = False
        elif "request" in entry:
            at, request, facts = _time(entry["at"]), dict(entry["request"]), dict(entry.get("facts", {}))
            receipt = Receipt(str(entry["id"]), request, at, str(entry["state"]), facts)
            self._receipts[receipt.id] = receipt
        elif (known := self._receipts.get(entry["id"])) is not None:
            self._receipts[known.id] = replace(known, state=str(entry["state"]), facts=dict(entry["facts"]))

    def _sweep(self) -> None:
        """Remove contents that no open receipt points to: left by a crash."""
        self._catch_up()
        for body in self.folder.glob("*.body"):
            receipt = self._receipts.get(body.stem)
            if receipt is None or receipt.state != "received":
                body.unlink(missing_ok=True)
        for scratch in self.folder.glob(".*.body.*.tmp"):
            scratch.unlink(missing_ok=True)


def _line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, separators=(",", ":"), allow_nan=False).encode()


def _checksum(entry: dict[str, Any]) -> int:
    return zlib.crc32(_line(entry))


def _entry(line: bytes) -> dict[str, Any]:
    """What a line of the journal says; ValueError or TypeError where it is damaged."""
    entry = json.loads(line)
    if not isinstance(entry, dict):
        raise TypeError("no entry")
    # Lines written before there were checksums have none.
    if (checksum := entry.pop("crc32", None)) is not None and checksum != _checksum(entry):
        raise ValueError("checksum")
    return entry


def _hold(said: dict[str, Any]) -> Hold:
    until = _time(said["until"])
    at = _time(said["at"]) if "at" in said else until - LONGEST_HOLD
    return Hold(at, min(until, at + LONGEST_HOLD), int(said["status"]), str(said["reason"]))


def _time(text: str) -> pd.Timestamp:
    """A time that a line names; ValueError where it is none, or has no zone."""
    time = pd.Timestamp(text).tz_convert("UTC").as_unit("us")
    if pd.isna(time):
        raise ValueError("no time")
    return time
