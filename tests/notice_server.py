"""A web service on the loopback that takes messages, as an Apprise target of the scheme json."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Inbox:
    """The messages that a server took, in order; ``status`` is what it answers, ``hold`` keeps it from answering."""

    def __init__(self, port: int) -> None:
        self.url = f"json://user-of-mine:s3cr3t-w0rd@127.0.0.1:{port}/hooks/t0k3n-in-path?verify=no"
        self.messages: list[dict[str, Any]] = []
        self.status = 200
        self.came = threading.Event()
        self.hold = threading.Event()
        self.hold.set()

    @property
    def titles(self) -> list[str]:
        """What the messages are called."""
        return [message["title"] for message in self.messages]


@contextmanager
def inbox() -> Iterator[Inbox]:
    """A running server's inbox."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if box.status < 300:
                box.messages.append(json.loads(body))
            box.came.set()
            box.hold.wait(60)
            try:
                self.send_response(box.status)
                self.end_headers()
            except OSError:  # the sender is gone
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    box = Inbox(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        box.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
