"""What makes two records the same element set: 64-bit hashes of whole columns."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import ELEMENT_SET_DTYPES, GP_SOURCES, epoch_us

HashArray = NDArray[np.uint64]

# What a catalog publishes about an orbit; two sets of one object and epoch that agree in these are one set.
PUBLISHED = tuple(name for name in ELEMENT_SET_DTYPES if name not in ("available_at", "available_at_imputed", "source"))


def column_hash(element_sets: pd.DataFrame, columns: tuple[str, ...]) -> HashArray:
    """Hash of each row over ``columns``, the same on every machine and in every version.

    The mixing function is the finalizer of splitmix64 (Steele, Lea & Flood 2014). Zero and negative zero are one value.
    """
    mixed = np.zeros(len(element_sets), dtype=np.uint64)
    for place, name in enumerate(columns):
        mixed = _mix(mixed ^ _mix(_bits(element_sets[name]) + np.uint64(place)))
    return mixed


def total_hash(element_sets: pd.DataFrame) -> int:
    """Sum of the hashes of all rows over all columns, modulo 2^64: the same for any order and any split."""
    return int(column_hash(element_sets, tuple(ELEMENT_SET_DTYPES)).sum(dtype=np.uint64))


def latest_issues(element_sets: pd.DataFrame) -> pd.DataFrame:
    """One set for each object and epoch: the content that became available last.

    The same content from several sources counts from when the first of them had it, and that row is kept. Contents that
    came out at the same time are told apart by their element set number, then by their hash, so the order of storage
    never matters.

    Parameters
    ----------
    element_sets : DataFrame
        Columns of ``ELEMENT_SET_DTYPES``, sorted by ``norad_id`` and ``epoch``.

    Returns
    -------
    DataFrame
        In the same order, with a fresh index.
    """
    norad_id, epoch = element_sets["norad_id"].to_numpy(), epoch_us(element_sets["epoch"])
    same = (norad_id[1:] == norad_id[:-1]) & (epoch[1:] == epoch[:-1])
    if not same.any():
        return element_sets.reset_index(drop=True)
    shared = np.append(same, False) | np.append(False, same)
    sets = element_sets[shared]
    content = column_hash(sets, PUBLISHED)
    rank = sets["source"].map({source: place for place, source in enumerate(GP_SOURCES)}).fillna(len(GP_SOURCES))
    keys = pd.DataFrame(
        {
            "norad_id": sets["norad_id"].to_numpy(),
            "epoch": epoch[shared],
            "content": content,
            "available_at": epoch_us(sets["available_at"]),
            "imputed": sets["available_at_imputed"].to_numpy(),
            "rank": rank.to_numpy(),
            "element_set_no": sets["element_set_no"].to_numpy(),
            "row": np.flatnonzero(shared),
        }
    )
    first_of_content = keys.sort_values(["available_at", "imputed", "rank"], kind="stable").drop_duplicates(
        ["norad_id", "epoch", "content"]
    )
    latest = first_of_content.sort_values(["available_at", "element_set_no", "content"]).drop_duplicates(
        ["norad_id", "epoch"], keep="last"
    )
    rows = np.sort(np.concatenate([np.flatnonzero(~shared), latest["row"].to_numpy()]))
    return element_sets.iloc[rows].reset_index(drop=True)


def _bits(values: pd.Series) -> HashArray:
    if values.dtype == "str":
        codes, texts = pd.factorize(values)
        words = [hashlib.blake2b(str(text).encode(), digest_size=8).digest() for text in texts]
        return np.asarray(np.frombuffer(b"".join(words), dtype="<u8").astype(np.uint64)[codes])
    if values.dtype == "float64":
        return np.asarray(values.to_numpy() + 0.0).view(np.uint64)
    if values.dtype.kind == "M":
        return epoch_us(values).view(np.uint64)
    return np.asarray(values, dtype=np.int64).view(np.uint64)


def _mix(bits: HashArray) -> HashArray:
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(bits ^ (bits >> np.uint64(31)))
