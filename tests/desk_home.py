"""A home for the analysts' desk: a small simulated fleet with an inspector, its burns as flags, one finding, four users."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pandas as pd

from catalog.objects import ObjectCatalog
from catalog.records import epoch_us
from catalog.simulate.generate import Fleet, simulate_fleet
from catalog.store import ElementStore
from catalog.weather import WeatherTable
from configs.desk import DeskConfig
from configs.schema import BurnwatchConfig
from configs.simulate import SimulateConfig
from orbits.elements import regime
from review.desk import Desk
from review.intake import ScoringRun
from review.records import Role
from review.store import FlagStore

PASSWORD = "a long enough password"
USERS = {"vera": Role.VIEWER, "ann": Role.ANALYST, "bob": Role.ANALYST, "ada": Role.ADMIN}
INSPECTOR, TARGET = 900602, 900601
# Hashing passwords takes its time on purpose; this is less than may be set.
DESK = DeskConfig().model_copy(update={"scrypt_log2_n": 4, "scrypt_p": 1})
CONFIG = BurnwatchConfig().model_copy(update={"desk": DESK})
FINDING = str(uuid5(NAMESPACE_URL, "the finding of INSPECTOR"))


@dataclass(frozen=True)
class DeskHome:
    """Where the desk's data lies, and how to open it."""

    path: Path
    database_url: str
    opened: list[Desk] = field(default_factory=list)

    def open(self, config: BurnwatchConfig = CONFIG) -> Desk:
        """The desk itself, in this process; close its flags, or `close` all."""
        self.opened.append(Desk(self.path, config, FlagStore(self.database_url, config.review)))
        return self.opened[-1]

    def close(self) -> None:
        """Let go of every database that was opened: Python 3.13 warns of those that nobody closed."""
        while self.opened:
            self.opened.pop().flags.close()


def make_home(path: Path, database_url: str | None = None) -> DeskHome:
    """Fill a folder, and a database (SQLite in it by default)."""
    if database_url is not None:
        return _filled(path, database_url)
    shutil.copytree(_made_once().name, path, dirs_exist_ok=True)
    return DeskHome(path, f"sqlite:///{path / 'review.sqlite'}")


@cache
def _made_once() -> tempfile.TemporaryDirectory[str]:
    """The folder that is copied; it goes when this process ends."""
    folder = tempfile.TemporaryDirectory(prefix="burnwatch-desk-")
    _filled(Path(folder.name), f"sqlite:///{folder.name}/review.sqlite")
    return folder


def _filled(path: Path, database_url: str) -> DeskHome:
    made = fleet()
    path.mkdir(parents=True, exist_ok=True)
    ElementStore(path / "elements").append(made.element_sets)
    ObjectCatalog(path).merge(made.objects)
    WeatherTable(path).merge(made.weather)
    home = DeskHome(path, database_url)
    desk = home.open()
    with desk.flags as flags:
        events = burn_events(made)
        at = made.element_sets["available_at"].max().to_pydatetime()
        flags.upsert(events, ScoringRun(at, "robust-step-1", "snapshot-1", "config-1"))
        flags.findings.upsert(inspection(events))
        for name, role in USERS.items():
            desk.accounts.add(name, role, PASSWORD, by="the tests")
    return home


@cache
def fleet() -> Fleet:
    """Twelve objects over 120 days."""
    counts = {"sun_synchronous": 3, "altimetry": 1, "passive_leo": 1, "meo": 1, "geosynchronous": 4}
    return simulate_fleet(SimulateConfig(days=120, **counts))


