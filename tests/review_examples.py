"""Invented events to make flags of."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from review.intake import ScoringRun

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def event(norad_id: int = 90001, day: float = 0.0, *, hours: float = 20.0, **values: object) -> dict[str, object]:
    """One event of a burn window that begins ``day`` days after `DAY` and lasts ``hours``."""
    before = DAY + timedelta(days=day)
    after = before + timedelta(hours=hours)
    burn = before + timedelta(hours=hours / 2)
    return {
        "norad_id": norad_id,
        "name": "ARGUS 4",
        "regime": "leo",
        "detector": "robust-step",
        "epoch_before": before,
        "epoch_after": after,
        "burn_time": burn,
        "burn_time_low": burn - timedelta(minutes=20),
        "burn_time_high": burn + timedelta(minutes=20),
        "available_at": after + timedelta(hours=3),
        "dv_r_m_s": 0.001,
        "dv_t_m_s": 0.25,
        "dv_n_m_s": -0.02,
        "dv_r_sigma_m_s": 0.05,
        "dv_t_sigma_m_s": 0.002,
        "dv_n_sigma_m_s": 0.015,
        "dv_m_s": 0.251,
        "dv_sigma_m_s": 0.003,
        "kind": "orbit raise",
        "score": 12.5,
        "threshold": 5.0,
        "probability": 0.998,
        "unexpectedness": 2.5,
        "reasons": ["11 times the median of its earlier burns", "first burn in 94 days"],
        "neighbours": [{"norad_id": 90002, "name": "TARGET 1", "miss_km": 41.5, "when": after + timedelta(days=3)}],
        "quality": [],
        "fit_status": "fitted",
        "fit_note": "",
        "delta_a_km": 0.46,
        "delta_i_deg": 0.0001,
        "delta_e": -0.00002,
        "chi2_ratio": 0.04,
        **values,
    }


def frame(*events: dict[str, object]) -> pd.DataFrame:
    """Events as a frame with UTC times in microseconds."""
    made = pd.DataFrame(list(events))
    for name in made.columns.intersection(
        ["epoch_before", "epoch_after", "burn_time", "burn_time_low", "burn_time_high", "available_at"]
    ):
        made[name] = pd.to_datetime(made[name], utc=True).astype("datetime64[us, UTC]")
    return made


def run(hours: float = 0.0, *, spans: list[tuple[int, float, float]] | None = None, **values: object) -> ScoringRun:
    """A scoring run ``hours`` after `DAY` + 5 days; ``spans`` as (norad_id, first day, last day) after `DAY`."""
    scored = None
    if spans is not None:
        scored = pd.DataFrame(
            [(norad_id, DAY + timedelta(days=start), DAY + timedelta(days=end)) for norad_id, start, end in spans],
            columns=["norad_id", "span_start", "span_end"],
        )
    settings = {
        "detector": "robust-step",
        "at": DAY + timedelta(days=5, hours=hours),
        "model_version": "robust-step-1",
        "data_snapshot": "a1b2c3",
        "config_hash": "f00d",
        "spans": scored,
    }
    return ScoringRun(**(settings | values))
