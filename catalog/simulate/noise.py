"""How published element sets differ from the orbit: measured noise, bad sets, fit lag and ringing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import lfilter

from catalog.simulate.eras import Era, era_of
from orbits.elements import FloatArray, IntArray, MeanElements, kozai_mean_motion_rev_day, semi_major_axis_km, wrap_deg

MAD_TO_SIGMA = 1.4826  # of a normal distribution
_TAIL_SHARE, _TAIL_SCALE = 0.06, 5.0  # contaminated normal: kurtosis about 22


@dataclass(frozen=True, slots=True, eq=False)
class SetErrors:
    """Errors of N published sets: a, e-vector and along-track in meters, plane in degrees, B* as a share."""

    a_m: FloatArray
    k_m: FloatArray
    h_m: FloatArray
    tilt_deg: FloatArray
    node_deg: FloatArray
    along_track_m: FloatArray
    bstar_share: FloatArray


def draw_errors(
    elements: MeanElements,
    days: FloatArray,
    eras: tuple[Era, ...],
    scale: float,
    rng: np.random.Generator,
) -> SetErrors:
    """Random errors of N published sets in order of epoch, ringing left aside.

    Parameters
    ----------
    elements : MeanElements
        True elements at the published epochs (N,).
    days : (N,) float64
        Their epochs [day since the start].
    eras : tuple of Era
    scale : float
        Factor on all of them; 0 for none.
    rng : Generator
    """
    era = era_of(eras, days)

    def of_era(name: str) -> FloatArray:
        return np.array([getattr(item, name) for item in eras], dtype=np.float64)[era]

    memory = eras[0].memory
    series = np.stack([_heavy_tailed(len(days), memory, rng) for _ in range(7)])
    bad = rng.random(len(days)) < of_era("bad_share") * scale
    bad_size = np.exp(rng.uniform(np.log(15.0), np.log(150.0), (7, len(days)))) * rng.choice(
        [-1.0, 1.0], (7, len(days))
    )
    bad_channel = rng.random((7, len(days))) < 0.5
    series = scale * np.where(bad & bad_channel, bad_size, series)

    a_m = of_era("a_sigma_m") * series[0]
    rad_day = 2.0 * np.pi * elements.mean_motion_rev_day
    lever_m = -1.5 * rad_day * of_era("lever_days") * a_m  # d(lambda) = dn * t, dn = -3/2 n da / a
    return SetErrors(
        a_m=a_m,
        k_m=of_era("e_sigma_m") * series[1],
        h_m=of_era("e_sigma_m") * series[2],
        tilt_deg=of_era("plane_sigma_deg") * series[3],
        node_deg=of_era("plane_sigma_deg") * series[4],
        along_track_m=of_era("along_track_sigma_m") * series[5] + lever_m,
        bstar_share=of_era("bstar_share") * np.clip(series[6], -10.0, 10.0),
    )


def disturb(elements: MeanElements, a_km: FloatArray, errors: SetErrors) -> MeanElements:
    """The element sets (N,) with ``errors`` added.

    The plane is tilted as a vector and the mean argument of latitude is kept, so near-circular and near-equatorial
    orbits need no special case.
    """
    pericenter = np.radians(elements.arg_pericenter_deg)
    k = elements.eccentricity * np.cos(pericenter) + errors.k_m / (1000.0 * a_km)
    h = elements.eccentricity * np.sin(pericenter) + errors.h_m / (1000.0 * a_km)
    inclination, raan = tilt_plane(elements.inclination_deg, elements.raan_deg, errors.tilt_deg, errors.node_deg)
    node_shift = wrap_deg(raan - elements.raan_deg)
    latitude_deg = (
        elements.arg_pericenter_deg
        + elements.mean_anomaly_deg
        - node_shift * np.cos(np.radians(elements.inclination_deg))
        + np.degrees(errors.along_track_m / (1000.0 * a_km))
    )
    new_pericenter = np.degrees(np.arctan2(h, k)) - node_shift * np.cos(np.radians(elements.inclination_deg))
    return replace(
        elements,
        # Through a: the Kozai mean motion of one a depends on e and i.
        mean_motion_rev_day=kozai_mean_motion_rev_day(a_km + errors.a_m / 1000.0, np.hypot(h, k), inclination),
        eccentricity=np.hypot(h, k),
        inclination_deg=inclination,
        raan_deg=np.mod(raan, 360.0),
        arg_pericenter_deg=np.mod(new_pericenter, 360.0),
        mean_anomaly_deg=np.mod(latitude_deg - new_pericenter, 360.0),
        bstar_inv_er=elements.bstar_inv_er * (1.0 + errors.bstar_share),
    )


def _normal(inclination: FloatArray, raan: FloatArray) -> FloatArray:
    """Unit normals of orbits, (3, N), from angles [rad]."""
    return np.stack([np.sin(inclination) * np.sin(raan), -np.sin(inclination) * np.cos(raan), np.cos(inclination)])


def tilt_plane(
    inclination_deg: FloatArray, raan_deg: FloatArray, tilt_deg: FloatArray, node_deg: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Inclination and node (N,) [deg] after the orbit normal moved by ``tilt_deg`` about the line of nodes and by
    ``node_deg`` = sin(i) dRAAN at right angles to it.
    """
    i, raan, along, across = np.radians([inclination_deg, raan_deg, tilt_deg, node_deg])
    sin_i, cos_i, sin_o, cos_o = np.sin(i), np.cos(i), np.sin(raan), np.cos(raan)
    normal = _normal(i, raan)
    normal = normal + along * np.stack([cos_i * sin_o, -cos_i * cos_o, -sin_i])
    normal = normal + across * np.stack([cos_o, sin_o, np.zeros_like(raan)])
    x, y, z = normal
    return np.degrees(np.arctan2(np.hypot(x, y), z)), np.mod(np.degrees(np.arctan2(x, -y)), 360.0)


