"""A trained detector and its calibration as a folder of JSON and weights, with a checksum of every file."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from models.detect.base import Detector
from models.detect.calibration import Calibration
from models.detect.detectors import DETECTORS
from models.errors import ModelError

# Raise it when a folder written before can no longer be read, or its scores no longer mean the same.
SCHEMA = 1

MANIFEST = "manifest.json"
_MODEL_SOURCES = ("configs", "orbits", "features", "models", "models/pretrained/weights/manifest.json")
_DETECTOR, _CALIBRATION, _ABOUT = "detector", "calibration.json", "about.json"


class UnreadableModelError(ModelError):
    """A model cannot be read; another may take its place."""


class CorruptModelError(UnreadableModelError):
    """The files of a model are not those that were written."""

    def __init__(self, folder: Path | str, problems: list[str]) -> None:
        self.folder = folder
        self.problems = problems
        super().__init__(
            f"model in {folder} is not as it was written ({'; '.join(problems)}): put its files back, or let another take "
            "its place: `burnwatch train`, then `burnwatch promote`"
        )


class IncompatibleModelError(UnreadableModelError):
    """A model was written by a version of burnwatch whose models this one cannot read."""

    def __init__(self, written: str, schema: int) -> None:
        self.written = written
        self.schema = schema
        super().__init__(
            f"the model was written by burnwatch {written} (model schema {schema}), this is burnwatch {code_version()} "
            f"(model schema {SCHEMA}): train it again with `burnwatch train`, then `burnwatch promote`; or install a matching version"
        )


class Bundle(NamedTuple):
    """What a model's folder holds."""

    detector: Detector
    calibration: Calibration


@cache
def code_version() -> str:
    """Version of the installed burnwatch and, behind a plus, a hash of the sources that make a model what it is."""
    return f"{version('burnwatch')}+{sources_hash(_MODEL_SOURCES)[:8]}"


@cache
def sources_hash(folders: tuple[str, ...], without: tuple[str, ...] = ()) -> str:
    """SHA-256 of the installed Python sources in some folders or files, less those at or below the paths ``without``."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for folder in folders:
        place = root / folder
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not any(name == other or name.startswith(f"{other}/") for other in without):
                digest.update(name.encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def write_bundle(folder: Path, detector: Detector, calibration: Calibration) -> str:
    """Write a new ``folder``; returns the SHA-256 of its manifest, which stands for all its files."""
    detector.save(folder / _DETECTOR)
    (folder / _CALIBRATION).write_text(calibration.model_dump_json(indent=2))
    about = {"detector": detector.name, "schema": SCHEMA, "code_version": code_version()}
    (folder / _ABOUT).write_text(json.dumps(about, indent=2))
    return seal(folder)


def seal(folder: Path) -> str:
    """Write the manifest of a folder, the checksum of every file in it; returns its own SHA-256."""
    manifest = json.dumps({name: _sha256(folder / name) for name in _files(folder)}, indent=2)
    (folder / MANIFEST).write_text(manifest)
    return _sha256(folder / MANIFEST)


def read_bundle(folder: Path, manifest_sha256: str | None = None) -> Bundle:
    """Load what ``write_bundle`` wrote, after every file's checksum was found right.

    Parameters
    ----------
    folder : Path
    manifest_sha256 : str, optional
        What the manifest itself must hash to, where that was kept elsewhere.

    Raises
    ------
    CorruptModelError, IncompatibleModelError
    """
    verify(folder, manifest_sha256)
    about: dict[str, Any] = json.loads((folder / _ABOUT).read_text())
    if about["schema"] != SCHEMA or _major(about["code_version"]) != _major(code_version()):
        raise IncompatibleModelError(about["code_version"], about["schema"])
    detector = DETECTORS[about["detector"]].load(folder / _DETECTOR)
    return Bundle(detector, Calibration.model_validate_json((folder / _CALIBRATION).read_text()))


def verify(folder: Path, manifest_sha256: str | None = None) -> None:
    """Check that ``folder`` holds exactly the files of its manifest, unchanged.

    Raises
    ------
    CorruptModelError
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise CorruptModelError(folder, [f"no {MANIFEST}"])
    if manifest_sha256 is not None and _sha256(manifest) != manifest_sha256:
        raise CorruptModelError(folder, [f"{MANIFEST} was changed"])
    try:
        expected: dict[str, str] = dict(json.loads(manifest.read_text()))
    except ValueError as error:
        raise CorruptModelError(folder, [f"{MANIFEST} is no JSON object"]) from error
    present = set(_files(folder))
    problems = [f"{name} is missing" for name in sorted(expected.keys() - present)]
    problems += [f"{name} does not belong" for name in sorted(present - expected.keys())]
    problems += [
        f"{name} was changed" for name in sorted(present & expected.keys()) if _sha256(folder / name) != expected[name]
    ]
    if problems:
        raise CorruptModelError(folder, problems)


def _files(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(name for path in paths if (name := path.relative_to(folder).as_posix()) != MANIFEST)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _major(version: str) -> str:
    return version.partition(".")[0]
