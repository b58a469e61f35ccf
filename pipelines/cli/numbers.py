"""Numbers and names as people type them."""

from __future__ import annotations

import re

import typer

MOST_NORAD_ID = 999_999_999
MOST_ROWS = 2**31 - 1  # what every database and every library takes for a whole number
MOST_WORKERS = 1024
MOST_PORT = 65_535


def catalog_numbers(ids: str, *, option: str = "--ids") -> list[int]:
    """The numbers in ``ids``, separated by commas.

    Raises
    ------
    typer.BadParameter
        Where there is none, or something else.
    """
    parts = [part.strip() for part in ids.split(",") if part.strip()]
    for part in parts:
        if not re.fullmatch(r"[0-9]{1,9}", part) or not int(part):
            wanted = f"wants catalog numbers from 1 to {MOST_NORAD_ID}, separated by commas"
            raise typer.BadParameter(f"{option} {wanted}, not {part[:40]!r}")
    if not parts:
        raise typer.BadParameter(f"{option} names no object")
    return [int(part) for part in parts]


def not_blank(words: str | list[str] | None) -> str | list[str] | None:
    """What was typed, where each word says something; for the ``callback`` of an option or argument.

    Raises
    ------
    typer.BadParameter
        One is empty or blank.
    """
    if any(not word.strip() for word in ([words] if isinstance(words, str) else words or ())):
        raise typer.BadParameter("is empty: say which")
    return words
