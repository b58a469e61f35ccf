"""Histories of element sets that follow SGP4 exactly, but for the noise and the burns asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from orbits.elements import MeanElements, kozai_mean_motion_rev_day
from orbits.propagate import drift

DAY_US = 86_400_000_000
START_US = 1_577_836_800_000_000  # 2020-01-01

# name: a [km], e, i [deg], B* [1/Earth radius]
ORBITS = {"leo": (7100.0, 0.0012, 98.4, 2e-5), "geo": (42165.8, 0.0002, 0.3, 0.0)}


def synthetic_history(
    sets: int = 80,
    *,
    norad_id: int = 90001,
    orbit: str = "leo",
    seed: int = 0,
    noise_a_m: float = 0.0,
    noise_i_deg: float = 0.0,
    burns_a_m: dict[int, float] | None = None,
    spacing_days: float = 1.0,
) -> pd.DataFrame:
    """A history of one object, about one set a ``spacing_days``.

    ``burns_a_m`` maps a gap (0 is the one between the first two sets) to the change of the semi-major axis in it [m].
    """
    rng = np.random.default_rng(seed)
    a_km, eccentricity, inclination_deg, bstar = ORBITS[orbit]
    times = START_US + (np.cumsum(rng.uniform(0.7, 1.3, sets)) * spacing_days * DAY_US).astype(np.int64)
    base = MeanElements(
        epoch_us=times[:1],
        mean_motion_rev_day=kozai_mean_motion_rev_day(
            np.array([a_km]), np.array([eccentricity]), np.array([inclination_deg])
        ),
        eccentricity=np.array([eccentricity]),
        inclination_deg=np.array([inclination_deg]),
        raan_deg=np.array([40.0]),
        arg_pericenter_deg=np.array([70.0]),
        mean_anomaly_deg=np.array([120.0]),
        bstar_inv_er=np.array([bstar]),
    )
    rows = []
    elements = base
    for j, time in enumerate(times):
        mean = drift(elements, np.array([time]))
        a = mean.a_km + 1e-3 * (burns_a_m or {}).get(j - 1, 0.0)
        elements = MeanElements(
            epoch_us=np.array([time]),
            mean_motion_rev_day=kozai_mean_motion_rev_day(a, mean.eccentricity, mean.inclination_deg),
            eccentricity=mean.eccentricity,
            inclination_deg=mean.inclination_deg,
            raan_deg=mean.raan_deg,
            arg_pericenter_deg=mean.arg_pericenter_deg,
            mean_anomaly_deg=mean.mean_anomaly_deg,
            bstar_inv_er=elements.bstar_inv_er,
        )
        noisy_a = a + 1e-3 * noise_a_m * rng.standard_normal()
        rows.append(
            {
                "norad_id": norad_id,
                "mean_motion_rev_day": kozai_mean_motion_rev_day(noisy_a, mean.eccentricity, mean.inclination_deg)[0],
                "eccentricity": mean.eccentricity[0],
                "inclination_deg": mean.inclination_deg[0] + noise_i_deg * rng.standard_normal(),
                "raan_deg": mean.raan_deg[0],
                "arg_pericenter_deg": mean.arg_pericenter_deg[0],
                "mean_anomaly_deg": mean.mean_anomaly_deg[0],
                "bstar_inv_er": bstar,
            }
        )
    frame = pd.DataFrame(rows)
    epoch = pd.Series(times.astype("datetime64[us]")).dt.tz_localize("UTC")
    frame.insert(1, "epoch", epoch)
    frame.insert(2, "available_at", epoch + pd.Timedelta(hours=6))
    return frame.astype({"epoch": "datetime64[us, UTC]", "available_at": "datetime64[us, UTC]"})
