"""What is installed, reachable, configured and stale."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import pandas as pd

from configs.load import ConfigError, config_hash, load_config
from configs.schema import BurnwatchConfig
from pipelines.errors import PipelineError
from pipelines.home import Home
from pipelines.login import login_path, read_login
from pipelines.schedules import Server, ServerError, missed
from pipelines.serve import Served

LIBRARIES = (
    "numpy",
    "pandas",
    "pyarrow",
    "sgp4",
    "scikit-learn",
    "torch",
    "mlflow",
    "prefect",
    "fastapi",
    "sqlalchemy",
)
# Of the extra ``review``, by the names that they are imported by.
DESK_LIBRARIES = ("apprise", "django_htmx", "matplotlib", "python_multipart", "reportlab", "uvicorn")
# Passwords' and tokens' hashes, what was asked of whom, and what programs said.
PRIVATE_FILES = (
    "review.sqlite*",
    "mlflow/mlflow.db*",
    "prefect/prefect.db*",
    "ledger/*/*.jsonl",
    "ledger/*/*.body",
    "state/*.log",
)
STALE_DAYS = 3.0
UNSAVED_DAYS = 30.0  # verdicts that have been in no backup for longer are work that may be lost any day
SMALL_DISK_GB = 2.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    state: Literal["ok", "note", "broken"]
    subject: str
    text: str

    def as_dict(self) -> dict[str, str]:
        """The finding for a program."""
        return asdict(self)


def examine(home_path: Path, config_path: Path | None, *, deep: bool = False) -> list[Finding]:
    """Look at everything that a scheduled run needs; one check that breaks does not hide the others.

    Parameters
    ----------
    home_path, config_path : Path
    deep : bool
        Read every byte of the store and the databases too.
    """
    findings = [*_installed()]
    try:
        config = load_config(config_path)
        findings.append(Finding("ok", "configuration", f"{config_path or 'defaults'}, hash {config_hash(config)}"))
    except ConfigError as error:
        findings.append(Finding("broken", "configuration", str(error)))
        config = BurnwatchConfig()
    try:
        home = Home.at(home_path)
    except PipelineError as error:
        return [*findings, Finding("broken", "home", str(error))]
    checks: tuple[tuple[str, Callable[[Home, BurnwatchConfig], Iterator[Finding]]], ...] = (
        ("home", _home),
        ("home", _privacy),
        ("clock", clock),
        ("element sets", _element_sets),
        ("objects", _objects),
        ("space weather", _weather),
        ("quarantine", _quarantine),
        ("models", _models),
        ("flags", _flags),
        ("scoring", _scoring),
        ("backup", backed_up),
        ("desk", _desk),
        ("notices", _notices),
        ("Prefect", _prefect),
        ("Space-Track", _spacetrack),
        ("sources", held_sources),
        *((("every byte", _every_byte),) if deep else ()),
    )
    for subject, check in checks:
        try:
            findings.extend(check(home, config))
        except Exception as error:  # noqa: BLE001 - a broken part is what the doctor is asked to find
            findings.append(Finding("broken", subject, f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"))
    return findings


def _installed() -> Iterator[Finding]:
    found, missing = [], []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    yield Finding(
        "ok", "installed", f"burnwatch {version('burnwatch')}, Python {platform.python_version()}, {', '.join(found)}"
    )
    if missing:
        yield Finding("broken", "installed", f"missing: {', '.join(missing)}; install with -c constraints.txt")


def _home(home: Home, _config: BurnwatchConfig) -> Iterator[Finding]:
    free_gb = shutil.disk_usage(home.path).free / 1e9
    state: Literal["ok", "note"] = "ok" if free_gb > SMALL_DISK_GB else "note"
    writable = os.access(home.path, os.W_OK)
    yield Finding(
        state if writable else "broken",
        "home",
        f"{home.path}, {free_gb:.0f} GB free" + ("" if writable else ", not writable"),
    )


def _privacy(home: Home, _config: BurnwatchConfig) -> Iterator[Finding]:
    if home.path.stat().st_mode & 0o007:
        yield Finding("note", "home", f"everybody on this machine may look into it: chmod 750 {home.path}")
    files = [path for pattern in PRIVATE_FILES for path in sorted(home.path.glob(pattern)) if path.is_file()]
    read = [str(path) for path in files if path.stat().st_mode & 0o077]
    if read:
        more = f" and {len(read) - 3} more" if len(read) > 3 else ""
        yield Finding("note", "home", f"others than its owner may read {', '.join(read[:3])}{more}: chmod 600 them")


def _element_sets(home: Home, config: BurnwatchConfig) -> Iterator[Finding]:
    from catalog.store import ElementStore

    coverage = ElementStore(home.elements, config.store).coverage()
    if coverage.empty:
        yield Finding("note", "element sets", "none yet: burnwatch ingest")
        return
    newest = coverage["last_epoch"].max()
    age_days = (pd.Timestamp.now("UTC") - newest).total_seconds() / 86_400
    text = f"{coverage['count'].sum():,} of {len(coverage):,} objects, newest epoch {newest:%Y-%m-%d %H:%M} UTC"
    if age_days > STALE_DAYS:
        yield Finding("note", "element sets", f"{text}: {age_days:.0f} days old")
    else:
        yield Finding("ok", "element sets", text)


def _objects(home: Home, _config: BurnwatchConfig) -> Iterator[Finding]:
    from catalog.objects import ObjectCatalog

    objects = ObjectCatalog(home.path).load()
    if objects.empty:
        yield Finding("note", "objects", "no names or owners: burnwatch ingest objects PATH")
    else:
        yield Finding("ok", "objects", f"{len(objects):,} known by name")


def _weather(home: Home, _config: BurnwatchConfig) -> Iterator[Finding]:
    from catalog.weather import WeatherTable

    weather = WeatherTable(home.path).load()
    if weather is None or weather.empty:
        yield Finding("note", "space weather", "none: a storm may be taken for burns; burnwatch ingest weather PATH")
    else:
        yield Finding("ok", "space weather", f"{len(weather):,} days up to {weather['date'].max():%Y-%m-%d}")


def _quarantine(home: Home, _config: BurnwatchConfig) -> Iterator[Finding]:
    from catalog import quarantine

    refused = quarantine.read(home.path)
    if len(refused):
        yield Finding("note", "quarantine", f"{len(refused):,} refused records in {home.path / 'quarantine'}")


def _models(home: Home, _config: BurnwatchConfig) -> Iterator[Finding]:
    from models.registry import AliasNotFoundError, ModelRegistry

    try:
        champion = ModelRegistry(home.mlflow).resolve("champion")
    except AliasNotFoundError as error:
        yield Finding("note", "models", str(error))
    else:
        yield Finding("ok", "models", f"champion is version {champion.version}, {champion.detector.name}")


def _flags(home: Home, config: BurnwatchConfig) -> Iterator[Finding]:
    from pipelines.flags import open_flags

    with open_flags(home, config) as flags:
        yield Finding("ok", "flags", f"{flags.count():,} flags")


def _scoring(home: Home, config: BurnwatchConfig) -> Iterator[Finding]:
    from pipelines.flags import open_flags
    from pipelines.standing import misfits

    with open_flags(home, config) as flags:
        anew = misfits(home.state, flags)
    if anew:
        what = "restore what is lost from a backup; else the next `burnwatch score` scores everything anew"
        yield Finding("broken", "scoring", f"{'; '.join(anew)}: {what}")
    else:
        yield Finding("ok", "scoring", "what was scored, its events and the flags fit each other")


def backed_up(home: Home, config: BurnwatchConfig) -> Iterator[Finding]:
    """How old the last backup is of what cannot be made anew, and what is not in it."""
    from pipelines.flags import open_flags
    from review.backup import unsaved
    from review.run_words import count

    with open_flags(home, config) as flags:
        if not flags.database.is_file:
            yield Finding("ok", "backup", "left to PostgreSQL's own means, such as pg_dump")
            return
        last, number, since = unsaved(flags.database)
    now = datetime.now(UTC)
    text = f"the last one is of {last:%Y-%m-%d %H:%M} UTC, {count((now - last).days, 'day')} old" if last else "never"
    if since is None:
        yield Finding(
            "ok", "backup", f"{text}; no verdict or account is newer" if last else f"{text}, nothing to lose yet"
        )
        return
    state: Literal["note", "broken"] = "broken" if now - since > timedelta(days=UNSAVED_DAYS) else "note"
    things = f"{count(number, 'verdict or account', 'verdicts or accounts')} since {since:%Y-%m-%d} in {flags.database.name} alone"
    yield Finding(state, "backup", f"{text}; {things}: burnwatch backup FILE")


def _every_byte(home: Home, config: BurnwatchConfig) -> Iterator[Finding]:
    from pipelines.upkeep import damages

    found = damages(home, config)
    for text in found:
        yield Finding("broken", "every byte", text)
    if not found:
        yield Finding("ok", "every byte", "the store and the databases are what was written")


def _desk(home: Home, config: BurnwatchConfig) -> Iterator[Finding]:
    from pipelines.desk import UNNAMED_PROXY, open_desk
    from review.records import Role

    missing = [name for name in DESK_LIBRARIES if find_spec(name) is None]
    if missing:
        yield Finding("note", "desk", f"missing: {', '.join(missing)}; pip install 'burnwatch[review]' for it")
        return
    if config.desk.public_url and not config.desk.proxy_addresses:
        yield Finding("note", "desk", UNNAMED_PROXY)
    desk = open_desk(home, config)
    with desk.flags:
        users = [account for account in desk.accounts.all() if account.active]
    if not any(account.user.role is Role.ADMIN for account in users):
        yield Finding("note", "desk", "nobody can keep its accounts: burnwatch users add NAME --role admin")
    else:
        yield Finding("ok", "desk", f"{len(users)} user{'' if len(users) == 1 else 's'}: burnwatch review opens it")


def _notices(home: Home, config: BurnwatchConfig) -> Iterator[Finding]:
    from catalog.asset_store import AssetStore
    from pipelines.flags import open_flags
    from review.notices import Outbox

    rules = config.notices.rules
    if not rules:
        yield Finding("ok", "notices", "no rules: nobody is told of anything")
        return
    unset = sorted({target for rule in rules for target in rule.to if not os.environ.get(target)})
    if unset:
        yield Finding("broken", "notices", f"not set in the environment: {', '.join(unset)}")
    known = {one.name for one in AssetStore(home.path).load().lists}
    missing = sorted({name for rule in rules for name in rule.watch_lists} - known)
    if missing:
        yield Finding("broken", "notices", f"rules name lists that there are not: {', '.join(missing)}")
    now = datetime.now(UTC)
    with open_flags(home, config) as flags:
        outbox = Outbox(flags.database, config.notices)
        waiting, given_up = outbox.waiting(now), outbox.given_up(now)
    counts = f"{len(rules)} rule{'' if len(rules) == 1 else 's'}, {waiting} notices waiting"
    yield Finding("note" if given_up else "ok", "notices", counts + (f", {given_up} given up" if given_up else ""))


def _prefect(home: Home, _config: BurnwatchConfig) -> Iterator[Finding]:
    """The server that the flows run under, who else may use it, and whether the schedules are kept."""
    served = Served.read(home)
    server = Server.of_prefect(os.environ)
    login = read_login(login_path(home)) if login_path(home).exists() else None
    if server is not None:
        yield exposure(server)
    if served is None:
        if server is None:
            yield Finding("ok", "Prefect", "no server configured: `burnwatch serve` starts its own")
        return
    if served.own and login is not None:
        server = Server(served.prefect_url, login.header)
    if server is None:
        yield Finding("note", "schedules", f"under {served.prefect_url}: set PREFECT_API_URL to have them looked at")
        return
    try:
        wrong = missed(server, datetime.fromisoformat(served.since), datetime.now(UTC))
    except ServerError as error:
        yield Finding("broken", "schedules", f"{error}; if `burnwatch serve` is at work no more, start it again")
        return
    for one in wrong:
        yield Finding("broken", "schedules", str(one))
    if not wrong:
        yield Finding("ok", "schedules", f"kept, under {served.prefect_url}")


def exposure(server: Server) -> Finding:
    """Who may have commands run by a Prefect server that somebody else started."""
    question = ("/deployments/filter", {"limit": 1})
    try:
        Server(server.url).ask(*question)
    except ServerError:
        try:
            server.ask(*question)
        except ServerError as error:
            return Finding("broken", "Prefect", f"PREFECT_API_URL: {error}")
        return Finding("ok", "Prefect", "the server of PREFECT_API_URL answers, and asks for a login")
    who = "any user of this machine" if server.loopback else "whoever reaches it"
    return Finding(
        "note" if server.loopback else "broken",
        "Prefect",
        f"{who} may run commands here through the server of PREFECT_API_URL: it asks for no login; "
        "set PREFECT_SERVER_API_AUTH_STRING for it and PREFECT_API_AUTH_STRING here",
    )


def _spacetrack(_home: Home, config: BurnwatchConfig) -> Iterator[Finding]:
    given = [bool(os.environ.get(name)) for name in ("SPACETRACK_USER", "SPACETRACK_PASSWORD")]
    if all(given):
        yield Finding("ok", "Space-Track", "login is set")
    elif config.schedule.spacetrack_ids:
        yield Finding(
            "broken", "Space-Track", "scheduled, but SPACETRACK_USER and SPACETRACK_PASSWORD are not both set"
        )
    else:
        yield Finding("ok", "Space-Track", "no login set, none needed")


def held_sources(home: Home, _config: BurnwatchConfig) -> Iterator[Finding]:
    """The sources that are asked nothing for now, since they refused."""
    from catalog.sources.holds import SOURCES, holds

    for source, hold in holds(home.path, pd.Timestamp.now("UTC")).items():
        told = f"{hold.reason}; asked nothing from {hold.at:%Y-%m-%d %H:%M} until {hold.until:%Y-%m-%d %H:%M} UTC"
        lift = f"burnwatch ingest {source.replace('-', '')} … --lift-hold"
        yield Finding("broken", SOURCES[source], f"{told}; once the cause is mended: {lift}")


def clock(home: Home, config: BurnwatchConfig) -> Iterator[Finding]:
    """Whether the clock agrees with what the home holds."""
    from review.clock import ClockError, check_clock

    now = pd.Timestamp.now("UTC")
    try:
        check_clock(home.path, now, config.store)
    except ClockError as error:
        yield Finding("broken", "clock", str(error))
    else:
        yield Finding("ok", "clock", f"{now:%Y-%m-%d %H:%M} UTC")
