"""Connections that do not wait for ever: uvicorn itself gives who sends a request slowly, or none, all the time there is."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_SECONDS = 15.0


class Connection(H11Protocol):
    """A connection that closes when no request is complete with its headers within ``HEADERS_SECONDS``.

    The time runs from when it was opened, or from when the answer before was sent. While a request is worked on, it stands
    still: `review.web.protect` gives bodies their time.
    """

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def handle_events(self) -> None:
        """Stop waiting once a request is there."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._wait()  # first: a request that is there already is taken up in the call
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(HEADERS_SECONDS, self._close)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _close(self) -> None:
        self._patience = None
        self.transport.close()
