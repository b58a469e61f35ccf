"""Logged burns in one form, read from published layouts and from tables of one's own, in UTC."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from models.benchmark.burn_logs import read_log, read_shipped
from models.benchmark.label_fields import LabelError
from models.benchmark.label_table import is_burn_table, read_table
from models.errors import ModelError

__all__ = ["LABEL_DTYPES", "LabelError", "LabelSource", "label_frame", "merge_burns", "read_labels", "read_logs"]

_INSTANT: Final = "datetime64[us, UTC]"
LABEL_DTYPES: dict[str, str] = {
    "norad_id": "int64",
    "name": "str",
    "burn_begin": _INSTANT,
    "burn_end": _INSTANT,
    "burn_time": _INSTANT,
    "window_start": _INSTANT,
    "window_end": _INSTANT,
    "dv_r_m_s": "float64",
    "dv_t_m_s": "float64",
    "dv_n_m_s": "float64",
    "dv_m_s": "float64",
    "kind": "str",
    "source": "str",
    "announced": "boolean",
    "partial": "bool",
    "log_start": _INSTANT,
    "log_end": _INSTANT,
}
_LOG, _TABLE, _SHIPPED = "*man*.txt*", "*.csv", "manoeuvres_*.yaml"
_AXES = ["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]
# Labels alike in these are one burn, whoever lists it and by whatever name.
SAME_BURN = ["norad_id", "burn_begin", "burn_end", "burn_time", "window_start", "window_end", *_AXES, "dv_m_s"]


@dataclass(frozen=True, slots=True)
class LabelSource:
    """Where labels are, and what a user says of them that the files do not.

    Parameters
    ----------
    paths : tuple of Path
        Logs of the International DORIS Service or of Fengyun (``*man*.txt*``), tables (``*.csv``,
        `models.benchmark.label_table.FIELDS`), and folders of them; of a folder in the layout of Shorten et al. 2023
        (any subset of its satellites) also its ``raw_data/manoeuvres``.
    columns : mapping of str to str
        Field of a table -> name of the column that holds it.
    partial : frozenset of int
        Objects whose burns are not all listed.
    log_start, log_end : datetime or None
        From when to when all burns are listed [UTC], of objects whose listed burns all lie in it and whose files do not say.
    as_shipped : bool
        Read ``processed_files/manoeuvres_*.yaml`` of folders instead, which are 24 h (LEO) and 8 h (GEO) late:
        only to reproduce published figures. Warns.
    """

    paths: tuple[Path, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    partial: frozenset[int] = frozenset()
    log_start: datetime | None = None
    log_end: datetime | None = None
    as_shipped: bool = False

    @classmethod
    def of(cls, labels: LabelSource | Path | str) -> LabelSource:
        """It, or what lies at a path."""
        return labels if isinstance(labels, LabelSource) else cls((Path(labels),))


def read_labels(labels: LabelSource | Path | str) -> pd.DataFrame:
    """Every logged firing, one row each, sorted by object and time.

    Returns
    -------
    DataFrame
        Columns of ``LABEL_DTYPES``; Δv in radial, along-track, cross-track and its size [m/s], NaN where the log has none.
        ``burn_time`` is the middle of the firing, the begin where only that is logged, and the middle of the window where no
        more is known than ``window_start`` to ``window_end`` in which the burn lies, such as a day; otherwise these are
        equal to it. ``partial`` says that the object has burns that are not listed; ``log_start`` and ``log_end``, from
        when to when all are, NaT where nobody says.

    Raises
    ------
    LabelError
        If a log has a line that cannot be read.
    ModelError
        If there are no labels.
    """
    found, refused = read_logs(labels)
    if refused:
        raise refused[0]
    return found


def read_logs(labels: LabelSource | Path | str) -> tuple[pd.DataFrame, list[LabelError]]:
    """Every firing of the logs that can be read, and why the others cannot; a log is taken as a whole or not at all.

    Raises
    ------
    ModelError
        If there are no logs.
    """
    source = LabelSource.of(labels)
    if source.as_shipped:
        warnings.warn(
            "as-shipped labels are late by 24 h (LEO) and 8 h (GEO): figures from them are not comparable with any others",
            stacklevel=3,
        )
    logs = label_files(source)
    if not logs:
        raise ModelError(
            f"no maneuver logs in {', '.join(str(path) for path in source.paths)}: expected tables *.csv, logs *man*.txt, or "
            "the folder raw_data/manoeuvres of Shorten et al. 2023"
        )
    rows: list[dict[str, Any]] = []
    refused: list[LabelError] = []
    for log in logs:
        try:
            rows += _read(log, source.columns)
        except LabelError as error:
            refused.append(error)
        except OSError as error:
            refused.append(LabelError(log, 0, "file", error.strerror or str(error)))
    found = label_frame(rows)
    start, end = (None if told is None else pd.Timestamp(told) for told in (source.log_start, source.log_end))
    beyond = pd.Series(data=False, index=found.index)
    if start is not None:
        beyond |= found["window_end"] < start
    if end is not None:
        beyond |= found["window_start"] > end
    within = ~found["norad_id"].isin(found.loc[beyond, "norad_id"])
    for name, told in (("log_start", start), ("log_end", end)):
        if told is not None:
            found[name] = found[name].fillna(pd.Series(told, found.index).where(within)).astype(_INSTANT)
    return found.assign(partial=found["partial"] | found["norad_id"].isin(source.partial)), refused


def label_files(source: LabelSource) -> list[Path]:
    """The logs and tables at a source's paths, in order."""
    found = []
    for path in source.paths:
        places = [(path, _LOG), (path, _TABLE), (path / "raw_data" / "manoeuvres", _LOG)]
        if source.as_shipped:
            places = [(path / "processed_files", _SHIPPED)]
        inside = [file for folder, pattern in places for file in sorted(folder.glob(pattern)) if file.is_file()]
        found += inside if path.is_dir() else [path]
    return found


