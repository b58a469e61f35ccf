"""Events as the burn fit gives them, for the tests of the pattern of life."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from models.assess.pattern import assess
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM as GEO
from orbits.geosynchronous import semi_major_axis_of_drift_km

START = pd.Timestamp("2025-01-01", tz="UTC")
GEO_KM_PER_M_S = 27.4  # 2 a / v


def event(
    norad_id: int,
    day: float,
    *,
    t: float = 0.0,
    n: float = 0.0,
    regime: str = "leo",
    a_km: float | None = None,
    watched_from: float = -400.0,
    sigma: float = 1e-3,
    probability: float = 1.0,
) -> dict[str, object]:
    base = {"leo": 7100.0, "geo": GEO}[regime]
    delta = t * (GEO_KM_PER_M_S if regime == "geo" else 1.9)
    return {
        "norad_id": norad_id, "regime": regime, "burn_time": START + pd.Timedelta(days=day),
        "available_at": START + pd.Timedelta(days=day + 1), "probability": probability,
        "dv_r_m_s": 0.0, "dv_t_m_s": t, "dv_n_m_s": n,
        "dv_r_sigma_m_s": sigma, "dv_t_sigma_m_s": sigma, "dv_n_sigma_m_s": sigma,
        "delta_a_km": delta, "a_km": base + delta / 2 if a_km is None else a_km,
        "observed_days": day - watched_from,
    }  # fmt: skip


def random_event() -> st.SearchStrategy[dict[str, object]]:
    """Whatever a fit may come up with."""
    some = st.one_of(st.just(math.nan), st.floats(-1e4, 1e4))
    return st.builds(
        lambda row, **more: row | more,
        st.builds(event, st.integers(1, 3), st.integers(0, 5).map(float), regime=st.sampled_from(["leo", "geo"])),
        dv_r_m_s=some, dv_t_m_s=some, dv_n_m_s=some, delta_a_km=some, observed_days=some, age_days=some,
        dv_t_sigma_m_s=st.one_of(st.just(math.nan), st.floats(0, 1e3)), longitude_deg=some,
        a_km=st.one_of(st.just(math.nan), st.floats(6500, 50_000)), probability=st.one_of(st.just(math.nan), st.floats(0, 1)),
        kind=st.sampled_from(["orbit raise", "unknown", "relocation"]),
    )  # fmt: skip


def judged(*events: dict[str, object]) -> pd.DataFrame:
    return assess(pd.DataFrame(list(events)))


def keeper(norad_id: int, days: int = 360, every: float = 14.0, size: float = 0.05, regime: str = "leo") -> list[dict]:
    rng = np.random.default_rng(norad_id)
    times = np.cumsum(rng.normal(every, every / 8, int(days / every)))
    return [event(norad_id, day, t=size * float(rng.normal(1, 0.1)), regime=regime) for day in times]


def geo_keeper(norad_id: int) -> list[dict]:
    """East-west burns of centimeters a fortnight and north-south ones of meters."""
    burns = [dict(row) for row in keeper(norad_id, size=0.06, regime="geo")]
    return burns + [event(norad_id, 7.0 + 14 * k, n=1.8, regime="geo") for k in range(24)]


def refused(row: dict[str, object], explanation: str = "drag storm", note: str = "its neighbors fell too") -> dict:
    return row | {"explanation": explanation, "explanation_note": note}


def fleet_objects(ids: range, stem: str) -> pd.DataFrame:
    return pd.DataFrame({"norad_id": list(ids), "name": [f"{stem}-{i}" for i in ids]})


def belt() -> list[dict[str, object]]:
    return [burn for i in range(40, 60) for burn in keeper(i, size=0.06, regime="geo")]


def geo_turn(norad_id: int, day: float, before: float, after: float, **more: object) -> dict[str, object]:
    """A burn that takes the drift from one value to another [deg/day]."""
    a = [float(semi_major_axis_of_drift_km(drift)) for drift in (before, after)]
    burn = event(norad_id, day, t=(a[1] - a[0]) / GEO_KM_PER_M_S, regime="geo", a_km=a[1])
    return burn | {"delta_a_km": a[1] - a[0], "longitude_deg": 100.0, "age_days": 3000.0} | more


def last(*events: dict[str, object]) -> pd.Series:
    return judged(*belt(), *events).iloc[-1]


def day_of(row: dict) -> float:
    return (row["burn_time"] - START) / pd.Timedelta(days=1)
