"""What is plain to see without any log, held against the flags of a home: who rises in low orbit was pushed.

Usage: python -m benchmarks.visible HOME, of a home that was scored. Neither features nor detectors of the product take part
in the truth: it is made from the semi-major axis of the stored element sets alone. Rows of passive objects (debris, rocket bodies)
are its control, and what is flagged of them that of the flags.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.objects import ObjectCatalog
from catalog.store import ElementStore
from orbits.constants import EARTH_RADIUS_KM
from orbits.elements import semi_major_axis_km
from pipelines.events import EventLog
from pipelines.home import Home

LEAST_SETS = 10
LEAST_RISE_KM = 0.3
NOISE_RATIO = 8.0
NOISE_SCALE = 0.67  # of the median absolute second difference
HIGHEST_KM, LEAST_PERIGEE_KM, LARGEST_ECCENTRICITY = 8_400.0, 300.0, 0.02
SIDE = 3  # sets whose median is a level
WINDOW = pd.Timedelta(days=1.5)
PASSIVE = ("debris", "rocket body")
CONSTELLATIONS = ("STARLINK", "KUIPER", "ONEWEB")
SIZES_M = (300.0, 600.0, 1500.0, 5000.0, np.inf)

FloatArray = NDArray[np.float64]


def raises(sets: pd.DataFrame) -> pd.DataFrame:
    """Raises from a level that held to one that holds.

    Parameters
    ----------
    sets : DataFrame
        Element sets, sorted by (norad_id, epoch), one an epoch.

    Returns
    -------
    DataFrame
        ``norad_id``, ``epoch_before``, ``epoch_after``, ``rise_m``, ``noise_m``, ``sets_a_day``.
    """
    eccentricity = sets["eccentricity"].to_numpy(np.float64)
    axis_km = semi_major_axis_km(
        sets["mean_motion_rev_day"].to_numpy(np.float64), eccentricity, sets["inclination_deg"].to_numpy(np.float64)
    )
    norad_id, epoch = sets["norad_id"].to_numpy(np.int64), sets["epoch"]
    rows = []
    for start, stop in pairwise(np.flatnonzero(np.diff(norad_id, prepend=-1, append=-1)).tolist()):
        a, e = axis_km[start:stop], eccentricity[start:stop]
        low = a.max() < HIGHEST_KM and (a * (1 - e)).min() > EARTH_RADIUS_KM + LEAST_PERIGEE_KM
        if len(a) < LEAST_SETS or e.max() > LARGEST_ECCENTRICITY or not low:
            continue
        noise_km = float(np.median(np.abs(np.diff(a, 2)))) / NOISE_SCALE
        days = (epoch.iloc[stop - 1] - epoch.iloc[start]) / pd.Timedelta(days=1)
        rows += [
            (
                norad_id[start],
                epoch.iloc[start + i - 2],
                epoch.iloc[start + i + 1],
                1e3 * rise,
                1e3 * noise_km,
                len(a) / days,
            )
            for i, rise in _steps(a, max(LEAST_RISE_KM, NOISE_RATIO * noise_km))
        ]
    columns = ["norad_id", "epoch_before", "epoch_after", "rise_m", "noise_m", "sets_a_day"]
    return pd.DataFrame(rows, columns=columns).sort_values(["norad_id", "epoch_before"], ignore_index=True)


def _steps(a_km: FloatArray, least_km: float) -> list[tuple[int, float]]:
    """Largest first, the first set after each rise of the median of three sets that holds on both sides, and its size [km]."""
    starts = np.arange(SIDE, len(a_km) - SIDE + 1)
    rise = np.array([np.median(a_km[i : i + SIDE]) - np.median(a_km[i - SIDE : i]) for i in starts])
    found: list[tuple[int, float]] = []
    while len(rise) and rise.max() > least_km:
        at = int(rise.argmax())
        i, size = int(starts[at]), float(rise[at])
        before, after = a_km[max(0, i - 7) : i - SIDE], a_km[i + SIDE : i + 8]
        held = len(before) >= SIDE and abs(np.median(before) - np.median(a_km[i - SIDE : i])) <= 0.3 * size
        if held and len(after) >= SIDE and np.median(after) >= np.median(a_km[i - SIDE : i]) + 0.7 * size:
            found.append((i, size))
            rise[max(0, at - 4) : at + 5] = 0.0
        else:
            rise[at] = 0.0  # back from a dip, soon gone, or one of many steps
    return found


def flagged(raised: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Whether each raise lies within a day and a half of an event's window or of the thrust that it is part of."""
    begin, end = (
        events[window].where(events[thrust].isna(), extreme(events[[window, thrust]], axis=1))
        for window, thrust, extreme in (
            ("epoch_before", "thrust_start", pd.DataFrame.min),
            ("epoch_after", "thrust_end", pd.DataFrame.max),
        )
    )
    spans = pd.DataFrame({"norad_id": events["norad_id"], "begin": begin - WINDOW, "end": end + WINDOW})
    pairs = raised.reset_index(names="row").merge(spans, on="norad_id")
    hit = pairs.loc[(pairs["begin"] <= pairs["epoch_after"]) & (pairs["end"] >= pairs["epoch_before"]), "row"]
    return pd.Series(raised.index.isin(hit), index=raised.index)


def measured(home: Home) -> tuple[pd.DataFrame, dict[str, int]]:
    """The raises in a home with ``found`` and what they are of, and counts of what was flagged besides."""
    store, objects = ElementStore(home.elements), ObjectCatalog(home.path).load().set_index("norad_id")
    sets = store.history(store.coverage()["norad_id"].tolist())
    log = EventLog(home.state / "events.parquet").read()
    events = log[log["explanation"] == "maneuver"]
    passive = objects.index[objects["kind"].isin(PASSIVE)]
    raised = raises(sets)
    name = raised["norad_id"].map(objects["name"]).fillna("").astype(str)
    of = [next((each for each in CONSTELLATIONS if each in one), "others") for one in name]
    raised = raised.assign(name=name, of=of, passive=raised["norad_id"].isin(passive), found=flagged(raised, events))
    raised["size_m"] = pd.cut(raised["rise_m"], SIZES_M).astype(str)
    raised["sets_a_day"] = pd.cut(raised["sets_a_day"], [0, 1, 2, 3, np.inf]).astype(str)
    active = raised[~raised["passive"]]
    return raised, {
        "raises of active objects": len(active),
        "objects that rose and have no flag": int(
            active.loc[~active["norad_id"].isin(events["norad_id"]), "norad_id"].nunique()
        ),
        "raises of passive objects": int(raised["passive"].sum()),
        "passive objects": int(sets["norad_id"][sets["norad_id"].isin(passive)].nunique()),
        "maneuvers flagged of passive objects": int(events["norad_id"].isin(passive).sum()),
        "maneuvers flagged in low orbit": int((events["regime"] == "leo").sum()),
    }


def main() -> None:
    """Print recall by group, and the misses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    raised, counts = measured(Home.at(parser.parse_args().home))
    for what, count in counts.items():
        print(f"{what:40} {count:6}")
    active = raised[~raised["passive"]]
    print(f"{'found':40} {active['found'].mean():6.3f}")
    for group in ("of", "size_m", "sets_a_day"):
        print(active.groupby(group)["found"].agg(["size", "mean"]).round(3).to_string())
    print(
        active.loc[~active["found"], ["norad_id", "name", "epoch_before", "rise_m", "noise_m"]].to_string(index=False)
    )


if __name__ == "__main__":
    main()
