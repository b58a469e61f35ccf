"""The element sets that the public gets to see of a true orbit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from catalog.records import ELEMENT_SET_DTYPES
from catalog.simulate.cadence import draw_epochs, draw_last_observation, draw_publication
from catalog.simulate.eras import Era, era_of
from catalog.simulate.motion import DAY_US, mean_a_km
from catalog.simulate.noise import SetErrors, change, disturb, draw_errors, quantize
from catalog.simulate.objects import SimulatedObject, epoch_end_us, epoch_start_us, stream
from catalog.simulate.track import Track
from catalog.simulate.weather import DragHistory
from configs.simulate import SimulateConfig
from orbits.elements import FloatArray, IntArray, MeanElements

ANOMALISTIC_MONTH_DAYS = 27.55455
DRAG_FIT_DAYS = 3.0
_TRACKING_STREAM = 2
_LUNAR_EPOCH_US = 946_728_000_000_000


def publish(config: SimulateConfig, item: SimulatedObject, track: Track, drag: DragHistory | None) -> pd.DataFrame:
    """Element sets of one object, a frame of ``ELEMENT_SET_DTYPES``, from its true history.

    The published B* is the mean of the last ``DRAG_FIT_DAYS``, so it lags behind a storm.
    """
    rng = stream(config, item.norad_id, _TRACKING_STREAM)
    start_us, end_us, scale = epoch_start_us(config), epoch_end_us(config), config.noise_scale
    epochs = draw_epochs(item.cadence, track, end_us, rng)
    available = draw_publication(item.cadence, epochs, rng)
    days = (epochs - start_us) / DAY_US
    era = era_of(item.eras, days)
    lag = np.array([one.lag_sigma_days for one in item.eras])[era] * scale
    seen_until = draw_last_observation(epochs, available, lag, rng)
    known = track.at(epochs, seen_until)
    if drag is not None:
        fitted_from = epochs - int(DRAG_FIT_DAYS * DAY_US)
        known = replace(known, bstar_inv_er=item.start.bstar_inv_er * drag.mean(fitted_from, epochs))
    a_km = mean_a_km(known)
    errors = draw_errors(known, days, item.eras, scale, rng)
    errors = _with_ringing(errors, item.eras, era, track, seen_until, known, scale, rng)
    errors = _with_lunar_wave(errors, item.lunar_a_m, known)
    return _frame(item.norad_id, quantize(disturb(known, a_km, errors)), available)


def _with_ringing(
    errors: SetErrors,
    eras: tuple[Era, ...],
    era: IntArray,
    track: Track,
    seen_until: IntArray,
    known: MeanElements,
    scale: float,
    rng: np.random.Generator,
) -> SetErrors:
    """The errors, with each burn smeared over the first sets that follow it, where the era does that."""
    if not track.burns or not any(one.ringing for one in eras):
        return errors
    rung = {
        name: getattr(errors, name).copy() for name in ("a_m", "k_m", "h_m", "tilt_deg", "node_deg", "along_track_m")
    }
    changes = change(track.before, track.after)
    rad_day = 2.0 * np.pi * known.mean_motion_rev_day
    for number, burn_us in enumerate(track.burn_times_us):
        after = np.flatnonzero(seen_until >= burn_us)
        if not len(after):
            continue
        ringing = eras[era[after[0]]].ringing
        lever_days = eras[era[after[0]]].lever_days
        for row, share in zip(after[: len(ringing)], ringing, strict=False):
            part = scale * share * rng.uniform(0.7, 1.3)
            for name in ("a_m", "k_m", "h_m", "tilt_deg", "node_deg"):
                rung[name][row] += part * getattr(changes, name)[number]
            rung["along_track_m"][row] += -1.5 * rad_day[row] * lever_days * part * changes.a_m[number]
    return replace(errors, **rung)


def _with_lunar_wave(errors: SetErrors, amplitude_m: float, known: MeanElements) -> SetErrors:
    """The errors, with the monthly wave of a that real geosynchronous sets show and SGP4 lacks.

    Along the track it is the wave's integral: d(lambda) = -3/2 n da / a dt.
    """
    if amplitude_m == 0.0:
        return errors
    rate = 2.0 * np.pi / ANOMALISTIC_MONTH_DAYS
    phase = rate * (known.epoch_us - _LUNAR_EPOCH_US) / DAY_US
    rad_day = 2.0 * np.pi * known.mean_motion_rev_day
    return replace(
        errors,
        a_m=errors.a_m + amplitude_m * np.sin(phase),
        along_track_m=errors.along_track_m + 1.5 * rad_day * amplitude_m / rate * np.cos(phase),
    )


def _frame(norad_id: int, sets: MeanElements, available_us: IntArray) -> pd.DataFrame:
    count = len(sets)
    columns = {
        "norad_id": np.full(count, norad_id),
        "epoch": pd.to_datetime(sets.epoch_us, unit="us", utc=True),
        "available_at": pd.to_datetime(available_us, unit="us", utc=True),
        "available_at_imputed": np.zeros(count, dtype=bool),
        "source": ["simulated"] * count,
        "mean_motion_rev_day": sets.mean_motion_rev_day,
        "eccentricity": sets.eccentricity,
        "inclination_deg": sets.inclination_deg,
        "raan_deg": sets.raan_deg,
        "arg_pericenter_deg": sets.arg_pericenter_deg,
        "mean_anomaly_deg": sets.mean_anomaly_deg,
        "bstar_inv_er": sets.bstar_inv_er,
        "mean_motion_dot_rev_day2": _mean_motion_dot(sets),
        "mean_motion_ddot_rev_day3": np.zeros(count),
        "ephemeris_type": np.zeros(count, dtype=np.int8),
        "classification": ["U"] * count,
        "element_set_no": np.full(count, 999),
        "rev_at_epoch": _revolutions(sets),
    }
    return pd.DataFrame(columns).astype(ELEMENT_SET_DTYPES)


def _mean_motion_dot(sets: MeanElements) -> FloatArray:
    """Half the trend of the mean motion over the last sets, as a TLE prints it; 0 for the first [rev/day^2]."""
    if len(sets) < 2:
        return np.zeros(len(sets))
    slope = np.diff(sets.mean_motion_rev_day) / (np.diff(sets.epoch_us) / DAY_US)
    trend = pd.Series(np.concatenate([[0.0], slope])).rolling(5, min_periods=1).median()
    return np.asarray(0.5 * trend.to_numpy(), dtype=np.float64).round(8)


def _revolutions(sets: MeanElements) -> IntArray:
    """Revolutions since some launch, modulo the five digits of a TLE."""
    days = np.diff(sets.epoch_us, prepend=sets.epoch_us[:1]) / DAY_US
    return np.asarray(np.mod(5000 + np.cumsum(days * sets.mean_motion_rev_day), 100_000), dtype=np.int64)
