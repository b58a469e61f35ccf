"""Thrust that goes on for weeks, scored day by day, is one flag, whose end and Δv move with it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from catalog.known import KnownSets
from catalog.store import ElementStore
from catalog.weather import empty_weather
from configs.schema import BurnwatchConfig
from models.bundle import Bundle
from pipelines.detection import look
from pipelines.events import merged
from pipelines.watermark import Watermark
from tests.quiet_bundle import quiet_bundle
from tests.synthetic_history import synthetic_history

CONFIG = BurnwatchConfig()
BEGIN, END = 30, 75  # sets about a day apart
RISE_M = 1500.0  # a set


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return quiet_bundle(noise_a_m=20.0)


def scored(history: pd.DataFrame, bundle: Bundle, folder: Path) -> list[tuple[pd.Timestamp, pd.DataFrame]]:
    """The log of events after each of the runs, nine days apart."""
    history = history.assign(source="file", available_at_imputed=True, rev_at_epoch=0)
    store, watermark, log, logs = ElementStore(folder / "elements", CONFIG.store), Watermark.none(""), None, []
    for at in pd.date_range(history["epoch"].iloc[BEGIN + 8].ceil("D"), history["epoch"].iloc[-1], freq="9D"):
        known = KnownSets(store, at, history)
        behind = watermark.behind(known.coverage)
        found = look(known, behind, bundle, empty_weather(), CONFIG)
        log = merged(log, found.events, found.spans, at)
        watermark = watermark.moved(behind)
        logs.append((at, log))
    return logs


def test_a_raise_of_weeks_stays_one_event_whose_end_and_dv_move_on(bundle, tmp_path):
    history = synthetic_history(95, noise_a_m=20.0, burns_a_m=dict.fromkeys(range(BEGIN, END), RISE_M))
    logs = scored(history, bundle, tmp_path)
    begin, end = history["epoch"].iloc[[BEGIN, END]]
    assert [len(log) for _, log in logs] == [1] * len(logs)
    assert len({(log["epoch_before"].item(), log["first_seen_at"].item()) for _, log in logs}) == 1
    assert abs(logs[0][1]["epoch_before"].item() - begin) < pd.Timedelta(days=1.5)
    for at, log in logs:
        assert abs(min(at, end) - log["thrust_end"].item()) < pd.Timedelta(days=2)
    dv = [log["thrust_dv_m_s"].item() for _, log in logs]
    assert dv == sorted(dv)
    assert dv[-1] == pytest.approx((END - BEGIN) * RISE_M / 1e3 / 7130 / 2 * 7477, rel=0.02)
    assert len({log["thrust_end"].item() for at, log in logs if at > end + pd.Timedelta(days=3)}) == 1


def test_a_raise_of_days_is_named_and_sized_by_what_it_comes_to(bundle, tmp_path):
    """The first gap of a slow climb shows less than a make-up of drag, and the orbits beside it may even differ the other way."""
    history = synthetic_history(60, noise_a_m=20.0, burns_a_m=dict.fromkeys(range(30, 50), 600.0), spacing_days=0.5)
    history = history.assign(source="file", available_at_imputed=True, rev_at_epoch=0)
    known = KnownSets(ElementStore(tmp_path / "elements", CONFIG.store), None, history)
    objects = known.coverage.assign(count_scored=0, last_epoch_scored=pd.NaT)
    arc = look(known, objects, bundle, empty_weather(), CONFIG).events
    assert arc["kind"].tolist() == ["orbit raise"]
    window_days = (arc["epoch_after"] - arc["epoch_before"]).item() / pd.Timedelta(days=1)
    assert arc["delta_a_km"].item() == pytest.approx(12.0 / 10 * window_days, rel=0.15)
