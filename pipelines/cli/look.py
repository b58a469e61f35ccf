"""``burnwatch flags``, ``show``, ``report`` and ``export``: what was found, for people and for machines.

``show``, ``report`` and ``export`` take a finding as well as a flag.
"""

from __future__ import annotations

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.numbers import MOST_NORAD_ID, MOST_ROWS, not_blank
from pipelines.cli.session import Session
from pipelines.cli.times import utc_time
from pipelines.terminal import note, print_table

if TYPE_CHECKING:
    from review.fleets import FleetLine

_ROWS_OF_A_TABLE = 20


class Order(StrEnum):
    """How flags are sorted."""

    UNEXPECTED = "unexpected"
    TIME = "time"


class ListFormat(StrEnum):
    """How findings are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class FlagFormat(StrEnum):
    """How flags are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    LABELS = "labels"


class ExportFormat(StrEnum):
    """How a flag is handed on."""

    JSON = "json"
    CSV = "csv"
    OCM = "ocm"
    OMM = "omm"
    OMM_JSON = "omm-json"
    SETS = "sets"
    HTML = "html"
    PDF = "pdf"
    ZIP = "zip"


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("flags")(flags)
    app.command("show")(show)
    app.command("report")(report)
    app.command("export")(export)


Limit = Annotated[
    int | None,
    typer.Option(
        min=1, max=MOST_ROWS, help="How many at most; without it 20 in a table, else all.", show_default=False
    ),
]


def at_most(limit: int | None, output: StrEnum) -> int | None:
    """How many rows to print: people see the first ones, programs get all, unless they say otherwise."""
    return _ROWS_OF_A_TABLE if limit is None and output == ListFormat.TABLE else limit


EitherId = Annotated[
    str,
    typer.Argument(
        metavar="ID", callback=not_blank, help="Id of a finding or of a flag, or its first digits.", show_default=False
    ),
]


def flags(
    context: typer.Context,
    since: Annotated[datetime | None, typer.Option(parser=utc_time, help="Burns from this UTC time on.")] = None,
    until: Annotated[datetime | None, typer.Option(parser=utc_time, help="Burns before this UTC time.")] = None,
    norad_id: Annotated[
        int | None, typer.Option("--id", min=1, max=MOST_NORAD_ID, help="Burns of this object only.")
    ] = None,
    order: Annotated[Order, typer.Option(help="Most unexpected first, or newest first.")] = Order.UNEXPECTED,
    listed: Annotated[
        bool, typer.Option("--listed", help="Only what the day's false discovery rate selected for the list.")
    ] = False,
    output: Annotated[
        FlagFormat, typer.Option("--format", help="For people, a spreadsheet, a program, or `labels import`.")
    ] = FlagFormat.TABLE,
    limit: Limit = None,
) -> None:
    """List the flagged maneuvers; in a table, what many of a fleet do on a day is one line."""
    from pipelines.flags import open_flags
    from review.export import flag_json, flags_csv, flags_json
    from review.fleets import FleetLine

    session: Session = context.obj
    store = context.with_resource(open_flags(session.home, session.config))
    limit = at_most(limit, output)
    if output is not FlagFormat.TABLE:
        records = store.flags(order.value, since, until, limit, norad_id, listed=listed)
        if output is FlagFormat.LABELS:
            from pipelines.labels import labels_of_flags

            sys.stdout.write(labels_of_flags(store, records, team=session.config.review.team))
        else:
            sys.stdout.write(flags_json(records) if output is FlagFormat.JSON else flags_csv(records))
    else:
        columns = [
            ("flag", "whole"),
            ("object", "left"),
            ("burn (UTC)", "whole"),
            ("Δv m/s", "right"),
            ("unexp.", "right"),
            ("kind", "whole"),
            ("why", "left"),
        ]
        if norad_id is None:
            lines, total = store.lines(order.value, since, until, limit, listed=listed)
        else:
            lines = [*store.flags(order.value, since, until, limit, norad_id, listed=listed)]
            total = store.count(since, until, norad_id, listed=listed)
        rows = [_fleet_row(one) if isinstance(one, FleetLine) else _row(flag_json(one)) for one in lines]
        print_table(columns, rows, below=("kind", "why"))
        if total > len(rows):
            note(f"{len(rows)} of {total} lines; --limit shows more, --format csv every flag")
        if not total:
            note("no flags; run `burnwatch score` first, widen the dates, or leave out what narrows them")


