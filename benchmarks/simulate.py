"""How long the simulated fleet takes, and how noisy its element sets came out.

Run: ``python -m benchmarks.simulate``
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from catalog.records import mean_elements
from catalog.simulate import Fleet, simulate_fleet
from orbits.elements import semi_major_axis_km
from orbits.frames import teme_to_rtn
from orbits.propagate import propagate_with_drift


def quiet_figures(fleet: Fleet) -> pd.DataFrame:
    """One row an object: sets, burns, and 1.4826 MAD of the step between successive sets."""
    rows = []
    burns = fleet.truth.groupby("norad_id").size()
    for norad_id, sets in fleet.element_sets.groupby("norad_id"):
        elements = mean_elements(sets)
        earlier, drifted = propagate_with_drift(elements[:-1], elements.epoch_us[1:])
        own, _ = propagate_with_drift(elements[1:], elements.epoch_us[1:])
        a_km = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
        axes = teme_to_rtn(own.position_km, own.velocity_km_s)
        residual_m = 1000.0 * np.matvec(axes, own.position_km - earlier.position_km)
        rows.append(
            {
                "norad_id": norad_id,
                "sets": len(sets),
                "burns": int(burns.get(norad_id, 0)),
                "step_a_m": _mad_sigma(1000.0 * (a_km[1:] - drifted.a_km)),
                "step_i_deg": _mad_sigma(elements.inclination_deg[1:] - drifted.inclination_deg),
                "residual_t_m": _mad_sigma(residual_m[:, 1]),
                "residual_n_m": _mad_sigma(residual_m[:, 2]),
            }
        )
    return fleet.objects[["norad_id", "name"]].merge(pd.DataFrame(rows), on="norad_id")


def _mad_sigma(values: np.ndarray) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def main() -> None:
    """Print both."""
    begin, cpu = time.perf_counter(), time.process_time()
    fleet = simulate_fleet()
    print(
        f"{len(fleet.objects)} objects, {len(fleet.element_sets)} element sets, {len(fleet.truth)} burns in "
        f"{time.perf_counter() - begin:.1f} s ({time.process_time() - cpu:.1f} s of one core)"
    )
    print(quiet_figures(fleet).to_string(index=False, float_format="{:.3g}".format))


if __name__ == "__main__":
    main()
