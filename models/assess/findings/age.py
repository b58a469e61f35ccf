"""How old objects are, by what is known of each."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.assess.findings.chain import DAY


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


def launches_of(objects: pd.DataFrame, norad_ids: Collection[int]) -> Launches:
    """Launches of some of the objects (``catalog.objects.OBJECT_DTYPES``); all of them tell how many a year had."""
    wanted = objects[objects["norad_id"].isin(list(norad_ids))]
    dated = wanted[wanted["launch_date"].notna()]
    dates = dict(zip(dated["norad_id"].tolist(), dated["launch_date"], strict=True))
    designated = {}
    for norad_id, text in zip(wanted["norad_id"].tolist(), wanted["object_id"].tolist(), strict=True):
        launch = _launch(text)
        if launch is not None:
            designated[norad_id] = launch
    # As text, launches of one year sort by their number.
    known = (_launch(text) for text in np.unique(objects["object_id"].to_numpy().astype("U8")).tolist())
    return Launches(dates, designated, dict(launch for launch in known if launch is not None))


def _launch(designator: str) -> tuple[int, int] | None:
    """Year and number of the launch in an international designator; None where there is none."""
    year, launch = designator[:4], designator[5:8]
    return (int(year), int(launch)) if year.isdigit() and launch.isdigit() else None
