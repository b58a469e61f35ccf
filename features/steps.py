"""Steps of the mean elements across a gap, after SGP4's own drift is taken off."""

from __future__ import annotations

import numpy as np

from features.column import Column, float_columns
from features.history import LAGS
from features.passes import OWN, Passes, forward
from orbits.constants import MU_KM3_S2
from orbits.elements import FloatArray, IntArray, wrap_deg

COLUMNS: list[Column] = [
    *float_columns("km", {"a_km": "mean (Brouwer) semi-major axis of the later set"}),
    *float_columns("-", {"eccentricity": "mean eccentricity of the later set"}),
    *float_columns("deg", {"inclination_deg": "mean inclination of the later set"}),
    *float_columns("1/Earth radius", {"bstar_inv_er": "SGP4 drag term of the later set"}),
    *float_columns("rev/day", {"mean_motion_rev_day": "mean motion of the later set, as published (Kozai)"}),
    *float_columns(
        "deg",
        {
            "raan_deg": "right ascension of the node of the later set",
            "arg_pericenter_deg": "argument of the pericenter of the later set",
            "mean_anomaly_deg": "mean anomaly of the later set",
        },
    ),
    *float_columns(
        "m",
        {"step_a_m": "mean semi-major axis of the later set less that of the earlier one drifted to the later epoch"}
        | {f"step_a_m_lag{lag}": f"the same against the set {lag} before the later one" for lag in LAGS[1:]},
    ),
    *float_columns(
        "-",
        {
            "step_h": "step of e·sin(ω+Ω)",
            "step_k": "step of e·cos(ω+Ω)",
            "step_p": "step of tan(i/2)·sin Ω",
            "step_q": "step of tan(i/2)·cos Ω",
        },
    ),
    *float_columns(
        "deg",
        {"step_i_deg": "step of the inclination"}
        | {f"step_i_deg_lag{lag}": f"the same against the set {lag} before the later one" for lag in LAGS[1:]}
        | {"step_raan_deg": "step of the right ascension of the node, less its J2 drift"}
        | {f"step_raan_deg_lag{lag}": f"the same against the set {lag} before the later one" for lag in LAGS[1:]}
        | {"step_lambda_deg": "step of the mean longitude M+ω+Ω"},
    ),
    *float_columns(
        "m/s",
        {
            "step_dv_t_m_s": "along-track velocity change that makes step_a_m on a circular orbit",
            "step_dv_n_m_s": "least cross-track velocity change that turns the plane by step_i_deg and step_raan_deg, "
            "with the sign of step_i_deg",
        },
    ),
    *float_columns("1/Earth radius", {"step_bstar_inv_er": "SGP4 drag term of the later set less the earlier one's"}),
]


def steps(passes: Passes) -> dict[str, FloatArray]:
    """Steps of the mean elements, each (G,).

    SGP4 carries the earlier set's mean elements to the later epoch with its secular drag, J2 and
    (deep space) resonance and lunisolar terms; what is left is a burn or a misfit. The equivalent
    velocity changes are Gauss's equations on a circular orbit (Vallado, 4th ed., sec. 9.3):
    Δv_T = n·Δa/2 and Δv_N = v·√(Δi² + (sin i·ΔΩ)²).
    """
    rows, drift = passes.gaps, passes.drift
    later = rows.later
    own = {name: np.asarray(getattr(drift, name))[later, OWN] for name in _MEAN}
    out: dict[str, FloatArray] = {
        "a_km": own["a_km"],
        "eccentricity": passes.elements.eccentricity[later],
        "inclination_deg": passes.elements.inclination_deg[later],
        "bstar_inv_er": passes.elements.bstar_inv_er[later],
        "mean_motion_rev_day": passes.elements.mean_motion_rev_day[later],
        "raan_deg": passes.elements.raan_deg[later],
        "arg_pericenter_deg": passes.elements.arg_pericenter_deg[later],
        "mean_anomaly_deg": passes.elements.mean_anomaly_deg[later],
    }
    for lag in LAGS:
        earlier = rows.earlier(lag)
        before = _at(passes, earlier, forward(lag))
        suffix = f"_lag{lag}" if lag > 1 else ""
        out[f"step_a_m{suffix}"] = 1e3 * (own["a_km"] - before["a_km"])
        out[f"step_i_deg{suffix}"] = own["inclination_deg"] - before["inclination_deg"]
        out[f"step_raan_deg{suffix}"] = wrap_deg(own["raan_deg"] - before["raan_deg"])
        if lag == 1:
            out |= _equinoctial_steps(own, before)
    motion_rad_s = np.sqrt(MU_KM3_S2 / own["a_km"] ** 3)
    out["step_dv_t_m_s"] = 0.5 * motion_rad_s * out["step_a_m"]
    turn_deg = np.hypot(out["step_i_deg"], np.sin(np.deg2rad(own["inclination_deg"])) * out["step_raan_deg"])
    turn_rad = np.copysign(np.deg2rad(turn_deg), out["step_i_deg"])
    out["step_dv_n_m_s"] = 1e3 * motion_rad_s * own["a_km"] * turn_rad
    out["step_bstar_inv_er"] = out["bstar_inv_er"] - passes.elements.bstar_inv_er[rows.earlier(1)]
    return out


_MEAN = ("a_km", "eccentricity", "inclination_deg", "raan_deg", "arg_pericenter_deg", "mean_anomaly_deg")


def _at(passes: Passes, sets: IntArray, column: int) -> dict[str, FloatArray]:
    """Mean elements of some sets at one of the passes' epochs, NaN where ``sets`` is -1."""
    missing = sets < 0
    out = {}
    for name in _MEAN:
        values = np.asarray(getattr(passes.drift, name))[sets, column]
        out[name] = np.where(missing, np.nan, values)
    return out


def _equinoctial_steps(own: dict[str, FloatArray], before: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """Steps of the equinoctial elements h, k, p, q and λ (Broucke and Cefola 1972), each (G,)."""
    after, prior = _equinoctial(own), _equinoctial(before)
    out = {f"step_{name}": after[name] - prior[name] for name in ("h", "k", "p", "q")}
    return out | {"step_lambda_deg": wrap_deg(after["lambda_deg"] - prior["lambda_deg"])}


def _equinoctial(mean: dict[str, FloatArray]) -> dict[str, FloatArray]:
    raan_rad = np.deg2rad(mean["raan_deg"])
    pericenter_rad = raan_rad + np.deg2rad(mean["arg_pericenter_deg"])
    half_tan = np.tan(0.5 * np.deg2rad(mean["inclination_deg"]))
    return {
        "h": mean["eccentricity"] * np.sin(pericenter_rad),
        "k": mean["eccentricity"] * np.cos(pericenter_rad),
        "p": half_tan * np.sin(raan_rad),
        "q": half_tan * np.cos(raan_rad),
        "lambda_deg": mean["mean_anomaly_deg"] + mean["arg_pericenter_deg"] + mean["raan_deg"],
    }
