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


def eccentric_anomaly_rad(mean_anomaly_rad: float, eccentricity: float) -> float:
    """Kepler's equation by bisection."""
    low, high = mean_anomaly_rad - 1.0, mean_anomaly_rad + 1.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        if middle - eccentricity * math.sin(middle) < mean_anomaly_rad:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def state_of_keplerian(
    a: float, e: float, i_deg: float, raan_deg: float, argp_deg: float, m_deg: float, mu: float = 398600.8
) -> tuple[np.ndarray, np.ndarray]:
    """Position and velocity by the perifocal frame and three rotations."""
    anomaly = eccentric_anomaly_rad(math.radians(m_deg), e)
    x, y = a * (math.cos(anomaly) - e), a * math.sqrt(1 - e * e) * math.sin(anomaly)
    rate = math.sqrt(mu / a) / (1 - e * math.cos(anomaly))
    vx, vy = -rate * math.sin(anomaly), rate * math.sqrt(1 - e * e) * math.cos(anomaly)
    turn = rotation_z(raan_deg) @ rotation_x(i_deg) @ rotation_z(argp_deg)
    return turn @ [x, y, 0.0], turn @ [vx, vy, 0.0]


def rotation_z(angle_deg: float) -> np.ndarray:
    """Matrix that turns a vector about z."""
    c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def rotation_x(angle_deg: float) -> np.ndarray:
    """Matrix that turns a vector about x."""
    c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def rtn_axes(position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Radial, along-track and cross-track unit vectors of one state, as rows."""
    radial = np.array(position) / math.sqrt(sum(x * x for x in position))
    normal = np.cross(position, velocity)
    normal = normal / math.sqrt(sum(x * x for x in normal))
    return np.array([radial, np.cross(normal, radial), normal])


def gauss_matrix(
    a: float, e: float, i_deg: float, raan_deg: float, argp_deg: float, m_deg: float, step_m_s: float = 1e-2
) -> np.ndarray:
    """Gauss's matrix of one orbit by central differences of osculating elements."""
    from orbits.kepler import equinoctial_of_state

    position, velocity = state_of_keplerian(a, e, i_deg, raan_deg, argp_deg, m_deg)
    columns = []
    for axis in rtn_axes(position, velocity):
        ends = []
        for sign in (1, -1):
            moved_a, moved = equinoctial_of_state(position, velocity + sign * step_m_s * 1e-3 * axis)
            ends.append(np.array([moved_a, *moved]))
        change = ends[0] - ends[1]
        change[5] = (change[5] + math.pi) % (2 * math.pi) - math.pi
        columns.append(change / (2 * step_m_s))
    return np.stack(columns, axis=1)


def fit_mean_elements(position: np.ndarray, velocity: np.ndarray, time_us: int, bstar: float) -> tuple[float, ...]:
    """Mean elements (n [rev/day], e, i, Ω, ω, M [deg]) of one state: a general root finder on (n, h, k, p, q, λ)."""
    from scipy.optimize import root

    from orbits.kepler import equinoctial_of_state

    def printed(x: np.ndarray) -> tuple[float, ...]:
        pericenter, node = math.atan2(x[1], x[2]), math.atan2(x[3], x[4])
        i = 2 * math.atan(math.hypot(x[3], x[4]))
        turns = [math.degrees(angle) % 360 for angle in (node, pericenter - node, x[5] - pericenter)]
        return (x[0], math.hypot(x[1], x[2]), math.degrees(i), *turns)

    def miss(x: np.ndarray) -> np.ndarray:
        elements = MeanElements(np.array([time_us]), *(np.array([value]) for value in (*printed(x), bstar)))
        found = sgp4(satellite(elements, 0), 0.0)
        return np.concatenate([np.subtract(found[0], position) / 7000.0, np.subtract(found[1], velocity) / 7.5])

    a, start = equinoctial_of_state(np.asarray(position), np.asarray(velocity))
    motion = math.sqrt(398600.8 / a**3) * 86400 / (2 * math.pi)
    return printed(root(miss, [motion, *start], tol=1e-13).x)


def closest_approach(
    elements_a: MeanElements, elements_b: MeanElements, start_us: int, end_us: int, step_s: float = 10.0
) -> tuple[float, int]:
    """Smallest distance of one pair and its time: a dense grid, and a bounded search about each of its low points."""
    from scipy.optimize import minimize_scalar

    from orbits.propagate import propagate

    def distance(seconds: float | np.ndarray) -> np.ndarray:
        times = start_us + np.rint(np.atleast_1d(seconds) * 1e6).astype(np.int64)[None, :]
        gap = propagate(elements_a, times).position_km - propagate(elements_b, times).position_km
        return np.asarray(np.linalg.norm(gap, axis=-1)[0])

    span_s = (end_us - start_us) / 1e6
    grid = np.append(np.arange(0.0, span_s, step_s), span_s)
    coarse = distance(grid)
    best = (np.nanmin(coarse), grid[np.nanargmin(coarse)])
    for k in range(1, len(grid) - 1):
        if coarse[k] <= coarse[k - 1] and coarse[k] <= coarse[k + 1] and coarse[k] < best[0] + 16.0 * step_s:
            found = minimize_scalar(
                lambda t: distance(t)[0], bounds=(grid[k - 1], grid[k + 1]), method="bounded", options={"xatol": 1e-6}
            )
            best = min(best, (found.fun, found.x))
    return best[0], start_us + round(best[1] * 1e6)
