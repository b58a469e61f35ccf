"""Hostile files out of good ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

# What stands in one field: numbers beyond any range, times of another age, other digits, formulas, odd blanks.
HOSTILE = (
    "", " ", "-1", "0", "1e300", "-1e300", "1e-320", "1e999", "nan", "NaN", "inf", "-Infinity", "9" * 10, "9" * 25,
    "9" * 400, "9" * 5000, "0" * 40 + "1", "1_0", "0x10", "1,5", ".", "-", "+", "--5", "٩٠٠٠١", "²", "１２", "-999", "1e5",
    "true", "null", "0001-01-01", "-0005-01-01", "9999-12-31", "9999-12-31T23:59:60Z", "2026-13-45", "2026-02-30",
    "2016-12-31T23:59:60", "2026-366", "12/31/9999", "1/1/0", "0001-01-01T00:00:00+14:00", "1e400", "U", "u", "C", "SGP4-XP",
    "=cmd", "'=1", "@x", "\u00a0", "\u202e", "\ufeff", "é", "A" * 300, "A" * 70_000, "UNKNOWN", "3", "4", "6", "10",
)  # fmt: skip
_BYTES = (
    b"\0", b"\xff", b"\xef\xbb\xbf", b"\r", b"\n\n", b"\r\n", b"'", b'"', b'"' * 3, b"{", b"}", b"[", b"]", b"[" * 3000,
    b"{}," * 3000, b"<omm>", b"</omm>", b"<!DOCTYPE x>", b"&a;", b"&x", b"*x", b"!!int ", b"#", b"# \n", b"---\n", b"COMMENT ",
    b"=", b" [rad/s]", b";", b"\t", b",", b"," * 5000, b" " * 20_000, b"\n" * 20_000, b"1 ", b"2 ", b"0 ", b"\\", b"\\ud800",
    b"\x1f\x8b", b"PK\x03\x04", b"\xa0", b"\xc2\xa0", b"\xed\xa0\x80", b": ", b"- ", b"a: 1\na: 2\n", b"%",
)  # fmt: skip
_MOST_BYTES = 100_000


_VALUES = (
    *HOSTILE,
    None,
    True,
    -1,
    0,
    2**31,
    10**18,
    10**30,
    1e300,
    float("nan"),
    float("inf"),
    [],
    {},
    [[]] * 1000,
    "\ud800",
    "\0",
)


def mutated(seed: bytes, random: Random) -> bytes:
    """``seed`` with another value in a field, if it is JSON, or changed in its bytes."""
    if seed[:1] in (b"{", b"[") and random.random() < 0.5:
        return _misfilled(seed, random)
    return _damaged(seed, random)


def _misfilled(seed: bytes, random: Random) -> bytes:
    try:
        document = json.loads(seed)
    except ValueError:
        return _damaged(seed, random)
    held = list(_held(document))
    for _ in range(random.choice((1, 1, 2, 4))):
        part = random.choice(held)
        if part:
            part[random.choice(list(part) if isinstance(part, dict) else range(len(part)))] = random.choice(_VALUES)
    return json.dumps(document).encode()[:_MOST_BYTES]


def _held(value: Any) -> Iterator[Any]:
    """Every object and array of a JSON value."""
    if isinstance(value, (dict, list)):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _held(item)


def _damaged(seed: bytes, random: Random) -> bytes:
    """``seed`` changed in one to six places: pieces cut, doubled, swapped, flipped, or hostile ones put in."""
    data = bytearray(seed)
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        at = random.randrange(len(data) + 1)
        size = min(random.choice((0, 1, 1, 2, 8, 69, 400)), len(data) - at)
        match random.randrange(8):
            case 0 if at < len(data):
                data[at] ^= 1 << random.randrange(8)
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = data[at : at + size] * random.choice((1, 2, 50))
            case 3:
                del data[at:]
            case 4:
                data[at : at + size] = random.choice(_BYTES)
            case 5:
                lines = bytes(data).split(b"\n")
                random.shuffle(lines) if len(lines) < 10 else lines.reverse()
                data = bytearray(b"\n".join(lines))
            case _:
                data[at : at + size] = random.choice(HOSTILE).encode()
    return bytes(data[:_MOST_BYTES])


def grown(seed: bytes, random: Random) -> bytes:
    """``seed`` with what is between its first and last line said again, up to 100 kB in all."""
    first, *middle, last = seed.split(b"\n") if seed.count(b"\n") > 2 else (b"", seed, b"")
    block = b"\n".join(middle) + b"\n"
    times = random.randrange(1, max(_MOST_BYTES // len(block), 2))
    return (first + b"\n" if first else b"") + block * times + last
