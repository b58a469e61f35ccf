"""A real PostgreSQL server for the tests that need one, and a fresh database of it for each test."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """The folder of the server's socket; skips, loudly, where no server is installed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not programs:
        pytest.skip("POSTGRESQL MISSING: no server under /usr/lib/postgresql; `apt-get install postgresql` to run this")
    programs_folder = programs[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="burnwatch-pg-"))  # short: a socket's path has at most 107 characters
    owner: dict[str, object] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        user = next(name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()})
        shutil.chown(folder, user)
        owner = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}

    def run(program: str, *arguments: str) -> None:
        # Output to a file: the server keeps a pipe open, and reading it would wait for ever.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [programs_folder / program, *arguments], cwd=folder, stdout=output, stderr=output, check=False, **owner
            )
            output.seek(0)
            assert done.returncode == 0, output.read().decode()

    data = str(folder / "data")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    try:
        run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        run("pg_ctl", "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
        try:
            yield folder
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: Path) -> Iterator[str]:
    """URL of an empty database, dropped after the test."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(host=str(postgres_server), user="postgres", dbname="postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        yield f"postgresql://postgres@/{name}?host={postgres_server}"
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
