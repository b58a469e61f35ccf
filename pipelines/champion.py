"""The champion as it could have been at an earlier time."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pandas as pd

from catalog.store import ElementStore
from models.bundle import verify, write_bundle
from models.detect.detectors import create
from models.registry import CHAMPION, LoadedModel, ModelRegistry
from pipelines.engine import Engine
from pipelines.errors import PipelineError
from pipelines.fitting import fit
from pipelines.terminal import Advance, silent

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home


@dataclass(frozen=True)
class Choice:
    """A model for a replay.

    Parameters
    ----------
    loaded : LoadedModel
    version : str
        Its version, and from when it was fitted anew where it was.
    fitted_at : Timestamp or None
        Only what was available then is learned from; None: the registered model as it is.
    note : str
        What was chosen and why, for a person.
    """

    loaded: LoadedModel
    version: str
    fitted_at: pd.Timestamp | None
    note: str

    @property
    def identity(self) -> list[str]:
        """What tells the model from every other."""
        fitted_at = "as registered" if self.fitted_at is None else self.fitted_at.isoformat()
        return [self.loaded.tags.get("manifest_sha256", self.loaded.uri), fitted_at]


def choose(home: Home, since: pd.Timestamp, model: str | None) -> Choice:
    """The model to replay with: the one asked for, or the champion as of ``since``.

    A champion that was trained on nothing later is used as it is. One that may have seen later sets is fitted anew, with
    the same settings, on what was available at ``since``; one that learns from logged burns cannot be.

    Raises
    ------
    models.errors.ModelError
        Where there is no such model, or it is damaged.
    """
    loaded = ModelRegistry(home.mlflow).resolve(model or CHAMPION)
    name = f"{loaded.detector.name}, model version {loaded.version}"
    until = loaded.tags.get("data_until")
    seen = pd.Timestamp(until) if until else None
    if seen is not None and seen <= since:
        return Choice(loaded, str(loaded.version), None, f"{name}: trained on nothing later than {seen:%Y-%m-%d %H:%M}")
    learned = (
        f"learned from sets up to {seen:%Y-%m-%d %H:%M}" if seen is not None else "may have learned from later sets"
    )
    if model is not None:
        return Choice(loaded, str(loaded.version), None, f"{name}, as asked for: it {learned}")
    if loaded.detector.learns_from_labels:
        why = "it learns from logged burns, of which the time they became known is not recorded"
        return Choice(loaded, str(loaded.version), None, f"{name}, as it is: it {learned}, and {why}")
    version = f"{loaded.version} as of {since:%Y-%m-%d}"
    return Choice(
        loaded, version, since, f"{name} {learned}: fitted anew on what was available at {since:%Y-%m-%d %H:%M}"
    )


def bundle_of(
    home: Home,
    config: BurnwatchConfig,
    choice: Choice,
    folder: Path,
    *,
    engine: Engine | None = None,
    advance: Advance = silent,
) -> Path:
    """The chosen model as a folder that workers read, fitted if need be; what is there already is kept.

    Raises
    ------
    PipelineError
        Where too little was available then to fit a model to.
    """
    if folder.is_dir():
        verify(folder)
        return folder
    detector, calibration = choice.loaded.detector, choice.loaded.calibration
    if choice.fitted_at is not None:
        ids = ElementStore(home.elements, config.store).object_ids()
        fresh = create(detector.name, detector.settings)
        try:
            fitted = fit(home, config, fresh, ids, as_of=choice.fitted_at, engine=engine, advance=advance)
        except PipelineError as error:
            raise PipelineError(
                f"no model can be fitted as of {choice.fitted_at:%Y-%m-%d}: {error}; begin later, or name one with --model"
            ) from error
        detector, calibration = fitted.detector, fitted.calibration
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.parent / f".{folder.name}.{uuid4().hex[:12]}.tmp"
    try:
        write_bundle(scratch, detector, calibration)
        scratch.replace(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder
