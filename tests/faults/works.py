"""What a home is worked on with, each piece so that it may be killed at any commit point and done again.

A work ends by itself where it finds that it was done before; times are given, so that two homes can be compared.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from catalog.store import ElementStore
from configs.notices import NoticeRule, NoticesConfig
from configs.schema import BurnwatchConfig
from models.registry import ModelRegistry
from pipelines import backup, desk, notify, promote, report, score, train, upkeep
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.ingest import ingest_files, ingest_simulated
from review.records import Role
from tests.desk_client import logged_in
from tests.desk_home import DESK, PASSWORD
from tests.faults.kill import Work
from tests.naive import catalog as naive
from tests.small_fleet import SMALL
from tests.tle_files import tle_bytes, with_wrong_checksum

RULE = NoticeRule(name="all flags", what="flag", to=("BURNWATCH_TEST_INBOX",))
CONFIG: BurnwatchConfig = SMALL.model_copy(
    update={
        "notices": NoticesConfig(rules=(RULE,), look_back_days=60),
        "desk": DESK,
    }
)
INBOX = "inbox.txt"
COPY = "copy.sqlite"


@dataclass(frozen=True)
class Trial:
    """A work, and the name of the home (see `homes`) that it begins with."""

    work: Work
    begins_with: str


def homes(folder: Path) -> None:
    """Make the homes that works begin with: 'empty' (with files to ingest), 'untrained', 'fleet' (trained), 'half' (scored but for the
    last 40 days), 'scored' (with accounts), 'trained twice' (the second model champion), 'champion damaged' (the second is
    challenger) and 'in parts' (its store in many files).
    """
    inputs = folder / "empty" / "inputs"
    inputs.mkdir(parents=True)
    for number in range(2):
        (inputs / f"{number}.tle").write_text(_three_lines(number))
    (inputs / "bad.tle").write_bytes(with_wrong_checksum(tle_bytes(3)))
    _in_parts(Home.at(folder / "in parts"), folder)
    fleet = Home.at(folder / "fleet")
    ingest_simulated(fleet, CONFIG)
    shutil.copytree(fleet.path, folder / "untrained")
    train.train(fleet, CONFIG)
    twice = Home(shutil.copytree(fleet.path, folder / "trained twice"))
    train.train(twice, CONFIG, detector="isolation-forest")
    unreadable = shutil.copytree(twice.path, folder / "champion damaged")
    for file in fleet.mlflow.glob("artifacts/**/calibration.json"):
        (unreadable / file.relative_to(fleet.path)).write_text("{}")
    ModelRegistry(twice.mlflow).set_champion(2)
    half = Home(shutil.copytree(fleet.path, folder / "half"))
    score.score(half, CONFIG, as_of=_until(half.path) - timedelta(days=40))
    scored = shutil.copytree(half.path, folder / "scored")
    score_all(scored)
    opened = desk.open_desk(Home(scored), CONFIG)
    with opened.flags:
        for name, role in {"ann": Role.ANALYST, "ada": Role.ADMIN}.items():
            opened.accounts.add(name, role, PASSWORD, by="the tests")


def ingest(home: Path) -> None:
    """Element sets of files, one of them no such file."""
    ingest_files(Home.at(home), CONFIG, [home / "inputs"])


def score_all(home: Path) -> None:
    """Score as of the newest element set."""
    score.score(Home(home), CONFIG, as_of=_until(home))


def notify_all(home: Path) -> None:
    """Tell a file of the newest flags."""
    os.environ["BURNWATCH_TEST_INBOX"] = "a file"

    def send(_address: str, title: str, body: str) -> str:
        with (home / INBOX).open("a") as inbox:
            inbox.write(f"{title.removeprefix('(perhaps again) ')}\n{body}\n\f")
        return ""

    # A sender that was killed is given up after its lease.
    for later in (0, CONFIG.notices.lease_minutes + 1):
        notify.notify(Home(home), CONFIG, now=_until(home) + timedelta(minutes=later), send=send)


def write_reports(home: Path) -> None:
    """Pages of the newest findings and of a flag."""
    at = Home(home)
    report.write_reports(at, CONFIG)
    with open_flags(at, CONFIG) as flags:
        first = flags.flags(limit=1)[0].flag_id
    report.write_page(at, CONFIG, first, at.reports / "flag.html")


def verdict(home: Path) -> None:
    """An analyst settles a flag by the API; who is told that it was settled meanwhile leaves it so."""
    opened = desk.open_desk(Home(home), CONFIG)
    with opened.flags as flags:
        flag = flags.flags(limit=1)[0]
        client = logged_in(opened, "ann")
        said = {"to": "confirmed", "expected_version": 1, "note": "seen"}
        answer = client.post(f"/api/v1/flags/{flag.flag_id}/verdict", json=said)
        _expect(answer.status_code, 200, 409)


def accounts(home: Path) -> None:
    """An admin makes an account, raises it and closes it by the API."""
    opened = desk.open_desk(Home(home), CONFIG)
    with opened.flags:
        client = logged_in(opened, "ada")
        new = {"name": "eve", "role": "viewer", "password": PASSWORD}
        _expect(client.post("/api/v1/users", json=new).status_code, 201, 409, 422)
        _expect(client.post("/api/v1/users/eve/role", json={"role": "analyst"}).status_code, 200)
        _expect(client.post("/api/v1/users/eve/deactivate").status_code, 200)


def back_up(home: Path) -> None:
    """A copy of the database of flags."""
    backup.back_up(Home(home), CONFIG, home / COPY)


def keep_up(home: Path) -> None:
    """The store's files merged."""
    upkeep.upkeep(Home(home), CONFIG)


