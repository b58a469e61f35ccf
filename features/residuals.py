"""Position and velocity residuals: one set carried by SGP4 to the epoch of another, both ways."""

from __future__ import annotations

import numpy as np

from features.column import Column, float_columns
from features.history import LAGS
from features.passes import OWN, Passes, back, forward
from orbits.elements import FloatArray, IntArray
from orbits.frames import teme_to_rtn

_AXES = {"r": "radial", "t": "along-track", "n": "cross-track"}


def _names(kind: str, lag: int) -> list[str]:
    return [f"{kind}_{axis}_km" + (f"_lag{lag}" if lag > 1 else "") for axis in _AXES]


def _columns() -> list[Column]:
    columns = []
    for lag in LAGS:
        earlier = "the earlier set" if lag == 1 else f"the set {lag} before the later one"
        for name, axis in zip(_names("residual", lag), _AXES.values(), strict=True):
            meaning = f"{axis} position of the later set less that of {earlier} propagated to the later epoch"
            columns.append(Column(name, "km", "float64", meaning))
        for name, axis in zip(_names("back", lag), _AXES.values(), strict=True):
            meaning = f"{axis} position of {earlier} less that of the later set propagated back to its epoch"
            columns.append(Column(name, "km", "float64", meaning))
    columns += float_columns(
        "m/s",
        {
            f"residual_v{axis}_m_s": f"{word} velocity of the later set less that of the earlier one at the later epoch"
            for axis, word in _AXES.items()
        },
    )
    return columns


COLUMNS = _columns()


def residuals(passes: Passes) -> dict[str, FloatArray]:
    """Residuals at lags 1 to 3 in the RTN frame of the set that stays at its own epoch, each (G,).

    The RTN frame is that of Vallado, *Fundamentals of Astrodynamics and Applications*, 4th ed., sec. 3.3 (RSW).
    Differences are taken in TEME at one instant, so no Earth orientation enters.
    """
    state, rows = passes.state, passes.gaps
    position, velocity = np.asarray(state.position_km), np.asarray(state.velocity_km_s)
    to_rtn = np.asarray(teme_to_rtn(position[:, OWN], velocity[:, OWN]))
    out: dict[str, FloatArray] = {}
    for lag in LAGS:
        earlier = rows.earlier(lag)
        miss = position[rows.later, OWN] - position[earlier, forward(lag)]
        out |= _split(_names("residual", lag), to_rtn[rows.later], miss, earlier)
        miss = position[earlier, OWN] - position[rows.later, back(lag)]
        out |= _split(_names("back", lag), to_rtn[earlier], miss, earlier)
    earlier = rows.earlier(1)
    miss = 1e3 * (velocity[rows.later, OWN] - velocity[earlier, forward(1)])
    return out | _split([f"residual_v{axis}_m_s" for axis in _AXES], to_rtn[rows.later], miss, earlier)


def _split(names: list[str], to_rtn: FloatArray, vector: FloatArray, earlier: IntArray) -> dict[str, FloatArray]:
    """The three RTN components of TEME vectors, NaN where there is no earlier set."""
    rtn = np.einsum("gij,gj->gi", to_rtn, vector)
    rtn[earlier < 0] = np.nan
    return dict(zip(names, np.ascontiguousarray(rtn.T), strict=True))
