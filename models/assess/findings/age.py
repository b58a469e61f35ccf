"""How old objects are, by what is known of each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from models.assess.findings.chain import DAY

_LAUNCH = r"^(?P<year>\d{4})-(?P<launch>\d{3})"


@dataclass(frozen=True)
class Launches:
    """When objects were launched: their date, or one estimated from the number of their launch in its year.

    Parameters
    ----------
    dates : mapping of norad_id to Timestamp
    designated : mapping of norad_id to (year, launch)
    per_year : mapping of year to the number of launches in it
    """

    dates: Mapping[int, pd.Timestamp]
    designated: Mapping[int, tuple[int, int]]
    per_year: Mapping[int, int]

    def age_days(self, norad_id: int, at: pd.Timestamp, by_count: float = math.nan) -> float:
        """Age at a time [days]: by launch date, by the count of revolutions if the designator's year agrees, by the designator; NaN where none is known."""
        if norad_id in self.dates:
            return float((at - self.dates[norad_id]) / DAY)
        if norad_id not in self.designated:
            return by_count if by_count >= 0 else math.nan
        year, launch = self.designated[norad_id]
        begin, end = pd.Timestamp(year, 1, 1, tz="UTC"), pd.Timestamp(year + 1, 1, 1, tz="UTC")
        counted = at - max(by_count, 0.0) * DAY if math.isfinite(by_count) else None
        if counted is not None and begin - 7 * DAY <= counted <= end + 7 * DAY:
            return by_count
        # Numbers count launches in order of time. A year that is not over has had fewer: the one before tells the pace.
        count = self.per_year.get(year, 0) if year < at.year else 0
        count = max(count, self.per_year.get(year - 1, 0), launch)
        date = begin + (launch - 0.5) / count * (end - begin)
        return max(float((at - min(date, at)) / DAY), 0.0)


def launches_of(objects: pd.DataFrame) -> Launches:
    """Launches of objects (``catalog.objects.OBJECT_DTYPES``)."""
    dated = objects[objects["launch_date"].notna()]
    dates = dict(zip(dated["norad_id"].tolist(), dated["launch_date"], strict=True))
    parts = objects["object_id"].astype("str").str.extract(_LAUNCH).dropna().astype(int)
    ids = objects.loc[parts.index, "norad_id"].tolist()
    designated = dict(zip(ids, zip(parts["year"].tolist(), parts["launch"].tolist(), strict=True), strict=True))
    most = parts.groupby("year")["launch"].max()
    return Launches(dates, designated, dict(zip(most.index.tolist(), most.tolist(), strict=True)))
