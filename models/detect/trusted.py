"""scikit-learn models in skops files: the same bytes for the same model, and out of them only types that we list."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from models.errors import ModelError

_SCHEMA = "schema.json"


def dump_trusted(models: Any, path: Path) -> None:  # noqa: ANN401 - whatever skops can save
    """Write models as a skops file whose bytes depend on nothing but them.

    skops names what it saves by memory addresses, and zip files tell the time: here they are numbered in order and dated alike.

    Parameters
    ----------
    models : object
        scikit-learn models, in lists and mappings.
    path : Path
    """
    from skops.io import dumps

    with zipfile.ZipFile(io.BytesIO(dumps(models))) as saved, zipfile.ZipFile(path, "w") as file:
        schema = json.loads(saved.read(_SCHEMA))
        numbers: dict[str, int] = {}
        _number(schema, numbers, itertools.count())
        for address, number in sorted(numbers.items(), key=lambda each: each[1]):
            if f"{address}.npy" in saved.NameToInfo:
                _add(file, f"{number}.npy", saved.read(f"{address}.npy"))
        _add(file, _SCHEMA, json.dumps(schema).encode())


def _number(node: Any, numbers: dict[str, int], count: Iterator[int]) -> None:  # noqa: ANN401 - a part of JSON
    """Put numbers in the place of addresses, in order; plain values are never shared, though they may lie at one."""
    if isinstance(node, list):
        for part in node:
            _number(part, numbers, count)
    elif isinstance(node, dict):
        if "__id__" in node:
            address, number = str(node["__id__"]), next(count)
            plain = node.get("__loader__") == "JsonNode"
            node["__id__"] = number if plain else numbers.setdefault(address, number)
            if "file" in node:
                node["file"] = f"{node['__id__']}.npy"
        for part in node.values():
            _number(part, numbers, count)


def _add(file: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name)
    member.external_attr = 0o600 << 16
    file.writestr(member, content, zipfile.ZIP_DEFLATED, 9)


def load_trusted(path: Path, trusted: Sequence[str], needed_by: str) -> Any:  # noqa: ANN401 - whatever was saved
    """The models in the skops file at ``path``.

    Parameters
    ----------
    path : Path
    trusted : sequence of str
        Names of the types that it may hold.
    needed_by : str
        Whose types these are, for the error.

    Raises
    ------
    ModelError
        When the file holds a type that is not in ``trusted``.
    """
    from skops.io import load
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        return load(path, trusted=list(trusted))
    except UntrustedTypesFoundException as error:
        raise ModelError(f"{path} holds types that {needed_by} not need: {error}") from error
