"""YAML and JSON of strangers: plain values, and a refusal by line for all that has no place in settings, lists and labels."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

import yaml

from configs.errors import BurnwatchError

MAX_DEPTH = 12
_MOST_EVENTS = 250_000  # of a YAML document: two seconds' work
_MOST_PARTS = 1_500_000  # objects and lists of a JSON document
_LARGEST = 2**63  # whole numbers from here on fit no column and no double
_TAG = "tag:yaml.org,2002:"


_LONGEST = 1000


def one_line(text: str) -> str:
    """What a message says of a document, in one line: breaks and controls in its keys are written out, long ones cut."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"
    return text if text.isprintable() else "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


class DocumentError(BurnwatchError):
    """A document that cannot be used.

    Attributes
    ----------
    reason : str
    line : int or None
        Counted from 1.
    field : str
        Empty where no field is at fault.
    """

    def __init__(self, reason: str, *, line: int | None = None, field: str = "") -> None:
        self.reason, self.line, self.field = reason, line, field
        super().__init__(one_line(f"{f'line {line}: ' if line else ''}{f'{field} ' if field else ''}{reason}"))


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # libyaml's parser is ten times faster
    """Knows nothing, truth values and numbers beside text: a date stays the text that it is."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.removeprefix(_TAG) in {"null", "bool", "int", "float"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_NUMBERS = yaml.constructor.SafeConstructor()


def read_yaml(text: str) -> tuple[Any, Any]:
    """The values of a YAML document, and its root node for `line_of`.

    Aliases, tags, repeated or composed keys, numbers beyond 64 bits or not finite, and what is nested or long beyond
    any use are refused. Dates and times are left as text.

    Raises
    ------
    DocumentError
    """
    depth = 0
    try:
        for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
            line = event.start_mark.line + 1 if event.start_mark else None
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise DocumentError("anchors and aliases are not read: write it out", line=line)
            if getattr(event, "tag", None):
                raise DocumentError("tags such as !!int are not read: write the value plainly", line=line)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH or count > _MOST_EVENTS:
                raise DocumentError("is nested or long beyond use", line=line)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DocumentError("holds a character that no text has", line=line) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or "is no YAML")
        raise DocumentError(problem, line=mark.line + 1 if mark else 1) from error
    return None if root is None else _value(root), root


def read_json(text: str) -> Any:  # noqa: ANN401 - whatever it holds
    """The values of a JSON document; refused is what `read_yaml` refuses.

    Raises
    ------
    DocumentError
    """
    if text.count("{") + text.count("[") > _MOST_PARTS:
        raise DocumentError("is long beyond use")
    try:
        values = strict_decoder(text).decode(text)
    except json.JSONDecodeError as error:
        raise DocumentError(f"is no JSON: {error.msg}", line=error.lineno) from error
    except RecursionError as error:
        raise DocumentError("is nested beyond use") from error
    level = [values]
    for _ in range(MAX_DEPTH + 1):
        level = [
            child
            for one in level
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
        ]
    if level:
        raise DocumentError("is nested beyond use")
    return values


def strict_decoder(text: str) -> json.JSONDecoder:
    """A decoder that raises ``DocumentError`` at repeated keys and at numbers that are too long or not finite.

    Parameters
    ----------
    text : str
        What is going to be decoded: errors find their line in it.
    """

    def number(read: Callable[[str], float], digits: str) -> float:
        value = _finite(read, digits)
        if value is None:
            at = re.search(r"[:,\[\s]" + re.escape(digits), text)
            line = text.count("\n", 0, at.end()) + 1 if at else None
            raise DocumentError(f"{digits[:20]} is no finite number of at most 64 bits", line=line)
        return value

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) < len(pairs):
            seen: set[str] = set()
            twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise DocumentError("is given twice", line=_line_of_repeated(text), field=twice)
        return made

    return json.JSONDecoder(
        object_pairs_hook=once,
        parse_int=lambda digits: number(int, digits),
        parse_float=lambda digits: number(float, digits),
        parse_constant=lambda digits: number(float, digits),
    )


def line_of(node: Any, location: list[str]) -> int:  # noqa: ANN401 - yaml's nodes carry no types
    """Line (1 for the first) of the innermost part of a dotted ``location`` that a composed YAML document holds."""
    line = int(node.start_mark.line) + 1 if node is not None else 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == part]
            if not found:
                return line
            key, node = found[0]
            line = int(key.start_mark.line) + 1
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = int(node.start_mark.line) + 1
        else:
            return line
    return line


def json_line(text: str, location: list[str]) -> int | None:
    """Line of a field of a JSON document, which is read as the YAML that it nearly always is; None where it is not."""
    try:
        return line_of(read_yaml(text.replace("\t", " "))[1], location)
    except DocumentError:
        return None


def _value(node: Any, where: tuple[str, ...] = ()) -> Any:  # noqa: ANN401
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*where, str(place))) for place, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, where)
    made: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise DocumentError("a field's name must be a word", line=line)
        if key.value in made:
            raise DocumentError("is given twice", line=line, field=key.value)
        made[key.value] = _value(value, (*where, key.value))
    return made


def _scalar(node: Any, where: tuple[str, ...]) -> Any:  # noqa: ANN401
    match node.tag.removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return _NUMBERS.bool_values[node.value.lower()]
        case "int" | "float" as kind:
            construct = _NUMBERS.construct_yaml_int if kind == "int" else _NUMBERS.construct_yaml_float
            value = _finite(construct, node)
            if value is None:
                reason = f"{node.value[:20]} is no finite number of at most 64 bits"
                raise DocumentError(reason, line=node.start_mark.line + 1, field=".".join(where))
            return value
    return node.value


def _finite(read: Callable[[Any], float], text: Any) -> float | None:  # noqa: ANN401 - text, or a node
    """The number, None where it is none, not finite or longer than 64 bits."""
    try:
        value = read(text)
    except (ValueError, IndexError):  # `0b_`, or thousands of digits
        return None
    fits = math.isfinite(value) if isinstance(value, float) else abs(value) < _LARGEST
    return value if fits else None


def _line_of_repeated(text: str) -> int | None:
    try:
        read_yaml(text.replace("\t", " "))
    except DocumentError as error:
        return error.line
    return None
