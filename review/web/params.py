"""Parameters of a page's address as its form sends them: a field left empty does not narrow."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from pydantic import BeforeValidator, Field

from review.records import State
from review.runs import Outcome


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


_Blank = BeforeValidator(_empty_is_none)

Page = Annotated[int, Query(ge=1, le=100_000)]
Word = Annotated[str, Query(max_length=200)]
Longitude = Annotated[Annotated[float, Field(ge=-180, le=360, allow_inf_nan=False)] | None, _Blank, Query()]
OutcomeParam = Annotated[Outcome | None, _Blank, Query()]
StateParam = Annotated[State | None, _Blank, Query()]
RegimeParam = Annotated[Literal["leo", "meo", "geo", "heo"] | None, _Blank, Query()]
