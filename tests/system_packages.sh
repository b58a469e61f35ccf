#!/bin/sh
# Installs, where they are missing: the browser and the database server that the e2e and integration tests drive, what
# reads PDF files in tests, and the libraries of the node with which playwright drives the browser.
# Takes the Python that has playwright.
set -eu
python="${1:-.venv/bin/python}"
packages="" # as Debian calls them
missing=""  # the same for people

has() { command -v "$1" >/dev/null 2>&1; }
needs() {
    packages="$packages $1"
    missing="$missing${missing:+, }$2"
}

has chromium || has chromium-browser || has google-chrome || needs chromium chromium
has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || needs postgresql "initdb (PostgreSQL)"
has pdftotext || needs poppler-utils "pdftotext (Poppler)"
node=$("$python" -c 'import pathlib, playwright; print(pathlib.Path(playwright.__file__).parent / "driver" / "node")')
if has ldd; then
    for library in $(ldd "$node" | sed -n 's/^[[:space:]]*\([^[:space:]]*\) => not found.*/\1/p'); do
        # Debian names a library's package by its soname: libatomic.so.1 is in libatomic1, libgcc_s.so.1 in libgcc-s1.
        needs "$(echo "$library" | sed 's/_/-/g; s/\([0-9]\)\.so\./\1-/; s/\.so\.//')" "$library (for the browser's driver)"
    done
fi
if [ -n "$missing" ]; then
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo"
    if ! has apt-get; then
        echo "please install: $missing" >&2
        exit 1
    fi
    if [ -n "$sudo" ] && ! has sudo; then
        echo "please install: $missing; as root: apt-get install$packages" >&2
        exit 1
    fi
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
fi
"$node" --version >/dev/null || { echo "the browser's driver $node does not start" >&2; exit 1; }
