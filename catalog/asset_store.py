"""The lists of assets that a home keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock

from filelock import FileLock

from catalog.asset_files import kept_lists, rendered
from catalog.assets import PRIVATE_FIRST, PRIVATE_LAST, Asset, AssetError, AssetList, Assets
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

        An object without a public number whose name gives one that another has gets the next free one, which is kept with it.

        Returns
        -------
        int
            Number of lists that are new or other than before.

        Raises
        ------
        AssetError
            A given number is that of an object without a public one, or all lists would be more than a home holds;
            nothing was kept.
        """
        named = {one.name: one for one in lists}
        with self._writing():
            known = {one.name: one for one in self.load().lists}
            given = {one.name: one for one in _each_its_own(list(named.values()), list(known.values()))}
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
        unnumbered = {asset.number: asset.name for asset in _objects(lists.values()) if asset.norad_id is None}
        for one in lists.values():
            for asset in one.objects:
                other = unnumbered.get(asset.number, asset.name)
                if other.upper() != asset.name.upper():
                    raise AssetError(
                        f"{asset.name} and {other} would both be number {asset.number}: give {asset.name} another norad_id, "
                        f"from {PRIVATE_FIRST} on if it has no public one",
                        file=one.name,
                    )
        ordered = [lists[name] for name in sorted(lists)]
        replace_bytes(self._path, rendered(ordered, form="json", name=self._path.name))
        with self._reading:
            self._read = (stamp_of(self._path), Assets(lists=ordered))


def _each_its_own(given: Sequence[AssetList], known: Sequence[AssetList]) -> list[AssetList]:
    """``given`` with a number written down for each object whose name gives one that another object has.

    A name that is known keeps its number; new ones take theirs by name, so that the order of objects does not matter.
    """
    numbers = {_folded(asset): asset.number for asset in _objects(known) if asset.number >= PRIVATE_FIRST}
    taken = {asset.norad_id for asset in _objects([*given, *known])} | set(numbers.values())
    new = {_folded(asset): asset.number for asset in _objects(given) if asset.norad_id is None}
    for name in sorted(new.keys() - numbers.keys()):
        number = new[name]
        while number in taken:
            number = number + 1 if number < PRIVATE_LAST else PRIVATE_FIRST
        numbers[name] = number
        taken.add(number)

    def own(asset: Asset) -> Asset:
        number = asset.norad_id or numbers[_folded(asset)]
        return asset if number == asset.number else asset.model_copy(update={"norad_id": number})

    return [one.model_copy(update={"objects": [own(asset) for asset in one.objects]}) for one in given]


def _objects(lists: Iterable[AssetList]) -> Iterable[Asset]:
    return (asset for one in lists for asset in one.objects)


def _folded(asset: Asset) -> str:
    return asset.name.upper()
