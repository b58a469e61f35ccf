"""An object's life: its orbit over all its element sets, the burns flagged in it, and what each year held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray

from orbits.constants import EARTH_RADIUS_KM
from review.database import Database
from review.flags import Flag
from review.records import Status
from review.tracks import track

_NO_BURN = (Status.DATA_ERROR, Status.DUPLICATE)


def life(sets: pd.DataFrame) -> pd.DataFrame:
    """An object's mean orbit at each of its element sets.

    Parameters
    ----------
    sets : DataFrame
        Element sets (``catalog.records.ELEMENT_SET_DTYPES``) of one object, sorted by epoch.

    Returns
    -------
    DataFrame
        ``epoch, available_at, source, a_km, perigee_km`` and ``apogee_km`` (heights over the equator's radius),
        ``eccentricity, inclination_deg, bstar_inv_er, mean_motion_rev_day, drift_deg_day`` and ``longitude_deg`` (mean,
        east, in one piece: of use in the belt only).
    """
    if sets.empty:
        return pd.DataFrame()
    way = track(sets, int(sets["norad_id"].iloc[0]))
    same = ["source", "eccentricity", "inclination_deg", "bstar_inv_er", "mean_motion_rev_day"]
    known = pd.concat([way, sets.reset_index(drop=True)[same]], axis=1)
    return known.assign(
        perigee_km=known["a_km"] * (1.0 - known["eccentricity"]) - EARTH_RADIUS_KM,
        apogee_km=known["a_km"] * (1.0 + known["eccentricity"]) - EARTH_RADIUS_KM,
    )


def thinned(values: NDArray[np.float64], most: int) -> NDArray[np.intp]:
    """Which of many values to draw so that the line looks the same: the least and the greatest of each stretch.

    Parameters
    ----------
    values : (N,) array of float
        In order of time.
    most : int
        About so many, and the first and the last.

    Returns
    -------
    (M,) array of int
        Ascending indices; all where there are no more than ``most``.
    """
    count = len(values)
    if count <= most:
        return np.arange(count)
    stretches = max(most // 2, 1)
    size = -(-count // stretches)
    padded = np.full((-(-count // size)) * size, np.nan)
    padded[:count] = values
    rows = padded.reshape(-1, size)
    starts = np.arange(len(rows)) * size
    least = starts + np.argmin(np.where(np.isfinite(rows), rows, np.inf), axis=1)
    greatest = starts + np.argmax(np.where(np.isfinite(rows), rows, -np.inf), axis=1)
    return np.unique(np.concatenate([[0], least, greatest, [count - 1]]))


@dataclass(frozen=True, slots=True)
class FlagLine:
    """A flag as one line of its object's life; as in `review.records.FlagRecord`."""

    flag_id: str
    burn_time: datetime
    dv_m_s: float | None
    dv_t_m_s: float | None
    dv_n_m_s: float | None
    kind: str
    judged_kind: str
    explanation: str
    probability: float | None
    unexpectedness: float | None
    listed: bool
    status: str
    finding_id: str | None

    @property
    def is_maneuver(self) -> bool:
        """Whether it stands for a maneuver, as far as the program and the analysts can tell."""
        return self.explanation == "maneuver" and self.status not in _NO_BURN


def flags_of(database: Database, norad_id: int) -> list[FlagLine]:
    """All flags of an object that were not withdrawn, the latest burn first."""
    columns = [getattr(Flag, field.name) for field in fields(FlagLine)]
    chosen = sa.select(*columns).where(Flag.norad_id == norad_id, Flag.withdrawn_at.is_(None))
    with database.reading() as connection:
        rows = connection.execute(chosen.order_by(Flag.burn_time.desc(), Flag.flag_id)).mappings()
        return [FlagLine(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Year:
    """What a year of an object's life held: element sets, flags that stand for maneuvers, and their Δv together [m/s]."""

    year: int
    sets: int
    maneuvers: int
    dv_m_s: float
    unexpectedness: float | None


def years(epochs: pd.Series, flags: Sequence[FlagLine]) -> list[Year]:
    """The years with element sets or flags, the latest first."""
    counts = epochs.dt.year.value_counts().to_dict()
    burns: dict[int, list[FlagLine]] = defaultdict(list)
    for flag in flags:
        if flag.is_maneuver:
            burns[flag.burn_time.year].append(flag)
    return [
        Year(
            year=int(year),
            sets=int(counts.get(year, 0)),
            maneuvers=len(burns[year]),
            dv_m_s=sum(flag.dv_m_s or 0.0 for flag in burns[year]),
            unexpectedness=max((one for flag in burns[year] if (one := flag.unexpectedness) is not None), default=None),
        )
        for year in sorted({*counts, *burns}, reverse=True)
    ]
