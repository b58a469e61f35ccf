"""A period walked through time step by time step: what one worker finds in one shard of objects, as of each time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from catalog.asset_store import AssetStore
from catalog.atomic import replace_parquet
from catalog.known import KnownSets
from catalog.store import ElementStore
from catalog.weather import WeatherTable
from configs.schema import BurnwatchConfig
from pipelines.detection import Detected, bundle_at, look
from pipelines.home import Home
from pipelines.watermark import Watermark


@dataclass(frozen=True)
class WalkShard:
    """Some objects to be looked at again and again as time goes by.

    Parameters
    ----------
    home : Path
    config : BurnwatchConfig
    bundle : Path
        Detector and calibration, as ``models.bundle`` writes them.
    ids : tuple of int
    times : tuple of Timestamp
        Ascending; at each only what was available then is seen.
    result : Path
        Where what was found goes (see `read_walk`).
    """

    home: Path
    config: BurnwatchConfig
    bundle: Path
    ids: tuple[int, ...]
    times: tuple[pd.Timestamp, ...]
    result: Path

    @property
    def spans(self) -> Path:
        """Where the spans go that were looked at."""
        return self.result.with_suffix(".spans.parquet")

    @property
    def done(self) -> bool:
        """Whether the result is there; a file is whole or not there at all."""
        return self.result.is_file() and self.spans.is_file()


def walk_shard(shard: WalkShard) -> int:
    """Look for burns in the objects of a shard as of each time, and write what was found.

    At each time this is what a scoring run does then that was also run at all times before: only objects with new
    sets are looked at, and of those only what is new.
    """
    home = Home(shard.home)
    store = ElementStore(home.elements, shard.config.store)
    issues = store.history(shard.ids, every_issue=True)
    weather, closely = WeatherTable(home.path).load(), AssetStore(home.path).load().sensitivities()
    bundle = bundle_at(shard.bundle)
    watermark = Watermark.none("")
    found: list[Detected] = []
    for time in shard.times:
        known = KnownSets(store, time, issues)
        behind = watermark.behind(known.coverage)
        if len(behind):
            detected = look(known, behind, bundle, weather, shard.config, closely)
            found.append(Detected(detected.events.assign(at=time), detected.spans.assign(at=time)))
            watermark = watermark.moved(behind)
    replace_parquet(shard.spans, _joined([part.spans for part in found]))
    replace_parquet(shard.result, _joined([part.events for part in found]))
    return len(shard.ids)


def read_walk(shards: list[WalkShard]) -> dict[pd.Timestamp, Detected]:
    """What was found in all shards, by time; a time at which no object had new sets is left out."""
    events = _joined([pd.read_parquet(shard.result) for shard in shards])
    spans = _joined([pd.read_parquet(shard.spans) for shard in shards])
    walked = {}
    for time in spans["at"].drop_duplicates().sort_values() if len(spans) else ():
        now, looked = events[events["at"] == time].drop(columns="at"), spans[spans["at"] == time].drop(columns="at")
        walked[time] = Detected(
            now.sort_values(["norad_id", "epoch_after"], ignore_index=True),
            looked.sort_values("norad_id", ignore_index=True),
        )
    return walked


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)] or [frame for frame in frames if len(frame.columns)][:1]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()
