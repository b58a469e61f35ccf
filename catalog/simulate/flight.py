"""Flying one object of the fleet."""

from __future__ import annotations

import pandas as pd

from catalog.simulate.motion import mean_a_km
from catalog.simulate.objects import SimulatedObject, epoch_end_us, stream
from catalog.simulate.track import Track, fly
from catalog.simulate.weather import DragHistory, drag_history
from configs.simulate import SimulateConfig
from orbits.constants import EARTH_RADIUS_KM

_HABITS_STREAM = 1


def fly_object(
    config: SimulateConfig, item: SimulatedObject, weather: pd.DataFrame
) -> tuple[Track, DragHistory | None]:
    """The true history of ``item``, and the air density it met, None for one that SGP4 gives no drag."""
    altitude_km = float(mean_a_km(item.start)[0]) - EARTH_RADIUS_KM
    drag = drag_history(weather, altitude_km) if item.start.bstar_inv_er[0] else None
    rng = stream(config, item.norad_id, _HABITS_STREAM)
    return fly(item.start, epoch_end_us(config), item.habits, drag, item.radiation_circle, rng), drag
