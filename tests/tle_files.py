"""Files of invented element sets."""

from tests.naive import catalog as naive


def tle_bytes(count: int) -> bytes:
    """Two-line sets of ``count`` epochs of one invented object."""
    sets = [naive.element_set(year=2025, tick=(10 + day) * 10**8) for day in range(count)]
    return "".join(f"{line}\n" for one in sets for line in naive.tle_lines(one)).encode()


def with_wrong_checksum(data: bytes) -> bytes:
    """The same file, the last line's checksum off by one."""
    last = (data[-2] - ord("0") + 1) % 10
    return data[:-2] + str(last).encode() + b"\n"
