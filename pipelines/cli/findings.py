"""``burnwatch findings``: what objects are up to, for people and for machines."""

from __future__ import annotations

import sys
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.look import Limit, ListFormat, at_most
from pipelines.cli.numbers import MOST_NORAD_ID
from pipelines.cli.session import Session
from pipelines.cli.times import utc_time
from pipelines.terminal import note, print_table

if TYPE_CHECKING:
    from review.records import FindingRecord, FlagRecord

_NONE = "no findings; run `burnwatch score` first, widen the dates, or leave out what narrows them"
_NONE_YET = "no findings yet: of a past scored at once only the last weeks are told; `burnwatch replay` tells the rest"


class FindingOrder(StrEnum):
    """How findings are sorted."""

    NEWS = "news"
    UNEXPECTED = "unexpected"


class Kind(StrEnum):
    """What a finding is."""

    RELOCATION = "relocation"
    DRIFT_CHANGE = "drift change"
    EXCURSION = "excursion"
    DISPOSAL = "disposal"
    COMMISSIONING = "commissioning"
    LOITERING = "loitering"
    SERIAL_VISITING = "serial visiting"
    SYNCHRONISED_BURNS = "synchronised burns"
    SHADOWING = "shadowing"
    APPROACH = "approach"
    TOW = "tow"
    DEAD_OBJECT_MOVES = "dead object moves"
    STATION_KEEPING_CEASED = "station-keeping ceased"
    NEW_ROUTINE = "new routine"
    MANEUVER = "maneuver"


class FindingState(StrEnum):
    """Where a finding stands."""

    UNDER_WAY = "under way"
    STOPPED = "stopped"
    CLOSED = "closed"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("findings")(findings)


def findings(
    context: typer.Context,
    since: Annotated[datetime | None, typer.Option(parser=utc_time, help="With news from this UTC time on.")] = None,
    until: Annotated[datetime | None, typer.Option(parser=utc_time, help="With news before this UTC time.")] = None,
    norad_id: Annotated[int | None, typer.Option("--id", min=1, max=MOST_NORAD_ID, help="Of this object only.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Of this kind only.")] = None,
    state: Annotated[FindingState | None, typer.Option(help="In this state only.")] = None,
    order: Annotated[FindingOrder, typer.Option(help="Newest news first, or most unexpected.")] = FindingOrder.NEWS,
    output: Annotated[
        ListFormat, typer.Option("--format", help="For people, a spreadsheet or a program.")
    ] = ListFormat.TABLE,
    limit: Limit = None,
) -> None:
    """List the findings: chains of unexpected burns, one line each, with what they come to."""
    from pipelines.flags import open_flags
    from review.export import findings_csv, findings_json
    from review.records import State

    session: Session = context.obj
    flags = context.with_resource(open_flags(session.home, session.config))
    store = flags.findings
    of_kind, in_state = kind.value if kind else None, State(state.value) if state else None
    limit = at_most(limit, output)
    records = store.records(order.value, since, until, limit, norad_id, of_kind, in_state)
    if output is ListFormat.JSON:
        sys.stdout.write(findings_json(records))
    elif output is ListFormat.CSV:
        sys.stdout.write(findings_csv(records))
    else:
        columns = [
            ("finding", "whole"),
            ("object", "left"),
            ("news (UTC)", "whole"),
            ("kind", "whole"),
            ("state", "whole"),
            ("unexp.", "right"),
            ("what", "left"),
        ]
        print_table(columns, [_row(record) for record in records], below=("what",))
        total = store.count(since, until, norad_id, of_kind, in_state)
        if total > len(records):
            note(f"{len(records)} of {total} findings; --limit shows more")
        if not total:
            note(_NONE_YET if flags.count() and not store.count() else _NONE)


def shown(finding: FindingRecord, flags: list[FlagRecord]) -> list[tuple[str, str]]:
    """A finding field by field, lists one row an item, the news in the order in which they were told."""
    rows = [
        ("finding", finding.finding_id),
        ("object", f"{finding.name or '-'}, NORAD {finding.norad_id}, {finding.regime}"),
        ("kind", finding.kind),
        ("state", finding.state.value),
        ("headline", finding.headline),
        ("expected next", finding.expects or "-"),
        ("unexpectedness", _number(finding.unexpectedness, ".1f")),
        ("Δv", f"{_number(finding.dv_m_s, '.3f')} m/s"),
        ("opened", _minute(finding.opened_at)),
        ("listed", "yes" if finding.listed else "no"),
    ]
    if finding.closed_at is not None:
        rows.append(("closed", _minute(finding.closed_at)))
    rows += [("news", f"{_minute(piece.at)}: {piece.text}") for piece in finding.news]
    rows += [("reason", reason) for reason in finding.reasons]
    rows += [("neighbor", _neighbour(neighbour)) for neighbour in finding.neighbours]
    rows += [("partner", str(partner)) for partner in finding.partners]
    rows += [("flag", _flag(flag)) for flag in flags]
    return rows


def _row(finding: FindingRecord) -> tuple[str, ...]:
    return (
        finding.finding_id[:8],
        finding.name or str(finding.norad_id),
        finding.news_at.strftime("%Y-%m-%d"),
        finding.kind,
        finding.state.value,
        _number(finding.unexpectedness, ".1f"),
        finding.headline,
    )


def _neighbour(neighbour: dict[str, object]) -> str:
    name, miss_km, when = neighbour.get("name"), neighbour.get("miss_km"), neighbour.get("when")
    said = [str(name or neighbour.get("norad_id"))]
    said += [f"{miss_km:.1f} km"] if isinstance(miss_km, int | float) else []
    said += [str(when)[:16].replace("T", " ")] if when else []
    said += [str(neighbour["way"])] if neighbour.get("way") else []
    return ", ".join(said)


def _flag(flag: FlagRecord) -> str:
    dv = f"{_number(flag.dv_m_s, '.3f')} m/s"
    gone = ", withdrawn" if flag.withdrawn_at else ""
    return f"{flag.flag_id[:8]} {_minute(flag.burn_time)}: {dv}, {flag.kind}, unexpectedness {_number(flag.unexpectedness, '.1f')}{gone}"


def _minute(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M")


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
