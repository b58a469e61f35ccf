"""Notices reach a real web service at least once, and twice only where nobody can know."""

import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from configs.notices import NoticeRule, NoticesConfig
from configs.schema import BurnwatchConfig
from pipelines.cli.main import app
from pipelines.doctor import examine
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.notify import notify
from review.tables import NoticeRow, RunRow
from tests.notice_server import inbox
from tests.review_examples import event, frame, run

SECRETS = ("s3cr3t", "t0k3n", "user-of-mine")


@pytest.fixture
def home(tmp_path):
    home = Home.at(tmp_path)
    store_flags(home, 1)
    return home


@pytest.fixture
def box(monkeypatch):
    with inbox() as box:
        monkeypatch.setenv("OPS_CHAT", box.url)
        yield box


@pytest.fixture
def mail(monkeypatch):
    with inbox() as box:
        monkeypatch.setenv("OPS_MAIL", box.url)
        yield box


def now():
    return datetime.now(UTC)


def store_flags(home, *numbers):
    with open_flags(home, BurnwatchConfig()) as flags:
        events = [event(number, name=f"OBJECT {number}") for number in numbers]
        flags.upsert(frame(*events), run(at=now()))


def rules(*targets, **values):
    rule = NoticeRule(**{"name": "all flags", "what": "flag", "to": targets or ("OPS_CHAT",), **values})
    return BurnwatchConfig(notices=NoticesConfig(rules=(rule,)))


def stored(home, table):
    with open_flags(home, BurnwatchConfig()) as flags, flags.database.reading() as connection:
        return [dict(row) for row in connection.execute(sa.select(table.__table__)).mappings()]


def test_what_is_new_is_told_once(home, box):
    first = notify(home, rules())
    assert (first.made, first.told, first.messages, first.waiting, first.problems) == (1, 1, 1, 0, ())
    assert box.titles == ["OBJECT 1: orbit raise, unexpectedness 2.5"]
    store_flags(home, 1, 2, 3)
    assert notify(home, rules()).told == 2
    assert box.titles[1:] == ["2 notices: all flags"]
    assert "OBJECT 2" in box.messages[1]["message"]
    assert "OBJECT 3" in box.messages[1]["message"]
    assert notify(home, rules()).told == 0
    assert len(box.messages) == 2


def test_a_target_that_fails_is_tried_again_and_the_others_are_not_told_twice(home, box, mail):
    mail.status = 500
    config = rules("OPS_MAIL", "OPS_CHAT")
    summary = notify(home, config)
    assert (summary.told, summary.waiting) == (1, 1)
    (problem,) = summary.problems
    assert problem.startswith("rule 'all flags', target $OPS_MAIL: was not told")
    assert "500" in problem
    mail.status = 200
    assert notify(home, config).told == 0, "its pause has not ended"
    assert notify(home, config, now=now() + timedelta(minutes=1)).told == 1
    assert mail.titles == box.titles == ["OBJECT 1: orbit raise, unexpectedness 2.5"]


def test_a_service_that_cannot_be_reached_and_an_address_that_is_none_keep_nobody_else_from_it(home, box, monkeypatch):
    monkeypatch.setenv("OPS_GONE", "json://127.0.0.1:9/")
    monkeypatch.setenv("OPS_ODD", "no address at all s3cr3t")
    summary = notify(home, rules("OPS_GONE", "OPS_ODD", "OPS_UNSET", "OPS_CHAT"))
    assert len(box.messages) == 1
    assert "127.0.0.1" not in summary.problems[0], "a part of the address"
    assert [problem.partition("target ")[2].partition(":")[0] for problem in summary.problems] == [
        "$OPS_GONE",
        "$OPS_ODD",
        "$OPS_UNSET",
    ]
    assert summary.problems[1].endswith("does not hold an Apprise URL")
    assert summary.problems[2].endswith("is not set in the environment")


def test_nothing_of_an_address_is_told_logged_or_stored(home, box, caplog, capfd):
    box.status = 403
    caplog.set_level(logging.DEBUG)
    with caplog.at_level(logging.DEBUG, logger="apprise"):
        summary = notify(home, rules())
    assert "error=403" in summary.problems[0]
    out = capfd.readouterr()
    written = (repr(summary), caplog.text, out.out, out.err, repr(stored(home, NoticeRow)), repr(stored(home, RunRow)))
    for secret in SECRETS:
        assert not any(secret in text for text in written), secret


