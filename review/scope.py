"""Which objects a filter means where it speaks of owners or of a list."""

from __future__ import annotations

import pandas as pd

from review.desk import Desk
from review.errors import InvalidFilterError
from review.filters import Filter


def objects_of(wanted: Filter, desk: Desk) -> frozenset[int] | None:
    """Catalog numbers of the objects of a filter's owners that are on its list; None where it asks for neither.

    Raises
    ------
    InvalidFilterError
        There is no such list.
    """
    chosen: frozenset[int] | None = None
    if wanted.owners:
        by_owner = _by_owner(desk)
        chosen = frozenset().union(*(by_owner.get(owner, frozenset()) for owner in wanted.owners))
    if wanted.watch_list:
        listed = list_of(wanted.watch_list, desk)
        chosen = listed if chosen is None else chosen & listed
    return chosen


def list_of(name: str, desk: Desk) -> frozenset[int]:
    """Catalog numbers on a list of assets or of objects to watch.

    Raises
    ------
    InvalidFilterError
    """
    lists = desk.assets.load().lists
    found = next((one for one in lists if one.name == name), None)
    if found is None:
        known = f"there are {', '.join(one.name for one in lists)}" if lists else "there are none"
        raise InvalidFilterError("watch_list", f"is no list of this name: {known}")
    return frozenset(one.number for one in found.objects)


def owners(desk: Desk) -> list[str]:
    """Owners of objects, as the catalog of objects names them."""
    return sorted(owner for owner in _by_owner(desk) if owner)


def _by_owner(desk: Desk) -> dict[str, frozenset[int]]:
    objects = desk.objects()
    return desk.kept("objects by owner", id(objects), lambda: _grouped(objects))


def _grouped(objects: pd.DataFrame) -> dict[str, frozenset[int]]:
    numbers = objects["norad_id"].groupby(objects["owner"].fillna("").astype(str))
    return {owner: frozenset(group.tolist()) for owner, group in numbers}
