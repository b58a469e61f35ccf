"""``burnwatch watch``: protected assets and watch-lists, kept in the home and handed on as files."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.numbers import not_blank
from pipelines.cli.session import Session
from pipelines.terminal import note, print_table

watch = typer.Typer(
    no_args_is_help=True, help="Keep lists of protected assets and watched objects; hand them on as files."
)


class ListFormat(StrEnum):
    """How lists are printed."""

    TABLE = "table"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.add_typer(watch, name="watch")


@watch.command("import")
def import_lists(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Lists as YAML or JSON; configs/assets/ shows the form.")],
) -> None:
    """Keep the lists of files, each in place of the one of its name. All of them, or where one is faulty none."""
    from catalog.asset_files import read_lists
    from catalog.asset_store import AssetStore

    session: Session = context.obj
    lists = [one for path in files for one in read_lists(path)]
    changed = AssetStore(session.home.path).put(lists)
    objects = sum(len(one.objects) for one in lists)
    note(f"{len(lists)} lists with {objects} objects read; {changed} new or changed")


@watch.command("export")
def export_lists(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Lists; all of them if none is named.")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write, .yaml or .json; without it YAML on stdout.")] = None,
) -> None:
    """Write lists so that importing the file elsewhere gives the same lists."""
    from catalog.asset_files import form_of, rendered
    from catalog.asset_store import AssetStore
    from catalog.atomic import replace_bytes

    session: Session = context.obj
    lists = AssetStore(session.home.path).load().named(names or None)
    content = rendered(lists, form=form_of(out) if out else "yaml")
    if out:
        replace_bytes(out, content)
        note(f"{len(lists)} lists written to {out}")
    else:
        sys.stdout.write(content.decode())


@watch.command("list")
def list_objects(
    context: typer.Context,
    output: Annotated[ListFormat, typer.Option("--format", help="For people or a program.")] = ListFormat.TABLE,
) -> None:
    """Show the objects of all lists."""
    from catalog.asset_store import AssetStore

    session: Session = context.obj
    assets = AssetStore(session.home.path).load()
    rows = [
        {
            "list": one.name,
            "kind": one.kind,
            "norad_id": asset.number,
            "name": asset.name,
            "own_element_sets": len(asset.element_sets(session.config.ingest)),
            "keep_out_km": asset.keep_out_km,
            "why": asset.why,
        }
        for one in assets.lists
        for asset in one.objects
    ]
    if output is ListFormat.JSON:
        sys.stdout.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
        return
    if not rows:
        note("no lists yet: burnwatch watch import FILE...")
        return
    headers = [("list", "left"), ("kind", "whole"), ("number", "right"), ("name", "whole"), ("own sets", "right")]
    cells = [[row["list"], row["kind"], row["norad_id"], row["name"], row["own_element_sets"] or ""] for row in rows]
    distances = [f"{row['keep_out_km']:g}" if row["keep_out_km"] else "" for row in rows]
    print_table(
        [*headers, ("keep out km", "right"), ("why", "left")],
        [[*cell, km, row["why"]] for cell, km, row in zip(cells, distances, rows, strict=True)],
    )


@watch.command("remove")
def remove_list(
    context: typer.Context, name: Annotated[str, typer.Argument(callback=not_blank, help="List to forget.")]
) -> None:
    """Forget a list."""
    from catalog.asset_store import AssetStore

    session: Session = context.obj
    AssetStore(session.home.path).remove(name)
    note(f"{name} is forgotten")
