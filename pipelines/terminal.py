"""What people see in a terminal, and what a pipe gets."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

# Machine output goes to stdout, everything else to stderr, so that a pipe carries data alone.
_stderr = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def note(text: str) -> None:
    """A line for a person, on stderr."""
    _stderr.print(_printable(text))


class Advance(Protocol):
    """Told how much of a long work is done."""

    def __call__(self, steps: int = 1, *, note: str = "") -> None:
        """Another ``steps`` are done; ``note`` says what is at work now."""


def silent(steps: int = 1, *, note: str = "") -> None:
    """Progress that nobody watches: the default of every plain function."""


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Advance]:
    """A progress bar on stderr while a work of ``total`` steps is under way; nothing where stderr is no terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_stderr, transient=True, disable=not _stderr.is_terminal) as bar:
        task = bar.add_task(title, total=total)

        def advance(steps: int = 1, *, note: str = "") -> None:
            bar.update(task, advance=steps, description=f"{title} {note}".rstrip())

        yield advance


def print_table(title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> None:
    """A table on stdout: fitted to the terminal, tab-separated in a pipe.

    Parameters
    ----------
    title : str
    columns : sequence of (header, justify)
        ``justify`` is 'left' or 'right'.
    rows : sequence of sequences
        Cells, already formatted.
    """
    if not sys.stdout.isatty():
        for cells in ([header for header, _ in columns], *rows):
            sys.stdout.write("\t".join(_plain(cell) for cell in cells) + "\n")
        return
    table = Table(title=title or None, title_justify="left", header_style="bold", pad_edge=False)
    for header, justify in columns:
        # Words wrap, figures never do.
        table.add_column(header, justify="right" if justify == "right" else "left", no_wrap=justify == "right")
    for row in rows:
        table.add_row(*(_printable(str(cell)) for cell in row))
    Console(highlight=False, markup=False).print(table)


def _plain(cell: object) -> str:
    return _printable(str(cell)).replace("\t", " ").replace("\n", " ")


def _printable(text: str) -> str:
    # Names come from strangers: no escape sequence of theirs reaches the terminal.
    return "".join(character if character.isprintable() else " " for character in text)
