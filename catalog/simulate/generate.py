"""The simulated fleet: element sets as the public would have them, and the truth beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog.object_records import object_frame
from catalog.records import ELEMENT_SET_DTYPES, empty_element_sets
from catalog.simulate.eras import era_of
from catalog.simulate.fleet import build_fleet
from catalog.simulate.flight import fly_object
from catalog.simulate.inspector import inspector_pair
from catalog.simulate.motion import DAY_US
from catalog.simulate.noise import change
from catalog.simulate.objects import SimulatedObject, epoch_start_us, stream
from catalog.simulate.publish import publish
from catalog.simulate.track import Track
from catalog.simulate.weather import simulate_weather
from configs.simulate import SimulateConfig

SOURCE = "simulated"

TRUTH_DTYPES: dict[str, str] = {
    "norad_id": "int64",
    "name": "str",
    "burn_time": "datetime64[us, UTC]",
    "dv_r_m_s": "float64",
    "dv_t_m_s": "float64",
    "dv_n_m_s": "float64",
    "kind": "str",
    "intent": "str",
    "sigma": "float64",
}

_WEATHER_STREAM = 0


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """What one simulation yields.

    Parameters
    ----------
    element_sets : DataFrame
        ``catalog.records.ELEMENT_SET_DTYPES``, sorted by norad_id and epoch, source 'simulated'.
    objects : DataFrame
        ``catalog.objects.OBJECT_DTYPES``, one row an object.
    truth : DataFrame
        ``TRUTH_DTYPES``, one row a burn, sorted by norad_id and burn_time. ``intent`` is 'routine' or 'inspection';
        ``sigma`` is the burn's largest size among a, e-vector and plane in units of the step noise there.
    weather : DataFrame
        Daily space weather; see `weather.simulate_weather`.
    """

    element_sets: pd.DataFrame
    objects: pd.DataFrame
    truth: pd.DataFrame
    weather: pd.DataFrame


def simulate_fleet(config: SimulateConfig = SimulateConfig()) -> Fleet:
    """Fly the fleet of ``config`` and publish its element sets; the same configuration gives the same bytes."""
    start = pd.Timestamp(config.start)
    start_us = epoch_start_us(config)
    weather = simulate_weather(start, config.days, config.storm_day, stream(config, _WEATHER_STREAM))
    items = [*build_fleet(config), *inspector_pair(config, weather)]
    sets, truth = [empty_element_sets()], [pd.DataFrame({name: pd.Series(dtype=t) for name, t in TRUTH_DTYPES.items()})]
    for item in items:
        track, drag = fly_object(config, item, weather)
        sets.append(publish(config, item, track, drag))
        if track.burns:
            truth.append(_truth(item, track, start_us))
    return Fleet(
        element_sets=pd.concat(sets[1:] or sets, ignore_index=True).astype(ELEMENT_SET_DTYPES),
        objects=_objects(items),
        truth=pd.concat(truth[1:] or truth, ignore_index=True).astype(TRUTH_DTYPES),
        weather=weather,
    )


def _truth(item: SimulatedObject, track: Track, start_us: int) -> pd.DataFrame:
    """One row a burn of one object."""
    changes = change(track.before, track.after)
    times_us = track.burn_times_us
    era = era_of(item.eras, (times_us - start_us) / DAY_US)
    a_sigma, e_sigma, plane_sigma = (
        np.array([getattr(one, name) for one in item.eras])[era]
        for name in ("a_sigma_m", "e_sigma_m", "plane_sigma_deg")
    )
    sizes = np.stack(
        [
            np.abs(changes.a_m) / a_sigma,
            np.hypot(changes.k_m, changes.h_m) / e_sigma,
            np.hypot(changes.tilt_deg, changes.node_deg) / plane_sigma,
        ]
    )
    return pd.DataFrame(
        {
            "norad_id": item.norad_id,
            "name": item.name,
            "burn_time": pd.to_datetime(times_us, unit="us", utc=True),
            **{
                name: [getattr(burn, name) for burn in track.burns]
                for name in ("dv_r_m_s", "dv_t_m_s", "dv_n_m_s", "kind", "intent")
            },
            "sigma": sizes.max(axis=0),
        }
    ).astype(TRUTH_DTYPES)


def _objects(items: list[SimulatedObject]) -> pd.DataFrame:
    """The catalog of objects: names and what they are said to be."""
    return object_frame(
        {
            "norad_id": pd.Series([item.norad_id for item in items]),
            "name": pd.Series([item.name for item in items]),
            "object_id": pd.Series([item.object_id for item in items]),
            "owner": pd.Series(["SIM"] * len(items)),
            "kind": pd.Series([item.kind for item in items]),
            "status": pd.Series(["active" if item.habits else "inactive" for item in items]),
            "launch_date": pd.Series(pd.to_datetime([f"{item.object_id[:4]}-06-01" for item in items], utc=True)),
            "purpose": pd.Series([item.purpose for item in items]),
            "operator": pd.Series([item.operator for item in items]),
        },
        source=SOURCE,
    )
