"""Slow, obvious versions of the kernels in ``orbits``: one orbit at a time, in plain Python."""

from __future__ import annotations

import math

import numpy as np
from sgp4.earth_gravity import wgs72
from sgp4.model import Satellite
from sgp4.propagation import sgp4, sgp4init

from orbits.elements import MeanElements
from orbits.propagate import OPSMODE


def satellite(elements: MeanElements, index: int) -> Satellite:
    """The pure-Python SGP4 record of one element set."""
    record = Satellite()
    days = (np.datetime64(int(elements.epoch_us[index]), "us") - np.datetime64("1949-12-31", "us")).astype(
        int
    ) / 86400e6
    sgp4init(
        wgs72,
        OPSMODE,
        0,
        days,
        elements.bstar_inv_er[index],
        0.0,
        0.0,
        elements.eccentricity[index],
        math.radians(elements.arg_pericenter_deg[index]),
        math.radians(elements.inclination_deg[index]),
        math.radians(elements.mean_anomaly_deg[index]),
        elements.mean_motion_rev_day[index] * 2.0 * math.pi / 1440.0,
        math.radians(elements.raan_deg[index]),
        record,
    )
    return record


def propagate_with_drift(elements: MeanElements, times_us: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes (N, M), states (N, M, 6) and mean elements (N, M, 6: a [km], e, i, Ω, ω, M [deg]) from pure Python's SGP4."""
    shape = times_us.shape
    codes = np.zeros(shape, dtype=int)
    states = np.full((*shape, 6), np.nan)
    means = np.full((*shape, 6), np.nan)
    for i in range(shape[0]):
        for j in range(shape[1]):
            record = satellite(elements, i)
            position, velocity = sgp4(record, (int(times_us[i, j]) - int(elements.epoch_us[i])) / 60e6)
            codes[i, j] = record.error
            if record.error == 0:
                states[i, j] = (*position, *velocity)
                turns = [math.degrees(angle) % 360.0 for angle in (record.Om, record.om, record.mm)]
                means[i, j] = (record.am * 6378.135, record.em, math.degrees(record.im), *turns)
    return codes, states, means
