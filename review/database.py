"""Opening the flags' database and bringing it up to date."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from catalog.atomic import make_private
from configs.review import ReviewConfig
from review.errors import StoreUnavailableError

_RESTORE = "restore it from a backup: verdicts, accounts and notes are in it alone"
_MIGRATION_LOCK = 0x6275726E  # "burn": PostgreSQL's advisory lock while a process migrates


class Database:
    """A database of flags, migrated to this program's tables when it is opened.

    Parameters
    ----------
    url : str
        SQLAlchemy URL, ``sqlite:///path`` or ``postgresql://…``.
    config : ReviewConfig

    Raises
    ------
    StoreUnavailableError
        If it cannot be reached, or a newer program has migrated it further.
    """

    def __init__(self, url: str, config: ReviewConfig) -> None:
        self._engine = _engine(url, config)
        self.name = _shown(self._engine.url)
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the database."""
        with self._transaction(write=False) as connection:
            yield connection

    @contextmanager
    def writing(self, table: str | None = None) -> Iterator[sa.Connection]:
        """A transaction that may write; with ``table``, the only one that writes to it until it ends.

        SQLite has one writer at a time anyway. In PostgreSQL readers go on, writers of the table wait.
        """
        with self._transaction(write=True) as connection:
            if table is not None and connection.dialect.name == "postgresql":
                connection.execute(sa.text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))
            yield connection

    def damages(self) -> list[str]:
        """What SQLite finds wrong in its file, one line each with what to do; PostgreSQL looks after its own."""
        if not self.is_file:
            return []
        with self.reading() as connection:
            said = connection.execute(sa.text("PRAGMA integrity_check(20)")).scalars().all()
        return [f"flag database {self.name}: {one}; {_RESTORE}" for one in said if one != "ok"]

    @property
    def is_file(self) -> bool:
        """It is SQLite's, which nobody else looks after."""
        return self._engine.dialect.name == "sqlite"

    def copy_to(self, copy: Path, target: Path) -> None:
        """Write one state of an SQLite database to the file ``copy``, which will be ``target``; others may go on writing.

        Raises
        ------
        StoreUnavailableError
        """
        if not self.is_file:
            raise StoreUnavailableError(
                self.name, f"PostgreSQL copies it by its own means: pg_dump -Fc -f {target} URL"
            )
        try:
            with self.reading() as connection, closing(sqlite3.connect(copy)) as written:
                file = Path(connection.execute(sa.text("PRAGMA database_list")).all()[0].file)
                if target.exists() and target.samefile(file):
                    raise StoreUnavailableError(self.name, "the copy's file is the database itself: give another one")
                opened: Any = connection.connection.driver_connection
                opened.backup(written)
        except sqlite3.Error as error:
            raise StoreUnavailableError(self.name, f"not copied to {target}: {_with_remedy(str(error))}") from error

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect().execution_options(burnwatch_write=write) as connection, connection.begin():
                yield connection
        except sa.exc.DatabaseError as error:
            if type(error) in (sa.exc.OperationalError, sa.exc.DatabaseError):  # the others are about our statements
                raise StoreUnavailableError(self.name, _first_line(error)) from error
            raise

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
        head = ScriptDirectory.from_config(config).get_current_head()
        with self.reading() as connection:
            if MigrationContext.configure(connection).get_current_revision() == head:
                return
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise StoreUnavailableError(
                    self.name, f"a newer burnwatch has migrated it ({error}): upgrade this one"
                ) from error


def _engine(url: str, config: ReviewConfig) -> sa.Engine:
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # the cause would quote parts of it, passwords too
        raise StoreUnavailableError("given", "not a database URL: give sqlite:///PATH or postgresql://…") from None
    hidden = _shown(address)
    connect: dict[str, Any]
    match address.get_backend_name():
        case "sqlite":
            connect = {"timeout": config.lock_timeout_s}
            if address.database and address.database != ":memory:" and Path(address.database).parent.is_dir():
                with suppress(OSError):  # what cannot be made is told of when it is opened
                    make_private(Path(address.database))
        case "postgresql" | "postgres":
            address = address.set(drivername="postgresql+psycopg")
            # Compiling these short queries would take far longer than running them.
            connect = {"options": f"-c lock_timeout={int(config.lock_timeout_s * 1000)} -c timezone=UTC -c jit=off"}
        case other:
            raise StoreUnavailableError(hidden, f"{other} is not supported: give sqlite:///PATH or postgresql://…")
    try:
        engine = sa.create_engine(
            address, connect_args=connect, json_serializer=partial(json.dumps, ensure_ascii=False, allow_nan=False)
        )
    except ModuleNotFoundError as error:
        raise StoreUnavailableError(hidden, "needs a driver: pip install 'burnwatch[postgres]'") from error
    if address.get_backend_name() == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _shown(address: sa.URL) -> str:
    """The address without what may be secret: a password may also stand among its options."""
    return address.set(query={}).render_as_string(hide_password=True)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin transactions at moments of its own
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A writer takes the lock at once: upgrading a reader's fails where another writer came between.
    write = connection.get_execution_options().get("burnwatch_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


# What SQLite says, and what to do about it.
_REMEDIES = {
    "database is locked": "another process has been writing to it for too long: wait for that one, or end it, and run again",
    "readonly database": "give this user the right to write to it and its folder, or make the disk writable",
    "unable to open database file": "its folder must be there, and this user must have the right to write to it",
    "malformed": _RESTORE,
    "not a database": _RESTORE,
    "disk is full": "make room and run the same command again: nothing is half-written",
}


def _first_line(error: sa.exc.DBAPIError) -> str:
    return _with_remedy(str(error.orig).strip().partition("\n")[0])


def _with_remedy(said: str) -> str:
    return "; ".join([said, *(remedy for words, remedy in _REMEDIES.items() if words in said)])
