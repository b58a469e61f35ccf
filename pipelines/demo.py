"""The whole way once, on a simulated fleet whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.store import ElementStore
from models.benchmark.labels import merge_burns
from models.benchmark.protocol import match
from models.characterize.explain.words import MANEUVER
from pipelines.events import EventLog
from pipelines.flags import open_flags
from pipelines.ingest import ingest_simulated, read_truth
from pipelines.report import write_page
from pipelines.score import score
from pipelines.terminal import Advance, silent
from pipelines.train import train

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.engine import Engine
    from pipelines.home import Home

# The first one trained becomes champion and scores; the others are there to be compared in MLflow.
DETECTORS = ("pretrained", "robust-step", "isolation-forest", "forecaster")
CLEAR_SIGMA = 5.0
WEEKS_BEFORE_THE_END = (9, 6, 3, 0)


@dataclass(frozen=True)
class Comparison:
    """Events against the simulated truth.

    Parameters
    ----------
    burns, burns_found : int
        True burns, and those whose maneuver was found within 1.5 days.
    clear, clear_found : int
        The same for burns of at least 5 sigma.
    events, true_events : int
        What was detected, and how many of these are maneuvers.
    dv_error, time_error_h : float
        Median relative error of the Δv and median error of the burn time [h], of the true events.
    """

    burns: int
    burns_found: int
    clear: int
    clear_found: int
    events: int
    true_events: int
    dv_error: float
    time_error_h: float

    @property
    def recall_clear(self) -> float:
        """Share of the clear burns that were found."""
        return self.clear_found / max(self.clear, 1)

    @property
    def precision(self) -> float:
        """Share of the events that are true."""
        return self.true_events / max(self.events, 1)


@dataclass(frozen=True)
class DemoSummary:
    """What the demo did."""

    trained: list[str]
    comparison: Comparison
    report: Path

    def lines(self) -> list[str]:
        """The summary for a person."""
        seen = self.comparison
        return [
            *self.trained,
            f"against the simulated truth: {seen.clear_found} of {seen.clear} burns of {CLEAR_SIGMA:.0f} σ or more found "
            f"({seen.recall_clear:.0%}), {seen.burns_found} of {seen.burns} in all",
            f"{seen.true_events} of {seen.events} events are true ({seen.precision:.0%}); at the median their Δv is off by "
            f"{seen.dv_error:.0%} and their time by {seen.time_error_h:.1f} h",
        ]


def run_demo(
    home: Home,
    config: BurnwatchConfig,
    *,
    seed: int | None = None,
    engine: Engine | None = None,
    advance: Advance = silent,
) -> DemoSummary:
    """Simulate, ingest, train every detector, score, compare with the truth, report the most unexpected finding.

    The last weeks are scored in several runs, each on what was available then: findings are told as time goes by.
    """
    ingest_simulated(home, config, seed=seed, advance=advance)
    trained = []
    for name in DETECTORS:
        trained += train(home, config, detector=name, engine=engine, advance=advance).lines()
    newest = ElementStore(home.elements, config.store).coverage()["last_available_at"].max()
    for weeks in WEEKS_BEFORE_THE_END:
        score(home, config, as_of=(newest - pd.Timedelta(weeks=weeks)).to_pydatetime(), engine=engine, advance=advance)
    with open_flags(home, config) as flags:
        found = [finding.finding_id for finding in flags.findings.records("unexpected", limit=1)]
        first = (found or [flag.flag_id for flag in flags.flags(order="unexpected", limit=1)])[0]
    report = write_page(home, config, first, home.reports / f"{first}.html")
    events = EventLog(home.state / "events.parquet").read()
    if events is None:
        raise AssertionError("scoring wrote no log of events")
    burns = events[events["explanation"] == MANEUVER]
    return DemoSummary(trained, compare(burns, read_truth(home)), report)


def compare(events: pd.DataFrame, truth: pd.DataFrame) -> Comparison:
    """How events and their burn fits compare with the simulated truth.

    Parameters
    ----------
    events : DataFrame
        With burn fits.
    truth : DataFrame
        ``norad_id, name, burn_time, dv_r_m_s, dv_t_m_s, dv_n_m_s, kind, intent, sigma``, one row a burn.
    """
    burns = truth.assign(burn_begin=truth["burn_time"], burn_end=truth["burn_time"])
    maneuvers = merge_burns(burns)
    matches = match(events, maneuvers)
    hit = matches.maneuver_to_event >= 0
    rows = events.iloc[matches.maneuver_to_event[hit]]
    true = maneuvers[hit]
    names = ["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]
    size = np.linalg.norm(true[names].to_numpy(np.float64), axis=1)
    error = np.linalg.norm(rows[names].to_numpy(np.float64) - true[names].to_numpy(np.float64), axis=1) / size
    apart_h = np.abs((rows["burn_time"].array - true["burn_time"].array) / pd.Timedelta(hours=1))
    found = hit[_maneuver_of(burns, maneuvers)]
    clear = (burns["sigma"] >= CLEAR_SIGMA).to_numpy()
    return Comparison(
        burns=len(burns),
        burns_found=int(found.sum()),
        clear=int(clear.sum()),
        clear_found=int((found & clear).sum()),
        true_events=int(hit.sum()),
        events=len(events),
        dv_error=float(np.nanmedian(error)),
        time_error_h=float(np.median(apart_h)),
    )


def _maneuver_of(burns: pd.DataFrame, maneuvers: pd.DataFrame) -> NDArray[np.int64]:
    """Row of the maneuver that each burn is part of, (B,)."""
    order = burns[["norad_id", "burn_time"]].reset_index(names="row").sort_values("burn_time")
    begun = maneuvers[["norad_id", "burn_begin"]].reset_index(names="maneuver").sort_values("burn_begin")
    joined = pd.merge_asof(order, begun, left_on="burn_time", right_on="burn_begin", by="norad_id")
    return joined.sort_values("row")["maneuver"].to_numpy(np.int64)
