"""What the global options say, opened when a command needs it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.engine import Engine
    from pipelines.home import Home


@dataclass
class Session:
    """One invocation of the command line."""

    home_path: Path
    config_path: Path | None
    engine_kind: Literal["local", "dask"]
    dask_address: str | None

    @cached_property
    def home(self) -> Home:
        """The home, made if need be."""
        from pipelines.home import Home

        return Home.at(self.home_path)

    @cached_property
    def config(self) -> BurnwatchConfig:
        """The configuration, validated."""
        from configs.load import load_config

        return load_config(self.config_path)

    @cached_property
    def engine(self) -> Engine:
        """Where shards are worked on."""
        from pipelines.engine import Engine

        return Engine(self.engine_kind, self.config.score.workers, self.dask_address)
