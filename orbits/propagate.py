"""SGP4 in batches: many element sets, each to its own times.

Propagation runs in mode ``OPSMODE`` with WGS-72, as the published element sets were fitted (Vallado et al. 2006,
AIAA 2006-6753). Time differences are exact microseconds. SGP4 itself is the ``sgp4`` package's compiled one.
"""

from __future__ import annotations

from dataclasses import fields
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sgp4.api import WGS72, Satrec

from orbits.constants import EARTH_RADIUS_KM, SGP4_EPOCH_ZERO_US, US_PER_DAY, US_PER_MINUTE
from orbits.elements import FloatArray, IntArray, MeanElements
from orbits.errors import OrbitError

OPSMODE = "a"
MAX_SPAN_US = 36_525 * US_PER_DAY  # beyond a century SGP4 says nothing, and its resonance integrator takes ages
NOT_A_TIME_US = int(np.iinfo(np.int64).min)  # NaT, as int64

CodeArray = NDArray[np.uint8]

_CHUNK_SETS = 4096


class Sgp4Code(IntEnum):
    """How a propagation ended: SGP4's own codes, and one for input it should never see."""

    OK = 0
    MEAN_ECCENTRICITY = 1
    MEAN_MOTION = 2
    PERTURBED_ECCENTRICITY = 3
    SEMI_LATUS_RECTUM = 4
    DECAYED = 6
    INVALID_INPUT = 100

    @property
    def text(self) -> str:
        """What happened, in words."""
        return _CODE_TEXTS[self]


_CODE_TEXTS = {
    Sgp4Code.OK: "propagated",
    Sgp4Code.MEAN_ECCENTRICITY: "mean eccentricity left the range 0 to 1",
    Sgp4Code.MEAN_MOTION: "mean motion fell to zero or below",
    Sgp4Code.PERTURBED_ECCENTRICITY: "eccentricity with lunar and solar terms left the range 0 to 1",
    Sgp4Code.SEMI_LATUS_RECTUM: "semi-latus rectum fell below zero",
    Sgp4Code.DECAYED: "the object is below the Earth's surface: it has decayed",
    Sgp4Code.INVALID_INPUT: "elements or time are not finite, or more than a century lies between epoch and time",
}


class State(NamedTuple):
    """TEME states: ``(..., 3)`` position [km] and velocity [km/s], NaN where ``code`` is not OK."""

    position_km: FloatArray
    velocity_km_s: FloatArray
    code: CodeArray


class MeanDrift(NamedTuple):
    """SGP4's singly averaged mean elements at other times than the epoch, NaN where ``code`` is not OK.

    They hold the secular terms of gravity and drag and, for periods above 225 minutes, of Moon, Sun and resonance, and
    none of the periodic ones. ``a_km`` is Brouwer's semi-major axis [km] (not Kozai's), angles are in [0, 360) [deg].
    """

    a_km: FloatArray
    eccentricity: FloatArray
    inclination_deg: FloatArray
    raan_deg: FloatArray
    arg_pericenter_deg: FloatArray
    mean_anomaly_deg: FloatArray
    code: CodeArray


def propagate(elements: MeanElements, times_us: IntArray) -> State:
    """Propagate each element set to its own time or times.

    Parameters
    ----------
    elements : MeanElements
        N element sets.
    times_us : (N,) or (N, M) int64
        UTC [us since 1970-01-01].

    Returns
    -------
    State
        Arrays of shape ``times_us.shape + (3,)`` and codes of shape ``times_us.shape``.

    Raises
    ------
    OrbitError
        If the shape of ``times_us`` does not fit ``elements``.
    """
    times_us = _checked_times(elements, times_us)
    if times_us.ndim == 1:
        return propagate_with_drift(elements, times_us)[0]
    valid = _valid(elements, times_us)
    days = np.ascontiguousarray(np.where(valid, times_us - elements.epoch_us[:, None], 0) / US_PER_DAY)
    whole = np.zeros(times_us.shape[1])
    code = np.empty(times_us.shape, dtype=np.uint8)
    position = np.empty((*times_us.shape, 3))
    velocity = np.empty((*times_us.shape, 3))
    for i, record in enumerate(_records(elements)):
        record.jdsatepoch = record.jdsatepochF = (
            0.0  # count from the epoch: differences of dates would cost microseconds
        )
        code[i], position[i], velocity[i] = record.sgp4_array(whole, days[i])
    return _state(position, velocity, code, valid)


def propagate_grid(elements: MeanElements, times_us: IntArray) -> State:
    """Propagate every element set to the same M times [us], into arrays of shape (N, M, 3) and codes (N, M)."""
    times_us = np.atleast_1d(np.asarray(times_us, dtype=np.int64))
    return propagate(elements, np.broadcast_to(times_us, (len(elements), len(times_us))))


def drift(elements: MeanElements, times_us: IntArray) -> MeanDrift:
    """SGP4's mean elements of each set at its own time or times, (N,) or (N, M) as in `propagate`."""
    return propagate_with_drift(elements, times_us)[1]


