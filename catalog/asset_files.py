"""Files of assets, which people hand on: strict, small, and read without harm whatever is in them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from catalog.assets import AssetError, AssetList
from catalog.parse import ParseError
from configs.documents import DocumentError, json_line, line_of, read_json, read_yaml

Form = Literal["yaml", "json"]

# What a file may hold, and so what is written. YAML takes a hundred times as long to read.
MAX_BYTES: dict[Form, int] = {"yaml": 4 * 2**20, "json": 64 * 2**20}
_MIB = 2**20


def form_of(path: Path) -> Form:
    """The form that a file's name asks for.

    Raises
    ------
    AssetError
        The name ends otherwise than in .yaml, .yml or .json.
    """
    suffix = path.suffix.lower()
    if suffix not in (".yaml", ".yml", ".json"):
        raise AssetError("its name must end in .yaml, .yml or .json", file=str(path))
    return "json" if suffix == ".json" else "yaml"


def read_lists(path: Path) -> list[AssetList]:
    """The list of a file, or its lists where it holds several under ``lists``.

    Parameters
    ----------
    path : Path
        YAML or JSON, as ``configs/assets/`` shows them, of `MAX_BYTES` at most.

    Raises
    ------
    AssetError
        With file, line and field: the file cannot be read or breaks the form, or an element set in it does.
    """
    most_bytes = MAX_BYTES[form_of(path)]
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except OSError as error:
        raise AssetError(f"cannot be read: {error.strerror}", file=str(path)) from error
    return lists_of(data, path)


def lists_of(data: bytes, path: Path, *, most_bringing: int | None = None) -> list[AssetList]:
    """The lists in the content of a file, as `read_lists` gives them.

    Parameters
    ----------
    data : bytes
    path : Path
        Its name, for its form and for the errors; it is not opened.
    most_bringing : int, optional
        How many of its objects may bring element sets; as many as there are by default.

    Raises
    ------
    AssetError
    """
    most_bytes = MAX_BYTES[form_of(path)]
    if len(data) > most_bytes:
        raise AssetError(f"is larger than {most_bytes // _MIB} MiB: no list of assets is", file=str(path))
    text = _text(data, path)
    found = _read(text, path)
    refuse_many_bringing([one for _, one in found], most_bringing, name=str(path))
    for where, one in found:
        _refuse_bad_sets(one, where, text, path)
    return [one for _, one in found]


def refuse_many_bringing(lists: Sequence[AssetList], most: int | None, *, name: str) -> None:
    """See that at most ``most`` objects bring element sets, of which those of each object cost some milliseconds to read.

    Raises
    ------
    AssetError
    """
    count = sum(len(one.bringing_sets()) for one in lists)
    if most is not None and count > most:
        raise AssetError(
            f"{count:,} objects bring element sets of their own, and the desk takes {most} at once: "
            "take in fewer, or use `burnwatch watch import`",
            file=name,
        )


def kept_lists(path: Path) -> list[AssetList]:
    """The lists of a home's own file, which opens however large it is; its element sets were checked before they came in.

    Raises
    ------
    AssetError
        Somebody else changed the file, and it cannot be used.
    """
    name = Path(path.name)  # where a home lies is not for the errors that a desk shows
    return [one for _, one in _read(_text(path.read_bytes(), name), name)]


def rendered(lists: Sequence[AssetList], *, form: Form, name: str = "") -> bytes:
    """Lists as the content of a file, from which `read_lists` makes the same lists again.

    Parameters
    ----------
    lists : sequence of AssetList
    form : 'yaml' or 'json'
    name : str, optional
        Of the file, for the error.

    Raises
    ------
    AssetError
        They are more than is read in this form.
    """
    documents = [one.model_dump(mode="json", exclude_defaults=True) for one in lists]
    whole: dict[str, Any] = documents[0] if len(documents) == 1 else {"lists": documents}
    data = (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()
    if form == "yaml" and len(data) <= MAX_BYTES["yaml"]:  # what is larger is refused without a minute's work
        data = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=10_000).encode()
    if len(data) > MAX_BYTES[form]:
        raise AssetError(
            f"{len(lists)} lists would be {len(data) / _MIB:.1f} MiB, and at most {MAX_BYTES[form] // _MIB} MiB are read: "
            + ("take JSON, or fewer lists" if form == "yaml" else "remove some lists or objects first"),
            file=name or f"lists.{form}",
        )
    return data


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AssetError("is not UTF-8: save it as UTF-8", file=str(path), line=line) from error


def _read(text: str, path: Path) -> list[tuple[list[str], AssetList]]:
    """The lists that a text holds, each of which keeps the form, and where in it."""
    try:
        values = read_json(text) if form_of(path) == "json" else read_yaml(text)[0]
    except DocumentError as error:
        raise AssetError(error.reason, file=str(path), line=error.line, field=error.field or None) from error
    several = isinstance(values, dict) and "lists" in values
    documents: Any = [values]
    if isinstance(values, dict) and several:
        documents = values["lists"]
        extra = sorted(str(key) for key in values if key != "lists")
        if extra:
            raise AssetError("no such field beside lists", file=str(path), field=extra[0])
        if not isinstance(documents, list):
            raise AssetError("must be a list of lists", file=str(path), field="lists")
    places = [["lists", str(place)] if several else [] for place in range(len(documents))]
    lists = [_checked(document, where, text, path) for where, document in zip(places, documents, strict=True)]
    twice = next((name for name, times in Counter(one.name for one in lists).items() if times > 1), None)
    if twice is not None:
        raise AssetError(f"two lists are called {twice!r}", file=str(path), field="lists")
    return list(zip(places, lists, strict=True))


def _checked(document: object, where: list[str], text: str, path: Path) -> AssetList:
    """A list that keeps the form."""
    try:
        return AssetList.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        location = [*where, *(str(part) for part in first["loc"])]
        known = "no such field; configs/assets/README.md lists all"
        reason = known if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise AssetError(reason, file=str(path), line=_line(text, location, path), field=".".join(location)) from error


def _refuse_bad_sets(one: AssetList, where: list[str], text: str, path: Path) -> None:
    """See that the element sets of a list can be read."""
    for place, asset in enumerate(one.objects):
        if not (asset.tle or asset.omm):
            continue
        try:
            asset.element_sets()
        except ParseError as error:
            # Within a list of lines or messages, the one that is at fault.
            item = [str((error.line or 1) - 1)] if error.file == "tle" else []
            location = [*where, "objects", str(place), error.file]
            reason = f"{error.field + ': ' if error.field else ''}{error.reason}"
            line = _line(text, [*location, *item], path)
            raise AssetError(reason, file=str(path), line=line, field=".".join(location)) from error


def _line(text: str, location: list[str], path: Path) -> int | None:
    return json_line(text, location) if form_of(path) == "json" else line_of(read_yaml(text)[1], location)
