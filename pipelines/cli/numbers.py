"""Catalog numbers as people type them."""

from __future__ import annotations

import typer


def catalog_numbers(ids: str) -> list[int]:
    """The numbers in ``ids``, separated by commas.

    Raises
    ------
    typer.BadParameter
        Where there is none, or something else.
    """
    try:
        numbers = [int(part) for part in ids.split(",") if part.strip()]
    except ValueError as error:
        raise typer.BadParameter(f"--ids wants catalog numbers separated by commas, not {ids!r}") from error
    if not numbers:
        raise typer.BadParameter("--ids names no object")
    return numbers
