"""``burnwatch demo``, ``serve``, ``upkeep``, ``backup`` and ``doctor``: the whole at once, unattended, and its health."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.numbers import MOST_PORT
from pipelines.cli.session import Session
from pipelines.terminal import note, print_table, progress


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("demo")(demo)
    app.command("serve")(serve)
    app.command("upkeep")(upkeep)
    app.command("backup")(backup)
    app.command("doctor")(doctor)


def demo(
    context: typer.Context,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the simulated fleet.")] = None,
) -> None:
    """Simulate a fleet with an inspector, then ingest, train, score, and show what is found and how right it is.

    Everything goes into the folder demo of the home, apart from real data.
    """
    from pipelines.cli.findings import FindingOrder, findings
    from pipelines.demo import run_demo
    from pipelines.home import Home

    session: Session = context.obj
    context.obj = Session(session.home_path / "demo", session.config_path, session.engine_kind, session.dask_address)
    home = Home.at(context.obj.home_path)
    with progress("demo", None) as advance:
        summary = run_demo(home, context.obj.config, seed=seed, engine=context.obj.engine, advance=advance)
    for line in summary.lines():
        note(line)
    findings(context, order=FindingOrder.UNEXPECTED, limit=10)
    note(f"report on the first one: {summary.report}")
    note(f"look further: burnwatch --home {_shown(home.path)} flags --limit 10")
    note(f"settle them in a browser: burnwatch --home {_shown(home.path)} users add NAME --role admin, then … review")


def serve(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=1, max=MOST_PORT, help="Port of Prefect's server, where none is configured.")
    ] = 4200,
    mlflow_port: Annotated[int, typer.Option(min=0, max=MOST_PORT, help="Port of MLflow's page; 0 for none.")] = 5000,
) -> None:
    """Run the scheduled flows until interrupted, with their dashboards on the loopback address, behind a login.

    With PREFECT_API_URL set, that server is used; otherwise one is started in the home.
    """
    from pipelines.serve import serve as run

    session: Session = context.obj
    run(session.home, config_path=session.config_path, port=port, mlflow_port=mlflow_port)


def upkeep(context: typer.Context) -> None:
    """Merge the store's files, after every byte of it and of the databases was read; what is damaged is told with what to do."""
    from pipelines.upkeep import upkeep as run

    session: Session = context.obj
    fewer = run(session.home, session.config)
    note(f"the store and the databases are what was written; the store has {fewer:,} files fewer")


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where the copy goes, in the place of an earlier one.")],
) -> None:
    """Copy the database of flags, verdicts, accounts and notes to FILE, also while others work with it."""
    from pipelines.backup import back_up

    session: Session = context.obj
    back_up(session.home, session.config, file)
    note(f"flags, verdicts, accounts and notes are in {file}")


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
    trust_clock: Annotated[
        bool, typer.Option("--trust-clock", help="Say first that this machine's clock is right, where that is doubted.")
    ] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Read every byte of the store and the databases too.")] = False,
) -> None:
    """Say what is installed, reachable, configured and stale; exit code 1 where something is broken."""
    from pipelines.doctor import examine

    session: Session = context.obj
    if trust_clock:
        from catalog.sources.web import utc_now
        from review.clock import believe_clock

        believe_clock(session.home.path, utc_now())
    findings = examine(session.home_path, session.config_path, deep=deep)
    if as_json:
        sys.stdout.write(json.dumps([finding.as_dict() for finding in findings], indent=2) + "\n")
    else:
        rows = [(finding.state, finding.subject, finding.text) for finding in findings]
        print_table([("", "whole"), ("subject", "whole"), ("finding", "left")], rows)
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)


def _shown(path: Path) -> str:
    """``path`` as a person would type it from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
