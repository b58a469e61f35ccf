"""The canonical record: one row a published element set."""

from __future__ import annotations

import numpy as np
import pandas as pd

from orbits.elements import IntArray, MeanElements

# Column -> dtype of every frame of element sets, modeled on the OMM/GP keywords (CCSDS 502.0-B-3).
# ``mean_motion_dot_rev_day2`` and ``mean_motion_ddot_rev_day3`` hold the printed fields: half and a sixth of the derivative.
ELEMENT_SET_DTYPES: dict[str, str] = {
    "norad_id": "int64",
    "epoch": "datetime64[us, UTC]",
    "available_at": "datetime64[us, UTC]",
    "available_at_imputed": "bool",
    "source": "str",
    "mean_motion_rev_day": "float64",
    "eccentricity": "float64",
    "inclination_deg": "float64",
    "raan_deg": "float64",
    "arg_pericenter_deg": "float64",
    "mean_anomaly_deg": "float64",
    "bstar_inv_er": "float64",
    "mean_motion_dot_rev_day2": "float64",
    "mean_motion_ddot_rev_day3": "float64",
    "ephemeris_type": "int8",
    "classification": "str",
    "element_set_no": "int32",
    "rev_at_epoch": "int32",
}

GP_SOURCES = ("file", "celestrak", "space-track", "simulated")
SUPPLEMENTAL_SOURCE = "supgp"  # fitted to operators' ephemerides: never mixed with GP

_FLOAT_FIELDS = (
    "mean_motion_rev_day",
    "eccentricity",
    "inclination_deg",
    "raan_deg",
    "arg_pericenter_deg",
    "mean_anomaly_deg",
    "bstar_inv_er",
)


def empty_element_sets() -> pd.DataFrame:
    """A frame of element sets with every column and no row."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in ELEMENT_SET_DTYPES.items()})


def mean_elements(element_sets: pd.DataFrame) -> MeanElements:
    """The arrays that the physics needs, from a frame of element sets (N rows, same order)."""
    return MeanElements(
        epoch_us=epoch_us(element_sets["epoch"]),
        **{name: element_sets[name].to_numpy(dtype=np.float64) for name in _FLOAT_FIELDS},
    )


def utc(times_us: IntArray) -> pd.Series:
    """Int64 [us since 1970-01-01] as UTC timestamps: the inverse of ``epoch_us``."""
    return pd.Series(times_us.astype("datetime64[us]")).dt.tz_localize("UTC")


def time_us(time: pd.Timestamp) -> int:
    """One UTC timestamp as int [us since 1970-01-01]."""
    return int((time - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(microseconds=1))


def epoch_us(times: pd.Series) -> IntArray:
    """UTC timestamps as int64 [us since 1970-01-01]."""
    return np.asarray(times.dt.as_unit("us").astype("int64"), dtype=np.int64)
