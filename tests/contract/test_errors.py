"""Every typed error comes out of another process with its message and attributes."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Iterator

import pytest

import catalog
import configs
import features
import models
import orbits
import pipelines
import review
from catalog.encoding import CorruptPartError

PACKAGES = (configs, orbits, catalog, features, models, review, pipelines)


def errors() -> Iterator[type[Exception]]:
    """Every class of errors that a module of ours defines; Alembic's migrations are no modules to import."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith("review.migrations."):
                for kind in vars(importlib.import_module(found.name)).values():
                    if inspect.isclass(kind) and issubclass(kind, Exception) and kind.__module__ == found.name:
                        yield kind


ERRORS = list(errors())


def test_there_are_many() -> None:
    assert CorruptPartError in ERRORS
    assert len(ERRORS) > 60


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_an_error_comes_whole_out_of_another_process(kind: type[Exception]) -> None:
    error = kind.__new__(kind, "what was told")
    error.__dict__.update(line=7, reason="why")
    again = pickle.loads(pickle.dumps(error))  # as the engine's workers do
    assert (type(again), again.args, vars(again)) == (kind, error.args, vars(error))
