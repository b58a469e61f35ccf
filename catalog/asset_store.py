"""The lists of assets that a home keeps."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from filelock import FileLock

from catalog.asset_files import kept_lists, rendered
from catalog.assets import PRIVATE_FIRST, AssetError, AssetList, Assets
from catalog.atomic import replace_bytes, stamp_of


class AssetStore:
    """The lists kept in ``home/assets.json``: the file is the old one or the new one, never half-written.

    They stay in memory until the file is another: 100,000 objects take seconds to read.

    Parameters
    ----------
    home : Path
        ``$BURNWATCH_HOME``.
    """

    def __init__(self, home: Path) -> None:
        self._path = Path(home) / "assets.json"
        self._read: tuple[object, Assets] = (None, Assets())
        self._reading = Lock()

    def load(self) -> Assets:
        """All lists; do not change them.

        Raises
        ------
        AssetError
            The file was changed by hand and cannot be used.
        """
        with self._reading:
            stamp = stamp_of(self._path)
            if self._read[0] != stamp:
                self._read = (stamp, Assets(lists=kept_lists(self._path)) if stamp else Assets())
            return self._read[1]

    def put(self, lists: Iterable[AssetList]) -> int:
        """Keep lists, each in place of the one of its name; putting the same again changes nothing.

        Returns
        -------
        int
            Number of lists that are new or other than before.

        Raises
        ------
        AssetError
            Two objects without a public number would have the same one, or all lists would be more than a home holds;
            nothing was kept.
        """
        given = {one.name: one for one in lists}
        with self._writing():
            known = {one.name: one for one in self.load().lists}
            changed = [name for name, one in given.items() if known.get(name) != one]
            if changed:
                self._write(known | given)
        return len(changed)

    def remove(self, name: str) -> None:
        """Forget a list.

        Raises
        ------
        AssetError
            There is none of this name.
        """
        with self._writing():
            assets = self.load()
            gone = assets.named([name])
            self._write({one.name: one for one in assets.lists if one not in gone})

    def _writing(self) -> FileLock:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self._path.with_suffix(".lock"))

    def _write(self, lists: dict[str, AssetList]) -> None:
        names: dict[int, str] = {}
        for one in lists.values():
            for asset in one.objects:
                other = names.setdefault(asset.number, asset.name)
                if asset.norad_id is None and other.upper() != asset.name.upper():
                    raise AssetError(
                        f"{asset.name} and {other} would both be number {asset.number}: give one of them a norad_id of your "
                        f"own from {PRIVATE_FIRST} on",
                        file=one.name,
                    )
        ordered = [lists[name] for name in sorted(lists)]
        replace_bytes(self._path, rendered(ordered, form="json", name=self._path.name))
        with self._reading:
            self._read = (stamp_of(self._path), Assets(lists=ordered))
