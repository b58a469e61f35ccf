"""The address of an SQLite file, whatever its folders are called."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.sqlite import sqlite_url


@pytest.mark.parametrize("name", ["plain", "a b", "50%", "a%20b", "what?", "?mode=memory", "#1", "é&+;:@"])
def test_a_database_is_where_its_path_says(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir()
    engine = sa.create_engine(sqlite_url(Path(name) / "test.db"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE x (y)")
    engine.dispose()
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*")] == [Path(name), Path(name) / "test.db"]