def propagate_with_drift(elements: MeanElements, times_us: IntArray) -> tuple[State, MeanDrift]:
    """States and mean elements from one pass: every set is initialised once and propagated once a time.

    Parameters and errors are those of `propagate`.
    """
    times_us = _checked_times(elements, times_us)
    valid = _valid(elements, times_us)
    code = np.empty(times_us.shape, dtype=np.uint8)
    rows = np.empty((*times_us.shape, 12))
    dt_us = np.where(valid, (times_us.T - elements.epoch_us).T, 0)
    for start in range(0, len(elements), _CHUNK_SETS):
        part = slice(start, start + _CHUNK_SETS)
        minutes = (dt_us[part] / US_PER_MINUTE).reshape(len(dt_us[part]), -1)
        codes, values = _run(_records(elements[part]), minutes)
        code[part] = codes.reshape(code[part].shape)
        rows[part] = values.reshape(rows[part].shape)
    state = _state(rows[..., 0:3].copy(), rows[..., 3:6].copy(), code, valid)
    means = rows[..., 6:]
    means[state.code != Sgp4Code.OK] = np.nan
    angles_deg = np.mod(np.degrees(means[..., 3:]), 360.0)
    drifted = MeanDrift(
        a_km=means[..., 0] * EARTH_RADIUS_KM,
        eccentricity=means[..., 1].copy(),
        inclination_deg=np.degrees(means[..., 2]),
        raan_deg=angles_deg[..., 0],
        arg_pericenter_deg=angles_deg[..., 1],
        mean_anomaly_deg=angles_deg[..., 2],
        code=state.code,
    )
    return state, drifted


def _run(records: list[Satrec], minutes: FloatArray) -> tuple[CodeArray, FloatArray]:
    """Codes and rows (position, velocity, mean elements in Earth radii and radians) of each record at its own minutes."""
    codes: list[int] = []
    values: list[float] = []
    for record, tsinces in zip(records, minutes.tolist(), strict=True):
        step = record.sgp4_tsince
        for tsince in tsinces:
            code, position, velocity = step(tsince)
            codes.append(code)
            values += position
            values += velocity
            values += (record.am, record.em, record.im, record.Om, record.om, record.mm)
    return np.array(codes, dtype=np.uint8), np.array(values, dtype=np.float64)


def _records(elements: MeanElements) -> list[Satrec]:
    """One initialised SGP4 record a set; the catalog number plays no part in propagation and is left 0."""
    columns = (
        (elements.epoch_us - SGP4_EPOCH_ZERO_US) / US_PER_DAY,
        elements.bstar_inv_er,
        elements.eccentricity,
        np.radians(elements.arg_pericenter_deg),
        np.radians(elements.inclination_deg),
        np.radians(elements.mean_anomaly_deg),
        elements.mean_motion_rev_day / (1440.0 / (2.0 * np.pi)),
        np.radians(elements.raan_deg),
    )
    records = []
    for epoch, bstar, e, argp, i, m, n, raan in zip(*(column.tolist() for column in columns), strict=True):
        record = Satrec()
        record.sgp4init(WGS72, OPSMODE, 0, epoch, bstar, 0.0, 0.0, e, argp, i, m, n, raan)
        records.append(record)
    return records


def _checked_times(elements: MeanElements, times_us: IntArray) -> IntArray:
    times_us = np.asarray(times_us)
    if times_us.dtype.kind != "i":
        raise OrbitError(
            f"times must be int64 microseconds, not {times_us.dtype}; take catalog.records.epoch_us of them"
        )
    if times_us.ndim not in (1, 2) or len(times_us) != len(elements):
        raise OrbitError(
            f"times of shape {times_us.shape} do not fit {len(elements)} element sets: (N,) or (N, M) is meant"
        )
    return times_us.astype(np.int64, copy=False)


def _valid(elements: MeanElements, times_us: IntArray) -> NDArray[np.bool_]:
    """Which propagations SGP4 may be asked for."""
    sound = elements.epoch_us != NOT_A_TIME_US
    for field in fields(elements):
        sound = sound & np.isfinite(getattr(elements, field.name))
    near = np.abs((times_us.T - elements.epoch_us).T) <= MAX_SPAN_US
    valid: NDArray[np.bool_] = (near & (times_us != NOT_A_TIME_US)).T & sound
    return valid.T


def _state(position: FloatArray, velocity: FloatArray, code: CodeArray, valid: NDArray[np.bool_]) -> State:
    """The state, with its codes settled and NaN in every row that failed."""
    code[~valid] = Sgp4Code.INVALID_INPUT
    code[(code == Sgp4Code.OK) & ~np.isfinite(position).all(axis=-1)] = Sgp4Code.INVALID_INPUT
    failed = code != Sgp4Code.OK
    position[failed] = np.nan
    velocity[failed] = np.nan
    return State(position, velocity, code)
