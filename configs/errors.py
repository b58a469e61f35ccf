"""What every error of burnwatch has in common."""

from __future__ import annotations

from typing import Any


class BurnwatchError(Exception):
    """Base of the packages' base errors: it comes whole out of a worker process."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would call the class with the finished message in place of what the message was made from.
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[BurnwatchError], args: tuple[Any, ...]) -> BurnwatchError:
    return kind.__new__(kind, *args)
