"""What people see in a terminal, and what a pipe gets."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

# Machine output goes to stdout, everything else to stderr, so that a pipe carries data alone.
_stderr = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

_GUTTER = "  "
_WORTH_WRAPPING = 40  # cells that a row may be too long before its words go under it
_SHORTEST = 12  # cells that a cut word keeps


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


def print_table(
    columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]], *, below: Sequence[str] = ()
) -> None:
    """A table on stdout: fitted to the terminal, tab-separated in a pipe.

    Parameters
    ----------
    columns : sequence of (header, justify)
        ``justify`` is 'left' for words, which may wrap, 'whole' for what may not, or 'right' for figures.
    rows : sequence of sequences
        Cells, already formatted.
    below : sequence of str
        Columns that go under their row where the terminal is too narrow to have them beside it.
    """
    if not sys.stdout.isatty():
        for cells in ([header for header, _ in columns], *rows):
            sys.stdout.write("\t".join(_plain(cell) for cell in cells) + "\n")
        return
    console = Console(highlight=False, markup=False)
    shown = [[_printable(str(cell)) for cell in row] for row in rows]
    headers = [header for header, _ in columns]
    widths = [max(map(cell_len, column)) for column in zip(headers, *shown, strict=True)]
    if below and sum(widths) + len(_GUTTER) * len(widths) > console.width + _WORTH_WRAPPING:
        under = {headers.index(name) for name in below}
        _print_in_two_lines(console, columns, shown, widths, under)
        return
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, len(_GUTTER), 0, 0))
    for header, justify in columns:
        table.add_column(header, justify="right" if justify == "right" else "left", no_wrap=justify != "left")
    for row in shown:
        table.add_row(*row)
    console.print(table)


def _print_in_two_lines(
    console: Console,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[str]],
    widths: list[int],
    under: set[int],
) -> None:
    """Rows of the columns that are not ``under``, in which words are cut to fit; beneath each the others."""
    beside = [index for index in range(len(columns)) if index not in under]
    spare = console.width - sum(widths[index] + len(_GUTTER) for index in beside) + len(_GUTTER)
    for index in beside:
        if columns[index][1] == "left" and spare < 0:
            cut = min(-spare, max(widths[index] - _SHORTEST, 0))
            widths[index], spare = widths[index] - cut, spare + cut

    def line(cells: Sequence[str]) -> Text:
        parts = []
        for index in beside:
            part = Text(cells[index])
            part.truncate(widths[index], overflow="ellipsis")
            part.align("right" if columns[index][1] == "right" else "left", widths[index])
            parts.append(part)
        return Text(_GUTTER).join(parts)

    heading = line([header for header, _ in columns])
    heading.stylize("bold")
    console.print(heading, no_wrap=True)
    for row in rows:
        console.print(line(row), no_wrap=True)
        words = ": ".join(row[index] for index in sorted(under) if row[index])
        console.print(Padding(Text(words), (0, 0, 0, 2 * len(_GUTTER))))


def _plain(cell: object) -> str:
    return _printable(str(cell)).replace("\t", " ").replace("\n", " ")


def _printable(text: str) -> str:
    # Names come from strangers: no escape sequence of theirs reaches the terminal.
    return "".join(character if character.isprintable() else " " for character in text)
