"""Times, spans and numbers as people type them."""

from datetime import timedelta

import pytest
import typer

from pipelines.cli.numbers import catalog_numbers
from pipelines.cli.times import duration


@pytest.mark.parametrize(
    ("text", "span"), [("1d", timedelta(days=1)), ("12h", timedelta(hours=12)), (" 0.5 d ", timedelta(hours=12))]
)
def test_a_span_is_read(text: str, span: timedelta) -> None:
    assert duration(text) == span


@pytest.mark.parametrize("text", ["", "d", "0d", "-1d", "1", "1 week", "1d2h", "infd"])
def test_what_is_no_span_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="write 1d or 12h"):
        duration(text)


def test_catalog_numbers_are_separated_by_commas() -> None:
    assert catalog_numbers("25544, 20580,") == [25544, 20580]


@pytest.mark.parametrize("text", ["", ",", "ISS", "25544;20580"])
def test_what_are_no_catalog_numbers_is_said(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="--ids"):
        catalog_numbers(text)
