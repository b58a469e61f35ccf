"""MLflow's page behind a login, in a process of its own: python -m pipelines.mlflow_page MLFLOW_HOME PORT.

The login comes by ``$BURNWATCH_SERVERS_LOGIN``, as a command line is for all to read. MLflow's own authentication would
keep users, passwords and rights in one more database; here is one who may do everything, and strangers.
"""

from __future__ import annotations

import hmac
import os
import sys
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pipelines.login import LOGIN_VARIABLE, Login

HOST = "127.0.0.1"


class Guard:
    """Lets in requests to its own address that carry the login; of all others nothing reaches the application.

    Parameters
    ----------
    app : ASGI application
    port : int
        Of the loopback address that it is served on.
    login : Login
    """

    def __init__(self, app: ASGIApp, port: int, login: Login) -> None:
        self._app = app
        self._hosts = (f"{HOST}:{port}", f"localhost:{port}")
        self._header = login.header.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            answer = self._refusal(Headers(scope=scope)) or self._app
            await answer(scope, receive, send)
        else:  # MLflow has no sockets
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, headers: Headers) -> PlainTextResponse | None:
        """What a stranger is told; a page from elsewhere is one, although its browser may know the login."""
        host = headers.get("host", "").lower()
        if host not in self._hosts:
            return PlainTextResponse("This is not the address of this page.", 400)
        if headers.get("origin", f"http://{host}") != f"http://{host}":
            return PlainTextResponse("This request was not sent by a page of this server.", 403)
        if not hmac.compare_digest(headers.get("authorization", "").encode(), self._header):
            challenge = {"WWW-Authenticate": 'Basic realm="burnwatch"'}
            return PlainTextResponse("Log in with what `burnwatch serve` names.", 401, challenge)
        return None


def main() -> None:
    """Serve until interrupted."""
    import uvicorn

    from models.registry import ModelRegistry
    from models.registry.page import mlflow_application

    home, port = Path(sys.argv[1]), int(sys.argv[2])
    guard = Guard(mlflow_application(ModelRegistry(home)), port, Login(os.environ.pop(LOGIN_VARIABLE)))
    uvicorn.run(guard, host=HOST, port=port, log_level="warning")


if __name__ == "__main__":
    main()
