"""Space weather that never was, and what it does to drag."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from catalog.records import epoch_us
from catalog.weather import AP_COLUMNS, WEATHER_DTYPES
from orbits.elements import FloatArray, IntArray

DAY_US = 86_400_000_000
THREE_HOURS_US = DAY_US // 8
LEAD_DAYS = 81  # before the simulation, for the trailing fits and means

# The planetary 3-hour index ap [nT] of Kp = 0, 1/3, 2/3, ... 9 (Bartels; GFZ Potsdam).
AP_OF_KP_THIRDS = np.array(
    [0, 2, 3, 4, 5, 6, 7, 9, 12, 15, 18, 22, 27, 32, 39, 48, 56, 67, 80, 94, 111, 132, 154, 179, 207, 236, 300, 400]
)

_GAS_CONSTANT_J_MOL_K = 8.314
_OXYGEN_KG_MOL = 0.016
_GRAVITY_M_S2 = 8.5  # at 500 km
_BASE_KM = 180.0  # where density hardly depends on the exosphere
_OXYGEN_TOP_KM = 650.0  # above, lighter gases dilute the response
_REFERENCE_K = 910.0


def simulate_weather(start: pd.Timestamp, days: int, storm_day: float, rng: np.random.Generator) -> pd.DataFrame:
    """Daily space weather with one great storm, one moderate storm and a 27-day rotation.

    Parameters
    ----------
    start : Timestamp
        First instant of the simulation (UTC).
    days : int
        Length of the simulation [day]; the frame begins ``LEAD_DAYS`` before it.
    storm_day : float
        Onset of the great storm as a share of ``days``. A moderate one follows at 0.93.
    rng : Generator

    Returns
    -------
    DataFrame
        ``catalog.weather.WEATHER_DTYPES``, one row a day.
    """
    count = LEAD_DAYS + days + 1
    dates = start.floor("D") + pd.to_timedelta(np.arange(count) - LEAD_DAYS, unit="D")

    quiet = lfilter([1.0], [1.0, -0.55], rng.normal(0.0, 0.5, count))
    hours = np.arange(8 * count) / 8.0 - LEAD_DAYS  # days since the start
    ap = np.exp(np.log(7.0) + np.repeat(quiet, 8) + rng.normal(0.0, 0.4, 8 * count))
    ap = np.minimum(ap, 60.0)
    for onset, peak_nt, decay_days in ((storm_day * days, 420.0, 0.75), (0.93 * days, 130.0, 0.6)):
        since = hours - onset
        ap += np.where(since >= 0.0, peak_nt * np.exp(-np.maximum(since, 0.0) / decay_days), 0.0)
    thirds = np.abs(ap[:, None] - AP_OF_KP_THIRDS).argmin(axis=1)
    ap_3h = AP_OF_KP_THIRDS[thirds].reshape(count, 8)

    day_number = np.arange(count)
    flares = lfilter([1.0], [1.0, -0.9], rng.normal(0.0, 3.0, count))
    phase = rng.uniform(0.0, 2.0 * np.pi, 2)
    f107 = (
        145.0
        + 18.0 * np.sin(2.0 * np.pi * day_number / 27.27 + phase[0])
        + 12.0 * np.sin(2.0 * np.pi * day_number / 310.0 + phase[1])
        + flares
    ).round(1)
    smooth = pd.Series(f107).rolling(81, min_periods=1).mean().to_numpy().round(1)
    return pd.DataFrame(
        {
            "date": dates,
            **{name: ap_3h[:, k] for k, name in enumerate(AP_COLUMNS)},
            "ap_daily": ap_3h.mean(axis=1).round(),
            "kp_sum": (thirds.reshape(count, 8).sum(axis=1) / 3.0).round(1),
            "f107_obs_sfu": f107,
            "f107_81d_sfu": smooth,
            "observed": True,
        }
    ).astype(WEATHER_DTYPES)


@dataclass(frozen=True, slots=True)
class DragHistory:
    """Air density at one altitude over its long-term mean, as a running integral."""

    times_us: IntArray
    integral: FloatArray

    def mean(self, begin_us: IntArray, end_us: IntArray) -> FloatArray:
        """Mean relative density of each interval (N,); a lasting instant counts as one second."""
        end = np.maximum(end_us, begin_us + 1_000_000)
        inside = np.interp([begin_us, end], self.times_us, self.integral)
        return np.asarray((inside[1] - inside[0]) / (end - begin_us), dtype=np.float64)


def drag_history(weather: pd.DataFrame, altitude_km: float) -> DragHistory:
    """Relative air density at ``altitude_km`` from the exospheric temperature.

    Temperature by Jacchia (1971, SAO Special Report 332): ``T = 379 + 3.24 F81 + 1.3 (F - F81) + 28 Kp + 0.03 exp(Kp)``
    [K], F of the day before, Kp of 6 hours before. Density at a height follows the barometric law of atomic oxygen
    above 180 km: ``ln(rho / rho0) = (h - 180 km) / H0 * (1 - T0 / T)``, ``H0 = R T0 / (M g)``, a good half of which is
    lost above 650 km, where helium takes over (the height is held there).

    Parameters
    ----------
    weather : DataFrame
        As of `simulate_weather`.
    altitude_km : float
    """
    kp = np.searchsorted(AP_OF_KP_THIRDS, weather[list(AP_COLUMNS)].to_numpy()).ravel() / 3.0
    kp = np.concatenate([kp[:2], kp[:-2]])
    f107, smooth = weather["f107_obs_sfu"].to_numpy(), weather["f107_81d_sfu"].to_numpy()
    yesterday = np.concatenate([f107[:1], f107[:-1]])
    calm_k = 379.0 + 3.24 * smooth + 1.3 * (yesterday - smooth)
    temperature_k = np.repeat(calm_k, 8) + 28.0 * kp + 0.03 * np.exp(kp)
    scale_km = _GAS_CONSTANT_J_MOL_K * _REFERENCE_K / (_OXYGEN_KG_MOL * _GRAVITY_M_S2) / 1000.0
    height_km = np.clip(altitude_km, _BASE_KM, _OXYGEN_TOP_KM) - _BASE_KM
    ratio = np.exp(height_km / scale_km * (1.0 - _REFERENCE_K / temperature_k))
    first = int(epoch_us(weather["date"])[0])
    times_us = first + THREE_HOURS_US * np.arange(len(ratio) + 1, dtype=np.int64)
    return DragHistory(times_us, np.concatenate([[0.0], np.cumsum(ratio)]) * THREE_HOURS_US)
