"""The analysts' desk over a home, served on this machine."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from catalog.errors import CatalogError
from pipelines.errors import PipelineError
from pipelines.flags import open_flags
from pipelines.terminal import note

if TYPE_CHECKING:
    from configs.desk import DeskConfig
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home
    from review.desk import Desk


UNNAMED_PROXY = (
    "desk.public_url is set and desk.proxy_addresses is not: to the desk all who come through the proxy are one address, and "
    "one who guesses passwords locks out everybody"
)


def open_desk(home: Home, config: BurnwatchConfig) -> Desk:
    """The desk of ``home``."""
    from review.desk import Desk

    return Desk(home.path, config, open_flags(home, config))


def beyond_this_machine(host: str) -> bool:
    """Whether others can reach what listens on ``host``."""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() != "localhost"


def behind_tls(config: DeskConfig) -> bool:
    """Whether a named proxy with TLS stands before the desk."""
    return bool(config.proxy_addresses) and config.public_url.startswith("https://")


def serve_desk(home: Home, config: BurnwatchConfig, host: str, port: int) -> None:
    """Serve the desk until interrupted; with port 0 on a free one. Its address goes to stderr once it can be reached.

    Raises
    ------
    PipelineError
        Where the web server is not installed or the address is taken.
    """
    try:
        import uvicorn

        from review.web.app import create_app
        from review.web.connection import Connection
    except ModuleNotFoundError as error:
        raise PipelineError(f"{error.name} is missing: pip install 'burnwatch[review]'") from error

    desk = open_desk(home, config)
    with suppress(CatalogError):  # a page that needs them says what is wrong
        desk.names([])  # read before anybody waits for it
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise PipelineError(f"cannot listen on {host} port {port} ({error.strerror}): give another --port") from error
    listening.listen(128)
    port = listening.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    note(f"the desk: http://{shown}:{port}")
    if config.desk.public_url and not config.desk.proxy_addresses:
        note(UNNAMED_PROXY)
    settings = uvicorn.Config(
        create_app(desk),
        http=Connection,
        limit_concurrency=config.desk.connections,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
    )
    try:
        uvicorn.Server(settings).run(sockets=[listening])
    finally:
        desk.flags.close()
