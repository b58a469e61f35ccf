"""scikit-learn models out of skops files, which hold nothing but the types that we list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.errors import ModelError


def load_trusted(path: Path, trusted: Sequence[str], needed_by: str) -> Any:  # noqa: ANN401 - whatever was saved
    """The models in the skops file at ``path``.

    Parameters
    ----------
    path : Path
    trusted : sequence of str
        Names of the types that it may hold.
    needed_by : str
        Whose types these are, for the error.

    Raises
    ------
    ModelError
        When the file holds a type that is not in ``trusted``.
    """
    from skops.io import load
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        return load(path, trusted=list(trusted))
    except UntrustedTypesFoundException as error:
        raise ModelError(f"{path} holds types that {needed_by} not need: {error}") from error
