"""What analysts said of burn windows, here and in other teams, as one frame that models learn from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import sqlalchemy as sa

from catalog.object_records import LARGEST_NUMBER
from review import audit
from review.columns import Row, content_hash
from review.database import Database
from review.flags import Flag, Verdict
from review.records import SETTLED, Status
from review.tables import LabelRow

_INSTANT = "datetime64[us, UTC]"
LABEL_DTYPES: dict[str, str] = {
    "team": "str",
    "norad_id": "int64",
    "name": "str",
    "epoch_before": _INSTANT,
    "epoch_after": _INSTANT,
    "burn_time": _INSTANT,
    "verdict": "str",
    "kind": "str",
    "dv_r_m_s": "float64",
    "dv_t_m_s": "float64",
    "dv_n_m_s": "float64",
    "decided_at": _INSTANT,
    "note": "str",
}
TAKEN_BACK = str(Status.OPEN)  # the verdict of a flag that was settled once and is open again
VERDICTS = (*(str(status) for status in SETTLED), TAKEN_BACK)
BURNED = (str(Status.CONFIRMED), str(Status.ROUTINE))
_AGE = (datetime(1957, 1, 1, tzinfo=UTC), datetime(2057, 1, 1, tzinfo=UTC))
_SIZES = ("dv_r_m_s", "dv_t_m_s", "dv_n_m_s")
# What makes a label another one: names, notes and later fits of the burn do not.
_IDENTITY = ("team", "norad_id", "epoch_before", "epoch_after", "verdict", "kind", "decided_at")


class Taken(NamedTuple):
    """What became of labels that were imported: how many are new, and how many were there or are this home's own."""

    added: int
    known: int


