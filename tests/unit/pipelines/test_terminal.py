"""Tables as terminals of any width and pipes get them."""

import io
import re
import sys

import pytest

from pipelines.terminal import print_table

COLUMNS = [("flag", "whole"), ("object", "left"), ("burn (UTC)", "whole"), ("Δv m/s", "right"), ("why", "left")]
ROWS = [
    ("8da665f0", "SYRACUSE 3B", "2026-03-13 22:40", "16.875", "drifts " + "5.91 deg/day west, " * 6),
    ("c3f52d9f", "A NAME THAT NOBODY WOULD GIVE A SATELLITE " * 2, "2026-04-14 08:16", "1.276", "raised"),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(monkeypatch: pytest.MonkeyPatch, width: int, rows: list[tuple[str, ...]] = ROWS) -> list[str]:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    print_table(COLUMNS, rows, below=("why",))
    return re.sub("\x1b\\[[0-9;]*m", "", terminal.getvalue()).splitlines()  # bold is ours


@pytest.mark.parametrize("width", [72, 80, 120, 220])
def test_ids_times_and_figures_are_whole_at_any_width(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed(monkeypatch, width)
    assert max(map(len, lines)) <= width
    for flag, _, burn, dv, _ in ROWS:
        assert [line for line in lines if flag in line and burn in line and dv in line]


def test_at_eighty_columns_the_reason_is_under_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed(monkeypatch, 80)
    assert [line[:4] for line in lines] == ["flag", "8da6", "    ", "    ", "c3f5", "    "]
    assert "NAME THAT" in lines[4]
    assert "…" in lines[4]


def test_what_strangers_named_does_not_steer_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed(monkeypatch, 80, [("1", "\x1b[2Jevil\n\u202e", "2026", "1", "[red]")])
    assert not [line for line in lines if "\x1b" in line or "\u202e" in line]
    assert [line for line in lines if "[red]" in line]


def test_a_pipe_gets_tabs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    print_table(COLUMNS, [("1", "A\tB", "2026", "1", "x\ny")], below=("why",))
    assert capsys.readouterr().out.splitlines()[1] == "1\tA B\t2026\t1\tx y"
