"""What an analyst wants to see of the queue, to and from the parameters of a URL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal, Self, get_args
from urllib.parse import parse_qsl, urlencode

from review.columns import clean_text, iso_z
from review.errors import InvalidFilterError
from review.queries import Order
from review.records import Status

LARGEST_NUMBER = 999_999_999
LONGEST_TEXT = 200
MOST_VALUES = 50
MOST_PAIRS = 1000

Explanation = Literal["maneuver", "other"]
REGIMES = ("leo", "meo", "geo", "heo")
# The parameters that may come several times, and the fields that hold them.
_SEVERAL = {"regime": "regimes", "kind": "kinds", "status": "statuses", "owner": "owners"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Conditions on flags, all of which hold, and their order; what is empty or None does not narrow.

    Parameters
    ----------
    regimes, kinds, statuses : tuple
        One of these.
    owners : tuple of str
        Of the object, as the catalog of objects names them; the caller looks their objects up.
    watch_list : str
        Name of a list of objects, which the caller looks up.
    since, until : datetime, optional
        Burn time from, and before [UTC].
    text : str
        Words, each of which is in the object's name or in the reasons, or begins its number.
    listed : bool
        Only those that the day's false discovery rate selected.
    assignee : str
    explanation : 'maneuver' or 'other', optional
        Maneuvers, or what is explained by something else.
    norad_id : int, optional
    order : 'unexpected' or 'time'
    """

    regimes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    owners: tuple[str, ...] = ()
    watch_list: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    listed: bool = False
    assignee: str = ""
    explanation: Explanation | None = None
    norad_id: int | None = None
    order: Order = "unexpected"

    @classmethod
    def from_params(cls, params: Mapping[str, Any] | Iterable[tuple[str, str]]) -> Self:
        """The filter of a URL's parameters: ``regime, kind, status, owner`` any number of times, ``watch_list, since,
        until, text, listed, assignee, explanation, norad_id, order`` once.

        An empty value is none, and what is no parameter of a filter, such as a page's number, is passed over.

        Parameters
        ----------
        params : mapping or pairs
            Names to values or lists of values; also Starlette's QueryParams and FormData.

        Raises
        ------
        InvalidFilterError
            Naming the parameter.
        """
        given = _values(params)
        found: dict[str, Any] = {
            field: _several(name, given.get(name, [])) for name, field in _SEVERAL.items() if given.get(name)
        }
        for name, read in _READERS.items():
            values = given.get(name, [])
            if len(set(values)) > 1:
                raise InvalidFilterError(name, "is given twice: give it once")
            if values:
                found[name] = read(name, values[0])
        made = cls(**found)
        if made.since is not None and made.until is not None and made.since >= made.until:
            raise InvalidFilterError("until", "is not later than since: no burn lies between")
        return made

    @classmethod
    def from_query(cls, query: str) -> Self:
        """The filter of a URL's query, as `query` writes it.

        Raises
        ------
        InvalidFilterError
        """
        try:
            pairs = parse_qsl(query, max_num_fields=MOST_PAIRS)
        except ValueError as error:
            raise InvalidFilterError("query", f"has more than {MOST_PAIRS} parameters") from error
        return cls.from_params(pairs)

    def to_params(self) -> list[tuple[str, str]]:
        """The parameters of a URL, equal filters always the same: in one order, without what does not narrow."""
        params = [(name, str(one)) for name, field in _SEVERAL.items() for one in sorted(set(getattr(self, field)))]
        for name in _READERS:
            value = getattr(self, name)
            if value != getattr(_NOTHING, name):
                params.append((name, _written(value)))
        return params

    def query(self) -> str:
        """`to_params` as the query of a URL, without its question mark."""
        return urlencode(self.to_params())

    def without(self, *params: str) -> Self:
        """The filter less some parameters."""
        fields = [_SEVERAL.get(name, name) for name in params]
        return replace(self, **{field: getattr(_NOTHING, field) for field in fields})


_NOTHING = Filter()


def _values(params: Mapping[str, Any] | Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Every parameter's values that are not empty, in order."""
    # Starlette's mappings hold a name's values one by one.
    pairs = getattr(params, "multi_items", params.items)() if isinstance(params, Mapping) else params
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        for one in value if isinstance(value, list | tuple) else [value]:
            if text := clean_text(one).strip():
                given.setdefault(name, []).append(text)
    return given


def _several(name: str, values: list[str]) -> tuple[Any, ...]:
    values = sorted(set(values))
    if len(values) > MOST_VALUES:
        raise InvalidFilterError(name, f"has {len(values)} values: give {MOST_VALUES} at most")
    for value in values:
        _short(name, value)
        if name == "regime":
            _one_of(name, value, REGIMES)
        if name == "status":
            _one_of(name, value, list(Status))
    return tuple(Status(value) if name == "status" else value for value in values)


def _short(name: str, value: str) -> str:
    if len(value) > LONGEST_TEXT:
        raise InvalidFilterError(name, f"has {len(value)} characters: shorten it to {LONGEST_TEXT}")
    return value


def _one_of(name: str, value: str, known: Iterable[str]) -> str:
    if value not in known:
        raise InvalidFilterError(name, f"{value[:50]!r} is none of {', '.join(known)}")
    return value


def _instant(name: str, value: str) -> datetime:
    try:
        time = datetime.fromisoformat(value)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidFilterError(name, f"{value[:50]!r} is no time: write 2026-05-31 or 2026-05-31T12:00Z") from error


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= len(str(LARGEST_NUMBER))):
        raise InvalidFilterError(name, f"{value[:50]!r} is no catalog number: give 0 to {LARGEST_NUMBER}")
    return int(value)


def _yes(name: str, value: str) -> bool:
    return _one_of(name, value.lower(), ("1", "true", "yes", "on", "0", "false", "no", "off")) in (
        "1",
        "true",
        "yes",
        "on",
    )


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true"
    if isinstance(value, datetime):
        written = iso_z(value)
        return written.removesuffix("T00:00:00Z")
    return str(value)


_READERS: dict[str, Callable[[str, str], Any]] = {
    "watch_list": _short,
    "since": _instant,
    "until": _instant,
    "text": _short,
    "listed": _yes,
    "assignee": _short,
    "explanation": lambda name, value: _one_of(name, value, get_args(Explanation)),
    "norad_id": _number,
    "order": lambda name, value: _one_of(name, value, get_args(Order)),
}
