"""What a rule of notices wants told, to whom, when and in which words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from catalog.assets import Assets
from configs.notices import NoticeRule
from review.flags import Flag
from review.fleets import FleetLine, in_lines
from review.queries import RANKED, record
from review.records import FindingRecord, FlagRecord, News, Status
from review.store import FlagStore
from review.words import UNKNOWN, headline, number

REASONS_TOLD = 3
_NAMES_TOLD = 10
_FLEET_LETTERS = 36  # as many as an outbox holds of a subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message that a rule wants sent to a target, once: ``key`` is made of all that it tells.

    ``target`` is the name of the environment variable that holds the address, ``due_at`` when to send it [UTC].
    """

    key: str
    rule: str
    target: str
    subject: str
    subject_id: str
    title: str
    body: str
    due_at: datetime


def due_at(rule: NoticeRule, now: datetime) -> datetime:
    """When something new is to be told under a rule: at the digest's next time, and after quiet hours [UTC]."""
    at = now if rule.digest is None else _next(now, time.fromisoformat(rule.digest))
    return quiet_until(rule, at) or at


def quiet_until(rule: NoticeRule, at: datetime) -> datetime | None:
    """The end of the rule's quiet hours if ``at`` lies within them [UTC]."""
    hours = rule.quiet()
    if hours is None:
        return None
    begin, end = hours
    clock = at.timetz().replace(tzinfo=None)
    within = begin <= clock < end if begin < end else clock >= begin or clock < end
    return _next(at, end) if within else None


def wanted_notices(
    store: FlagStore, rule: NoticeRule, assets: Assets, *, since: datetime, now: datetime, desk: str
) -> Iterator[Notice]:
    """The notices of a rule, one for each of its targets and for each flag or piece of news since ``since``.

    What many of a fleet do on a day is told once (`review.fleets`), unless the rule is of chosen objects.

    Parameters
    ----------
    store : FlagStore
    rule : NoticeRule
    assets : Assets
    since, now : datetime
        In UTC.
    desk : str
        Address of the analysts' desk for links, or ''.

    Raises
    ------
    catalog.assets.AssetError
        The rule names a list that there is not.
    """
    watched = (
        {one.number for each in assets.named(rule.watch_lists) for one in each.objects} if rule.watch_lists else None
    )
    protected = assets.numbers("protected") if rule.assets else None
    due = due_at(rule, now)
    told = _flags(store, rule, since) if rule.what == "flag" else _news(store, rule, since)
    for subject, subject_id, objects, neighbors, what, title, body in told:
        if watched is not None and not watched & objects:
            continue
        if protected is not None and not protected & (objects | neighbors):
            continue
        where = f"flags?text={subject_id}" if subject == "fleet" else f"{subject}s/{subject_id}"
        link = f"\n\n{desk}/{where}" if desk else ""
        for target in rule.to:
            parts = "\x1f".join((rule.name, target, subject, subject_id, what))
            yield Notice(
                key=hashlib.blake2b(parts.encode(), digest_size=32).hexdigest(),
                rule=rule.name,
                target=target,
                subject=subject,
                subject_id=subject_id,
                title=title,
                body=body + link,
                due_at=due,
            )


_Told = tuple[str, str, set[int], set[int], str, str, str]


def _flags(store: FlagStore, rule: NoticeRule, since: datetime) -> Iterator[_Told]:
    where = [Flag.withdrawn_at.is_(None), Flag.status == str(Status.OPEN), Flag.updated_at >= since]
    if rule.regimes:
        where.append(Flag.regime.in_(rule.regimes))
    if rule.listed:
        where.append(Flag.listed.is_(True))
    if rule.min_unexpectedness is not None:
        where.append(Flag.unexpectedness >= rule.min_unexpectedness)
    order = (Flag.unexpectedness.desc().nulls_last(), Flag.burn_time, Flag.flag_id)
    with store.database.reading() as connection:
        flags = [record(row) for row in connection.execute(RANKED.where(*where).order_by(*order)).mappings()]
    chosen = bool(rule.watch_lists or rule.assets)  # who names objects wants each of them
    for line in flags if chosen else in_lines(flags):
        if isinstance(line, FlagRecord):
            yield "flag", line.flag_id, {line.norad_id}, _numbers(line), "", *_flag_words(line)
        else:
            objects = {flag.norad_id for flag in line.flags}
            yield "fleet", line.fleet[:_FLEET_LETTERS], objects, set(), f"{line.day}", *_fleet_words(line)


def _news(store: FlagStore, rule: NoticeRule, since: datetime) -> Iterator[_Told]:
    for finding in store.findings.records(since=since):
        if rule.regimes and finding.regime not in rule.regimes:
            continue
        if rule.listed and not finding.listed:
            continue
        least = rule.min_unexpectedness
        if least is not None and (finding.unexpectedness is None or finding.unexpectedness < least):
            continue
        for news in finding.news:
            if news.at >= since:
                objects = {finding.norad_id, *finding.partners}
                what = f"{news.at.isoformat()} {news.text}"
                yield "finding", finding.finding_id, objects, _numbers(finding), what, *_news_words(finding, news)


def _numbers(told: FlagRecord | FindingRecord) -> set[int]:
    return {int(one["norad_id"]) for one in told.neighbours}


def _flag_words(flag: FlagRecord) -> tuple[str, str]:
    name = flag.name or f"object {flag.norad_id}"
    title = f"{name}: {flag.kind}, unexpectedness {number(flag.unexpectedness, 1)}"
    return title, "\n".join([f"{headline(flag)} (object {flag.norad_id}, {flag.regime})", *_bullets(flag.reasons)])


def _fleet_words(line: FleetLine[FlagRecord]) -> tuple[str, str]:
    names = ", ".join(flag.name for flag in line.flags[:_NAMES_TOLD])
    more = len(line.flags) - _NAMES_TOLD
    return str(line), f"{line}, first seen on {line.day}: {names}" + (f" and {more} more" if more > 0 else "")


def _news_words(finding: FindingRecord, news: News) -> tuple[str, str]:
    when = f"{news.at:%Y-%m-%d %H:%M} UTC"
    lines = [f"{when}: {news.text} (object {finding.norad_id}, {finding.regime}, {finding.state})"]
    if finding.expects:
        lines.append(f"Expected: {finding.expects}")
    if finding.unexpectedness is not None:
        lines.append(f"Unexpectedness {number(finding.unexpectedness, 1)}")
    return finding.headline or f"object {finding.norad_id} {UNKNOWN} {finding.kind}", "\n".join(
        [*lines, *_bullets(finding.reasons)]
    )


def _bullets(reasons: Sequence[str]) -> list[str]:
    return [f"- {reason}" for reason in reasons[:REASONS_TOLD]]


def _next(after: datetime, clock: time) -> datetime:
    """The next instant, from ``after`` on, at which the clock shows this time."""
    at = after.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return at if at >= after else at + timedelta(days=1)
