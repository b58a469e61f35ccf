"""Options that say where labels are and what they are, alike for every command that takes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.numbers import catalog_numbers
from pipelines.cli.times import utc_time

if TYPE_CHECKING:
    from models.benchmark.labels import LabelSource

Labels = Annotated[
    list[Path] | None,
    typer.Option(
        "--labels",
        metavar="PATH",
        help="Known burns: a CSV, a log in the DORIS or Fengyun layout, or a folder of them, also in the layout of Shorten et "
        "al. 2023. May be repeated.",
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--label-column",
        metavar="FIELD=COLUMN",
        help="Which column of a CSV holds a field, where it has another name. May be repeated.",
    ),
]
Partial = Annotated[
    str | None,
    typer.Option(
        "--partial",
        metavar="IDS",
        help="Objects, by catalog number, whose burns are not all listed: of these only the recall is told, and they teach "
        "nothing.",
    ),
]
LogStart = Annotated[
    datetime | None,
    typer.Option(
        "--log-start",
        parser=utc_time,
        help="From when all burns are listed [UTC], where the labels do not say and none is earlier; 30 days before the "
        "first by default.",
    ),
]
LogEnd = Annotated[
    datetime | None,
    typer.Option(
        "--log-end",
        parser=utc_time,
        help="Until when all burns are listed [UTC], where the labels do not say and none is later; 30 days after the last "
        "by default.",
    ),
]


def label_source(
    paths: Sequence[Path] | None,
    columns: Sequence[str] | None,
    partial: str | None,
    log_start: datetime | None,
    log_end: datetime | None,
    *,
    as_shipped: bool = False,
) -> LabelSource:
    """What the options say.

    Raises
    ------
    typer.BadParameter
        Where a column is mapped to no known field, or a number is none.
    """
    from models.benchmark.label_table import FIELDS
    from models.benchmark.labels import LabelSource

    pairs = [each.partition("=")[::2] for each in columns or ()]
    for name, column in pairs:
        if name not in FIELDS or not column.strip():
            raise typer.BadParameter(f"--label-column wants FIELD=COLUMN, where FIELD is one of {', '.join(FIELDS)}")
    numbers = frozenset(catalog_numbers(partial, option="--partial")) if partial is not None else frozenset[int]()
    mapped = {name: column.strip() for name, column in pairs}
    return LabelSource(tuple(paths or ()), mapped, numbers, log_start, log_end, as_shipped)
