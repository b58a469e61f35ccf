"""What the tests need of the system is taken, or named thing by thing."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

SHELL = shutil.which("sh") or "/bin/sh"
LDD = """    linux-vdso.so.1 (0x00007ffd)
    libatomic.so.1 => not found
    libgcc_s.so.1 => not found
    libpcre2-8.so.0 => not found
    libc.so.6 => /lib/libc.so.6 (0x00007f31)"""


class Machine:
    """A machine of a few programs, all made up but for the shell's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.log.touch()
        for name in ("sed", "ls", "env", "cat"):
            (folder / name).symlink_to(shutil.which(name) or name)
        self.add("node", "true")
        self.add("python", f"echo {folder / 'node'}")
        self.add("ldd", "true")
        self.add("id", "echo 1000")
        for name in ("chromium", "initdb", "pdftotext"):
            self.add(name, "true")

    def add(self, name: str, does: str) -> None:
        (self.folder / name).write_text(f"#!{SHELL}\n{does}\n")
        (self.folder / name).chmod(0o755)

    def lacks(self, *names: str) -> None:
        for name in names:
            (self.folder / name).unlink()

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SHELL, str(REPOSITORY / "tests" / "system_packages.sh"), str(self.folder / "python")],
            env={"PATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_that_has_all_is_left_alone(machine: Machine) -> None:
    machine.add("apt-get", f"echo $* >> {machine.log}")
    done = machine.run()
    assert (done.returncode, done.stderr, machine.log.read_text()) == (0, "", "")


@pytest.mark.parametrize("root", [True, False])
def test_what_the_browsers_driver_is_linked_to_is_installed_too(machine: Machine, root: bool) -> None:
    machine.add("apt-get", f"echo apt-get $* >> {machine.log}")
    machine.add("sudo", f'echo sudo >> {machine.log}; exec "$@"')
    machine.add("id", f"echo {0 if root else 1000}")
    machine.add("ldd", f"cat <<'END'\n{LDD}\nEND")
    machine.lacks("chromium", "pdftotext")
    assert machine.run().returncode == 0
    lines = machine.log.read_text().splitlines()
    assert lines.count("sudo") == (0 if root else 2)
    wanted = "chromium poppler-utils libatomic1 libgcc-s1 libpcre2-8-0"
    assert lines[-1] == f"apt-get install -y -qq --no-install-recommends {wanted}"


def test_a_machine_without_apt_get_is_told_each_missing_thing(machine: Machine) -> None:
    machine.add("ldd", f"cat <<'END'\n{LDD}\nEND")
    machine.lacks("chromium", "pdftotext")
    done = machine.run()
    assert done.returncode == 1
    assert done.stderr.startswith(
        "please install: chromium, pdftotext (Poppler), libatomic.so.1 (for the browser's driver), "
    )


def test_who_is_not_root_and_has_no_sudo_is_told_what_root_would_do(machine: Machine) -> None:
    machine.add("apt-get", "exit 100")
    machine.lacks("pdftotext")
    done = machine.run()
    assert done.returncode == 1
    assert done.stderr == "please install: pdftotext (Poppler); as root: apt-get install poppler-utils\n"


def test_a_driver_that_does_not_start_all_the_same_is_named(machine: Machine) -> None:
    machine.add("node", "echo 'node: GLIBC_2.28 not found' >&2; exit 127")
    done = machine.run()
    assert done.returncode == 1
    assert "GLIBC_2.28 not found" in done.stderr
    assert f"the browser's driver {machine.folder / 'node'} does not start" in done.stderr
