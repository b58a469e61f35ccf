"""``burnwatch ingest``: pull element sets, objects and space weather."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pipelines.cli.numbers import MOST_NORAD_ID, catalog_numbers, not_blank
from pipelines.cli.session import Session
from pipelines.cli.times import utc_time
from pipelines.terminal import note, progress

if TYPE_CHECKING:
    from pipelines.ingest import IngestSummary

ingest = typer.Typer(no_args_is_help=True, help="Pull element sets, objects and space weather into the home.")


LiftHold = Annotated[
    bool,
    typer.Option("--lift-hold", help="Ask although a refusal made the source be left alone: once its cause is mended."),
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.add_typer(ingest, name="ingest")


@ingest.command("files")
def files(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Files or folders: TLE, 3LE, OMM (json csv xml kvn), .gz, .zip, .tar.")
    ],
    source: Annotated[
        Literal["auto", "gp", "supgp"],
        typer.Option(help="supgp: operators' fits, kept apart from GP; auto: as each set says of itself."),
    ] = "auto",
) -> None:
    """Read element sets from files and folders; what cannot be read is quarantined with file, line and reason."""
    from pipelines.ingest import ingest_files

    session: Session = context.obj
    with progress("reading", None) as advance:
        supplemental = None if source == "auto" else source == "supgp"
        summary = ingest_files(session.home, session.config, paths, supplemental=supplemental, advance=advance)
    _report(summary)


@ingest.command("celestrak")
def celestrak(
    context: typer.Context,
    group: Annotated[
        list[str] | None,
        typer.Option(callback=not_blank, help="Group, such as active, geo or stations; repeatable."),
    ] = None,
    norad_id: Annotated[
        list[int] | None, typer.Option("--id", min=1, max=MOST_NORAD_ID, help="Catalog number; repeatable.")
    ] = None,
    name: Annotated[list[str] | None, typer.Option(callback=not_blank, help="Part of a name; repeatable.")] = None,
    supplemental: Annotated[
        bool, typer.Option("--supplemental", help="Operators' fits (SupGP); kept apart from GP.")
    ] = False,
    lift_hold: LiftHold = False,
) -> None:
    """Pull the current element sets from CelesTrak, each query at most once in two hours.

    After any answer but 200, and after a connection that fails, nothing is asked of CelesTrak for some hours: its rule.
    """
    from pipelines.ingest import ingest_celestrak

    if not (group or norad_id or name):
        raise typer.BadParameter("say what to pull: --group, --id or --name")
    session: Session = context.obj
    with progress("CelesTrak", None) as advance:
        summary = ingest_celestrak(
            session.home,
            session.config,
            groups=group or (),
            norad_ids=norad_id or (),
            names=name or (),
            supplemental=supplemental,
            lift_hold=lift_hold,
            advance=advance,
        )
    _report(summary)


@ingest.command("spacetrack")
def spacetrack(
    context: typer.Context,
    ids: Annotated[str, typer.Option(help="Catalog numbers, separated by commas.")],
    since: Annotated[
        datetime | None,
        typer.Option(parser=utc_time, help="Epochs from this UTC date on; without it, current sets only."),
    ] = None,
    until: Annotated[datetime | None, typer.Option(parser=utc_time, help="Epochs up to this UTC date.")] = None,
    lift_hold: LiftHold = False,
) -> None:
    """Pull histories from Space-Track (login in SPACETRACK_USER and SPACETRACK_PASSWORD); goes on where it broke off."""
    from pipelines.ingest import ingest_spacetrack

    numbers = catalog_numbers(ids)
    session: Session = context.obj
    with progress("Space-Track", None) as advance:
        summary = ingest_spacetrack(
            session.home,
            session.config,
            numbers,
            since=since,
            until=until,
            lift_hold=lift_hold,
            advance=advance,
        )
    _report(summary)


@ingest.command("simulated")
def simulated(
    context: typer.Context,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the fleet; the same seed gives the same fleet.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=20, max=3000, help="Length of the histories, in days.")] = None,
) -> None:
    """Simulate a fleet with routine station-keepers and one inspector, truth beside it."""
    from pipelines.ingest import ingest_simulated

    session: Session = context.obj
    with progress("simulating", None) as advance:
        summary = ingest_simulated(session.home, session.config, seed=seed, days=days, advance=advance)
    _report(summary)


@ingest.command("objects")
def objects(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(help="SATCAT or gp of CelesTrak or Space-Track, GCAT, UCS (xlsx, txt, csv), or names."),
    ],
) -> None:
    """Read what is known of objects: names, owners, kind, launch, decay, status."""
    from pipelines.ingest import ingest_objects

    session: Session = context.obj
    _report(ingest_objects(session.home, session.config, paths))


@ingest.command("weather")
def weather(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="CelesTrak's space weather, SW-All.csv or SW-Last5Years.csv.")],
) -> None:
    """Read space weather, so that a storm is not taken for a burn."""
    from pipelines.ingest import ingest_weather

    session: Session = context.obj
    _report(ingest_weather(session.home, session.config, paths))


def _report(summary: IngestSummary) -> None:
    for line in summary.lines():
        note(line)
    if summary.failed:
        raise typer.Exit(1)
