"""Connections on which no request comes are closed, those at work are not."""

import asyncio
import socket

import pytest
import uvicorn

from review.web import connection


@pytest.fixture
def spoken(monkeypatch):
    """What a server answers to the parts of a request, sent one after another, until it closes."""
    monkeypatch.setattr(connection, "HEADERS_SECONDS", 0.2)

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        after = asyncio.Event()  # set when headers would have taken too long
        asyncio.get_running_loop().call_later(2 * connection.HEADERS_SECONDS, after.set)
        await after.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    async def speak(*parts):
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            config = uvicorn.Config(app, http=connection.Connection, log_level="critical", lifespan="off")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve([listening]))
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            for part in parts:
                writer.write(part)
            answer = await asyncio.wait_for(reader.read(), 20)
            writer.close()
            server.should_exit = True
            await serving
        return answer

    return lambda *parts: asyncio.run(speak(*parts))


@pytest.mark.parametrize("parts", [[], [b"GET / HTTP/1.1\r\nHost: localhost\r\n"]])
def test_who_sends_no_whole_request_is_closed(spoken, parts):
    assert spoken(*parts) == b""


def test_a_request_that_is_worked_on_is_answered_and_then_the_next_one_is_waited_for_no_longer(spoken):
    answer = spoken(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.count(b"200 OK") == 2
