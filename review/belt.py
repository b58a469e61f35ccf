"""The geosynchronous belt at one time: who is where, how it drifts, and what was flagged of it lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from catalog.records import epoch_us, mean_elements, time_us
from orbits.elements import MeanElements, semi_major_axis_km, wrap_deg
from orbits.geosynchronous import drift_deg_day, mean_longitude_deg
from orbits.propagate import drift
from review.database import Database
from review.flags import Finding, Flag
from review.records import State, Status

SEEN_DAYS = 30.0  # an object without a set for so long is not in the picture
STANDING_DEG_DAY = 0.05  # slower ones keep their place

_UNEXPECTED = Flag.unexpectedness.desc().nulls_last()


def belt(sets: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    """Where each object of the belt is at one time, by longitude.

    Parameters
    ----------
    sets : DataFrame
        Element sets (``catalog.records.ELEMENT_SET_DTYPES``) of geosynchronous objects, sorted by object and epoch; the
        newest of each counts, carried by SGP4's mean elements.
    at : Timestamp

    Returns
    -------
    DataFrame
        ``norad_id, epoch, available_at, age_days, longitude_deg`` (mean, east, in [-180, 180)), ``drift_deg_day`` (to
        the east), ``a_km, inclination_deg, eccentricity``; those that SGP4 cannot carry are left out.
    """
    newest = sets[~sets["norad_id"].duplicated(keep="last")].reset_index(drop=True)
    at_us = np.full(len(newest), 0 if newest.empty else time_us(at))  # an empty store has no time
    elements = mean_elements(newest)
    carried = drift(elements, at_us)
    there = MeanElements(
        epoch_us=at_us,
        mean_motion_rev_day=elements.mean_motion_rev_day,
        eccentricity=carried.eccentricity,
        inclination_deg=carried.inclination_deg,
        raan_deg=carried.raan_deg,
        arg_pericenter_deg=carried.arg_pericenter_deg,
        mean_anomaly_deg=carried.mean_anomaly_deg,
        bstar_inv_er=elements.bstar_inv_er,
    )
    a_km = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    found = newest[["norad_id", "epoch", "available_at", "inclination_deg", "eccentricity"]].assign(
        age_days=(at_us - epoch_us(newest["epoch"])) / 86_400e6,
        longitude_deg=wrap_deg(mean_longitude_deg(there)),
        drift_deg_day=drift_deg_day(a_km),
        a_km=a_km,
    )
    known: pd.DataFrame = found[np.isfinite(found["longitude_deg"])]
    return known.sort_values(["longitude_deg", "norad_id"], ignore_index=True)


@dataclass(frozen=True, slots=True)
class Marked:
    """What is on record of an object of the belt: its flags of some days, the most unexpected one, and a finding that goes on."""

    flags: int = 0
    flag_id: str = ""
    unexpectedness: float | None = None
    burn_time: datetime | None = None
    finding_id: str = ""
    finding: str = ""
    headline: str = ""


def marks(database: Database, since: datetime, until: datetime) -> dict[int, Marked]:
    """Flags of geosynchronous objects with burns in a span of time, and the findings under way or stopped, by object.

    Flags that were withdrawn, that an analyst took for a data error or a duplicate, or that are explained by something
    else than a maneuver do not count.
    """
    ranked = (_UNEXPECTED, Flag.burn_time.desc(), Flag.flag_id)
    wanted = (
        sa.select(
            Flag.norad_id,
            Flag.flag_id,
            Flag.unexpectedness,
            sa.func.row_number().over(partition_by=Flag.norad_id, order_by=ranked).label("place"),
            sa.func.count().over(partition_by=Flag.norad_id).label("flags"),
            sa.func.max(Flag.burn_time).over(partition_by=Flag.norad_id).label("burn_time"),
        )
        .where(
            Flag.burn_time >= since,
            Flag.burn_time <= until,
            Flag.regime == "geo",
            Flag.withdrawn_at.is_(None),
            Flag.explanation == "maneuver",
            Flag.status.not_in([str(Status.DATA_ERROR), str(Status.DUPLICATE)]),
        )
        .subquery()
    )
    flagged = sa.select(*wanted.c).where(wanted.c.place == 1)
    going_on = (
        sa.select(Finding.norad_id, Finding.finding_id, Finding.kind, Finding.headline)
        .where(Finding.regime == "geo", Finding.state != str(State.CLOSED))
        .order_by(Finding.news_at.desc(), Finding.finding_id)
    )
    with database.reading() as connection:
        rows = connection.execute(flagged).all()
        findings = connection.execute(going_on).all()
    first = {row.norad_id: row for row in rows}
    told = {row.norad_id: row for row in reversed(findings)}  # the newest news count
    return {one: _marked(first.get(one), told.get(one)) for one in first.keys() | told.keys()}


def _marked(flag: Any, finding: Any) -> Marked:  # noqa: ANN401 - rows of the queries above
    return Marked(
        flags=flag.flags if flag else 0,
        flag_id=flag.flag_id if flag else "",
        unexpectedness=flag.unexpectedness if flag else None,
        burn_time=flag.burn_time if flag else None,
        finding_id=finding.finding_id if finding else "",
        finding=finding.kind if finding else "",
        headline=finding.headline if finding else "",
    )
