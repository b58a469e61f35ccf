"""CelesTrak and Space-Track on this machine: real HTTP, their wire formats, and every way they misbehave."""

from __future__ import annotations

import gzip
import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

Record = dict[str, Any]

HTML_ERROR = b"<!DOCTYPE html>\n<html><head><title>Error</title></head><body>Something went wrong</body></html>"
OMM_FIELDS = [
    "OBJECT_NAME",
    "OBJECT_ID",
    "EPOCH",
    "MEAN_MOTION",
    "ECCENTRICITY",
    "INCLINATION",
    "RA_OF_ASC_NODE",
    "ARG_OF_PERICENTER",
    "MEAN_ANOMALY",
    "EPHEMERIS_TYPE",
    "CLASSIFICATION_TYPE",
    "NORAD_CAT_ID",
    "ELEMENT_SET_NO",
    "REV_AT_EPOCH",
    "BSTAR",
    "MEAN_MOTION_DOT",
    "MEAN_MOTION_DDOT",
]


@dataclass
class Reply:
    """One answer. ``cut`` leaves out the end of the body that its length announced; ``stall`` sends half and falls silent
    until the server stops; ``drip`` sends a byte at a time; ``packed`` compresses."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    stall: bool = False
    drip: bool = False
    packed: bool = False


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]


class Server:
    """An HTTP server on a free port; replies that are queued with ``next`` go before those of ``answer``."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._queue: deque[Reply] = deque()
        self._stopped = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._serve(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 32

            def handle_error(self, request: object, client_address: object) -> None:
                pass  # clients that hang up are what these tests are about

        self._http = Quiet(("127.0.0.1", 0), Handler)
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._stopped.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def next(self, *replies: Reply) -> None:
        """Answer the next requests for data with these."""
        self._queue.extend(replies)

    def asks_data(self, request: Request) -> bool:
        return True

    def answer(self, request: Request) -> Reply:
        raise NotImplementedError

    @property
    def data_requests(self) -> list[Request]:
        return [request for request in self.requests if self.asks_data(request)]

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        request = Request(handler.command, parts.path, query, body, dict(handler.headers))
        self.requests.append(request)
        reply = self._queue.popleft() if self._queue and self.asks_data(request) else self.answer(request)
        body = gzip.compress(reply.body) if reply.packed else reply.body
        handler.send_response_only(reply.status)  # with no Date but that of the reply: tests have clocks of their own
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.packed:
            handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if reply.drip:
            for byte in body:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                if self._stopped.wait(0.02):
                    break
        elif reply.cut or reply.stall:
            handler.wfile.write(body[: len(body) // 2])
            handler.wfile.flush()
            if reply.stall:
                self._stopped.wait(10)
        else:
            handler.wfile.write(body)
        if reply.cut or reply.stall or reply.drip:
            handler.close_connection = True


def gp_record(norad_id: int, epoch: str, created: str | None = None, **fields: Any) -> Record:
    """An invented element set in OMM keywords."""
    record: Record = {
        "OBJECT_NAME": f"TESTSAT {norad_id}",
        "OBJECT_ID": "2020-001A",
        "EPOCH": epoch,
        "MEAN_MOTION": 14.5 + norad_id % 100 / 1000,
        "ECCENTRICITY": 0.0012345,
        "INCLINATION": 98.1234,
        "RA_OF_ASC_NODE": 123.4567,
        "ARG_OF_PERICENTER": 45.6789,
        "MEAN_ANOMALY": 314.1593,
        "EPHEMERIS_TYPE": 0,
        "CLASSIFICATION_TYPE": "U",
        "NORAD_CAT_ID": norad_id,
        "ELEMENT_SET_NO": 999,
        "REV_AT_EPOCH": 12345,
        "BSTAR": 3.1e-05,
        "MEAN_MOTION_DOT": 1.1e-06,
        "MEAN_MOTION_DDOT": 0,
    }
    if created is not None:
        record["CREATION_DATE"] = created
    return record | fields


class CelestrakServer(Server):
    """gp.php and supplemental/sup-gp.php. ``groups`` holds the records of each value of a query."""

    def __init__(self, groups: dict[str, list[Record]] | None = None) -> None:
        super().__init__()
        self.groups = groups or {}

    def answer(self, request: Request) -> Reply:
        if request.path not in ("/gp.php", "/supplemental/sup-gp.php"):
            return Reply(404, HTML_ERROR)
        kind, value = next((item for item in request.query.items() if item[0] != "FORMAT"), ("", ""))
        if kind not in ("GROUP", "CATNR", "NAME", "INTDES", "SPECIAL", "FILE", "SOURCE"):
            return Reply(body=b"Invalid query: " + urlsplit(request.path).path.encode())
        if kind == "GROUP" and value not in self.groups:
            return Reply(body=f'Invalid query: "GROUP={value}" (GROUP "{value}" not found)'.encode())
        records = self.groups.get(value, [])
        if not records:
            return Reply(body=b"No GP data found")
        return Reply(body=RENDERERS[request.query.get("FORMAT", "tle").lower()](records))


def render_json(records: list[Record]) -> bytes:
    return json.dumps([{key: record[key] for key in OMM_FIELDS} for record in records]).encode()


def render_csv(records: list[Record]) -> bytes:
    rows = [",".join(OMM_FIELDS), *(",".join(str(record[key]) for key in OMM_FIELDS) for record in records)]
    return "\r\n".join(rows).encode() + b"\r\n"


def render_kvn(records: list[Record]) -> bytes:
    head = [
        "CCSDS_OMM_VERS = 2.0",
        "COMMENT GENERATED VIA TEST",
        "CREATION_DATE = 2026-05-02T10:00:00",
        "ORIGINATOR = TEST",
    ]
    meta = ["CENTER_NAME = EARTH", "REF_FRAME = TEME", "TIME_SYSTEM = UTC", "MEAN_ELEMENT_THEORY = SGP4"]
    blocks = []
    for record in records:
        lines = [*head, f"OBJECT_NAME = {record['OBJECT_NAME']}", f"OBJECT_ID = {record['OBJECT_ID']}", *meta]
        blocks.append("\n".join([*lines, *(f"{key} = {record[key]}" for key in OMM_FIELDS[2:])]))
    return "\n\n".join(blocks).encode() + b"\n"


def render_xml(records: list[Record]) -> bytes:
    def tags(record: Record, keys: tuple[str, ...] | list[str]) -> str:
        return "".join(f"<{key}>{record[key]}</{key}>" for key in keys)

    def omm(record: Record) -> str:
        return (
            '<omm id="CCSDS_OMM_VERS" version="2.0"><header><CREATION_DATE>2026-05-02T10:00:00</CREATION_DATE>'
            "<ORIGINATOR>TEST</ORIGINATOR></header><body><segment><metadata>"
            + tags(record, OMM_FIELDS[:2])
            + "<CENTER_NAME>EARTH</CENTER_NAME><REF_FRAME>TEME</REF_FRAME><TIME_SYSTEM>UTC</TIME_SYSTEM>"
            "<MEAN_ELEMENT_THEORY>SGP4</MEAN_ELEMENT_THEORY></metadata><data><meanElements>"
            + tags(record, OMM_FIELDS[2:9])
            + "</meanElements><tleParameters>"
            + tags(record, OMM_FIELDS[9:])
            + "</tleParameters></data></segment></body></omm>"
        )

    return f'<?xml version="1.0" encoding="UTF-8"?><ndm>{"".join(map(omm, records))}</ndm>'.encode()


def render_2le(records: list[Record], *, named: bool = False) -> bytes:
    lines: list[str] = []
    for record in records:
        epoch = datetime.fromisoformat(record["EPOCH"])
        day = (
            epoch.timetuple().tm_yday
            + (epoch - epoch.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() / 86400
        )
        launch = record["OBJECT_ID"][2:4] + record["OBJECT_ID"][5:]
        first = (
            f"1 {record['NORAD_CAT_ID']:05d}U {launch:8s} {epoch:%y}{day:012.8f}  .00000110  00000+0  31000-4 0  999"
        )
        second = (
            f"2 {record['NORAD_CAT_ID']:05d} {record['INCLINATION']:8.4f} {record['RA_OF_ASC_NODE']:8.4f} "
            f"{round(record['ECCENTRICITY'] * 1e7):07d} {record['ARG_OF_PERICENTER']:8.4f} {record['MEAN_ANOMALY']:8.4f} "
            f"{record['MEAN_MOTION']:11.8f}{record['REV_AT_EPOCH']:5d}"
        )
        lines += [record["OBJECT_NAME"]] * named + [line + str(_checksum(line)) for line in (first, second)]
    return "\r\n".join(lines).encode() + b"\r\n"


def _checksum(line: str) -> int:
    return sum(int(char) if char.isdigit() else char == "-" for char in line) % 10


RENDERERS: dict[str, Callable[[list[Record]], bytes]] = {
    "json": render_json,
    "csv": render_csv,
    "kvn": render_kvn,
    "xml": render_xml,
    "2le": render_2le,
    "tle": lambda records: render_2le(records, named=True),
}


class SpaceTrackServer(Server):
    """Login with a cookie, modeldef, and the classes gp and gp_history with the predicates that burnwatch uses."""

    def __init__(self, records: list[Record] | None = None, user: str = "analyst", password: str = "sesame") -> None:
        super().__init__()
        self.records = records or []
        self.user, self.password = user, password
        self.login_reply: Reply | None = None
        self._sessions: set[str] = set()

    def asks_data(self, request: Request) -> bool:
        return "/query/class/" in request.path

    def end_sessions(self) -> None:
        self._sessions.clear()

    def answer(self, request: Request) -> Reply:
        if request.path == "/ajaxauth/login":
            return self.login_reply or self._log_in(parse_qs(request.body.decode()))
        cookie = SimpleCookie(request.headers.get("Cookie", "")).get("chocolatechip")
        if cookie is None or cookie.value not in self._sessions:
            return Reply(401, b'{"error":"You must be logged in to complete this action"}')
        if request.path == "/ajaxauth/logout":
            return Reply(body=b'"Successfully logged out"')
        if "/modeldef/class/" in request.path:
            kinds = {
                "norad_cat_id": "int(10) unsigned",
                "epoch": "datetime",
                "creation_date": "datetime",
                "decay_date": "date",
            }
            fields = [
                {"Field": name.upper(), "Type": kind, "Null": "YES", "Default": None} for name, kind in kinds.items()
            ]
            return Reply(body=json.dumps({"controller": "basicspacedata", "data": fields}).encode())
        if "/query/class/" in request.path:
            return Reply(body=self._query(request.path))
        return Reply(404, HTML_ERROR)

    def _log_in(self, form: dict[str, list[str]]) -> Reply:
        if form.get("identity") != [self.user] or form.get("password") != [self.password]:
            return Reply(body=b'{"Login":"Failed"}')
        session = f"s{len(self.requests)}"
        self._sessions.add(session)
        return Reply(body=b'""', headers={"Set-Cookie": f"chocolatechip={session}; path=/; HttpOnly"})

    def _query(self, path: str) -> bytes:
        _, _, tail = path.partition("/query/class/")
        kind, *pairs = [unquote(part) for part in tail.strip("/").split("/")]
        predicates = dict(zip(pairs[::2], pairs[1::2], strict=True))
        records = [record for record in self.records if _matches(record, predicates)]
        if kind == "gp":
            latest = {
                record["NORAD_CAT_ID"]: record for record in sorted(self.records, key=lambda record: record["EPOCH"])
            }
            records = [record for record in records if latest[record["NORAD_CAT_ID"]] is record]
        records.sort(key=lambda record: (record["NORAD_CAT_ID"], record["EPOCH"]))
        return json.dumps([{key: str(value) for key, value in record.items()} for record in records]).encode()


def _matches(record: Record, predicates: dict[str, str]) -> bool:
    if (ids := predicates.get("norad_cat_id")) and str(record["NORAD_CAT_ID"]) not in ids.split(","):
        return False
    epoch = predicates.get("epoch", "")
    if "--" in epoch and not epoch.split("--")[0] <= record["EPOCH"] <= epoch.split("--")[1]:
        return False
    created = predicates.get("creation_date", "")
    return not created or record["CREATION_DATE"].replace("T", " ") > created.removeprefix(">")
