"""What every request passes before anything looks at it, and the headers that every answer carries."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from anyio import to_thread
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from configs.desk import DeskConfig
from review.errors import StoreUnavailableError
from review.records import Role
from review.users import User
from review.web.access import BY_PROXY, SAFE_METHODS, bearer, current_user

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

# What a request may send [bytes]. JSON is made into values by the loop that serves everybody: who nobody knows sends no
# more than a login needs, and only who may use a file of lists or labels may send one.
STRANGERS_BYTES = 16_000
USERS_BYTES = 256_000
LISTS_BYTES = 4_500_000
BODY_SECONDS = 60.0
_MOST_WARNINGS = 20

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

log = logging.getLogger(__name__)


def install(app: FastAPI, config: DeskConfig, who: Callable[[Request], User | None] = current_user) -> None:
    """Put the protection around all of a finished application, its page for errors too."""
    app.middleware_stack = Protection(app.build_middleware_stack(), config, who)


class Protection:
    """Refuses foreign hosts, forged requests, too large and too slow bodies; believes proxies only where they are trusted.

    Parameters
    ----------
    app : ASGI application
    config : DeskConfig
    who : callable
        Tells who asks.
    """

    def __init__(self, app: ASGIApp, config: DeskConfig, who: Callable[[Request], User | None]) -> None:
        self._app = app
        self._who = who
        public = urlsplit(config.public_url)
        self._hosts = {*LOOPBACK, *(host.lower() for host in config.hosts), public.hostname or "localhost"}
        self._public_origin = f"{public.scheme}://{public.netloc}".lower() if public.netloc else ""
        self._files_bytes = int(config.body_mb * _MEGABYTE)
        self._proxies = [ipaddress.ip_network(one) for one in config.proxy_addresses]
        self._warned: set[Address] = set()
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

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = MutableHeaders(raw=message["headers"])
                for name, value in self._headers.items():
                    present[name] = value
                present.setdefault("Cache-Control", "no-store")
            await send(message)

        refused = self._refusal(scope, headers)
        most_bytes = STRANGERS_BYTES
        if refused is None and scope["method"] not in SAFE_METHODS:
            user = await to_thread.run_sync(self._known, scope)
            most_bytes = self._most_bytes(scope, user)
            if int(headers.get("content-length", "0")) > most_bytes:
                refused = _unread(scope, most_bytes, user)
        if refused is not None:
            await refused(scope, receive, answer)
            return
        await Body(receive, most_bytes).guard(self._app, scope, answer)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if _host(headers.get("host", "")) not in self._hosts:
            return refusal(scope, 400, "This host name is not one of the desk's: set desk.public_url or desk.hosts.")
        if scope["method"] not in SAFE_METHODS and bearer(headers) is None and not self._same_origin(headers):
            return refusal(scope, 403, "This request was not sent by a page of the desk.")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return refusal(scope, 400, "The length of the body is no number.")
        return None

    def _known(self, scope: Scope) -> User | None:
        """Who asks, told before anything that they send is read."""
        request = Request(scope)
        try:
            return self._who(request)
        except StoreUnavailableError:
            del request.state.user  # the application asks again, and says so
            return None

    def _most_bytes(self, scope: Scope, user: User | None) -> int:
        if user is None:
            return STRANGERS_BYTES
        path = scope["path"]
        if not user.may(Role.ANALYST):
            return USERS_BYTES
        if path == "/api/v1/labels":
            return self._files_bytes
        if path == "/lists" or path.startswith("/api/v1/lists/"):
            return min(LISTS_BYTES, self._files_bytes)
        return USERS_BYTES

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
        peer = _address(scope["client"][0]) if scope.get("client") else None
        if peer is None:
            return
        scope["client"] = (str(peer), scope["client"][1])
        named = ",".join(headers.getlist("x-forwarded-for"))  # a line for each proxy means the same as one line
        if not self._trusted(peer):
            if named:
                self._warn_of(peer)
            return
        scope[BY_PROXY] = True
        for one in reversed(named.split(",")):
            address = _address(one)
            if address is None:
                return
            scope["client"] = (str(address), 0)
            if not self._trusted(address):
                return

    def _trusted(self, address: Address) -> bool:
        return any(address in network for network in self._proxies)

    def _warn_of(self, peer: Address) -> None:
        """Say once that a proxy may be in front of which nobody knows: all who come through it share one lockout."""
        if peer not in self._warned and len(self._warned) < _MOST_WARNINGS:
            self._warned.add(peer)
            log.warning(
                "%s sends X-Forwarded-For and is not in desk.proxy_addresses: if it is your proxy, name it there, or one "
                "who guesses passwords locks out everybody who comes through it",
                peer,
            )


class Body:
    """The body of a request, cut off where it grows too large, which not every one says before, or comes too slowly."""

    def __init__(self, receive: Receive, most_bytes: int) -> None:
        self._receive = receive
        self._most_bytes = most_bytes
        self._bytes = 0
        self._whole = False
        self._ends_at = asyncio.get_running_loop().time() + BODY_SECONDS
        self._refusal: tuple[int, str] | None = None

    async def guard(self, app: ASGIApp, scope: Scope, send: Send) -> None:
        """Let the application read it, and answer for the application where it is too large."""
        refused = False

        async def answer(message: Message) -> None:
            nonlocal refused
            if self._refusal is None:
                await send(message)
            elif not refused and message["type"] == "http.response.start":
                refused = True
                await refusal(scope, *self._refusal)(scope, self._receive, send)

        await app(scope, self._read, answer)

    async def _read(self) -> Message:
        if self._whole:  # what comes is that the client went away, whenever that is
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._receive()
        except TimeoutError:
            self._refusal = (408, f"This came too slowly: send it within {BODY_SECONDS:.0f} s.")
            return {"type": "http.disconnect"}
        self._whole = not message.get("more_body", False)
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._most_bytes:
            self._refusal = (413, _too_large(self._most_bytes))
            return {"type": "http.disconnect"}
        return message


def refusal(scope: Scope, status: int, detail: str) -> Response:
    """A short answer that no part of the application had a hand in."""
    if scope["path"].startswith("/api/"):
        content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        return JSONResponse(content, status, media_type="application/problem+json")
    return PlainTextResponse(detail, status)


def _unread(scope: Scope, most_bytes: int, user: User | None) -> Response:
    """The answer to a body that says to be too large: a stranger, who may have had a login, is told of that."""
    if user is not None or scope["path"] == "/login":
        return refusal(scope, 413, _too_large(most_bytes))
    refused = refusal(scope, 401, "Log in, or send a token that holds.")
    refused.headers["WWW-Authenticate"] = "Bearer"
    return refused


def _too_large(most_bytes: int) -> str:
    size = f"{most_bytes / _MEGABYTE:g} MB" if most_bytes >= _MEGABYTE else f"{most_bytes / 1000:g} kB"
    return f"This is too much at once: send at most {size}."


def _host(header: str) -> str:
    """The name in a Host header, without its port and brackets; empty where it is no host."""
    if set(header) & set("@/?#\\"):
        return ""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _address(text: str) -> Address | None:
    """An address as proxies write it, with a port or without: one spelling for each; None where it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
