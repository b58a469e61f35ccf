"""Tell people of new flags and findings, by the rules of the configuration."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pandas as pd

from catalog.asset_store import AssetStore
from catalog.assets import AssetError
from pipelines.flags import open_flags
from pipelines.runs import clear_away, recorded
from review.clock import check_clock
from review.notice_rules import quiet_until, wanted_notices
from review.notices import Outbox

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home
    from review.store import FlagStore

Send = Callable[[str, str, str], str]


@dataclass(frozen=True)
class NotifySummary:
    """What one run of the notices did: notices made and told of, messages sent, and what keeps others from being sent."""

    made: int
    told: int
    messages: int
    waiting: int
    given_up: int
    problems: tuple[str, ...]

    def lines(self) -> list[str]:
        """The summary for a person."""
        lines = [f"{self.made} new notices; {self.told} sent in {self.messages} messages, {self.waiting} waiting"]
        if self.given_up:
            lines.append(f"{self.given_up} given up: nobody could be told of them for too long")
        return lines + [f"problem: {problem}" for problem in self.problems]


def notify(
    home: Home, config: BurnwatchConfig, *, now: datetime | None = None, send: Send | None = None
) -> NotifySummary:
    """Make the notices that the rules want, and send what is due.

    Safe to kill at any instant, to repeat and to run beside another: a notice is made once for each rule, target and
    piece of news, and taken by one sender at a time. One rule or target at fault does not keep the others from theirs.

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
    now : datetime, optional
        The time it is taken to be [UTC].
    send : callable, optional
        Takes address, title and body, and gives what went wrong or ''; `deliver` by default.
    """
    moment = now or datetime.now(UTC)
    if now is None:
        check_clock(home.path, pd.Timestamp(moment), config.store)
    with open_flags(home, config) as flags:
        outbox = Outbox(flags.database, config.notices)
        made, problems = _make(home, config, flags, outbox, moment)
        told = messages = 0
        if made or problems or outbox.due(moment):  # a run that finds nothing to do leaves no trace in the log of runs
            with recorded(home, config, "notify") as run:
                told, messages, kept = _send(config, outbox, now, send or deliver)
                problems += kept
                run.summary |= {"made": made, "told": told, "messages": messages, "problems": problems}
                run.failed = bool(problems)
        else:
            clear_away(home, config)
        return NotifySummary(made, told, messages, outbox.waiting(moment), outbox.given_up(moment), tuple(problems))


def _make(
    home: Home, config: BurnwatchConfig, flags: FlagStore, outbox: Outbox, now: datetime
) -> tuple[int, list[str]]:
    """Put into the outbox what the rules want; how many notices are new, and which rules are at fault."""
    assets = AssetStore(home.path).load()
    since = now - timedelta(days=config.notices.look_back_days)
    made, problems = 0, []
    for rule in config.notices.rules:
        try:
            wanted = wanted_notices(flags, rule, assets, since=since, now=now, desk=config.desk.public_url)
            made += outbox.put(wanted, now)
        except AssetError as error:
            problems.append(f"rule {rule.name!r}: {error}")
    return made, problems


def _send(config: BurnwatchConfig, outbox: Outbox, now: datetime | None, send: Send) -> tuple[int, int, list[str]]:
    """Send what is due: how many notices in how many messages, and which targets could not be told."""
    told, messages, problems = 0, 0, []
    for rule in config.notices.rules:
        for target in rule.to:
            while not quiet_until(rule, moment := now or datetime.now(UTC)):
                claimed = outbox.claim(rule.name, target, moment)
                if claimed is None:
                    break
                title = f"(perhaps again) {claimed.title}" if claimed.repeated else claimed.title
                address = os.environ.get(target, "")
                why = send(address, title, claimed.body) if address else "is not set in the environment"
                moment = now or datetime.now(UTC)
                if why:
                    outbox.failed(claimed, moment, why)
                    problems.append(f"rule {rule.name!r}, target ${target}: {why}")
                    break
                outbox.sent(claimed, moment)
                told += len(claimed.notice_ids)
                messages += 1
    return told, messages, problems


def deliver(address: str, title: str, body: str) -> str:
    """Send a message to an Apprise URL; what went wrong, without anything of the URL, or ''."""
    try:
        import apprise
    except ModuleNotFoundError:
        return "needs Apprise: pip install 'burnwatch[review]'"
    asset = apprise.AppriseAsset(
        app_id="burnwatch",
        app_desc="Maneuvers of objects in orbit",
        app_url="",
        async_mode=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    with _log_held_back() as said:
        try:
            target = apprise.Apprise(asset=asset)
            if not target.add(address):
                return "does not hold an Apprise URL"
            if target.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT):
                return ""
        except Exception as error:  # noqa: BLE001 - a service's plugin at fault must not keep the others from being told
            return f"was not told ({type(error).__name__})"
    return f"was not told: {_without(address, said.getvalue())}"


@contextmanager
def _log_held_back() -> Iterator[StringIO]:
    """Apprise's warnings, kept from every log: these and the lines of what it calls hold parts of the address."""
    said = StringIO()
    handler = logging.StreamHandler(said)
    apprise, *others = loggers = [logging.getLogger(name) for name in ("apprise", "requests", "urllib3")]
    before = [(logger.level, logger.propagate) for logger in loggers]
    apprise.addHandler(handler)
    apprise.propagate = False
    apprise.setLevel(logging.WARNING)
    for logger in others:
        logger.setLevel(logging.CRITICAL)
    try:
        yield said
    finally:
        apprise.removeHandler(handler)
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.setLevel(level)
            logger.propagate = propagate


def _without(address: str, text: str) -> str:
    """The text without any part of the address that may be secret."""
    parts = sorted(set(re.split(r"[^\w.~-]+", f"{address} {unquote(address)}")), key=len, reverse=True)
    for part in parts:
        if len(part) >= 4 and part != address.partition(":")[0]:
            text = re.sub(re.escape(part), "…", text, flags=re.IGNORECASE)
    return " ".join(text.split())[:300]
