"""Refused records, kept with the reason, so that nothing that came in is lost without a word."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd

from catalog.atomic import replace_bytes
from catalog.errors import CatalogError
from catalog.parse.result import REFUSED_DTYPES, frame_of

FOLDER = "quarantine"


class CorruptQuarantineError(CatalogError):
    """A file of the quarantine that cannot be read."""


def append(home: Path, refused: pd.DataFrame) -> int:
    """Keep the refused records of one reading; keeping the same ones again changes nothing.

    Parameters
    ----------
    home : Path
        The folder in which ``quarantine/`` lies. Each call writes one file of JSON lines, named by its content.
    refused : DataFrame
        ``file, line, field, reason, text``.

    Returns
    -------
    int
        Records that were not in the quarantine before: all or none.
    """
    if refused.empty:
        return 0
    records = refused[list(REFUSED_DTYPES)].to_dict("records")
    data = "".join(json.dumps(record, ensure_ascii=True) + "\n" for record in records).encode()
    path = home / FOLDER / f"{hashlib.sha256(data).hexdigest()[:24]}.jsonl"
    if path.exists():
        return 0
    replace_bytes(path, data)
    return len(records)


def read(home: Path) -> pd.DataFrame:
    """All refused records: ``file, line, field, reason, text``, sorted by file and line.

    Raises
    ------
    CorruptQuarantineError
    """
    records = []
    for path in sorted((home / FOLDER).glob("*.jsonl")):
        try:
            records += [json.loads(line) for line in path.read_text().splitlines()]
        except ValueError as error:
            raise CorruptQuarantineError(f"{path}: not a quarantine file ({error}); move it away") from error
    columns = {name: [record.get(name) for record in records] for name in REFUSED_DTYPES}
    return frame_of(columns, REFUSED_DTYPES).sort_values(["file", "line"], kind="stable", ignore_index=True)
