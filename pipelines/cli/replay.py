"""``burnwatch replay``: what would have been flagged, had it run then."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.numbers import MOST_ROWS, catalog_numbers, not_blank
from pipelines.cli.session import Session
from pipelines.cli.times import duration, utc_time
from pipelines.terminal import note, print_table, progress


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("replay")(replay)


def replay(
    context: typer.Context,
    since: Annotated[datetime, typer.Option("--from", parser=utc_time, help="First time of judgement (UTC).")],
    until: Annotated[datetime, typer.Option(parser=utc_time, help="Last time of judgement (UTC).")],
    step: Annotated[
        timedelta | None, typer.Option(parser=duration, help="Time between two judgements, as 12h; 1d by default.")
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", help="Write everything into this file: each day with its flags and findings."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            callback=not_blank,
            help="Alias or version of a registered model, used as it is. By default the champion as of then.",
        ),
    ] = None,
    ids: Annotated[
        str | None, typer.Option(help="Look at these catalog numbers only, separated by commas; others stay in sight.")
    ] = None,
    top: Annotated[int, typer.Option(min=0, max=MOST_ROWS, help="Flags of each day to print.")] = 1,
) -> None:
    """Walk through a past period day by day, each on what was available then, and say what would have been flagged.

    Every day is judged as `score` would have done it then: no element set that came later is seen, neither by the
    detector nor by the judgement. A champion that may have learned from later sets is fitted anew on those available at
    the beginning. The home's own flags stay as they are.

    Killed at any time, the same command goes on where it was and gives the same result. What it keeps lies in the folder
    replay of the home and may be deleted.

    Example: burnwatch replay --from 2026-02-01 --until 2026-05-31 --json replay.json
    """
    import pandas as pd

    from pipelines.replay import replay as run

    numbers = None if ids is None else catalog_numbers(ids)
    session: Session = context.obj
    with progress("walking", None) as advance:
        result = run(
            session.home,
            session.config,
            pd.Timestamp(since),
            pd.Timestamp(until),
            step=pd.Timedelta(step or timedelta(days=1)),
            model=model,
            ids=numbers,
            engine=session.engine,
            advance=advance,
        )
    if json_file is not None:
        result.write(json_file)
    columns = [
        ("day", "whole"),
        ("flags", "right"),
        ("rank", "right"),
        ("object", "left"),
        ("burn (UTC)", "whole"),
        ("unexp.", "right"),
        ("kind", "whole"),
        ("why", "left"),
    ]
    print_table(columns, [row for day in result.days for row in _rows(day, top)], below=("kind", "why"))
    for line in result.lines():
        note(line)
    if json_file is not None:
        note(f"wrote {json_file}")


def _rows(day: dict[str, Any], top: int) -> list[tuple[str, ...]]:
    """The first flags of a day, and after them what many of a fleet did, a line each."""
    together = {one for fleet in day["fleets"] for one in fleet["flag_ids"]}
    alone = [flag for flag in day["flags"] if flag["flag_id"] not in together]
    rows: list[tuple[str, ...]] = [
        (
            day["day"][:10],
            str(len(day["flags"])),
            str(flag["rank"]),
            flag["name"] or str(flag["norad_id"]),
            flag["burn_time"][:16].replace("T", " "),
            "-" if flag["unexpectedness"] is None else f"{flag['unexpectedness']:.1f}",
            flag["kind"],
            flag["reasons"][0] if flag["reasons"] else "",
        )
        for flag in alone[:top]
    ]
    if top:
        rows += [
            (day["day"][:10], str(len(day["flags"])), "-", fleet["fleet"], "-", "-", "", fleet["text"])
            for fleet in day["fleets"]
        ]
    return rows
