"""History to events with time and Δv: what one worker does with one shard of objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from catalog.asset_store import AssetStore
from catalog.known import KnownSets
from catalog.numbers import by_identity, number_of
from catalog.store import ElementStore
from catalog.weather import WeatherTable
from configs.learning import Sensitivity
from configs.operation import ScoreConfig
from configs.schema import BurnwatchConfig
from features.bank import compute_features
from models.assess.quality import add_quality
from models.bundle import Bundle, read_bundle
from models.burns import tell_burns


@dataclass(frozen=True)
class DetectionShard:
    """Some objects to look for burns in.

    Parameters
    ----------
    home : Path
    elements : Path
        The store that is read.
    config : BurnwatchConfig
    bundle : Path
        Detector and calibration, as ``models.bundle`` writes them.
    objects : DataFrame
        As from ``Watermark.behind``.
    as_of : Timestamp or None
        Only what was available then is seen.
    """

    home: Path
    elements: Path
    config: BurnwatchConfig
    bundle: Path
    objects: pd.DataFrame
    as_of: pd.Timestamp | None


@dataclass(frozen=True)
class Detected:
    """Events of some objects, and the span of each in which they replace what was found before.

    Parameters
    ----------
    events : DataFrame
        One row an event, with burn fit and kind.
    spans : DataFrame
        ``norad_id``, ``span_start``, ``span_end``, ``gaps`` and ``backlog``, true of an object that was never scored.
    """

    events: pd.DataFrame
    spans: pd.DataFrame


def detect_shard(shard: DetectionShard) -> Detected:
    """Features, scores, events, burn fits of the objects of one shard."""
    known = KnownSets(ElementStore(shard.elements, shard.config.store), shard.as_of)
    weather, closely = WeatherTable(shard.home).load(), AssetStore(shard.home).load().sensitivities()
    return look(known, shard.objects, bundle_at(shard.bundle), weather, shard.config, closely)


def look(
    known: KnownSets,
    objects: pd.DataFrame,
    bundle: Bundle,
    weather: pd.DataFrame,
    config: BurnwatchConfig,
    closely: Mapping[int, Sensitivity] = MappingProxyType({}),
) -> Detected:
    """Look for burns in what is new of some objects.

    Parameters
    ----------
    known : KnownSets
    objects : DataFrame
        As from ``Watermark.behind``.
    bundle : Bundle
    weather : DataFrame
        ``catalog.weather.WEATHER_DTYPES``.
    config : BurnwatchConfig
    closely : mapping of int to str
        How closely objects are watched whose lists say so.
    """
    history, spans = _read(known, objects, config.score)
    # Another object under a number has a history of its own.
    history = by_identity(history)
    features = compute_features(history, config=config.features, weather=weather)
    gaps = features.groupby(number_of(features["norad_id"].to_numpy())).size()
    spans["gaps"] = gaps.reindex(spans["norad_id"], fill_value=0).to_numpy()
    told, since = tell_burns(features, history, bundle, config, spans.set_index("norad_id")["span_start"], closely)
    spans["span_start"] = since.array
    told = add_quality(told, features, history)
    # Of a number's first object; a later one is known since its own first set.
    first_epochs = objects.set_index("norad_id")["first_epoch"]
    watched_days = (told["epoch_after"] - told["norad_id"].map(first_epochs)).dt.total_seconds() / 86_400
    told["observed_days"] = watched_days.where(told["observed_days"].notna()).fillna(told["observed_days"])
    return Detected(told.assign(norad_id=number_of(told["norad_id"].to_numpy(np.int64))), spans)


def _read(known: KnownSets, objects: pd.DataFrame, config: ScoreConfig) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Histories of some objects, cut to context where only new sets came, and the spans to judge."""
    context, revisit = pd.Timedelta(days=config.context_days), pd.Timedelta(days=config.revisit_days)
    parts: list[pd.DataFrame] = []
    starts: dict[int, pd.Timestamp] = {}
    whole = objects.loc[objects["count_scored"] == 0, "norad_id"].tolist()
    scored = objects[objects["count_scored"] > 0]
    if len(scored):
        tails = known.history(scored["norad_id"], since=scored["last_epoch_scored"].min() - context)
        last = tails["norad_id"].map(scored.set_index("norad_id")["last_epoch_scored"])
        newer = (tails["epoch"] > last).groupby(tails["norad_id"]).sum().reindex(scored["norad_id"], fill_value=0)
        # Otherwise older sets came too, or re-issued ones: then the whole history is looked at again.
        grown = scored["count"].to_numpy() - newer.to_numpy() == scored["count_scored"].to_numpy()
        whole += scored.loc[~grown, "norad_id"].tolist()
        kept = scored[grown]
        parts.append(tails[tails["norad_id"].isin(kept["norad_id"]) & (tails["epoch"] >= last - context)])
        starts = dict(zip(kept["norad_id"].tolist(), kept["last_epoch_scored"] - revisit, strict=True))
    parts.append(known.history(whole))
    history = pd.concat(parts, ignore_index=True).sort_values(["norad_id", "epoch"], ignore_index=True)
    epochs = history.groupby("norad_id")["epoch"].agg(["min", "max"])
    spans = pd.DataFrame(
        {
            "norad_id": epochs.index,
            "span_start": [
                starts.get(norad_id, first)
                for norad_id, first in zip(epochs.index.tolist(), epochs["min"], strict=True)
            ],
            "span_end": epochs["max"].array,
        }
    )
    spans["backlog"] = spans["norad_id"].isin(objects.loc[objects["count_scored"] == 0, "norad_id"])
    return history, spans.astype({"span_start": "datetime64[us, UTC]", "span_end": "datetime64[us, UTC]"})


@lru_cache(maxsize=2)
def bundle_at(folder: Path) -> Bundle:
    """The model in a folder, read once a process."""
    return read_bundle(folder)
