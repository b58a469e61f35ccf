"""Fields that the API's models share."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from review.columns import clean_text

NoradId = Annotated[int, Field(ge=0, le=999_999_999, description="Catalog number of the object")]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Known = float | None

_FIRST, _LAST = datetime(1957, 10, 4, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def _written(value: Any) -> Any:  # noqa: ANN401 - whatever a request holds
    """A time only as RFC 3339 writes it: a bare number is no time."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return value
    raise ValueError("give a time with its zone, like 2026-05-31T12:00:00Z")


def _within(value: datetime) -> datetime:
    """The time itself, or the nearest one that element sets can have: it bounds the same things."""
    return value if _FIRST <= value <= _LAST else min(max(value, _FIRST), _LAST)


Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_within)]
CLEANED = AfterValidator(clean_text)  # after the lengths: what is too long stays so, whatever of it cannot be seen
Words = Annotated[str, Field(max_length=200), CLEANED]
Note = Annotated[str, Field(max_length=10_000, description="Why, in words")]


class Record(BaseModel):
    """What is read from a record of the store; what is not known is null."""

    model_config = ConfigDict(from_attributes=True)


class Asked(BaseModel):
    """What a request holds; a name that is not known is refused, as it would else be passed over in silence."""

    model_config = ConfigDict(extra="forbid")
