"""Looking objects up: what the catalogs and the lists call them, joined to what the store holds of them."""

from __future__ import annotations

import pandas as pd

from review.coverage import Coverage

_TEXT = ("name", "object_id", "owner", "kind", "status", "operator", "regime")


def directory(objects: pd.DataFrame, coverage: Coverage, names: dict[int, str]) -> pd.DataFrame:
    """All objects that the catalogs or the store know, those with element sets first, then by number.

    Parameters
    ----------
    objects : DataFrame
        ``catalog.objects.OBJECT_DTYPES``.
    coverage : Coverage
    names : dict
        What the users' lists call objects, which goes before the catalogs' names.

    Returns
    -------
    DataFrame
        ``norad_id, name, object_id, owner, kind, status, operator, regime, sets, last_epoch``; what is not known is
        empty, or 0 or NaT.
    """
    known = objects[["norad_id", "name", "object_id", "owner", "kind", "status", "operator"]]
    held = coverage.objects()[["norad_id", "regime", "sets", "last_epoch"]]
    joined = known.merge(held, on="norad_id", how="outer")
    joined[list(_TEXT)] = joined[list(_TEXT)].fillna("")
    joined["sets"] = joined["sets"].fillna(0).astype("int64")
    if names:
        called = joined["norad_id"].map(names)
        joined["name"] = called.where(called.notna(), joined["name"])
    order = pd.DataFrame({"bare": joined["sets"] == 0, "norad_id": joined["norad_id"]})
    return joined.loc[order.sort_values(["bare", "norad_id"]).index].reset_index(drop=True)


def found(
    known: pd.DataFrame, *, text: str = "", owner: str = "", kind: str = "", regime: str = "", held: bool = False
) -> pd.DataFrame:
    """The rows of a directory that are asked for.

    Parameters
    ----------
    known : DataFrame
        As from `directory`.
    text : str
        Words, each of which is in the name, the designator or the operator, or begins the number.
    owner, kind, regime : str
    held : bool
        Only those with element sets.
    """
    for word in text.upper().split():
        named = known["norad_id"].astype("str").str.startswith(word)
        for column in ("name", "object_id", "operator"):
            named |= known[column].str.upper().str.contains(word, regex=False)
        known = known[named.astype(bool)]
    for column, value in (("owner", owner), ("kind", kind), ("regime", regime)):
        if value:
            known = known[known[column] == value]
    return known[known["sets"] > 0] if held else known
