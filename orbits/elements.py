"""Mean elements as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from orbits.errors import OrbitError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class MeanElements:
    """SGP4 mean elements of N element sets, one array a field.

    Parameters
    ----------
    epoch_us : (N,) int64
        Epoch in UTC [us since 1970-01-01].
    mean_motion_rev_day : (N,) float64
        Kozai mean motion, as printed in an element set [rev/day].
    eccentricity : (N,) float64
    inclination_deg, raan_deg, arg_pericenter_deg, mean_anomaly_deg : (N,) float64
        Angles in TEME [deg].
    bstar_inv_er : (N,) float64
        SGP4 drag term [1/Earth radius].
    """

    epoch_us: IntArray
    mean_motion_rev_day: FloatArray
    eccentricity: FloatArray
    inclination_deg: FloatArray
    raan_deg: FloatArray
    arg_pericenter_deg: FloatArray
    mean_anomaly_deg: FloatArray
    bstar_inv_er: FloatArray

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, field.name)) for field in fields(self)}
        if len(lengths) > 1:
            raise OrbitError(f"fields of mean elements have different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.epoch_us)

    def __getitem__(self, index: slice | NDArray[np.bool_] | IntArray) -> MeanElements:
        """The element sets at ``index`` (a slice, mask or integer array)."""
        return MeanElements(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


def wrap_deg(angle_deg: ArrayLike) -> FloatArray:
    """Angle brought into [-180, 180) [deg]."""
    return np.mod(np.asarray(angle_deg, dtype=np.float64) + 180.0, 360.0) - 180.0
