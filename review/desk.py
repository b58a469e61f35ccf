"""What the analysts' desk works on: one home with its element sets, objects, lists and flags."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import pandas as pd

from catalog.asset_store import AssetStore
from catalog.atomic import stamp_of
from catalog.objects import ObjectCatalog
from catalog.store import ElementStore
from catalog.weather import WeatherTable
from configs.schema import BurnwatchConfig
from review.accounts import Accounts
from review.clock import check_clock
from review.database import Database
from review.store import FlagStore

Value = TypeVar("Value")


@dataclass(frozen=True)
class Desk:
    """One home and its flags, for any number of threads.

    Parameters
    ----------
    home : Path
        ``$BURNWATCH_HOME``.
    config : BurnwatchConfig
    flags : FlagStore
    """

    home: Path
    config: BurnwatchConfig
    flags: FlagStore
    _kept: dict[str, tuple[Any, Any]] = field(default_factory=dict, repr=False)
    _lock: RLock = field(default_factory=RLock, repr=False)  # what is kept may be made of what is kept

    @property
    def database(self) -> Database:
        """The database of the flags, which holds accounts and all else of the desk too."""
        return self.flags.database

    @cached_property
    def accounts(self) -> Accounts:
        """Who may do what."""
        return Accounts(self.database, self.config.desk)

    @cached_property
    def elements(self) -> ElementStore:
        """The store of element sets."""
        return ElementStore(self.home / "elements", self.config.store)

    @cached_property
    def assets(self) -> AssetStore:
        """Protected assets and watch-lists."""
        return AssetStore(self.home)

    def now(self) -> datetime:
        """The time, by which verdicts are dated [UTC].

        Raises
        ------
        ClockError
            Where this machine's clock cannot be right.
        """
        now = datetime.now(UTC)
        hourly = int(now.timestamp()) // 3600, stamp_of(self.home / "state" / "clock.json")
        self.kept("clock", hourly, lambda: check_clock(self.home, pd.Timestamp(now), self.config.store))
        return now

    def objects(self) -> pd.DataFrame:
        """All objects (``catalog.objects.OBJECT_DTYPES``); do not change the frame."""
        return self.kept("objects", stamp_of(self.home / "objects.parquet"), ObjectCatalog(self.home).load)

    def names(self, ids: Iterable[int]) -> dict[int, str]:
        """What objects are called, as far as the catalog or the lists know it."""
        catalog = self.kept("names", stamp_of(self.home / "objects.parquet"), self._catalog_names)
        lists = self.kept("lists", stamp_of(self.home / "assets.json"), lambda: self.assets.load().names())
        known = ((one, lists.get(one) or catalog.get(one)) for one in ids)
        return {one: name for one, name in known if name}

    def weather(self) -> pd.DataFrame:
        """Space weather by day; do not change the frame."""
        return self.kept("weather", stamp_of(self.home / "weather.parquet"), WeatherTable(self.home).load)

    def kept(self, name: str, stamp: object, make: Callable[[], Value]) -> Value:
        """What ``make`` gives, kept under ``name`` until ``stamp``, which stands for what it is made from, is another."""
        held = self._kept.get(name)
        if held is None or held[0] != stamp:
            with self._lock:
                held = self._kept.get(name)
                if held is None or held[0] != stamp:
                    held = self._kept[name] = (stamp, make())
        value: Value = held[1]
        return value

    def _catalog_names(self) -> dict[int, str]:
        objects = self.objects()
        return dict(zip(objects["norad_id"].tolist(), objects["name"].tolist(), strict=True))