def change(before: MeanElements, after: MeanElements) -> SetErrors:
    """What turns ``before`` (N,) into ``after`` (N,), in the terms of `disturb`; along-track and B* are left 0."""
    a_before, a_after = (
        semi_major_axis_km(one.mean_motion_rev_day, one.eccentricity, one.inclination_deg) for one in (before, after)
    )
    i, raan = np.radians(before.inclination_deg), np.radians(before.raan_deg)
    zero = np.zeros(len(before))
    moved = _normal(np.radians(after.inclination_deg), np.radians(after.raan_deg)) - _normal(i, raan)
    tilt = (moved * np.stack([np.cos(i) * np.sin(raan), -np.cos(i) * np.cos(raan), -np.sin(i)])).sum(axis=0)
    node = (moved * np.stack([np.cos(raan), np.sin(raan), zero])).sum(axis=0)
    # The pericenter is counted from the old node in both.
    turned = wrap_deg(after.raan_deg - before.raan_deg) * np.cos(i)
    new, old = np.radians(after.arg_pericenter_deg + turned), np.radians(before.arg_pericenter_deg)
    scale_m = 1000.0 * a_before
    return SetErrors(
        a_m=1000.0 * (a_after - a_before),
        k_m=scale_m * (after.eccentricity * np.cos(new) - before.eccentricity * np.cos(old)),
        h_m=scale_m * (after.eccentricity * np.sin(new) - before.eccentricity * np.sin(old)),
        tilt_deg=np.degrees(tilt),
        node_deg=np.degrees(node),
        along_track_m=zero,
        bstar_share=zero,
    )


def quantize(elements: MeanElements) -> MeanElements:
    """The elements as a TLE prints them: 1e-8 rev/day and day, 1e-7 in e, 1e-4 deg, five digits of B*."""
    bstar = elements.bstar_inv_er
    power = 10.0 ** (np.floor(np.log10(np.maximum(np.abs(bstar), 1e-12))) - 4.0)
    return MeanElements(
        epoch_us=quantize_epoch(elements.epoch_us),
        mean_motion_rev_day=elements.mean_motion_rev_day.round(8),
        eccentricity=elements.eccentricity.round(7),
        inclination_deg=elements.inclination_deg.round(4),
        raan_deg=np.mod(elements.raan_deg.round(4), 360.0),
        arg_pericenter_deg=np.mod(elements.arg_pericenter_deg.round(4), 360.0),
        mean_anomaly_deg=np.mod(elements.mean_anomaly_deg.round(4), 360.0),
        bstar_inv_er=np.where(np.abs(bstar) < 1e-10, 0.0, (bstar / power).round() * power),
    )


def quantize_epoch(epoch_us: IntArray) -> IntArray:
    """Epochs (N,) on the grid of 1e-8 day = 864 us of a TLE [us]."""
    return np.asarray((epoch_us + 432) // 864 * 864, dtype=np.int64)


def _heavy_tailed(count: int, memory: float, rng: np.random.Generator) -> FloatArray:
    """An AR(1) series (count,) with contaminated normal shocks, whose steps have 1.4826 MAD = 1."""
    shocks = rng.normal(size=count) * np.where(rng.random(count) < _TAIL_SHARE, _TAIL_SCALE, 1.0)
    series = np.asarray(lfilter([1.0], [1.0, -memory], shocks), dtype=np.float64)
    if count < 3:
        return series
    steps = np.diff(series)
    return np.asarray(series / (MAD_TO_SIGMA * np.median(np.abs(steps - np.median(steps)))), dtype=np.float64)
