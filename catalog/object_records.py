"""The record of an object: one row an object, or one row an object and source."""

from __future__ import annotations

import pandas as pd

from catalog.errors import FileError

OBJECT_DTYPES: dict[str, str] = {
    "norad_id": "int64",
    "name": "str",
    "object_id": "str",  # international (COSPAR) designator, 1998-067A
    "owner": "str",
    "kind": "str",  # one of KINDS
    "status": "str",  # one of STATUSES
    "launch_date": "datetime64[us, UTC]",
    "decay_date": "datetime64[us, UTC]",
    "users": "str",
    "purpose": "str",
    "operator": "str",
    "source": "str",  # one of SOURCES
}
FIRST_DATE, LAST_DATE = pd.Timestamp("1957-01-01", tz="UTC"), pd.Timestamp("2056-12-31", tz="UTC")
LARGEST_NUMBER = 999_999_999
KINDS = ("payload", "rocket body", "debris", "unknown")
STATUSES = ("active", "inactive", "decayed", "unknown")

# Kinds of sources, the best describers first.
SOURCES = ("satcat celestrak", "satcat space-track", "ucs", "gcat", "table", "name line", "simulated")


class ObjectError(FileError):
    """A file or frame of objects that cannot be used."""


def empty_objects() -> pd.DataFrame:
    """A frame of objects with every column and no row."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in OBJECT_DTYPES.items()})


def sound_objects(rows: pd.DataFrame) -> pd.DataFrame:
    """What can be used of rows of objects, however they came to be stored: the rest of them is left out.

    Rows without a possible number are left out whole; of the others dates of another age, and kinds, states and sources
    that nobody knows.
    """
    rows = rows[rows["norad_id"].between(1, LARGEST_NUMBER) & rows["source"].isin(SOURCES)]
    sound = {name: rows[name].fillna("") for name, dtype in OBJECT_DTYPES.items() if dtype == "str"}
    for name in ("launch_date", "decay_date"):
        sound[name] = rows[name].where(rows[name].between(FIRST_DATE, LAST_DATE))
    for name, allowed in (("kind", KINDS), ("status", STATUSES)):
        sound[name] = rows[name].where(rows[name].isin(allowed), "unknown")
    return rows.assign(**sound).reset_index(drop=True)


def object_frame(columns: dict[str, pd.Series], *, source: str) -> pd.DataFrame:
    """A frame of ``OBJECT_DTYPES`` from the columns a source has; the others are filled with what means unknown.

    Parameters
    ----------
    columns : dict
        ``norad_id`` and any others of ``OBJECT_DTYPES``, of one index.
    source : str
        One of ``SOURCES``.
    """
    frame = pd.DataFrame(columns)
    for name, dtype in OBJECT_DTYPES.items():
        if name not in frame:
            unknown = pd.NaT if dtype.startswith("datetime") else "unknown" if name in ("kind", "status") else ""
            frame[name] = pd.Series(unknown, index=frame.index, dtype=dtype)
    frame["source"] = source
    return frame[list(OBJECT_DTYPES)].astype(OBJECT_DTYPES).reset_index(drop=True)