def show(context: typer.Context, which: EitherId) -> None:
    """Show one finding or flag: what happened, why it is unexpected, who is near, what comes next."""
    from pipelines.cli.findings import shown
    from pipelines.flags import open_flags
    from review.export import flag_json
    from review.records import FlagRecord

    session: Session = context.obj
    store = context.with_resource(open_flags(session.home, session.config))
    found = store.either(which)
    if isinstance(found, FlagRecord):
        rows = [(key, _text(value)) for key, value in flag_json(found).items()]
    else:
        rows = shown(found, store.findings.flags(found.finding_id))
    print_table([("field", "whole"), ("value", "left")], rows)


def report(
    context: typer.Context,
    which: EitherId,
    out: Annotated[Path, typer.Option(help="Where to write the page.")],
) -> None:
    """Write one self-contained page on a finding or a flag: timelines, reasons, neighbors, provenance.

    HTML, or for a flag PDF where the name ends in .pdf.
    """
    from pipelines.report import write_page

    session: Session = context.obj
    path = write_page(session.home, session.config, which, out)
    note(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB)")


def export(
    context: typer.Context,
    which: EitherId,
    form: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            help="For a program (json), a spreadsheet (csv), as CCSDS message of the maneuver (ocm), as the element sets "
            "that tell of it (omm, omm-json, sets), as report (html, pdf), or all of it with checksums (zip).",
        ),
    ] = ExportFormat.JSON,
    out: Annotated[Path | None, typer.Option(help="File to write; without it stdout.")] = None,
) -> None:
    """Hand one finding or flag on to another system. A finding has json, csv, ocm and html."""
    from catalog.atomic import replace_bytes
    from pipelines.handing import handed

    if form in (ExportFormat.PDF, ExportFormat.ZIP) and not out and sys.stdout.isatty():
        raise typer.BadParameter("it is no text: give --out FILE", param_hint=f"--format {form.value}")
    session: Session = context.obj
    content = handed(session.home, session.config, which, form.value)
    if out:
        replace_bytes(out, content)
        note(f"wrote {out} ({len(content):,} bytes)")
    else:
        sys.stdout.buffer.write(content)


def _fleet_row(line: FleetLine[Any]) -> tuple[str, ...]:
    values = [flag.unexpectedness for flag in line.flags if flag.unexpectedness is not None]
    largest = f"{max(values):.1f}" if values else "-"
    return "fleet", line.fleet, f"{line.day}", "-", largest, "", f"{line}: first seen on this day"


def _row(flag: dict[str, object]) -> tuple[str, ...]:
    burn_time = str(flag["burn_time"] or "")[:16].replace("T", " ")
    parts = [flag[name] for name in ("dv_r_m_s", "dv_t_m_s", "dv_n_m_s")]
    figures = [float(part) for part in parts if isinstance(part, (int, float))]
    dv = f"{sum(figure**2 for figure in figures) ** 0.5:.3f}" if len(figures) == 3 else "-"
    reasons = flag["reasons"]
    unexpectedness = flag["unexpectedness"]
    return (
        str(flag["flag_id"])[:8],
        str(flag["name"] or flag["norad_id"]),
        burn_time,
        dv,
        f"{unexpectedness:.1f}" if isinstance(unexpectedness, float) else "-",
        str(flag["kind"] or ""),
        str(reasons[0]) if isinstance(reasons, list) and reasons else "",
    )


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return "; ".join(
            ", ".join(f"{key} {_text(part)}" for key, part in item.items()) if isinstance(item, dict) else str(item)
            for item in value
        )
    return str(value)
