"""Protected assets and watch-lists: objects that matter to the user, with element sets of their own where there are no public ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, get_args

import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from catalog.availability import stamp
from catalog.errors import FileError
from catalog.parse import ParseError, parse_bytes
from catalog.records import empty_element_sets
from configs.catalog import IngestConfig
from configs.learning import Sensitivity

USER_SOURCE = "user"
PRIVATE_FIRST, PRIVATE_LAST = 990_000_000, 999_999_999  # numbers of objects that have no public one

_MOST_OBJECTS, _MOST_LINES, _MOST_KEYWORDS = 2000, 3000, 64


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must be one line of printable characters")
    return value


Word = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True), AfterValidator(_printable)]
OneLine = Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True), AfterValidator(_printable)]


class AssetError(FileError):
    """A file of assets that cannot be used, or lists that contradict one another."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Asset(_Strict):
    """An object of a list.

    ``norad_id`` may be left out where the object has no public number; then it must bring element sets, as
    lines (``tle``) or as Orbit Mean-Elements Messages (``omm``), in which numbers and names are not looked at.
    """

    name: Word
    norad_id: int | None = Field(default=None, ge=1, le=PRIVATE_LAST)
    why: OneLine = ""
    keep_out_km: float | None = Field(default=None, gt=0, le=100_000, allow_inf_nan=False)
    tle: list[Annotated[str, StringConstraints(max_length=200)]] = Field(default=[], max_length=_MOST_LINES)
    omm: list[dict[str, str | int | float | None]] = Field(default=[], max_length=_MOST_LINES)

    @field_validator("norad_id", mode="before")
    @classmethod
    def _whole(cls, value: object) -> object:
        """To JSON 5.0 is as good an integer as 5."""
        return int(value) if isinstance(value, float) and value.is_integer() else value

    @field_validator("tle", mode="before")
    @classmethod
    def _lines(cls, value: object) -> object:
        return [line for line in value.splitlines() if line.strip()] if isinstance(value, str) else value

    @field_validator("omm", mode="before")
    @classmethod
    def _one_message(cls, value: object) -> object:
        return [value] if isinstance(value, dict) else value

    @field_validator("omm")
    @classmethod
    def _can_be_kept(cls, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if any(len(message) > _MOST_KEYWORDS for message in value):
            raise ValueError(f"a message has more than {_MOST_KEYWORDS} keywords")
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ValueError("a message holds half a character (a lone surrogate)") from error
        return value

    @model_validator(mode="after")
    def _can_be_found(self) -> Asset:
        if self.norad_id is None and not (self.tle or self.omm):
            raise ValueError("give norad_id, or element sets in tle or omm for an object without a public number")
        return self

    @property
    def number(self) -> int:
        """Its catalog number: the public one, or one of the private range that its name always gives.

        Where two names give the same, a home gives one of them the next (`AssetStore.put`).
        """
        if self.norad_id is not None:
            return self.norad_id
        digest = hashlib.blake2b(self.name.upper().encode(), digest_size=8).digest()
        return PRIVATE_FIRST + int.from_bytes(digest) % (PRIVATE_LAST - PRIVATE_FIRST + 1)

    def element_sets(self, config: IngestConfig | None = None) -> pd.DataFrame:
        """Its own element sets (``ELEMENT_SET_DTYPES``, source ``user``), under its number.

        Raises
        ------
        catalog.parse.ParseError
            One cannot be read; its file is the name of the field, its line counts within it.
        """
        parts = []
        for field, data in (
            ("tle", "\n".join(self.tle).encode() if self.tle else b""),
            ("omm", json.dumps(self.omm).encode() if self.omm else b""),
        ):
            if not data:
                continue
            parsed = parse_bytes(data, name=field, config=config)
            if len(parsed.refused):
                first = parsed.refused.iloc[0]
                raise ParseError(field, first["reason"], line=int(first["line"]), field=first["field"])
            if parsed.element_sets.empty:
                raise ParseError(field, "holds no element set")
            parts.append(stamp(parsed, source=USER_SOURCE, config=config))
        if not parts:
            return empty_element_sets()
        return pd.concat(parts, ignore_index=True).assign(norad_id=self.number).sort_values("epoch", ignore_index=True)


class AssetList(_Strict):
    """A named list: of assets to be protected, or of objects to be watched, as closely as it says."""

    name: Word
    kind: Literal["protected", "watched"]
    sensitivity: Sensitivity | None = None
    objects: Annotated[list[Asset], Field(max_length=_MOST_OBJECTS)]

    @model_validator(mode="after")
    def _each_once(self) -> AssetList:
        seen: dict[int | str, str] = {}
        for asset in self.objects:
            which = asset.norad_id or asset.name.upper()
            if which in seen:
                raise ValueError(f"{asset.name} and {seen[which]} are one object: {asset.number}")
            seen[which] = asset.name
        return self

    def bringing_sets(self) -> list[Asset]:
        """Its objects that bring element sets of their own."""
        return [asset for asset in self.objects if asset.tle or asset.omm]


class Assets(_Strict):
    """All lists of a home, sorted by name."""

    lists: list[AssetList] = []

    def named(self, names: Sequence[str] | None = None) -> list[AssetList]:
        """The lists of these names, or all of them.

        Raises
        ------
        AssetError
            There is none of a name.
        """
        known = {one.name: one for one in self.lists}
        for name in names or ():
            if name not in known:
                raise AssetError(
                    f"there is no list {name!r}; there are {', '.join(known) or 'none'}", file="assets.json"
                )
        return [known[name] for name in names] if names else list(self.lists)

    def numbers(self, kind: str | None = None) -> frozenset[int]:
        """Catalog numbers of the objects of all lists of a kind."""
        return frozenset(asset.number for one in self._of(kind) for asset in one.objects)

    def sensitivities(self) -> dict[int, Sensitivity]:
        """How closely objects are to be watched whose lists say so; the most sensitive of several."""
        order = get_args(Sensitivity)
        found: dict[int, Sensitivity] = {}
        for one in sorted((one for one in self.lists if one.sensitivity), key=lambda one: order.index(one.sensitivity)):
            found |= {asset.number: one.sensitivity for asset in one.objects if one.sensitivity}
        return found

    def names(self) -> dict[int, str]:
        """What the lists call their objects, those that are protected first."""
        return {asset.number: asset.name for kind in ("watched", "protected") for asset in self._all(kind)}

    def keep_out_km(self) -> dict[int, float]:
        """The protected assets and the distance [km] that others should keep, NaN where none is given; the largest of several."""
        kept: dict[int, float] = {}
        for asset in self._all("protected"):
            distances = [kept.get(asset.number), asset.keep_out_km]
            kept[asset.number] = max((km for km in distances if km is not None and km > 0), default=float("nan"))
        return kept

    def element_sets(self, config: IngestConfig | None = None) -> pd.DataFrame:
        """The users' own sets (``ELEMENT_SET_DTYPES``), one for each object and epoch, sorted.

        Raises
        ------
        AssetError
            One cannot be read: a file was changed by hand.
        """
        parts = [_sets_of(one, asset, config) for one in self.lists for asset in one.bringing_sets()]
        if not parts:
            return empty_element_sets()
        sets = pd.concat(parts, ignore_index=True).sort_values(["norad_id", "epoch"], kind="stable")
        return sets.drop_duplicates(["norad_id", "epoch"], keep="last", ignore_index=True)

    def _of(self, kind: str | None) -> Iterable[AssetList]:
        return (one for one in self.lists if kind in (None, one.kind))

    def _all(self, kind: str | None) -> Iterable[Asset]:
        return (asset for one in self._of(kind) for asset in one.objects)


def _sets_of(one: AssetList, asset: Asset, config: IngestConfig | None) -> pd.DataFrame:
    try:
        return asset.element_sets(config)
    except ParseError as error:
        raise AssetError(f"{asset.name}: {error}", file="assets.json", field=one.name) from error
