"""The flag store of a home."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home
    from review.store import FlagStore


def open_flags(home: Home, config: BurnwatchConfig) -> FlagStore:
    """The flags of ``home``: its SQLite file, or the database that ``$BURNWATCH_REVIEW_URL`` names."""
    from review.store import FlagStore

    url = os.environ.get("BURNWATCH_REVIEW_URL")
    review = config.review.model_copy(update={"database_url": SecretStr(url)}) if url else config.review
    return FlagStore.at_home(home.path, review)
