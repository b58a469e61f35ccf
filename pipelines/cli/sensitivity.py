"""``burnwatch sensitivity``: what a model can see on an object."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from pipelines.cli.numbers import catalog_numbers, not_blank
from pipelines.cli.session import Session
from pipelines.terminal import note, print_table, progress

if TYPE_CHECKING:
    from pipelines.sensitivity import Sensitivity


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("sensitivity")(sensitivity)


def sensitivity(
    context: typer.Context,
    ids: Annotated[str, typer.Option(help="Catalog numbers, separated by commas.")],
    model: Annotated[
        str, typer.Option(callback=not_blank, help="Alias or version of the registered model.")
    ] = "champion",
    direction: Annotated[
        str | None,
        typer.Option(help="along-track, cross-track or radial; several separated by commas. All by default."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program, with the whole curves.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw the curves into this file (.png, .pdf, .svg).")] = None,
) -> None:
    """Say how small a burn would have been seen on an object.

    Burns of many sizes are put into quiet arcs of its real history, and the model looks for them at the threshold that
    gives one false alarm a year (sensitivity.false_alarms_per_object_year). What is named is the size that is found nine times in ten.
    """
    from pipelines.sensitivity import sensitivity as run

    session: Session = context.obj
    numbers = catalog_numbers(ids)
    config = session.config
    if direction is not None:
        section = config.sensitivity.model_copy(update={"directions": _directions(direction)})
        config = config.model_copy(update={"sensitivity": section})
    with progress("injecting", None) as advance:
        result = run(session.home, config, numbers, model=model, advance=advance)
    if plot is not None:
        result.plot(plot)
        note(f"wrote {plot}")
    if as_json:
        sys.stdout.write(result.to_json() + "\n")
    else:
        _show(result)
    note(
        f"{result.detector}, model version {result.model_version}: found {result.share:.0%} of the time at "
        f"{result.false_alarms_per_object_year:g} false alarms per object-year; intervals 95 %"
    )


def _show(result: Sensitivity) -> None:
    columns = [
        ("object", "left"),
        ("direction", "whole"),
        ("Δv m/s", "right"),
        ("from", "right"),
        ("to", "right"),
        ("burns", "right"),
        ("quiet days", "right"),
    ]
    rows: list[tuple[str, ...]] = []
    for one in result.objects.to_dict("records"):
        name = f"{one['name']} {one['norad_id']}".strip()
        if one["note"]:
            note(f"{name}: {one['note']}")
        own = result.smallest[result.smallest["norad_id"] == one["norad_id"]]
        for row in own.to_dict("records"):
            points = result.curve[
                (result.curve["norad_id"] == one["norad_id"]) & (result.curve["direction"] == row["direction"])
            ]
            least, most = points["dv_m_s"].min(), points["dv_m_s"].max()
            sizes = [_size(row[key], least, most) for key in ("dv_m_s", "low_m_s", "high_m_s")]
            rows.append((name, row["direction"], *sizes, str(row["injected"]), f"{one['quiet_days']:.0f}"))
    if rows:
        print_table(columns, rows)


def _size(value: float, least: float, most: float) -> str:
    """A size for a person; one outside what was tried says so."""
    if not value <= most:  # NaN as well
        return f">{most:.2g}"
    return f"≤{least:.2g}" if value <= least else f"{value:.2g}"


def _directions(text: str) -> tuple[str, ...]:
    from configs.injection import Direction

    named = tuple(part.strip() for part in text.split(",") if part.strip())
    wrong = [name for name in named if name not in get_args(Direction)]
    if wrong or not named:
        raise typer.BadParameter(f"--direction wants {', '.join(get_args(Direction))}, not {text!r}")
    return named
