"""Labels in and out of a home: what other teams said of burn windows, and what was said here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from catalog import quarantine
from pipelines.errors import PipelineError
from pipelines.flags import open_flags
from review.label_files import Form, LabelFileError, read_labels, rendered
from review.labels import LabelStore

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home


@dataclass(frozen=True)
class LabelSummary:
    """What an import did."""

    read: int
    added: int
    refused: int
    kept: int = 0  # of those, with their reasons
    errors: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether nothing could be used."""
        return bool(self.errors or self.refused) and not self.read

    def lines(self) -> list[str]:
        """The summary for a person."""
        said = [f"{self.read} labels read: {self.added} new, {self.read - self.added} known"]
        if self.refused:
            which = "" if self.kept == self.refused else f" of the first {self.kept}"
            said.append(f"{self.refused} refused; file, line and reason{which} are in the quarantine of the home")
        return [*said, *self.errors]


def import_labels(
    home: Home, config: BurnwatchConfig, paths: Sequence[Path], *, team: str = "", by: str
) -> LabelSummary:
    """Take labels of other teams from files; the same again, and what was said here, changes nothing.

    A file that cannot be read is told and the others are taken; of a file that can, each label by itself.

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
    paths : sequence of Path
        CSV or JSON, as `review.label_files.rendered` writes them.
    team : str
        Whose labels they are, where a file does not say.
    by : str
        Who imports them.
    """
    frames, refused, errors, refused_count = [], [], [], 0
    for path in paths:
        try:
            found = read_labels(path.read_bytes(), name=path.name, team=team)
        except LabelFileError as error:
            errors.append(str(error))
        except OSError as error:
            errors.append(f"{path}: {error.strerror}")
        else:
            frames.append(found.labels)
            refused.append(found.refused)
            refused_count += found.refused_count
    for frame in refused:
        quarantine.append(home.path, frame)
    read, added = sum(map(len, frames)), 0
    if read:
        labels = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
        others = labels[labels["team"] != config.review.team]
        with open_flags(home, config) as flags:
            added = LabelStore(flags.database).take(others, by=by).added
    return LabelSummary(read, added, refused_count, sum(map(len, refused)), tuple(errors))


def export_labels(home: Home, config: BurnwatchConfig, form: Form, *, team: str = "", others: bool = False) -> str:
    """The verdicts given in this home as a file for other teams.

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
    form : 'csv' or 'json'
    team : str
        Under which name they go out; that of the configuration by default.
    others : bool
        With the labels that came from other teams, under their names.

    Raises
    ------
    PipelineError
        Where nobody says which team this is.
    """
    name = team or config.review.team
    if not name:
        raise PipelineError("say whose labels these are: --team NAME, or `review.team` in the configuration")
    with open_flags(home, config) as flags:
        store = LabelStore(flags.database)
        return rendered(store.labels() if others else store.own(), form, team=name)
