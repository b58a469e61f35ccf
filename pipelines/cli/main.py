"""The command ``burnwatch``: global options, and errors in one line."""

from __future__ import annotations

import errno
import logging
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from catalog.errors import CatalogError
from features.errors import FeatureError
from models.errors import ModelError
from orbits.errors import OrbitError
from pipelines.cli import (
    desk,
    findings,
    ingest,
    labels,
    learn,
    look,
    measure,
    notify,
    operate,
    replay,
    sensitivity,
    users,
    watch,
)
from pipelines.cli.session import Session
from pipelines.errors import PipelineError
from review.errors import ReviewError

EXPECTED_ERRORS = (CatalogError, FeatureError, ModelError, OrbitError, PipelineError, ReviewError)

# In the order of use.
COMMANDS = (
    "demo",
    "ingest",
    "watch",
    "labels",
    "train",
    "benchmark",
    "promote",
    "score",
    "replay",
    "findings",
    "flags",
    "show",
    "report",
    "export",
    "review",
    "users",
    "notify",
    "sensitivity",
    "serve",
    "upkeep",
    "backup",
    "doctor",
)


class InOrderOfUse(TyperGroup):
    """Lists the commands in the order in which a person needs them."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - typer keeps its class of contexts to itself
        """Names of the commands."""
        return sorted(super().list_commands(ctx), key=COMMANDS.index)


app = typer.Typer(
    name="burnwatch",
    cls=InOrderOfUse,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="""Finds maneuvers in public element sets and says which of them are unexpected for that object.

    First time? [bold]burnwatch demo[/bold] simulates a fleet with an inspector in it and shows what is flagged.
    With data of your own: [bold]ingest files PATH[/bold], [bold]train[/bold], [bold]score[/bold], [bold]findings[/bold],
    then [bold]show[/bold] and [bold]report[/bold] for the one that matters, or [bold]review[/bold] to settle flags in a browser.""",
    epilog="Data goes to stdout, progress and notes to stderr. Exit codes: 0 done, 1 failed, 2 bad usage.",
)


class EngineKind(StrEnum):
    """Where shards are worked on."""

    LOCAL = "local"
    DASK = "dask"


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"burnwatch {version('burnwatch')}")
        raise typer.Exit


@app.callback()
def session(
    context: typer.Context,
    home: Annotated[
        Path, typer.Option(envvar="BURNWATCH_HOME", help="Folder that holds data, models and flags.")
    ] = Path(".burnwatch"),
    config: Annotated[
        Path | None, typer.Option(envvar="BURNWATCH_CONFIG", help="YAML with settings that differ from the defaults.")
    ] = None,
    engine: Annotated[
        EngineKind, typer.Option(help="Work in local processes or on a Dask cluster.")
    ] = EngineKind.LOCAL,
    dask_address: Annotated[
        str | None, typer.Option(help="Scheduler of a running Dask cluster, as tcp://HOST:PORT.")
    ] = None,
    _debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Read the global options."""
    context.obj = Session(home, config, engine.value, dask_address)


ingest.register(app)
watch.register(app)
labels.register(app)
learn.register(app)
measure.register(app)
replay.register(app)
findings.register(app)
look.register(app)
desk.register(app)
users.register(app)
notify.register(app)
sensitivity.register(app)
operate.register(app)


def main() -> None:
    """Run the command line; every expected error is one line on stderr and exit code 1."""
    debug = "--debug" in sys.argv[1:]
    logging.getLogger("stamina").setLevel(
        logging.ERROR
    )  # it tells of every retry; what fails in the end is told anyway
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if debug:
            raise
        sys.stderr.write(f"burnwatch: {_one_line(error)}\n")
        sys.exit(1)


def _one_line(error: Exception) -> str:
    from configs.load import ConfigError

    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, (*EXPECTED_ERRORS, ConfigError)):
        return text
    if isinstance(error, OSError) and error.strerror:  # a full disk, a folder that may not be written
        return _of_system(error)
    return f"{type(error).__name__}: {text[:300]} (unexpected: run again with --debug and report it)"


def _of_system(error: OSError) -> str:
    """What the system refused, where, and what to do."""
    place = str(error.filename) if error.filename else ""
    told = f"{place}: {error.strerror}" if place else str(error.strerror)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        nearest = next((path for path in (Path(place), *Path(place).parents) if path.is_dir()), None)
        free = f" ({shutil.disk_usage(nearest).free / 1e6:,.0f} MB free)" if place and nearest else ""
        return f"{told}{free}; make room and run the same command again: nothing is half-written"
    if error.errno == errno.ENOENT and not place:  # no folder of those where temporary files may lie has room
        return f"{told}; make room there, or name another folder in $TMPDIR, and run the same command again: nothing is half-written"
    if error.errno == errno.EROFS:
        return f"{told}; make it writable, or give another home with --home or $BURNWATCH_HOME"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{told}; give this user the right to it, or another home with --home or $BURNWATCH_HOME"
    return told
