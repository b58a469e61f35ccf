"""What was asked of a web source and when, and its answers until they are stored.

One source has one folder under ``home/ledger``: ``requests.jsonl``, to which lines are only ever appended, and a file for each
answer that was received and not stored yet. An answer is on the disk before it is handed over, so a crash between receiving
and storing costs no second request: the next run hands the same answer over again.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from catalog.atomic import replace_bytes


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
    until : Timestamp
    status : int
        HTTP status that led to it.
    reason : str
    """

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
            replace_bytes(self._body(receipt.id), body)
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
        with self.lock:
            self._append({"hold": {"until": hold.until.isoformat(), "status": hold.status, "reason": hold.reason}})

    def held(self, now: pd.Timestamp) -> Hold | None:
        """The hold in force at ``now``."""
        with self.lock:
            self._catch_up()
        return self._hold if self._hold is not None and now < self._hold.until else None

    def _body(self, receipt_id: str) -> Path:
        return self.folder / f"{receipt_id}.body"

    def _append(self, entry: dict[str, Any]) -> None:
        with self._journal.open("ab") as journal:
            journal.truncate(self._whole_bytes())
            journal.write(json.dumps(entry, separators=(",", ":"), allow_nan=False).encode() + b"\n")
            journal.flush()
            os.fsync(journal.fileno())

    def _whole_bytes(self) -> int:
        """Length of the journal without a last line that a crash cut off."""
        if not self._journal.exists():
            return 0
        size = self._journal.stat().st_size
        with self._journal.open("rb") as journal:
            journal.seek(min(self._read_to, size))
            tail = journal.read()
        return size - len(tail) + tail.rfind(b"\n") + 1

    def _catch_up(self) -> None:
        if not self._journal.exists():
            return
        with self._journal.open("rb") as journal:
            journal.seek(self._read_to)
            tail = journal.read()
        whole = tail[: tail.rfind(b"\n") + 1]
        for entry in _entries(whole):
            self._take(entry)
        self._read_to += len(whole)

    def _take(self, entry: dict[str, Any]) -> None:
        if "hold" in entry:
            hold = entry["hold"]
            self._hold = Hold(pd.Timestamp(hold["until"]), int(hold["status"]), str(hold["reason"]))
        elif "request" in entry:
            at = pd.Timestamp(entry["at"])
            receipt = Receipt(entry["id"], entry["request"], at, entry["state"], entry.get("facts", {}))
            self._receipts[receipt.id] = receipt
        elif entry.get("id") in self._receipts:
            known = self._receipts[entry["id"]]
            self._receipts[known.id] = Receipt(known.id, known.request, known.at, entry["state"], entry["facts"])

    def _sweep(self) -> None:
        """Remove contents that no open receipt points to: left by a crash."""
        self._catch_up()
        for body in self.folder.glob("*.body"):
            receipt = self._receipts.get(body.stem)
            if receipt is None or receipt.state != "received":
                body.unlink(missing_ok=True)
        for scratch in self.folder.glob(".*.body.*.tmp"):
            scratch.unlink(missing_ok=True)


def _entries(lines: bytes) -> Iterator[dict[str, Any]]:
    for line in lines.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # a line torn by a crash of the machine says nothing
        if isinstance(entry, dict):
            yield entry
