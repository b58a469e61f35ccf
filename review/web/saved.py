"""Saved views: filters of the queue under a name."""

from __future__ import annotations

from dataclasses import dataclass

from review.accounts import User
from review.desk import Desk
from review.filters import Filter
from review.records import Status


@dataclass(frozen=True, slots=True)
class View:
    """A name for a filter: one that every desk has, or a saved one with its id; ``owner`` where it is another's."""

    name: str
    query: str
    view_id: int = 0
    mine: bool = False
    owner: str = ""


def views_of(_: Desk, user: User) -> list[View]:
    """The views that a user can choose from."""
    return [
        View("To settle", Filter(statuses=(Status.OPEN, Status.IN_REVIEW)).query()),
        View("Mine", Filter(assignee=user.name).query()),
        View("Listed", Filter(listed=True).query()),
        View("All", ""),
    ]
