"""``burnwatch benchmark`` and ``burnwatch promote``: how good a detector is, and which one scores."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.label_source import Columns, Labels, LogEnd, LogStart, Partial, label_source
from pipelines.cli.learn import DetectorChoice
from pipelines.cli.numbers import MOST_ROWS, MOST_WORKERS
from pipelines.cli.session import Session
from pipelines.terminal import note, progress


class SplitChoice(StrEnum):
    """What is kept from the detector that is measured."""

    LOSO = "loso"
    TEMPORAL = "temporal"
    TRANSFER = "transfer"


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("benchmark")(benchmark)
    app.command("promote")(promote)


def benchmark(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Element sets: folders in the layout of Shorten et al. 2023, homes, other folders and files. This home by "
            "default.",
        ),
    ] = None,
    detector: Annotated[
        DetectorChoice | None, typer.Option(help="Which detector; the configuration's by default.")
    ] = None,
    causal: Annotated[
        int | None,
        typer.Option(
            metavar="K", min=0, max=MOST_ROWS, help="See only K element sets after a gap; all of them without it."
        ),
    ] = None,
    labels: Labels = None,
    label_columns: Columns = None,
    partial: Partial = None,
    log_start: LogStart = None,
    log_end: LogEnd = None,
    split: Annotated[
        SplitChoice,
        typer.Option(help="Leave one satellite out, judge a later time, or judge higher orbits by what LEO taught."),
    ] = SplitChoice.LOSO,
    share: Annotated[
        float, typer.Option(min=0.1, max=0.9, help="How much of each satellite's time teaches, judging a later time.")
    ] = 0.6,
    output: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write all figures to this file.")
    ] = None,
    controls: Annotated[
        Path | None,
        typer.Option(help="Element sets of objects that cannot maneuver: count the false alarms on them too."),
    ] = None,
    trials: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            max=MOST_ROWS,
            help="Let every fold choose hyper-parameters from N, the configured ones among them.",
        ),
    ] = 0,
    workers: Annotated[
        int | None, typer.Option(min=1, max=MOST_WORKERS, help="Processes; one a core by default.")
    ] = None,
    as_shipped: Annotated[
        bool,
        typer.Option("--as-shipped", help="Use the processed labels, which are late; only to compare with others."),
    ] = False,
) -> None:
    """Measure a detector against logged maneuvers, with nothing fitted on the satellite that is judged.

    What a home would flag comes first: the whole chain at the threshold that `train --labels` would choose without the
    judged satellite, and how many hours after each burn it was flagged. Prints tables, and logs figures and plots to MLflow. What was done is kept under the home: the same command again is
    quick, and a run that was killed goes on. Figures are the same whatever the number of workers.
    """
    from pipelines.benchmark import Options, log_report
    from pipelines.benchmark import benchmark as run
    from pipelines.engine import Engine
    from pipelines.tables import print_report

    session: Session = context.obj
    name = detector.value if detector else session.config.train.detector
    engine = Engine(session.engine_kind, workers or 0, session.dask_address)
    source = label_source(labels, label_columns, partial, log_start, log_end, as_shipped=as_shipped)
    options = Options(causal, split.value, source, controls, trials, share)
    with progress("benchmark", None) as advance:
        places = paths or [session.home.path]
        result = run(
            session.home, session.config, places, detector=name, options=options, engine=engine, advance=advance
        )
        advance(0, note="logging")
        run_id = log_report(session.home, result.report)
    report = result.report.json()
    print_report(report)
    if output:
        from catalog.atomic import replace_bytes

        replace_bytes(output, json.dumps(report, indent=2, ensure_ascii=False).encode())
    note(f"{result.jobs_done} jobs done, {result.jobs_known} found done; MLflow run {run_id}")


def promote(
    context: typer.Context,
    labels: Labels = None,
    sets: Annotated[
        list[Path] | None,
        typer.Option(
            help="Element sets of the labelled objects: homes, folders and files; beside the labels, else this home by default. "
            "May be repeated."
        ),
    ] = None,
    label_columns: Columns = None,
    partial: Partial = None,
    log_start: LogStart = None,
    log_end: LogEnd = None,
    controls: Annotated[Path | None, typer.Option(help="Element sets of objects that cannot maneuver.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=MOST_WORKERS, help="Processes; one a core by default.")
    ] = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Make the champion before champion again; repeating it changes nothing.")
    ] = False,
) -> None:
    """Let the challenger score if it is not worse than the champion; otherwise say why not, and exit with 1.

    Both are judged as they flag, at the thresholds they were registered with: on the labels (one that learns from logs is
    taught anew without the satellite it judges), on the controls, and on burns put into quiet arcs of these. The champion so far is kept as previous. One that cannot be read gives way unmeasured.
    """
    from pipelines.engine import Engine
    from pipelines.promote import promote as run
    from pipelines.promote import roll_back

    session: Session = context.obj
    if rollback:
        note(roll_back(session.home))
        return
    engine = Engine(session.engine_kind, workers or 0, session.dask_address)
    source = label_source(labels, label_columns, partial, log_start, log_end) if labels else None
    with progress("promote", None) as advance:
        decision = run(
            session.home,
            session.config,
            labels=source,
            controls=controls,
            sets=sets or (),
            engine=engine,
            advance=advance,
        )
    for line in decision.lines():
        note(line)
    if not decision.promoted and decision.challenger != decision.champion:
        raise typer.Exit(1)
