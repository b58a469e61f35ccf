"""The command as people and cron meet it: exit codes, one-line errors, stdout for data alone."""

import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from models.registry import ModelRegistry
from pipelines.cli.main import main
from pipelines.home import Home
from tests.naive import catalog as naive
from tests.tle_files import tle_bytes, with_wrong_checksum

pytestmark = pytest.mark.integration

GOOD = tle_bytes(5)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def burnwatch(*arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    """The command in this process, which has imported everything already."""
    command = [str(part) for part in ("burnwatch", "--home", home, *arguments)]
    code = 0
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", command)
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    return subprocess.CompletedProcess(command, code, *(pipe.buffer.getvalue().decode() for pipe in (out, err)))


def test_the_program_itself_ends_with_the_code_and_the_line(tmp_path: Path) -> None:
    command = [Path(sys.executable).parent / "burnwatch", "--home", tmp_path / "home"]
    refused = subprocess.run([*command, "show", "abc"], capture_output=True, text=True, check=False, timeout=240)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert refused.stderr.startswith("burnwatch: ")
    listed = subprocess.run(
        [*command, "flags", "--format", "json"], capture_output=True, text=True, check=False, timeout=240
    )
    assert (listed.returncode, json.loads(listed.stdout)) == (0, [])


def gzip_bomb() -> bytes:
    """Three gigabytes, packed; of the end, which nobody should come to, there is none."""
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    first, again = (packer.compress(b"1" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * 2999


def long_line(path: Path) -> None:
    with path.open("wb") as file:
        for _ in range(100):
            file.write(b"1" * 1_000_000)


def folder_of_images(path: Path) -> None:
    path.mkdir()
    for number in range(3):
        (path / f"{number}.png").write_bytes(PNG)


def zip_of_images(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../escaped.png", PNG)


def cut_omm(path: Path) -> None:
    whole = naive.omm_json([naive.omm(naive.published(naive.element_set()), as_text=False)])
    path.write_bytes(whole[: len(whole) * 2 // 3])


HOSTILE: dict[str, Callable[[Path], object]] = {
    "checksum.tle": lambda path: path.write_bytes(with_wrong_checksum(tle_bytes(1))),
    "cut.json": cut_omm,
    "line.tle": long_line,
    "bomb.tle.gz": lambda path: path.write_bytes(gzip_bomb()),
    "images": folder_of_images,
    "image.tle": lambda path: path.write_bytes(PNG),
    "images.zip": zip_of_images,
    "empty.tle": lambda path: path.touch(),
    "empty.xml": lambda path: path.touch(),
    "entities.xml": lambda path: path.write_text(
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><ndm>&b;</ndm>'
    ),
    "absent.tle": lambda path: None,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_one_clear_line_and_changes_nothing(name: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    HOSTILE[name](tmp_path / name)
    result = burnwatch("ingest", "files", tmp_path / name, home=home)
    assert result.returncode == 1
    assert result.stdout == ""
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert name in errors[0]
    assert "Traceback" not in result.stderr
    assert ElementStore(home / "elements").count() == 0
    assert not (tmp_path.parent / "escaped.png").exists()


def test_hostile_files_do_not_stop_a_good_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name, write in HOSTILE.items():
        write(tmp_path / name)
    (tmp_path / "good.tle").write_bytes(GOOD)
    result = burnwatch("ingest", "files", *(tmp_path / name for name in HOSTILE), tmp_path / "good.tle", home=home)
    assert result.returncode == 1  # all of checksum.tle was lost
    assert all(name in result.stderr for name in HOSTILE)
    assert ElementStore(home / "elements").count() == 5


def test_bad_records_among_good_ones_are_counted_and_kept_aside(tmp_path: Path) -> None:
    (tmp_path / "mixed.tle").write_bytes(with_wrong_checksum(GOOD))
    home = tmp_path / "home"
    result = burnwatch("ingest", "files", tmp_path / "mixed.tle", home=home)
    assert result.returncode == 0
    assert "4 read" in result.stderr
    assert "1 record refused (20% of 5): checksum: the checksum does not match" in result.stderr
    assert str(home / "quarantine") in result.stderr
    again = burnwatch("ingest", "files", tmp_path / "mixed.tle", home=home)
    assert "0 new" in again.stderr
    assert ElementStore(home / "elements").count() == 4


def test_a_file_that_is_mostly_lost_is_an_error_that_says_what_why_and_where(tmp_path: Path) -> None:
    home = tmp_path / "home"
    good, bad = GOOD.splitlines(keepends=True), with_wrong_checksum(tle_bytes(1))
    (tmp_path / "lost.tle").write_bytes(bad * 3 + b"".join(good[:4]) + good[0])
    result = burnwatch("ingest", "files", tmp_path / "lost.tle", home=home)
    assert result.returncode == 1
    (error,) = (line for line in result.stderr.splitlines() if line.startswith("error: "))
    assert "lost.tle: most of it was lost, 4 records refused (67% of 6)" in error
    assert "checksum: the checksum does not match: the line is damaged, fetch it again (3); line 1: no line 2" in error
    assert error.endswith(str(home / "quarantine"))
    assert ElementStore(home / "elements").count() == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("ingest",),
        ("ingest", "celestrak"),
        ("ingest", "spacetrack", "--ids", "5,six"),
        ("flags", "--since", "yesterday"),
        ("flags", "--order", "size"),
        ("score", "--nonsense"),
        ("fly",),
    ],
    ids=" ".join,
)
def test_bad_usage_is_exit_code_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    result = burnwatch(*arguments, home=tmp_path / "home")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("train",), "burnwatch ingest"),
        (("score",), "burnwatch train"),
        (("show", "abc"), "abc"),
        (("export", "abc"), "abc"),
        (("report", "abc", "--out", "page.html"), "abc"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else None,
)
def test_what_cannot_be_done_is_one_line_with_advice(arguments: tuple[str, ...], advice: str, tmp_path: Path) -> None:
    result = burnwatch(*arguments, home=tmp_path / "home")
    assert result.returncode == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("burnwatch: ")
    assert advice in lines[0]


def test_flags_speak_to_people_and_to_programs(scored_home: Home) -> None:
    listed = burnwatch("flags", "--format", "json", "--limit", "3", home=scored_home.path)
    flags = json.loads(listed.stdout)
    assert len(flags) == 3
    assert flags[0]["name"] == "INSPECTOR"
    assert flags[0]["unexpectedness"] >= flags[1]["unexpectedness"] >= flags[2]["unexpectedness"]

    table = burnwatch("flags", "--limit", "3", home=scored_home.path).stdout.splitlines()
    assert table[0].split("\t")[:2] == ["flag", "object"]
    assert len(table) == 4

    csv = burnwatch("flags", "--format", "csv", "--order", "time", "--limit", "2", home=scored_home.path).stdout
    assert csv.splitlines()[0].startswith("flag_id,norad_id,name")

    nothing = burnwatch("flags", "--format", "json", "--since", "2999-01-01", home=scored_home.path)
    assert json.loads(nothing.stdout) == []


def test_one_flag_can_be_shown_exported_and_reported(scored_home: Home, tmp_path: Path) -> None:
    first = json.loads(burnwatch("flags", "--format", "json", "--limit", "1", home=scored_home.path).stdout)[0]
    exported = json.loads(burnwatch("export", first["flag_id"][:13], home=scored_home.path).stdout)
    assert exported == first
    assert "INSPECTOR" in burnwatch("show", first["flag_id"], home=scored_home.path).stdout
    page = tmp_path / "deep" / "page.html"
    assert burnwatch("report", first["flag_id"], "--out", page, home=scored_home.path).returncode == 0
    assert "INSPECTOR" in page.read_text(encoding="utf-8")


def test_the_doctor_finds_what_is_there_and_what_is_broken(
    scored_home: Home, small: BurnwatchConfig, tmp_path: Path
) -> None:
    well = burnwatch("doctor", "--json", home=scored_home.path)
    assert well.returncode == 0, well.stdout
    subjects = {finding["subject"]: finding for finding in json.loads(well.stdout)}
    assert subjects["models"]["state"] == "ok"
    assert subjects["flags"]["state"] == "ok"
    assert subjects["element sets"]["state"] == "note"  # the simulated fleet ended some time ago
    assert "burnwatch users add" in subjects["desk"]["text"]

    settings = tmp_path / "settings.yaml"
    settings.write_text("score:\n  contxt_days: 3\n")
    ill = burnwatch("--config", settings, "doctor", home=scored_home.path)
    assert ill.returncode == 1
    assert f"{settings}:2: score.contxt_days" in ill.stdout.replace("\n", "")


def test_two_trainings_at_once_make_one_model(trained_home: Home, copy_of: Callable[[Home], Home]) -> None:
    home = copy_of(trained_home)
    command = [
        Path(sys.executable).parent / "burnwatch",
        "--home",
        home.path,
        "train",
        "--detector",
        "isolation-forest",
    ]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=240)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert sum("nothing to do" in text for text in told) == 1


WITHOUT_TEMPORARY_FILES = """
import tempfile
tempfile._candidate_tempdir_list = lambda: ["/dev/full"]
from pipelines.cli.main import main
if __name__ == "__main__":
    main()
"""


def test_without_room_for_temporary_files_what_needs_it_says_so_and_is_repeated(
    trained_home: Home, copy_of: Callable[[Home], Home], tmp_path: Path
) -> None:
    home = copy_of(trained_home)
    program = tmp_path / "program.py"
    program.write_text(WITHOUT_TEMPORARY_FILES)

    def without(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, program, "--home", home.path, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)

    failed = without("train", "--detector", "isolation-forest")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "Traceback" not in failed.stderr
    told = failed.stderr.splitlines()[-1]
    assert told.startswith("burnwatch: No usable temporary directory found in ['/dev/full']")
    assert "name another folder in $TMPDIR" in told
    assert without("score").returncode == 0
    assert burnwatch("train", "--detector", "isolation-forest", home=home.path).returncode == 0
    assert ModelRegistry(home.mlflow).version_of("challenger") == 2


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://analyst:sesame@127.0.0.1:1/flags",
        "postgresql://analyst@127.0.0.1:1/flags?password=sesame",
        "postgresql://analyst:x/sesame:1@127.0.0.1:y/flags",
        "mysql://analyst:sesame@127.0.0.1/flags",
    ],
)
@pytest.mark.parametrize("command", ["flags", "doctor"])
def test_no_password_is_ever_shown(
    command: str, address: str, scored_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BURNWATCH_REVIEW_URL", address)
    monkeypatch.setenv("SPACETRACK_USER", "analyst")
    monkeypatch.setenv("SPACETRACK_PASSWORD", "sesame")
    result = burnwatch(command, home=scored_home.path)
    assert result.returncode == 1
    assert "sesame" not in result.stdout + result.stderr
    assert "unexpected" not in result.stderr


def test_a_page_that_cannot_be_written_is_one_line(scored_home: Home, tmp_path: Path) -> None:
    first = json.loads(burnwatch("flags", "--format", "json", "--limit", "1", home=scored_home.path).stdout)[0]
    result = burnwatch("report", first["flag_id"], "--out", tmp_path, home=scored_home.path)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert "Is a directory" in result.stderr


def test_help_teaches_without_importing_the_heavy_libraries() -> None:
    script = (
        "import sys; sys.argv=['burnwatch','--help']\n"
        "from pipelines.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas','numpy','torch','mlflow','prefect','sklearn','sqlalchemy','pyarrow'} & set(sys.modules)\n"
        "sys.exit(','.join(sorted(heavy)) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    assert "burnwatch demo" in result.stdout
