"""When element sets of an object are made, and when they reach the public."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catalog.simulate.motion import DAY_US
from catalog.simulate.noise import quantize_epoch
from catalog.simulate.track import Track
from orbits.elements import FloatArray, IntArray

HOUR_US = 3_600_000_000


# In the belt of 2026 one north-south burn in twenty lies in a gap of more than 2.6 days; half are in one of a day.
SILENT_AFTER_LARGE_BURN = 0.06


@dataclass(frozen=True, slots=True)
class Cadence:
    """The rhythm of an object's element sets.

    Parameters
    ----------
    regular_share : float
        Share of gaps of about a day.
    loose_days, loose_sigma : float
        Median [day] and log-sigma of the other gaps.
    silent_share : float
        Share of gaps that are lengthened by two to five days.
    at_node : bool
        Epochs lie at the ascending node, a whole number of revolutions apart.
    latency_hours : float
        Median time from epoch to publication [h].
    """

    regular_share: float = 0.65
    loose_days: float = 0.65
    loose_sigma: float = 0.45
    silent_share: float = 0.008
    at_node: bool = True
    latency_hours: float = 5.0


def draw_epochs(cadence: Cadence, track: Track, end_us: int, rng: np.random.Generator) -> IntArray:
    """Epochs of one object's element sets (N,), increasing, before ``end_us`` [us]."""
    start_us = int(track.nodes.epoch_us[0])
    most = int((end_us - start_us) / DAY_US * 4) + 20
    loose = np.clip(cadence.loose_days * np.exp(rng.normal(0.0, cadence.loose_sigma, most)), 0.12, 3.0)
    gaps = np.where(rng.random(most) < cadence.regular_share, rng.normal(1.0, 0.05, most), loose)
    gaps += np.where(rng.random(most) < cadence.silent_share, rng.uniform(2.0, 5.0, most), 0.0)
    epochs = start_us + np.cumsum(gaps * DAY_US).astype(np.int64)
    epochs = epochs[epochs < end_us - DAY_US // 4]
    for burn_us in track.burn_times_us[_large(track)]:
        if rng.random() < SILENT_AFTER_LARGE_BURN:
            silent_until = burn_us + int(rng.uniform(1.5, 4.0) * DAY_US)
            epochs = epochs[(epochs < burn_us) | (epochs > silent_until)]
    if cadence.at_node:
        orbit = track.at(epochs)
        latitude = np.mod(orbit.arg_pericenter_deg + orbit.mean_anomaly_deg + 180.0, 360.0) - 180.0
        epochs = epochs - (latitude / 360.0 * DAY_US / orbit.mean_motion_rev_day).astype(np.int64)
    epochs = np.unique(np.maximum(quantize_epoch(epochs), start_us + 864))
    apart = np.concatenate([[True], np.diff(epochs) > HOUR_US])
    return np.asarray(epochs[apart], dtype=np.int64)


def draw_publication(cadence: Cadence, epochs_us: IntArray, rng: np.random.Generator) -> IntArray:
    """When each set (N,) can first be had: hours after its epoch, to the second [us]."""
    hours = np.clip(cadence.latency_hours * np.exp(rng.normal(0.0, 0.45, len(epochs_us))), 1.0, 48.0)
    return np.asarray(epochs_us + (hours * 3600.0).astype(np.int64) * 1_000_000 + 1_000_000, dtype=np.int64)


def draw_last_observation(
    epochs_us: IntArray, available_us: IntArray, lag_sigma_days: FloatArray, rng: np.random.Generator
) -> IntArray:
    """The instant up to which each set (N,) follows the orbit [us].

    It scatters about the epoch, so a burn may show one set late, or one early; never after half an hour before
    publication, so no set sees the future.
    """
    seen = epochs_us + (rng.normal(size=len(epochs_us)) * lag_sigma_days * DAY_US).astype(np.int64)
    return np.asarray(np.minimum(seen, available_us - HOUR_US // 2), dtype=np.int64)


def _large(track: Track) -> IntArray:
    """Burns above a meter per second: tracking loses the object for some days after a few of them."""
    size = [np.hypot(np.hypot(b.dv_r_m_s, b.dv_t_m_s), b.dv_n_m_s) for b in track.burns]
    return np.flatnonzero(np.array(size) > 1.2)
