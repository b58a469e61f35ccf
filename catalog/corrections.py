"""Sets of one epoch of which nothing but the order of reading tells which is newer."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from catalog.identity import column_hash

_KEY = ("norad_id", "epoch", "source", "element_set_no")
_ORBIT = (
    *("mean_motion_rev_day", "eccentricity", "inclination_deg", "raan_deg", "arg_pericenter_deg", "mean_anomaly_deg"),
    "bstar_inv_er",
)


def read_later(new: pd.DataFrame, stored: Sequence[pd.DataFrame], read_at: pd.Timestamp) -> pd.DataFrame:
    """``new`` with another availability where it corrects a set that was read before.

    Of two sets with one epoch, source and number but different orbits, whose availabilities are both imputed and so
    alike, the one that was read later wins. Against a stored one it counts from ``read_at``, which is known: as of any
    time before, the stored one is seen. Of those read at once each counts from a microsecond after the one before it.

    Parameters
    ----------
    new : DataFrame
        Columns of ``ELEMENT_SET_DTYPES``, in the order of reading.
    stored : sequence of DataFrame
        Stored sets, all of these objects and epochs among them.
    read_at : Timestamp
        When ``new`` was read (UTC).
    """
    sets = pd.concat([*stored, new], ignore_index=True)
    first_new = len(sets) - len(new)
    table = sets[["available_at", "available_at_imputed"]].assign(
        key=column_hash(sets, _KEY), orbit=column_hash(sets, (*_KEY, *_ORBIT))
    )
    rivals = table[table.groupby("key")["orbit"].transform("nunique") > 1]
    held, came = rivals[rivals.index < first_new], rivals[rivals.index >= first_new]
    came = came[came["available_at_imputed"]].copy()
    if came.empty:
        return new
    # What is stored keeps its place: to read it again makes it no newer.
    before = held.drop_duplicates("orbit").set_index("orbit")
    known = came["orbit"].isin(before.index)
    corrects = ~known & came["key"].isin(held.loc[held["available_at_imputed"], "key"])
    came.loc[corrects, "available_at"] = read_at.as_unit("us")
    came.loc[corrects, "available_at_imputed"] = False
    order = came[~known].drop_duplicates("orbit")
    place = order.groupby("key").cumcount().set_axis(order["orbit"])
    came["available_at"] += pd.to_timedelta(came["orbit"].map(place).fillna(0), unit="us")
    for name in ("available_at", "available_at_imputed"):
        came.loc[known, name] = before[name].reindex(came.loc[known, "orbit"]).array
    new = new.reset_index(drop=True)
    for name in ("available_at", "available_at_imputed"):
        new.loc[came.index - first_new, name] = came[name].astype(new[name].dtype).to_numpy()
    return new
