"""What every request passes before anything looks at it, and the headers that every answer carries."""

from __future__ import annotations

import ipaddress
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from configs.desk import DeskConfig
from review.web.access import BY_PROXY, SAFE_METHODS, bearer

LOOPBACK = ("localhost", "127.0.0.1", "::1")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000"
_MEGABYTE = 1_000_000


def install(app: FastAPI, config: DeskConfig) -> None:
    """Put the protection around all of a finished application, its page for errors too."""
    app.middleware_stack = Protection(app.build_middleware_stack(), config)


class Protection:
    """Refuses foreign hosts, forged requests and too large bodies; believes proxies only where they are trusted.

    Parameters
    ----------
    app : ASGI application
    config : DeskConfig
    """

    def __init__(self, app: ASGIApp, config: DeskConfig) -> None:
        self._app = app
        public = urlsplit(config.public_url)
        self._hosts = {*LOOPBACK, *(host.lower() for host in config.hosts), public.hostname or "localhost"}
        self._public_origin = f"{public.scheme}://{public.netloc}".lower() if public.netloc else ""
        self._body_bytes = int(config.body_mb * _MEGABYTE)
        self._proxies = [ipaddress.ip_network(one) for one in config.proxy_addresses]
        self._headers = dict(HEADERS)
        if public.scheme == "https":
            self._headers["Strict-Transport-Security"] = HSTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # the desk has no sockets
            return
        headers = Headers(scope=scope)
        self._see_through_proxies(scope, headers)
        body = Body(receive, self._body_bytes)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = MutableHeaders(raw=message["headers"])
                for name, value in self._headers.items():
                    present[name] = value
                present.setdefault("Cache-Control", "no-store")
            await send(message)

        refused = self._refusal(scope, headers)
        if refused is not None:
            await refused(scope, receive, answer)
            return
        await body.guard(self._app, scope, answer)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if _host(headers.get("host", "")) not in self._hosts:
            return refusal(scope, 400, "This host name is not one of the desk's: set desk.public_url or desk.hosts.")
        if scope["method"] not in SAFE_METHODS and bearer(headers) is None and not self._same_origin(headers):
            return refusal(scope, 403, "This request was not sent by a page of the desk.")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return refusal(scope, 400, "The length of the body is no number.")
        if int(length) > self._body_bytes:
            return refusal(scope, 413, _too_large(self._body_bytes))
        return None

    def _same_origin(self, headers: Headers) -> bool:
        """Whether a page of ours sent this, as the browser tells: no page can write these two headers."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin", "").lower()
        host = headers.get("host", "").lower()
        return origin in (f"http://{host}", f"https://{host}", self._public_origin or None)

    def _see_through_proxies(self, scope: Scope, headers: Headers) -> None:
        """Where a trusted proxy sent this, take the sender that it names: the last address that is no proxy's."""
        scope[BY_PROXY] = False
        client = scope.get("client")
        if not self._proxies or client is None or not self._trusted(client[0]):
            return
        scope[BY_PROXY] = True
        for address in reversed([one.strip() for one in headers.get("x-forwarded-for", "").split(",")]):
            if not _is_address(address):
                return
            scope["client"] = (address, 0)
            if not self._trusted(address):
                return

    def _trusted(self, address: str) -> bool:
        return _is_address(address) and any(ipaddress.ip_address(address) in network for network in self._proxies)


class Body:
    """The body of a request, cut off where it grows too large: not every one says before how long it is."""

    def __init__(self, receive: Receive, most_bytes: int) -> None:
        self._receive = receive
        self._most_bytes = most_bytes
        self._bytes = 0
        self._too_large = False

    async def guard(self, app: ASGIApp, scope: Scope, send: Send) -> None:
        """Let the application read it, and answer for the application where it is too large."""
        refused = False

        async def answer(message: Message) -> None:
            nonlocal refused
            if not self._too_large:
                await send(message)
            elif not refused and message["type"] == "http.response.start":
                refused = True
                await refusal(scope, 413, _too_large(self._most_bytes))(scope, self._receive, send)

        await app(scope, self._read, answer)

    async def _read(self) -> Message:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._most_bytes:
            self._too_large = True
            return {"type": "http.disconnect"}
        return message


def refusal(scope: Scope, status: int, detail: str) -> Response:
    """A short answer that no part of the application had a hand in."""
    if scope["path"].startswith("/api/"):
        content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        return JSONResponse(content, status, media_type="application/problem+json")
    return PlainTextResponse(detail, status)


def _too_large(most_bytes: int) -> str:
    return f"This is too much at once: send at most {most_bytes / _MEGABYTE:g} MB."


def _host(header: str) -> str:
    """The name in a Host header, without its port and brackets; empty where it is no host."""
    if set(header) & set("@/?#\\"):
        return ""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
