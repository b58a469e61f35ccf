"""``burnwatch notify``: tell people of new flags and findings."""

from __future__ import annotations

import typer

from pipelines.cli.session import Session
from pipelines.terminal import note


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("notify")(notify)


def notify(context: typer.Context) -> None:
    """Tell people of new flags and findings by the rules under `notices` in the configuration, each thing once.

    What cannot be sent is tried again by the next run, after growing pauses. Exit code 1 where something is at fault.
    """
    from pipelines.notify import notify as run

    session: Session = context.obj
    if not session.config.notices.rules:
        note("no rules: give some under notices.rules in the configuration")
        return
    summary = run(session.home, session.config)
    for line in summary.lines():
        note(line)
    if summary.problems:
        raise typer.Exit(1)
