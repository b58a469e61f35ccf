"""``burnwatch labels``: verdicts exchanged with other teams as files, and what known burns are worth."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.label_source import Columns, LogEnd, LogStart, Partial, label_source
from pipelines.cli.session import Session
from pipelines.cli.users import operator
from pipelines.terminal import note

labels = typer.Typer(
    no_args_is_help=True, help="Exchange verdicts with other teams, and check known burns; training uses all of them."
)


class LabelFormat(StrEnum):
    """How labels are written."""

    CSV = "csv"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.add_typer(labels, name="labels")


@labels.command("import")
def import_files(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(
            help="CSV or JSON, as `labels export` writes them, or known burns, as `train --labels` takes them."
        ),
    ],
    team: Annotated[str, typer.Option(help="Whose labels they are, where a file does not say.")] = "",
    label_columns: Columns = None,
) -> None:
    """Take labels of other teams and operators; what cannot be used is quarantined with file, line and reason."""
    from pipelines.labels import import_labels

    session: Session = context.obj
    columns = label_source(None, label_columns, None, None, None).columns
    summary = import_labels(session.home, session.config, files, team=team, columns=columns, by=operator())
    for line in summary.lines():
        note(line)
    if summary.failed:
        raise typer.Exit(1)


@labels.command("check")
def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Known burns, as `train --labels` takes them.")],
    sets: Annotated[
        list[Path] | None,
        typer.Option(help="Element sets: homes, folders and files; this home by default. May be repeated."),
    ] = None,
    label_columns: Columns = None,
    partial: Partial = None,
    log_start: LogStart = None,
    log_end: LogEnd = None,
) -> None:
    """Say what labels are worth before anything is fitted: by object, what can be evaluated of them and what is odd."""
    from models.benchmark.label_report import told_of
    from pipelines.labels import check_labels
    from pipelines.tables import print_labels

    session: Session = context.obj
    source = label_source(files, label_columns, partial, log_start, log_end)
    report = check_labels(session.home, session.config, source, sets=sets or ())
    print_labels(report)
    for line in told_of(report):
        note(line)


@labels.command("export")
def export(
    context: typer.Context,
    team: Annotated[str, typer.Option(help="Under which name they go out; that of the configuration by default.")] = "",
    output: Annotated[
        LabelFormat | None, typer.Option("--format", help="By the name of the file, else CSV, if not said.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; without it stdout.")] = None,
    others: Annotated[bool, typer.Option("--others", help="With the labels that came from other teams.")] = False,
) -> None:
    """Write the verdicts given here, one a line: the window, what was said of it, and when. Names of analysts stay here."""
    from catalog.atomic import replace_bytes
    from pipelines.labels import export_labels

    session: Session = context.obj
    named = out is not None and out.suffix.lower() == ".json"
    form = output or (LabelFormat.JSON if named else LabelFormat.CSV)
    content = export_labels(session.home, session.config, form.value, team=team, others=others)
    if out is None:
        sys.stdout.write(content)
    else:
        replace_bytes(out, content.encode())
        note(f"labels written to {out}")