def test_quiet_hours_and_digests_wait_and_come_as_one(home, box):
    base = now().replace(hour=3, minute=0, second=0, microsecond=0)
    config = rules(quiet_hours="22:00-06:00")
    assert (notify(home, config, now=base).told, box.messages) == (0, [])
    store_flags(home, 1, 2)
    assert notify(home, config, now=base + timedelta(hours=2, minutes=59)).waiting == 2
    assert notify(home, config, now=base + timedelta(hours=3)).told == 2
    assert box.titles == ["2 notices: all flags"]


def test_a_failure_is_not_tried_again_in_quiet_hours(home, box):
    base = now().replace(hour=21, minute=59, second=30, microsecond=0)
    config = rules(quiet_hours="22:00-06:00")
    box.status = 503
    assert notify(home, config, now=base).problems
    box.status = 200
    assert notify(home, config, now=base + timedelta(minutes=5)).told == 0
    assert notify(home, config, now=base + timedelta(hours=8, minutes=1)).told == 1


def test_a_rule_with_a_list_that_there_is_not_keeps_no_other_from_telling(home, box):
    bad = NoticeRule(name="typo", what="flag", watch_lists=("insepctors",), to=("OPS_CHAT",))
    config = BurnwatchConfig(notices=NoticesConfig(rules=(bad, *rules().notices.rules)))
    summary = notify(home, config)
    assert summary.told == 1
    assert "'insepctors'" in summary.problems[0]


PROGRAM = """
import sys
from pathlib import Path
from pipelines.home import Home
from pipelines.notify import notify
from configs.load import load_config
notify(Home.at(Path(sys.argv[1])), load_config(Path(sys.argv[2])))
"""


def killed_while(home, box, tmp_path, *, received):
    """Run a sender in a process of its own and kill it while the service has its message and has not answered."""
    config = tmp_path / "config.yaml"
    config.write_text("notices: {rules: [{name: all flags, what: flag, to: [OPS_CHAT]}]}\n")
    box.hold.clear()
    if not received:
        box.status = 503
    root = Path(__file__).parents[3]
    sender = subprocess.Popen([sys.executable, "-c", PROGRAM, str(home.path), str(config)], cwd=root)
    assert box.came.wait(100)
    sender.kill()
    sender.wait(60)
    box.status = 200
    box.hold.set()


@pytest.mark.slow
@pytest.mark.parametrize("received", [False, True], ids=["the service lost it", "the service has it"])
def test_a_sender_killed_in_between_loses_nothing_and_a_repeat_says_so(home, box, tmp_path, received):
    killed_while(home, box, tmp_path, received=received)
    before = list(box.titles)
    assert before == (["OBJECT 1: orbit raise, unexpectedness 2.5"] if received else [])
    assert notify(home, rules()).told == 0, "its lease has not ended"
    assert notify(home, rules(), now=now() + timedelta(minutes=10)).told == 1
    assert box.titles == [*before, "(perhaps again) OBJECT 1: orbit raise, unexpectedness 2.5"]
    assert notify(home, rules(), now=now() + timedelta(minutes=30)).told == 0


def test_only_runs_that_did_something_are_in_the_log_of_runs(home, box):
    for _ in range(3):
        notify(home, rules())
    (logged,) = stored(home, RunRow)
    assert (logged["work"], logged["outcome"]) == ("notify", "done")
    assert (logged["summary"]["made"], logged["summary"]["told"]) == (1, 1)


def test_the_command_tells_what_it_did_and_fails_where_somebody_could_not_be_told(home, box, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("notices: {rules: [{name: all flags, what: flag, to: [OPS_CHAT]}]}\n")
    command = ["--home", str(home.path), "--config", str(config), "notify"]
    box.status = 500
    failed = CliRunner().invoke(app, command)
    assert failed.exit_code == 1
    assert "target $OPS_CHAT: was not told" in failed.stderr
    assert CliRunner().invoke(app, command).exit_code == 0
    none = CliRunner().invoke(app, ["--home", str(home.path), "notify"])
    assert (none.exit_code, "no rules" in none.stderr) == (0, True)


def test_without_apprise_it_is_said_what_to_install(home, box, monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert "pip install 'burnwatch[review]'" in notify(home, rules()).problems[0]


def test_the_doctor_names_addresses_and_lists_that_are_missing(home, box, tmp_path):
    config = tmp_path / "config.yaml"
    rule = "{name: belt, what: flag, to: [OPS_CHAT, OPS_UNSET], watch_lists: [insepctors]}"
    config.write_text(f"notices: {{rules: [{rule}]}}\n")
    found = [(one.state, one.text) for one in examine(home.path, config) if one.subject == "notices"]
    assert found == [
        ("broken", "not set in the environment: OPS_UNSET"),
        ("broken", "rules name lists that there are not: insepctors"),
        ("ok", "1 rule, 0 notices waiting"),
    ]
