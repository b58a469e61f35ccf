"""The objects that a filter's owners and watch-list mean."""

from __future__ import annotations

from collections.abc import Collection

from catalog.assets import AssetError
from review.desk import Desk
from review.errors import InvalidFilterError
from review.filters import Filter


def objects_of(desk: Desk, wanted: Filter) -> Collection[int] | None:
    """Catalog numbers of the objects; None if the filter names neither owners nor a watch-list.

    Raises
    ------
    InvalidFilterError
        If there is no such list.
    """
    parts: list[set[int]] = []
    if wanted.owners:
        objects = desk.objects()
        parts.append(set(objects.loc[objects["owner"].isin(wanted.owners), "norad_id"].tolist()))
    if wanted.watch_list:
        try:
            (watched,) = desk.assets.load().named([wanted.watch_list])
        except AssetError as error:
            raise InvalidFilterError("watch_list", str(error)) from error
        parts.append({asset.number for asset in watched.objects})
    return set.intersection(*parts) if parts else None
