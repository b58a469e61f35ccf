"""Element sets out of files: TLE, 3LE, and OMM as JSON, CSV, XML and KVN."""

from __future__ import annotations

from catalog.parse.result import Parsed, ParseError
from catalog.parse.tle import parse_tle
from configs.catalog import IngestConfig

__all__ = ["ParseError", "Parsed", "parse_bytes"]


def parse_bytes(data: bytes, *, name: str, config: IngestConfig | None = None) -> Parsed:
    """Element sets of a file held in memory, whatever its format."""
    config = config or IngestConfig()
    pieces = (data[start : start + config.chunk_bytes] for start in range(0, len(data), config.chunk_bytes))
    return parse_tle(pieces, name=name, config=config)