def is_log(path: Path, columns: Mapping[str, str]) -> bool:
    """Whether a path holds logged burns rather than verdicts: a folder, a log by its name, or a table that says when."""
    if path.is_dir() or path.match(_LOG) or path.match(_SHIPPED):
        return True
    return path.is_file() and is_burn_table(path, columns)


def whole_lists(labels: pd.DataFrame) -> pd.DataFrame:
    """The labels of objects whose burns are all listed: what is not listed there was no burn."""
    unlisted = labels.loc[labels["partial"], "norad_id"]
    return labels[~labels["norad_id"].isin(unlisted)].reset_index(drop=True)


def label_frame(rows: pd.DataFrame | Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Labels with all columns of ``LABEL_DTYPES``, sorted; what is not given is unknown, and a burn without window an instant.

    Parameters
    ----------
    rows : DataFrame or sequence of mappings
        ``norad_id`` and ``burn_time`` at least.
    """
    frame = pd.DataFrame(rows).reindex(columns=list(LABEL_DTYPES))
    for name in ("burn_begin", "burn_end", "window_start", "window_end"):
        frame[name] = frame[name].astype(_INSTANT).fillna(frame["burn_time"].astype(_INSTANT))
    size = np.sqrt((frame[_AXES].astype("float64") ** 2).sum(axis=1, skipna=False))
    frame["dv_m_s"] = frame["dv_m_s"].astype("float64").fillna(size)
    for name, unknown in (("name", ""), ("source", ""), ("kind", "unknown")):
        frame[name] = frame[name].astype("object").fillna(unknown)
    frame["partial"] = frame["partial"].astype("boolean").fillna(value=False)
    return frame.astype(LABEL_DTYPES).sort_values(["norad_id", "burn_time"], kind="stable", ignore_index=True)


def merge_burns(labels: pd.DataFrame, hours: float = 24.0) -> pd.DataFrame:
    """Burns of one object less than ``hours`` apart become one maneuver; one that is listed twice counts once.

    Parameters
    ----------
    labels : DataFrame
        As `label_frame` takes them.
    hours : float
        Between the end of one window and the start of the next [h].

    Returns
    -------
    DataFrame
        The columns of ``LABEL_DTYPES`` plus ``burns`` (their number). Δv components and sizes are summed. ``burn_time`` is the
        mean of the burns' times weighted by |Δv|, unweighted where one is not known, and so is the window where all are
        instants; otherwise it holds all of theirs.
    """
    labels = label_frame(labels).drop_duplicates(SAME_BURN)
    labels = labels.sort_values(["norad_id", "window_start", "burn_time"], kind="stable", ignore_index=True)
    before = labels.groupby("norad_id")["window_end"].cummax().groupby(labels["norad_id"]).shift()
    group = (~(labels["window_start"] - before < pd.Timedelta(hours=hours))).cumsum()
    size = labels["dv_m_s"]
    weight = size.where(size.groupby(group).transform(lambda dv: dv.notna().all() and dv.sum() > 0), 1.0)
    start = labels.groupby(group)["burn_time"].transform("first")
    lead_s = (labels["burn_time"] - start).dt.total_seconds()
    mean_s = (lead_s * weight).groupby(group).sum() / weight.groupby(group).sum()
    labels["instant"] = labels["window_start"] == labels["window_end"]
    groups = labels.groupby(group)
    merged = groups.agg(
        norad_id=("norad_id", "first"),
        name=("name", "first"),
        burn_begin=("burn_begin", "min"),
        burn_end=("burn_end", "max"),
        burn_time=("burn_time", "first"),
        window_start=("window_start", "min"),
        window_end=("window_end", "max"),
        kind=("kind", _common),
        source=("source", "first"),
        announced=("announced", "max"),
        partial=("partial", "max"),
        log_start=("log_start", "min"),
        log_end=("log_end", "max"),
        burns=("norad_id", "size"),
        instant=("instant", "all"),
    )
    merged["burn_time"] = (merged["burn_time"] + pd.to_timedelta(mean_s, unit="s")).dt.as_unit("us")
    for name in ("window_start", "window_end"):
        merged[name] = merged[name].where(~merged["instant"], merged["burn_time"])
    for name in _AXES:
        merged[name] = groups[name].sum(min_count=1)
    merged["dv_m_s"] = size.groupby(group).sum(min_count=1)
    return merged[[*LABEL_DTYPES, "burns"]].reset_index(drop=True)


def _common(kinds: pd.Series) -> str:
    return str(kinds.iloc[0]) if (kinds == kinds.iloc[0]).all() else "unknown"


def _read(log: Path, columns: Mapping[str, str]) -> list[dict[str, Any]]:
    if log.match(_LOG):
        return list(read_log(log))
    if log.match(_SHIPPED):
        return list(read_shipped(log))
    return list(read_table(log, columns))
