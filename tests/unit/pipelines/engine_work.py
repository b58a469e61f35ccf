"""Work for the engine that takes long, in a process of its own."""

import os
import time
from pathlib import Path

from catalog.encoding import CorruptPartError
from pipelines.engine import Engine


def sit(folder: Path) -> None:
    """Say who is at work, and go on."""
    (folder / str(os.getpid())).touch()
    time.sleep(300)


def run(folder: str) -> None:
    """Two workers, until someone ends them."""
    dict(Engine(workers=2).map(sit, [Path(folder)] * 2))


def refuse(path: Path) -> None:
    """Find a part of the store damaged."""
    raise CorruptPartError(path, "cut")
