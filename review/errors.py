"""What can go wrong in keeping, settling and showing flags."""

from __future__ import annotations

from collections.abc import Sequence

from configs.errors import BurnwatchError
from review.records import FlagRecord, VerdictRecord


class ReviewError(BurnwatchError):
    """Base of every error that the package ``review`` raises."""


class StoreUnavailableError(ReviewError):
    """The database of flags cannot be opened, is locked for too long or belongs to a newer program.

    Attributes
    ----------
    url : str
        The database's URL without its password.
    """

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        super().__init__(f"flag database {url}: {reason}")


class InvalidFrameError(ReviewError):
    """A frame cannot be stored; nothing of it was written.

    Attributes
    ----------
    field : str
        The column at fault.
    """

    what = "frame"

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        super().__init__(f"{self.what}: {field}: {reason}")


class InvalidEventsError(InvalidFrameError):
    """A frame of events cannot become flags."""

    what = "events"


class InvalidFindingsError(InvalidFrameError):
    """A frame of findings cannot be stored."""

    what = "findings"


class UnknownFlagError(ReviewError):
    """No flag has this id, nor one that begins like it."""

    def __init__(self, flag_id: str) -> None:
        self.flag_id = flag_id
        super().__init__(f"no flag {flag_id!r}: list them with `burnwatch flags`")


class AmbiguousIdError(ReviewError):
    """Several ids of flags or findings begin like this.

    Attributes
    ----------
    matches : tuple of str
        Some of them.
    """

    def __init__(self, prefix: str, matches: Sequence[str]) -> None:
        self.prefix = prefix
        self.matches = tuple(matches)
        super().__init__(f"{prefix!r} is not the only one: give more of its id ({', '.join(self.matches)})")


class UnknownFindingError(ReviewError):
    """No finding has this id, nor one that begins like it."""

    def __init__(self, finding_id: str) -> None:
        self.finding_id = finding_id
        super().__init__(f"no finding {finding_id!r}: list them with `burnwatch findings`")


class UnknownIdError(ReviewError):
    """Neither a flag nor a finding has this id, nor one that begins like it."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        super().__init__(f"no finding or flag {wanted!r}: list them with `burnwatch findings` or `burnwatch flags`")


class ConflictError(ReviewError):
    """Someone else changed the flag since it was read; nothing was written.

    Attributes
    ----------
    expected_version, version : int
        What the caller had read, and what is there now.
    flag : FlagRecord
        The flag as it is now.
    step : VerdictRecord or None
        The last step of its review since it was read; None where only scoring changed it.
    """

    def __init__(self, flag: FlagRecord, expected_version: int, step: VerdictRecord | None) -> None:
        self.flag_id = flag.flag_id
        self.expected_version = expected_version
        self.version = flag.version
        self.flag = flag
        self.step = step
        if step is None:
            did = "scoring changed it"
        elif step.from_status == step.to_status:
            did = f"{step.who} assigned it to {step.assignee}"
        else:
            did = f"{step.who} moved it from {str(step.from_status)!r} to {str(step.to_status)!r}"
        super().__init__(
            f"flag {flag.flag_id} changed since it was read (version {expected_version}, now {flag.version}): {did}; "
            "read it again"
        )


class BadTransitionError(ReviewError):
    """The rules of review do not lead from the flag's status to the one asked for."""

    def __init__(self, flag_id: str, from_status: str, to_status: str, allowed: Sequence[str]) -> None:
        self.flag_id = flag_id
        self.from_status = from_status
        self.to_status = to_status
        self.allowed = tuple(allowed)
        super().__init__(
            f"flag {flag_id} is {from_status!r} and cannot become {to_status!r}: it can become {', '.join(self.allowed)}"
        )


class InvalidVerdictError(ReviewError):
    """A verdict without a name, too long to keep, or with a kind that it cannot have.

    Attributes
    ----------
    field : str
        What is at fault: ``who``, ``note``, ``kind`` or ``assignee``.
    """

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        super().__init__(reason)


class InvalidFilterError(ReviewError):
    """A filter of the queue that means nothing.

    Attributes
    ----------
    field : str
        The parameter at fault.
    """

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        super().__init__(f"{field}: {reason}")
