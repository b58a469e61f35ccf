"""A model's files as MLflow reads them: its pyfunc flavor, with this installed package as the loader."""

from __future__ import annotations

import warnings
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from models.bundle import Bundle, read_bundle, write_bundle
from models.detect.base import Detector
from models.detect.calibration import Calibration

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

BUNDLE = "bundle"
LOADER = "models.registry"  # what the files name; it has ``_load_pyfunc``
_LIBRARIES = ("numpy", "pandas", "pydantic", "safetensors", "scikit-learn", "scipy", "skops", "torch")


class ScoringModel:
    """What ``mlflow.pyfunc`` calls: feature rows in, score, threshold and probability out."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def predict(self, model_input: pd.DataFrame, params: dict[str, object] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """Score feature rows (N gaps), sorted by (norad_id, epoch); epochs in UTC, without a zone as MLflow has it."""
        detector, calibration = self._bundle
        features = model_input.assign(epoch=pd.to_datetime(model_input["epoch"], utc=True))
        scores = detector.score(features)
        return pd.DataFrame(
            {
                "score": scores,
                "threshold": calibration.thresholds(model_input["regime"]),
                "probability": calibration.probability(scores, model_input["regime"]),
            },
            index=model_input.index,
        )


def load_pyfunc(path: str) -> ScoringModel:
    """The hook that MLflow's pyfunc flavor looks for in its loader module."""
    return ScoringModel(read_bundle(Path(path)))


def write_model(scratch: Path, detector: Detector, calibration: Calibration) -> str:
    """Write ``scratch``/model as MLflow reads it; returns the SHA-256 of the bundle's manifest."""
    import mlflow.pyfunc

    manifest_sha256 = write_bundle(scratch / BUNDLE, detector, calibration)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*input example was not provided")  # the signature is given
        mlflow.pyfunc.save_model(
            scratch / "model",
            loader_module=LOADER,
            data_path=str(scratch / BUNDLE),
            signature=_signature(detector),
            pip_requirements=[f"{name}=={installed_version(name)}" for name in _LIBRARIES],
        )
    return manifest_sha256


def _signature(detector: Detector) -> ModelSignature:
    """Inputs and outputs; features are float64, since integers cannot hold NaN."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    kinds = {"norad_id": "long", "epoch": "datetime", "regime": "string"}
    inputs = [ColSpec(kinds.get(name, "double"), name) for name in dict.fromkeys((*kinds, *detector.inputs))]
    outputs = [ColSpec("double", name) for name in ("score", "threshold", "probability")]
    return ModelSignature(Schema([*inputs]), Schema([*outputs]))
