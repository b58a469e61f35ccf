"""The way of an object along the belt as a picture, with whom it is foretold to meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd

from review.figures import Figure
from review.finding_plots import Burn, Neighbor, waterfall
from review.tracks import beside, forecast, track

_LONGEST_FORECAST = timedelta(days=60)
_SHORTEST_FORECAST = timedelta(days=14)
_AFTER_MEETING = timedelta(days=3)


def along_belt(
    way: pd.DataFrame,
    near: Sequence[Neighbor],
    history: pd.DataFrame,
    burns: Sequence[Burn],
    told_at: datetime,
    *,
    moving: bool,
) -> Figure:
    """Longitudes along the belt over time (`review.finding_plots.waterfall`), and where the last drift leads.

    Parameters
    ----------
    way : DataFrame
        The object's way, as from `review.tracks.track`; not empty.
    near : sequence of Neighbor
        Whom it meets; their ways are made here.
    history : DataFrame
        Element sets of the neighbors.
    burns : sequence of Burn
    told_at : datetime
        The forecast is made of what was available then, and no meeting before it is shown.
    moving : bool
        Whether a forecast is to be shown at all.
    """
    latest = told_at + _LONGEST_FORECAST
    ahead = [moving and one.when is not None and told_at < one.when <= latest for one in near]
    met = [
        one if kept else replace(one, when=None, when_low=None, when_high=None)
        for one, kept in zip(near, ahead, strict=True)
    ]
    meetings = [one.when_high or one.when for one in met if one.when is not None]
    until = min(max([told_at + _SHORTEST_FORECAST, *(time + _AFTER_MEETING for time in meetings if time)]), latest)
    known = way[way["available_at"] <= told_at]
    start = known["epoch"].iloc[-1] if len(known) else way["epoch"].iloc[0]
    foretold = forecast(way, burns[-1].high if burns else start, told_at, (until - start) / timedelta(days=1))
    foretold = foretold if moving else foretold.iloc[:0]
    end = float((foretold if len(foretold) else way)["longitude_deg"].iloc[-1])
    drawn = [replace(one, way=beside(track(history, one.norad_id), end)) for one in met]
    return waterfall(way, drawn, burns, foretold, told_at)
