"""The contract of the flag store in SQLite, and what is SQLite's own."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import review
from configs.review import ReviewConfig
from review.errors import StoreUnavailableError
from review.records import Status
from review.store import FlagStore
from tests.contract.finding_store import FindingStoreContract
from tests.contract.flag_store import FlagStoreContract
from tests.contract.notice_store import NoticeContract
from tests.contract.queue_store import QueueContract
from tests.contract.saved_views import SavedViewsContract
from tests.contract.verdict_store import VerdictContract
from tests.review_examples import event, finding, findings, frame, run


class TestSqlite(
    FlagStoreContract, VerdictContract, QueueContract, SavedViewsContract, NoticeContract, FindingStoreContract
):
    @pytest.fixture
    def url(self, sqlite_url):
        return sqlite_url

    def test_a_verdict_cannot_be_replaced(self, store, engine):
        self.review(store, self.flag(store), Status.IN_REVIEW)
        replace = "INSERT OR REPLACE INTO verdicts SELECT * FROM verdicts"
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text(replace))

    def test_news_cannot_be_replaced(self, store, engine):
        store.findings.upsert(findings(finding()))
        replace = "INSERT OR REPLACE INTO finding_news SELECT * FROM finding_news"
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text(replace))


def test_a_store_at_home_is_a_file_in_wal_mode(tmp_path):
    with FlagStore.at_home(tmp_path / "home") as store:
        store.upsert(frame(event()), run())
    with sqlite3.connect(tmp_path / "home" / "review.sqlite") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("SELECT count(*) FROM flags").fetchone() == (1,)
    connection.close()


def test_a_url_in_the_settings_wins_over_home(tmp_path):
    config = ReviewConfig(database_url=f"sqlite:///{tmp_path / 'elsewhere.sqlite'}")
    with FlagStore.at_home(tmp_path / "home", config):
        pass
    assert (tmp_path / "elsewhere.sqlite").exists()
    assert not (tmp_path / "home").exists()


def test_a_database_from_a_newer_program_is_left_alone(tmp_path):
    with FlagStore.at_home(tmp_path):
        pass
    with sqlite3.connect(tmp_path / "review.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreUnavailableError, match="newer burnwatch"):
        FlagStore.at_home(tmp_path)


def test_a_database_from_before_explanations_and_findings_is_brought_up_to_date(tmp_path):
    with FlagStore.at_home(tmp_path) as store:
        (flag_id,) = store.upsert(frame(event()), run()).flag_ids
        store.findings.upsert(findings(finding()))
    downgrade(tmp_path / "review.sqlite", "0001")
    with FlagStore.at_home(tmp_path) as store:
        (old,) = store.flags()
        assert (old.flag_id, old.explanation, old.explanation_note) == (flag_id, "maneuver", "")
        assert (old.listed, old.finding_id, store.findings.count()) == (False, None, 0)
        store.upsert(frame(event(explanation="decay", explanation_note="it falls", kind="decay", listed=True)), run(1))
        (flag,) = store.flags(listed=True)
    assert (flag.flag_id, flag.explanation, flag.explanation_note) == (flag_id, "decay", "it falls")


def downgrade(path, revision):
    engine = sa.create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(Path(review.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nonsense", "not a database URL"),
        ("mysql://user:secret@host/flags", "mysql is not supported"),
        ("sqlite:////nonexistent/folder/review.sqlite", "unable to open"),
        ("postgresql://user:secret@127.0.0.1:1/flags", "refused"),
    ],
)
def test_a_database_that_cannot_be_opened_is_named_without_its_password(url, reason):
    with pytest.raises(StoreUnavailableError, match=reason) as caught:
        FlagStore(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path):
    (tmp_path / "review.sqlite").write_text("these are not the pages you are looking for" * 100)
    with pytest.raises(StoreUnavailableError, match="not a database"):
        FlagStore.at_home(tmp_path)


def test_a_writer_that_waits_too_long_says_so(tmp_path):
    config = ReviewConfig(lock_timeout_s=0.05)
    with FlagStore.at_home(tmp_path, config) as store, FlagStore.at_home(tmp_path, config) as other:
        with store.database.writing(), pytest.raises(StoreUnavailableError, match="locked"):
            other.upsert(frame(event()), run())
        assert store.flags() == []


@pytest.mark.slow
def test_processes_that_open_a_fresh_database_at_once_all_succeed(tmp_path):
    program = "import sys; from review.store import FlagStore; FlagStore(sys.argv[1]).close()"
    url = f"sqlite:///{tmp_path / 'review.sqlite'}"
    root = Path(__file__).parents[3]
    started = [
        subprocess.Popen([sys.executable, "-c", program, url], cwd=root, stderr=subprocess.PIPE) for _ in range(4)
    ]
    errors = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0] * 4, errors
