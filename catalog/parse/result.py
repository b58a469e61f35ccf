"""What a parser hands back, and what it says when it cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.errors import CatalogError
from catalog.records import ELEMENT_SET_DTYPES

_STAMPED = ("available_at", "available_at_imputed", "source")
PARSED_DTYPES: dict[str, str] = {
    **{name: dtype for name, dtype in ELEMENT_SET_DTYPES.items() if name not in _STAMPED},
    "creation_date": "datetime64[us, UTC]",
    "supplemental": "bool",  # fitted to an operator's ephemeris (SupGP)
}
SUPPLEMENTAL_CLASS = "C"  # what CelesTrak prints as the classification of SupGP
NAME_DTYPES = {"norad_id": "int64", "name": "str", "object_id": "str"}
REFUSED_DTYPES = {"file": "str", "line": "int64", "field": "str", "reason": "str", "text": "str"}

_TEXT_CHARS = 200


@dataclass(frozen=True, slots=True)
class Refusal:
    """One record that was not taken: where it begins, which field is wrong, and why."""

    line: int
    field: str
    reason: str
    text: str


@dataclass(frozen=True)
class Parsed:
    """The content of one file.

    Parameters
    ----------
    element_sets : DataFrame
        Columns of ``PARSED_DTYPES``, in the order of the file. ``creation_date`` is NaT where the file does not say.
    names : DataFrame
        ``norad_id, name, object_id`` (international designator), one row an object, sorted; empty text where unknown.
    refused : DataFrame
        ``file, line, field, reason, text``, one row a refused record.
    uncounted : int
        Refused records beyond those, of which the last row of ``refused`` tells.
    unverified : int
        Element sets that were taken by their layout alone: two-line sets without checksums.
    lines : (N,) int64
        Where each element set begins, counted from 1; empty where that is not known.
    """

    element_sets: pd.DataFrame
    names: pd.DataFrame = field(default_factory=lambda: frame_of({}, NAME_DTYPES))
    refused: pd.DataFrame = field(default_factory=lambda: frame_of({}, REFUSED_DTYPES))
    uncounted: int = 0
    unverified: int = 0
    lines: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))


class ParseError(CatalogError):
    """A file from which no element set could be read.

    Attributes
    ----------
    file : str
    line, column : int or None
        Counted from 1.
    field : str
    reason : str
        What is wrong and what to do about it.
    refused : DataFrame
        The refused records, where the file had any.
    uncounted : int
        Refused records beyond those, of which the last row of ``refused`` tells.
    """

    def __init__(
        self,
        file: str,
        reason: str,
        *,
        line: int | None = None,
        column: int | None = None,
        field: str = "",
        refused: pd.DataFrame | None = None,
        uncounted: int = 0,
    ) -> None:
        self.file, self.line, self.column, self.field, self.reason = file, line, column, field, reason
        self.refused = frame_of({}, REFUSED_DTYPES) if refused is None else refused
        self.uncounted = uncounted
        place = file + "".join(f":{number}" for number in (line, column) if number is not None)
        super().__init__(f"{place}: {field + ': ' if field else ''}{reason}")


def frame_of(columns: Mapping[str, object], dtypes: dict[str, str]) -> pd.DataFrame:
    """A frame with exactly the columns and dtypes of ``dtypes``; columns not given are empty."""
    return pd.DataFrame({name: pd.Series(columns.get(name, []), dtype=dtype) for name, dtype in dtypes.items()})


def refused_frame(file: str, refusals: Iterable[Refusal]) -> pd.DataFrame:
    """Refusals as a frame; texts are cut to 200 characters."""
    rows = list(refusals)
    return frame_of(
        {
            "file": [file] * len(rows),
            "line": [row.line for row in rows],
            "field": [row.field for row in rows],
            "reason": [row.reason for row in rows],
            "text": [row.text[:_TEXT_CHARS] for row in rows],
        },
        REFUSED_DTYPES,
    )


def joined(parts: Sequence[Parsed]) -> Parsed:
    """The content of a file that was read in ``parts``, at least one; the last names its objects and tells of what is uncounted."""
    if len(parts) == 1:
        return parts[0]
    return Parsed(
        pd.concat([part.element_sets for part in parts], ignore_index=True),
        parts[-1].names,
        pd.concat([part.refused for part in parts], ignore_index=True),
        parts[-1].uncounted,
        sum(part.unverified for part in parts),
    )


def finish(
    file: str,
    element_sets: pd.DataFrame,
    names: pd.DataFrame,
    refusals: list[Refusal],
    uncounted: int,
    lines: NDArray[np.int64],
    *,
    unverified: int = 0,
    taken_before: bool = False,
    last_line: int = 0,
) -> Parsed:
    """The result of a file or of its last part, or its first refusal as an error where it holds nothing else.

    Parameters
    ----------
    uncounted : int
        Refused records beyond those in ``refusals``.
    lines : (N,) int64
        Where each element set begins.
    unverified : int
        Element sets taken without a checksum.
    taken_before : bool
        Earlier parts of the file held element sets.
    last_line : int
        Of the last refusal of earlier parts.

    Raises
    ------
    ParseError
        Every record was refused.
    """
    if uncounted:
        last = refusals[-1].line if refusals else last_line
        refusals = [*refusals, Refusal(last, "", f"{uncounted} more records of this file were refused", "")]
    refused = refused_frame(file, refusals)
    if refusals and element_sets.empty and not taken_before:
        first = refusals[0]
        raise ParseError(file, first.reason, line=first.line, field=first.field, refused=refused, uncounted=uncounted)
    return Parsed(element_sets, names, refused, uncounted, unverified, lines)
