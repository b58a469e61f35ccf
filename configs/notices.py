"""Settings of notices: who is told of what, and when."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from configs.section import Section

Name = Annotated[str, StringConstraints(pattern=r"^\S(.{0,58}\S)?$")]
EnvironmentName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
ClockSpan = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]


class NoticeRule(Section):
    """Who is told of which flags or findings; all conditions of a rule hold together."""

    name: Name = Field(description="what the rule is called; another name is another rule, which tells again")
    what: Literal["flag", "finding"] = Field(
        default="finding", description="tell of new open flags, or of the news of findings"
    )
    min_unexpectedness: float | None = Field(default=None, description="only from this unexpectedness on")
    listed: bool = Field(default=False, description="only what the day's false discovery rate selected")
    regimes: tuple[Literal["leo", "meo", "geo", "heo"], ...] = Field(
        default=(), description="only in these regimes; empty for all"
    )
    watch_lists: tuple[str, ...] = Field(
        default=(), description="only objects of one of these lists (`burnwatch watch`); empty for all"
    )
    assets: bool = Field(default=False, description="only what a protected asset did, or what has one for a neighbor")
    to: tuple[EnvironmentName, ...] = Field(
        min_length=1,
        description="names of the environment variables that hold the addresses, each an Apprise URL; never the address itself",
    )
    quiet_hours: ClockSpan | None = Field(
        default=None, description="nothing is sent in these hours but after them, as 22:00-06:00 (UTC)"
    )
    digest: ClockTime | None = Field(
        default=None, description="collect and send once a day at this time, as 06:30 (UTC); null for at once"
    )

    @field_validator("quiet_hours")
    @classmethod
    def _some_hours(cls, value: str | None) -> str | None:
        if value is not None and value[:5] == value[6:]:
            raise ValueError("quiet hours must begin and end at different times")
        return value

    @field_validator("to")
    @classmethod
    def _each_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("names an environment variable twice")
        return value

    def quiet(self) -> tuple[time, time] | None:
        """Begin and end of the quiet hours (UTC)."""
        if self.quiet_hours is None:
            return None
        begin, end = (time.fromisoformat(one) for one in self.quiet_hours.split("-"))
        return begin, end


class NoticesConfig(Section):
    """Who is told of new flags and findings."""

    rules: tuple[NoticeRule, ...] = Field(
        default=(),
        description="rules of name, what (flag or finding), to (names of environment variables that hold Apprise URLs) and, as "
        "needed, min_unexpectedness, listed, regimes, watch_lists, assets, quiet_hours (22:00-06:00), digest (06:30)",
    )
    look_back_days: float = Field(
        default=2.0, gt=0, description="flags and news older than this are not told of any more [d]"
    )
    lease_minutes: float = Field(
        default=10.0, gt=0, description="a sender that was killed leaves its messages to the next one after this [min]"
    )
    first_pause_minutes: float = Field(
        default=1.0, gt=0, description="pause after a first failure to send; each further one doubles it [min]"
    )
    longest_pause_minutes: float = Field(default=240.0, gt=0, description="longest pause between two tries [min]")
    give_up_days: float = Field(default=7.0, gt=0, description="what could not be sent for this long is given up [d]")

    @model_validator(mode="after")
    def _names_differ(self) -> NoticesConfig:
        names = [rule.name for rule in self.rules]
        if len(set(names)) < len(names):
            raise ValueError("two rules have the same name")
        return self