def burn_events(made: Fleet) -> pd.DataFrame:
    """The true burns that lie between two element sets, the last one of each gap, as assessed events."""
    parts = []
    for norad_id, burns in made.truth.groupby("norad_id"):
        sets = made.element_sets[made.element_sets["norad_id"] == norad_id].drop_duplicates("epoch").reset_index()
        place = np.searchsorted(epoch_us(sets["epoch"]), epoch_us(burns["burn_time"]))
        inside = (place > 0) & (place < len(sets))
        before, after = sets.iloc[place[inside] - 1].reset_index(), sets.iloc[place[inside]].reset_index()
        parts.append(
            burns[inside]
            .reset_index(drop=True)
            .assign(
                epoch_before=before["epoch"],
                epoch_after=after["epoch"],
                available_at=after["available_at"],
                regime=regime(after["mean_motion_rev_day"].to_numpy(), after["eccentricity"].to_numpy()),
            )
            .drop_duplicates("epoch_after", keep="last")
        )
    events = pd.concat(parts, ignore_index=True)
    dv_m_s = np.sqrt((events[["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]] ** 2).sum(axis=1))
    sent = events["intent"] == "inspection"
    return events.assign(
        detector="robust-step",
        burn_time_low=events["burn_time"] - pd.Timedelta(minutes=20),
        burn_time_high=events["burn_time"] + pd.Timedelta(minutes=20),
        dv_m_s=dv_m_s,
        **{f"dv_{axis}_sigma_m_s": 0.02 * dv_m_s for axis in "rtn"},
        dv_sigma_m_s=0.02 * dv_m_s,
        score=np.minimum(events["sigma"], 1e4),
        threshold=5.0,
        probability=0.99,
        unexpectedness=np.where(sent, 4.0 + dv_m_s, np.minimum(dv_m_s, 1.0)),
        listed=sent,
        reasons=[
            ["now drifts west, kept its place before", "16 times what is usual for its peers"] if one else []
            for one in sent
        ],
        neighbours=[
            [{"norad_id": TARGET, "name": "HARBOR 21", "miss_km": 120.5, "when": time + timedelta(days=12)}]
            if one
            else []
            for one, time in zip(sent, events["burn_time"], strict=True)
        ],
        quality=[[] for _ in sent],
        fit_status="fitted",
        chi2_ratio=20.0,
        delta_a_km=0.1,
        delta_i_deg=0.0,
        delta_e=0.0,
    )


def inspection(events: pd.DataFrame) -> pd.DataFrame:
    """What INSPECTOR is up to, as a finding."""
    burns = events[(events["norad_id"] == INSPECTOR) & (events["intent"] == "inspection")]
    told = burns["available_at"].iloc[0], burns["available_at"].iloc[-1]
    texts = ("left its place and drifts west", "has stopped beside HARBOR 21")
    windows = [
        {"epoch_before": row.epoch_before.isoformat(), "epoch_after": row.epoch_after.isoformat()}
        for row in burns.itertuples()
    ]
    made = pd.DataFrame(
        [
            {
                "finding_id": FINDING,
                "norad_id": INSPECTOR,
                "name": "INSPECTOR",
                "regime": "geo",
                "kind": "relocation",
                "state": "stopped",
                "opened_at": told[0],
                "news_at": told[1],
                "closed_at": pd.NaT,
                "headline": "INSPECTOR left its place and has stopped beside HARBOR 21",
                "news": [
                    {"at": at.isoformat(), "text": text, "event": window["epoch_after"]}
                    for at, text, window in zip(told, texts, (windows[0], windows[-1]), strict=True)
                ],
                "expects": "should stay where it is",
                "reasons": ["now drifts west, kept its place before"],
                "neighbours": [{"norad_id": TARGET, "name": "HARBOR 21", "miss_km": 120.5, "when": None}],
                "events": windows,
                "partners": [TARGET],
                "unexpectedness": float(burns["unexpectedness"].max()),
                "dv_m_s": float(burns["dv_m_s"].sum()),
                "listed": True,
                "said": {},
            }
        ]
    )
    times = {name: pd.to_datetime(made[name], utc=True) for name in ("opened_at", "news_at", "closed_at")}
    return made.assign(**times)
