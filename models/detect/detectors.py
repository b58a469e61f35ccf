"""The detectors by name; a detector's libraries are imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from configs.section import Section
from models.detect.base import Detector
from models.errors import ModelError


class UnknownDetectorError(ModelError):
    """A detector was asked for by a name that none has."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no detector is named {name!r}: choose one of {', '.join(DETECTORS)}")


class _Detectors(Mapping[str, type[Detector]]):
    """Name -> class, importing the class's module on first use."""

    def __init__(self, places: Mapping[str, tuple[str, str]]) -> None:
        self._places = places

    def __getitem__(self, name: str) -> type[Detector]:
        if name not in self._places:
            raise UnknownDetectorError(name)
        module, attribute = self._places[name]
        found: type[Detector] = getattr(import_module(module), attribute)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


DETECTORS: Mapping[str, type[Detector]] = _Detectors(
    {
        "robust-step": ("models.detect.robust_step", "RobustStep"),
        "isolation-forest": ("models.detect.isolation_forest", "IsolationForestDetector"),
        "forecaster": ("models.detect.forecaster", "Forecaster"),
        "boosted": ("models.detect.boosted", "Boosted"),
        "temporal-conv": ("models.detect.temporal_conv", "TemporalConv"),
        "ensemble": ("models.detect.ensemble", "Ensemble"),
        "pretrained": ("models.detect.pretrained", "Pretrained"),
    }
)


def create(name: str, config: Section | None = None) -> Detector:
    """A new detector.

    Parameters
    ----------
    name : str
        A key of ``DETECTORS``.
    config : Section, optional
        The detector's own configuration section; its defaults when not given.

    Raises
    ------
    UnknownDetectorError
    """
    detector = DETECTORS[name]
    return detector() if config is None else detector(config)  # type: ignore[call-arg]
