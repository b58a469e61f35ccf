"""The model that ships with burnwatch: who has no burn logs has the best detector all the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import ClassVar, Self

import pandas as pd

from configs.networks import PretrainedConfig
from models.bundle import seal, verify
from models.detect.calibration import OperatingPoint
from models.detect.ensemble import Ensemble

_DETECTOR, _POINTS, _TAUGHT, _CONFIG = "detector", "operating_points.json", "taught.json", "pretrained.json"


class Pretrained(Ensemble):
    """An `ensemble` that was taught before it got here (`models/pretrained/CARD.md`): nothing is learned at home.

    Parameters
    ----------
    config : PretrainedConfig, optional
    weights : Path, optional
        Folder that `write_pretrained` or `save` wrote; the configured one by default.
    """

    name: ClassVar[str] = "pretrained"
    needs_fit: ClassVar[bool] = False
    learns_from_labels: ClassVar[bool] = False
    learns_from_verdicts: ClassVar[bool] = False

    def __init__(self, config: PretrainedConfig | None = None, *, weights: Path | None = None) -> None:
        self.pretrained = config or PretrainedConfig()
        folder = weights or self.pretrained.weights or shipped()
        if weights is None:
            verify(folder)
        taught = Ensemble.load(folder / _DETECTOR)
        super().__init__(taught.ensemble)
        self._trees, self.convolution, self.fitted = taught._trees, taught.convolution, True
        self._taught_by = frozenset(json.loads((folder / _TAUGHT).read_text()))
        points = json.loads((folder / _POINTS).read_text())
        self._points = {regime: OperatingPoint.model_validate(point) for regime, point in points.items()}
        self._weights = folder

    @property
    def settings(self) -> PretrainedConfig:  # type: ignore[override]  # noqa: D102 - as the base says
        return self.pretrained

    @property
    def taught_by(self) -> frozenset[int]:  # noqa: D102 - as the base says
        return self._taught_by

    @property
    def operating_points(self) -> Mapping[str, OperatingPoint]:  # noqa: D102 - as the base says
        return self._points

    def _fit(self, features: pd.DataFrame, maneuvers: pd.DataFrame | None) -> None:
        """Nothing is learned."""

    def save(self, folder: Path) -> None:
        """Write the weights and what was learned with them into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        if self._weights.is_dir():  # as they are: to write trees anew takes seconds
            for name in (_POINTS, _TAUGHT):
                shutil.copyfile(self._weights / name, folder / name)
            shutil.copytree(self._weights / _DETECTOR, folder / _DETECTOR)
        else:
            _write(folder, self, self._points, self._taught_by)
        (folder / _CONFIG).write_text(self.pretrained.model_dump_json())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        return cls(PretrainedConfig.model_validate_json((folder / _CONFIG).read_bytes()), weights=folder)


def shipped() -> Path:
    """The folder of the weights in the installed package."""
    return Path(str(files("models"))) / "pretrained" / "weights"


def write_pretrained(
    folder: Path, detector: Ensemble, points: Mapping[str, OperatingPoint], taught_by: frozenset[int]
) -> str:
    """Write what `Pretrained` reads into a new ``folder``; returns the SHA-256 of its manifest.

    Parameters
    ----------
    folder : Path
    detector : Ensemble
        Fitted.
    points : mapping of regime to OperatingPoint
    taught_by : set of int
        Catalog numbers of the objects that it learned from.
    """
    folder.mkdir(parents=True)
    _write(folder, detector, points, taught_by)
    return seal(folder)


def _write(folder: Path, detector: Ensemble, points: Mapping[str, OperatingPoint], taught_by: frozenset[int]) -> None:
    Ensemble.save(detector, folder / _DETECTOR)
    said = {regime: point.model_dump(mode="json") for regime, point in sorted(points.items())}
    (folder / _POINTS).write_text(json.dumps(said, indent=1))
    (folder / _TAUGHT).write_text(json.dumps(sorted(taught_by)))
