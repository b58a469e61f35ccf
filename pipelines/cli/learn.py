"""``burnwatch train`` and ``burnwatch score``."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from pipelines.cli.label_source import Columns, Labels, LogEnd, LogStart, Partial, label_source
from pipelines.cli.numbers import not_blank
from pipelines.cli.session import Session
from pipelines.cli.times import utc_time
from pipelines.terminal import note, print_table, progress


class DetectorChoice(StrEnum):
    """Detectors that can be trained."""

    PRETRAINED = "pretrained"
    ROBUST_STEP = "robust-step"
    ISOLATION_FOREST = "isolation-forest"
    FORECASTER = "forecaster"
    BOOSTED = "boosted"
    TEMPORAL_CONV = "temporal-conv"
    ENSEMBLE = "ensemble"


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("train")(train)
    app.command("score")(score)


def train(
    context: typer.Context,
    detector: Annotated[
        DetectorChoice | None, typer.Option(help="Which detector; the configuration's by default.")
    ] = None,
    labels: Labels = None,
    verdicts: Annotated[
        bool | None,
        typer.Option(
            "--verdicts/--no-verdicts",
            help="Take the analysts' verdicts and the labels of other teams: `boosted` and `ensemble` learn from them, all "
            "are measured against them. As the configuration says by default: yes.",
        ),
    ] = None,
    label_columns: Columns = None,
    partial: Partial = None,
    log_start: LogStart = None,
    log_end: LogEnd = None,
) -> None:
    """Register a detector with its threshold, tracked in MLflow as challenger: the one that burnwatch ships, or one fitted to the store.

    `pretrained`, the default, was taught before and needs no logs of your own. The others are fitted here. The threshold comes from
    quiet data or, with burn logs, from satellites left out, and is raised where objects that cannot maneuver would raise alarms.
    The first model of a home becomes champion at once. Training again on the same data, configuration and code
    finds the model that is already there. All detectors are measured against the labels; `boosted`, `temporal-conv` and
    `ensemble` also learn from them, the others never do.
    """
    from pipelines.train import train as run

    source = label_source(labels, label_columns, partial, log_start, log_end) if labels else None
    session: Session = context.obj
    with progress("training", None) as advance:
        summary = run(
            session.home,
            session.config,
            detector=detector.value if detector else None,
            labels=source,
            verdicts=verdicts,
            engine=session.engine,
            advance=advance,
        )
    for line in summary.lines():
        note(line)
    if summary.metrics:
        print_table([("metric", "whole"), ("value", "right")], [(k, f"{v:.4g}") for k, v in summary.metrics.items()])


def score(
    context: typer.Context,
    as_of: Annotated[
        datetime | None, typer.Option(parser=utc_time, help="See only what was available at this UTC time.")
    ] = None,
    model: Annotated[
        str, typer.Option(callback=not_blank, help="Alias or version of the registered model.")
    ] = "champion",
) -> None:
    """Score the objects that have new element sets, and put what is found among the flags."""
    from pipelines.score import score as run

    session: Session = context.obj
    with progress("scoring", None) as advance:
        summary = run(session.home, session.config, as_of=as_of, model=model, engine=session.engine, advance=advance)
    for line in summary.lines():
        note(line)
