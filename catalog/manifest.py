"""The list of live parts of the store: the one file whose replacement commits a write."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from catalog.atomic import replace_bytes
from catalog.errors import CorruptFileError

SCHEMA_VERSION: Literal[2] = 2
NAME = "manifest.json"


class Part(BaseModel):
    """One immutable Parquet file, and what is in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str  # below the store's folder
    bucket: int
    rows: int
    size: int  # [bytes]
    sha256: str
    norad_id_min: int
    norad_id_max: int
    epoch_min_us: int
    epoch_max_us: int
    available_at_max_us: int
    total_hash: int  # of all rows, see catalog.identity


class Manifest(BaseModel):
    """The state of a store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1, 2] = SCHEMA_VERSION
    store_id: str = ""  # drawn when the store is begun; version 1 had none
    buckets: int
    parts: tuple[Part, ...] = ()

    @property
    def rows(self) -> int:
        """Element sets in the store."""
        return sum(part.rows for part in self.parts)

    @property
    def snapshot_id(self) -> str:
        """Twelve hexadecimal digits that depend on the element sets alone, not on the parts they lie in."""
        total = sum(part.total_hash for part in self.parts) % 2**64
        return hashlib.sha256(f"{self.rows} {total}".encode()).hexdigest()[:12]

    def replacing(self, gone: set[str], new: list[Part]) -> Manifest:
        """The state in which the parts at the paths ``gone`` are replaced by ``new``."""
        kept = [part for part in self.parts if part.path not in gone]
        return self.model_copy(update={"parts": tuple(sorted([*kept, *new], key=lambda part: part.path))})


def read_manifest(home: Path) -> Manifest | None:
    """The state of the store at ``home``; None where there is no manifest.

    Raises
    ------
    CorruptFileError
        The manifest is damaged, or of another version.
    """
    path = home / NAME
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        if first["loc"] == ("schema_version",):
            raise CorruptFileError(
                path,
                f"written by another version of burnwatch (schema {first['input']}, this one reads {SCHEMA_VERSION})",
                "use that version, or a backup of this file",
            ) from error
        place = ".".join(str(step) for step in first["loc"]) or "the whole file"
        raise CorruptFileError(
            path,
            f"damaged at {place} ({first['msg']})",
            "restore this file from a backup, or move it away: the next `burnwatch ingest` makes it anew from its parts",
        ) from error


def write_manifest(home: Path, manifest: Manifest) -> None:
    """Make ``manifest`` the state of the store at ``home``, atomically and durably."""
    replace_bytes(home / NAME, manifest.model_dump_json().encode())