def train_first(home: Path) -> None:
    """The first training of a home."""
    train.train(Home(home), CONFIG)


def train_another(home: Path) -> None:
    """A challenger of another family."""
    train.train(Home(home), CONFIG, detector="isolation-forest")


def promote_unmeasured(home: Path) -> None:
    """The challenger takes the place of a champion that cannot be read: measured, all else is the same but takes long."""
    promote.promote(Home(home), CONFIG, labels=None, controls=None)


def roll_back(home: Path) -> None:
    """The champion before is champion again."""
    promote.roll_back(Home(home))


TRIALS = {
    "ingest": Trial(ingest, "empty"),
    "train": Trial(train_first, "untrained"),
    "train another": Trial(train_another, "fleet"),
    "promote": Trial(promote_unmeasured, "champion damaged"),
    "rollback": Trial(roll_back, "trained twice"),
    "first score": Trial(score_all, "fleet"),
    "score": Trial(score_all, "half"),
    "notify": Trial(notify_all, "scored"),
    "report": Trial(write_reports, "scored"),
    "verdict": Trial(verdict, "scored"),
    "accounts": Trial(accounts, "scored"),
    "backup": Trial(back_up, "scored"),
    "upkeep": Trial(keep_up, "in parts"),
}


def _until(home: Path) -> datetime:
    """When the newest element set became available."""
    return ElementStore(home / "elements", CONFIG.store).coverage()["last_available_at"].max().to_pydatetime()


def _in_parts(home: Home, folder: Path) -> None:
    """Each file so much smaller than the one before that the store does not merge it by itself."""
    lines = tle_bytes(68).splitlines(keepends=True)
    for part in (lines[:120], lines[120:134], lines[134:]):
        (folder / "part.tle").write_bytes(b"".join(part))
        ingest_files(home, CONFIG, [folder / "part.tle"])


def _three_lines(number: int) -> str:
    sets = [
        naive.element_set(norad_id=90_000 + 100 * number + one, tick=(10 + day) * 10**8)
        for one in range(2)
        for day in range(6)
    ]
    return "".join("\n".join((f"0 OBJECT {one['norad_id']}", *naive.tle_lines(one), "")) for one in sets)


def _expect(status: int, *allowed: int) -> None:
    if status not in allowed:
        raise AssertionError(f"the API answered {status}, not one of {allowed}")
