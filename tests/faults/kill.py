"""A process that ends at its k-th commit as if the power went: nothing is caught, closed or tidied up."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from functools import wraps
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

KILLED = 86  # exit code of a process that ended itself at a commit point
# Imported once, before anything is computed: a process that forked while threads of others compute may hang.
_PRELOADED = ["tests.faults.works"]

Work = Callable[[Path], None]


def commit_points(work: Work, home: Path) -> list[str]:
    """Do the work to its end in a process of its own; the commit points that it passed, in their order."""
    return _run(work, home, None)


def killed_at(point: int, work: Work, home: Path) -> bool:
    """Do the work until its commit point of this number, from 1, and end there; False where it has fewer."""
    return not _run(work, home, point)


def _run(work: Work, home: Path, kill_at: int | None) -> list[str]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(sender, work, home, kill_at))
    process.start()
    sender.close()
    try:
        passed: list[str] = receiver.recv()
    except EOFError:
        passed = []
    process.join()
    if process.exitcode != (0 if passed else KILLED):
        raise AssertionError(f"{work.__name__} ended with exit code {process.exitcode}: see its traceback above")
    return passed


def _child(sender: Connection, work: Work, home: Path, kill_at: int | None) -> None:
    passed: list[str] = []

    def point(name: str) -> None:
        passed.append(name)
        if len(passed) == kill_at:
            os._exit(KILLED)

    _watch_files(point, home)
    _watch_databases(point)
    work(home)
    sender.send([*passed, "the end"])


def _watch_files(point: Callable[[str], None], home: Path) -> None:
    """Files under ``home`` that take another's place, or go, or grow durably."""

    def watched(action: Callable[..., Any], name: str, path_at: int) -> Callable[..., Any]:
        @wraps(action)
        def step(*args: Any, **kwargs: Any) -> Any:
            path = os.fspath(args[path_at])
            inside = isinstance(path, str) and path.startswith(str(home)) and os.path.lexists(args[0])
            if inside:
                point(f"before {name} {_shown(path, home)}")
            result = action(*args, **kwargs)
            if inside:
                point(f"after {name} {_shown(path, home)}")
            return result

        return step

    os.replace = watched(os.replace, "replacing", 1)
    os.unlink = watched(os.unlink, "removing", 0)
    from catalog.ledger import Ledger

    append = Ledger._append

    def noted(ledger: Ledger, entry: dict[str, Any]) -> None:
        point("before a line of the ledger")
        append(ledger, entry)
        point("after a line of the ledger")

    Ledger._append = noted  # type: ignore[method-assign]


def _watch_databases(point: Callable[[str], None]) -> None:
    """Commits of every SQLite database that change something."""
    import sqlalchemy as sa
    from sqlalchemy.engine.default import DefaultDialect

    commit = DefaultDialect.do_commit
    changes: dict[int, int] = {}
    sa.event.listen(sa.Pool, "connect", lambda connection, _: changes.pop(id(connection), None))

    def watched(dialect: DefaultDialect, connection: Any) -> None:
        own = getattr(
            connection, "dbapi_connection", connection
        )  # the driver's, whose id is its own as long as it is open
        total, known = own.total_changes, changes.get(id(own), 0)
        if total == known:
            commit(dialect, connection)
            return
        changes[id(own)] = total
        point("before a commit")
        commit(dialect, connection)
        point("after a commit")

    DefaultDialect.do_commit = watched  # type: ignore[method-assign]


def _shown(path: str, home: Path) -> str:
    name = os.path.relpath(path, home)
    return "/".join(part if "." not in part[1:] or len(part) < 25 else f"*{part[-8:]}" for part in name.split("/"))
