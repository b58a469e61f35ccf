"""Each burn gets the word an operator would use."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.characterize.kind import KINDS, classify
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM as GEO


def burn(
    regime: str,
    a_km: float,
    *,
    t: float = 0.0,
    n: float = 0.0,
    delta_a: float = 0.0,
    delta_i: float = 0.0,
    delta_e: float = 0.0,
    sigma: float = 1e-3,
) -> dict[str, object]:
    return {
        "regime": regime, "a_km": a_km, "delta_a_km": delta_a, "delta_i_deg": delta_i, "delta_e": delta_e,
        "dv_r_m_s": 0.0, "dv_t_m_s": t, "dv_n_m_s": n,
        "dv_r_sigma_m_s": sigma, "dv_t_sigma_m_s": sigma, "dv_n_sigma_m_s": sigma,
    }  # fmt: skip


CASES = [
    ("drag make-up", burn("leo", 7100, t=0.05, delta_a=0.1)),
    ("orbit raise", burn("leo", 6900, t=8.0, delta_a=15.0)),
    ("orbit raise", burn("leo", 7720, t=1.5, delta_a=3.0)),
    ("orbit lowering", burn("leo", 7100, t=-0.05, delta_a=-0.1)),
    ("plane change", burn("leo", 7100, t=0.02, n=2.0, delta_a=0.03, delta_i=0.015)),
    ("eccentricity control", burn("leo", 7100, t=0.05, delta_a=0.01, delta_e=2e-4)),
    ("east-west station-keeping", burn("geo", GEO + 0.5, t=-0.1, delta_a=-2.7)),
    ("north-south station-keeping", burn("geo", GEO, t=0.01, n=1.8, delta_a=0.2, delta_i=0.03)),
    ("plane change", burn("geo", GEO, n=12.0, delta_i=0.22)),
    ("relocation", burn("geo", GEO + 70, t=2.6, delta_a=70.0)),
    ("relocation", burn("geo", GEO, t=-2.6, delta_a=-70.0)),
    ("orbit lowering", burn("geo", GEO + 60, t=-0.2, delta_a=-5.5)),
    ("relocation", burn("geo", GEO + 2, t=-1.9, delta_a=-53.0)),
    ("relocation", burn("geo", GEO - 50, t=-3.6, delta_a=-100.0)),
    ("relocation", burn("geo", GEO + 180, t=6.0, delta_a=170.0)),
    ("orbit raise", burn("geo", GEO + 300, t=3.0, delta_a=80.0)),
    ("orbit raise", burn("geo", GEO - 400, t=20.0, n=40.0, delta_a=900.0, delta_i=0.7)),
    ("orbit lowering", burn("geo", GEO - 300, t=-80.0, delta_a=-2000.0)),
    ("orbit raise", burn("geo", GEO - 264, t=0.02, delta_a=0.5)),
    ("plane change", burn("geo", GEO + 380, t=0.2, n=3.0, delta_a=5.0, delta_i=0.05)),
    ("unknown", burn("leo", 7100, t=1e-4, delta_a=2e-4)),
    ("unknown", burn("leo", np.nan, t=np.nan, n=np.nan, delta_a=np.nan)),
]


@pytest.mark.parametrize(("kind", "event"), CASES)
def test_kind(kind, event):
    assert classify(pd.DataFrame([event]))["kind"].tolist() == [kind]


def test_a_withheld_burn_is_named_by_the_change_of_the_orbit():
    event = burn("leo", 7100, t=np.nan, n=np.nan, delta_a=-4.0)
    assert classify(pd.DataFrame([event]))["kind"].tolist() == ["orbit lowering"]


def test_every_kind_is_a_known_word_and_rows_keep_their_place():
    frame = pd.DataFrame([event for _, event in CASES], index=np.arange(len(CASES))[::-1])
    out = classify(frame)
    assert out.index.equals(frame.index)
    assert set(out["kind"]) <= set(KINDS)
    assert classify(frame.iloc[:0])["kind"].tolist() == []
