"""``burnwatch review``: the analysts' desk in a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.numbers import MOST_PORT
from pipelines.cli.session import Session


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("review")(review)


def review(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=MOST_PORT, help="Port; 0 for a free one.")] = 8000,
    host: Annotated[
        str, typer.Option(help="Address to listen on: this machine only, unless a proxy stands before it.")
    ] = "127.0.0.1",
    plain_http: Annotated[
        bool,
        typer.Option("--plain-http", help="Listen beyond this machine though passwords cross the network unencrypted."),
    ] = False,
) -> None:
    """Open the analysts' desk: flags to settle, dossiers, the belt, reports to hand on.

    It runs until interrupted. The first admin is made with `burnwatch users add NAME --role admin`.
    """
    from pipelines.desk import behind_tls, beyond_this_machine, serve_desk

    session: Session = context.obj
    if not plain_http and beyond_this_machine(host) and not behind_tls(session.config.desk):
        raise typer.BadParameter(
            f"{host} can be reached by others, and without TLS so can every password: put a proxy with TLS before the desk and "
            "name it in desk.proxy_addresses and desk.public_url, or say --plain-http if this is meant",
            param_hint="--host",
        )
    serve_desk(session.home, session.config, host, port)