class LabelStore:
    """The labels of a home: those that its analysts' verdicts make, and those of other teams beside them.

    A frame of labels has the columns of ``LABEL_DTYPES``, one row a verdict, sorted by object and window. ``team`` is
    empty for verdicts given here. ``verdict`` is one of ``VERDICTS``; ``kind`` and Δv [m/s, RTN] are those of a burn, empty
    or NaN where none was or nobody knows. ``decided_at`` is when the verdict was given.

    Parameters
    ----------
    database : Database
        That of the flags (`review.store.FlagStore.database`).
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def labels(self, as_of: datetime | None = None) -> pd.DataFrame:
        """All labels.

        Parameters
        ----------
        as_of : datetime, optional
            As they were known here then [UTC].
        """
        parts = [part for part in (self.own(as_of), self.others(as_of)) if len(part)]
        return _sorted(pd.concat(parts, ignore_index=True)) if parts else label_frame([])

    def own(self, as_of: datetime | None = None) -> pd.DataFrame:
        """What the verdicts given here say: of each flag that was ever settled, where it stood last.

        Parameters
        ----------
        as_of : datetime, optional
            Without the steps after it [UTC]. Windows and burn fits are those of the flags as they are now.
        """
        step = Verdict.from_status != Verdict.to_status
        if as_of is not None:
            step &= Verdict.decided_at <= as_of
        ever = sa.select(Verdict.flag_id).where(step, Verdict.to_status.in_([str(one) for one in SETTLED]))
        last = sa.select(sa.func.max(Verdict.verdict_id)).where(step).group_by(Verdict.flag_id)
        names = ("norad_id", "name", "epoch_before", "epoch_after", "burn_time", *_SIZES)
        chosen = (
            sa.select(
                *(getattr(Flag, name) for name in names),
                Flag.kind.label("flag_kind"),
                Verdict.kind,
                Verdict.to_status,
                Verdict.decided_at,
                Verdict.note,
            )
            .join(Verdict, Verdict.flag_id == Flag.flag_id)
            .where(Verdict.verdict_id.in_(last), Flag.flag_id.in_(ever))
        )
        with self._database.reading() as connection:
            rows = [_own_label(dict(row)) for row in connection.execute(chosen).mappings()]
        return label_frame(rows)

    def waiting(self, norad_ids: list[int]) -> pd.DataFrame:
        """Flags of some objects that nobody settled, as labels that say nothing yet.

        Parameters
        ----------
        norad_ids : list of int
        """
        names = ("norad_id", "name", "epoch_before", "epoch_after", "burn_time")
        chosen = sa.select(*(getattr(Flag, name) for name in names), Flag.first_seen_at.label("decided_at")).where(
            Flag.norad_id.in_(norad_ids),
            Flag.status.in_([str(Status.OPEN), str(Status.IN_REVIEW)]),
            Flag.withdrawn_at.is_(None),
        )
        with self._database.reading() as connection:
            rows = connection.execute(chosen).mappings().all()
        unknown = {"team": "", "verdict": TAKEN_BACK, "kind": "", "note": ""} | dict.fromkeys(_SIZES)
        return label_frame({**unknown, **row} for row in rows)

    def others(self, as_of: datetime | None = None) -> pd.DataFrame:
        """What other teams said, as imported; of one window a team may have said several things, one after another.

        Parameters
        ----------
        as_of : datetime, optional
            Without what was imported after it [UTC].
        """
        # A row that no import takes, however it came here, must not fail all that is made of the others.
        chosen = sa.select(*(getattr(LabelRow, name) for name in LABEL_DTYPES)).where(
            LabelRow.norad_id.between(1, LARGEST_NUMBER),
            *(getattr(LabelRow, name).between(*_AGE) for name, kind in LABEL_DTYPES.items() if kind == _INSTANT),
        )
        if as_of is not None:
            chosen = chosen.where(LabelRow.imported_at <= as_of)
        with self._database.reading() as connection:
            return label_frame(dict(row) for row in connection.execute(chosen).mappings())

    def take(self, labels: pd.DataFrame, *, by: str, at: datetime | None = None, address: str = "") -> Taken:
        """Keep labels of other teams, all or none; what is there already, and what was said here, is passed over.

        Parameters
        ----------
        labels : DataFrame
            ``LABEL_DTYPES``, with a team.
        by : str
            Who imports them.
        at : datetime, optional
            When; now by default [UTC].
        address : str, optional
            From where, for the audit.
        """
        said_here = {_statement(row) for row in _rows(self.own())}
        given = {label_hash(row): row for row in _rows(labels) if _statement(row) not in said_here}
        at = at or datetime.now(UTC)
        with self._database.writing("labels") as connection:
            there = set(connection.execute(sa.select(LabelRow.label_hash)).scalars())
            new = [
                {**row, "label_hash": name, "imported_at": at, "imported_by": by}
                for name, row in given.items()
                if name not in there
            ]
            if new:
                connection.execute(sa.insert(LabelRow), new)
            teams = ", ".join(sorted({str(row["team"]) for row in given.values()}))
            told = f"{len(new)} new of {len(labels)}" + (f", of {teams}" if teams else "")
            audit.write(connection, at=at, who=by, action="labels taken in", address=address, detail=told)
        return Taken(len(new), len(labels) - len(new))


def label_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Labels as a frame, sorted by object, window and time of the decision."""
    rows = list(rows)
    frame = pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in LABEL_DTYPES.items()}
    )
    sizes = frame[list(_SIZES)]
    return _sorted(frame.assign(**sizes.where(np.isfinite(sizes))))


def label_hash(row: Row) -> str:
    """Identity of a label: its content without names, notes and burn fits."""
    return content_hash({name: row[name] for name in _IDENTITY})


def snapshot(labels: pd.DataFrame) -> str:
    """How many labels there are and twelve hexadecimal digits that name what they say; 'none' without any.

    Everything counts that a model may learn from: not the names, not the notes.
    """
    if labels.empty:
        return "none"
    told = [name for name in LABEL_DTYPES if name not in {"name", "note"}]
    hashes = sorted(content_hash({name: row[name] for name in told}) for row in _rows(labels))
    return f"{len(labels)}-{content_hash({'labels': hashes})[:12]}"


def _own_label(row: Row) -> Row:
    verdict = row["to_status"]
    burned = verdict in BURNED
    return {
        **row,
        "team": "",
        "verdict": verdict,
        "kind": (row["kind"] or row["flag_kind"]) if burned else "",
        **{name: row[name] if burned else None for name in _SIZES},
    }


def _rows(labels: pd.DataFrame) -> list[Row]:
    """Rows as plain values, as a database and a hash take them."""
    records = labels[list(LABEL_DTYPES)].to_dict("records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in records]


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _statement(row: Row) -> tuple[Any, ...]:
    """What was decided when, whoever handed it on."""
    return tuple(row[name] for name in ("norad_id", "epoch_before", "epoch_after", "verdict", "decided_at"))


def _sorted(labels: pd.DataFrame) -> pd.DataFrame:
    return labels.sort_values(
        ["norad_id", "epoch_before", "epoch_after", "team", "decided_at", "verdict"], kind="stable", ignore_index=True
    )
