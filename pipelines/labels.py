"""Labels in and out of a home: what other teams said of burn windows, and what was said here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from catalog import quarantine
from catalog.records import ELEMENT_SET_DTYPES
from catalog.store import ElementStore
from models.benchmark.folder import read_sets
from models.benchmark.label_report import label_report
from models.benchmark.labels import LabelError, LabelSource, is_log
from models.benchmark.labels import read_labels as read_burns
from orbits.elements import regime
from pipelines.errors import PipelineError
from pipelines.flags import open_flags
from review.label_files import Form, LabelFileError, read_labels, rendered
from review.labels import LabelStore, label_frame

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home
    from review.records import FlagRecord
    from review.store import FlagStore


_WINDOW = ["norad_id", "epoch_before", "epoch_after"]
_MOMENT = pd.Timedelta(seconds=1)  # an instant lies in a window of some length


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
    home: Home,
    config: BurnwatchConfig,
    paths: Sequence[Path],
    *,
    team: str = "",
    columns: Mapping[str, str] | None = None,
    by: str,
) -> LabelSummary:
    """Take labels of other teams from files; the same again, and what was said here, changes nothing.

    A file that cannot be read is told and the others are taken; of a file that can, each label by itself.

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
    paths : sequence of Path
        CSV or JSON, as `review.label_files.rendered` writes them, and what `models.benchmark.labels.read_labels` takes: a
        logged burn is a verdict that it was announced or routine, where the log says so, else that it is confirmed.
    team : str
        Whose labels they are, where a file does not say.
    columns : mapping of str to str, optional
        As in `models.benchmark.labels.LabelSource`.
    by : str
        Who imports them.
    """
    frames, refused, errors, refused_count = [], [], [], 0
    for path in paths:
        try:
            if is_log(path, columns or {}):
                frames.append(_verdicts_on(path, columns or {}, team))
                continue
            found = read_labels(path.read_bytes(), name=path.name, team=team)
        except (LabelError, LabelFileError) as error:
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


def _verdicts_on(path: Path, columns: Mapping[str, str], team: str) -> pd.DataFrame:
    """Logged burns as what their operator says of the gaps that hold them, decided when they had ended."""
    burns = read_burns(LabelSource((path,), columns))
    burns["team"] = burns["source"].where(burns["source"] != "", team)
    unnamed = burns[burns["team"] == ""]
    if len(unnamed):
        raise LabelError(path, 0, "source", "says not whose labels these are: name the team with --team")
    end = burns[["burn_end", "window_end"]].max(axis=1) + _MOMENT
    said = burns.assign(
        epoch_before=burns[["burn_begin", "window_start"]].min(axis=1) - _MOMENT,
        epoch_after=end,
        decided_at=end,
        verdict=np.where(burns["announced"].fillna(value=False), "routine", "confirmed"),
        note="",
    )
    return label_frame({str(name): value for name, value in row.items()} for row in said.to_dict("records"))


def check_labels(
    home: Home, config: BurnwatchConfig, labels: LabelSource, *, sets: Sequence[Path] = ()
) -> pd.DataFrame:
    """What labels are worth with some element sets (`models.benchmark.label_report.label_report`).

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
    labels : LabelSource
    sets : sequence of Path
        Where the element sets are; this home by default.

    Raises
    ------
    models.benchmark.labels.LabelError
        If a log has a line that cannot be read.
    """
    burns = read_burns(labels)
    wanted = burns["norad_id"].unique().tolist()
    if sets:
        found = [pd.DataFrame(columns=list(ELEMENT_SET_DTYPES)), *read_sets(sets, wanted)[0].values()]
        known = pd.concat(found[1:] or found, ignore_index=True)
    else:
        known = ElementStore(home.elements, config.store).history(wanted)
    regimes = regime(known["mean_motion_rev_day"], known["eccentricity"])
    return label_report(burns, known.assign(regime=regimes))


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


def labels_of_flags(store: FlagStore, flags: Sequence[FlagRecord], *, team: str) -> str:
    """Flags as a file of labels, to be judged elsewhere and taken in again: of those not settled the verdict is 'open'.

    Parameters
    ----------
    store : FlagStore
    flags : sequence of FlagRecord
    team : str
        Whose they are; may be empty, for `import_labels` to be told.
    """
    wanted = pd.MultiIndex.from_tuples(
        [(flag.norad_id, flag.epoch_before, flag.epoch_after) for flag in flags], names=_WINDOW
    )
    labels = LabelStore(store.database)
    known = pd.concat([labels.own(), labels.waiting(sorted({flag.norad_id for flag in flags}))], ignore_index=True)
    chosen = pd.MultiIndex.from_frame(known[_WINDOW]).isin(wanted)
    return rendered(known[chosen].drop_duplicates(_WINDOW), "csv", team=team)
