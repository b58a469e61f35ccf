"""International designators and names as catalogs print them, brought to one form."""

from __future__ import annotations

import numpy as np
import pandas as pd

_AGE_TAIL = r"\s+Age\s*=\s*-?\d+(?:\.\d*)?\s*$"  # some three-line files carry the age of the set after the name
_FULL = r"^(?P<year>(?:19[5-9]|20[0-5])[0-9])-(?P<launch>[0-9]{3})(?P<piece>[A-Z]{0,3})$"
_SHORT = r"^(?P<year>[0-9]{2})(?P<launch>[0-9]{3})(?P<piece>[A-Z]{0,3})$"


def cospar_id(text: pd.Series) -> pd.Series:
    """COSPAR designators as ``1963-039A``, from that form or a two-line set's ``63039A``; '' where neither fits.

    Two-digit years from 57 on are of the twentieth century (the rule of the two-line format: Sputnik flew in 1957).
    """
    stripped = text.str.strip().str.upper()
    full = stripped.str.extract(_FULL)
    short = stripped.str.extract(_SHORT)
    century = np.where(short["year"].fillna("0").astype(int) >= 57, "19", "20")
    short["year"] = pd.Series(century, index=text.index) + short["year"]
    parts = full.fillna(short)
    return (parts["year"] + "-" + parts["launch"] + parts["piece"]).fillna("").astype("str")


def clean_name(text: pd.Series) -> pd.Series:
    """Names without control characters, line numbers (``0 ISS``), age tails, and doubled spaces."""
    plain = text.str.replace(r"[\s\x00-\x1f\x7f]+", " ", regex=True)
    plain = plain.str.replace(_AGE_TAIL, "", regex=True).str.replace(r"^0 (?=\S)", "", regex=True)
    return plain.str.strip().astype("str")


def kind_from_name(name: pd.Series) -> pd.Series:
    """'debris' for names with DEB, 'rocket body' for names with R/B (CelesTrak's nomenclature), else 'unknown'."""
    upper = name.str.upper()
    debris = upper.str.contains(r"\bDEB\b", regex=True)
    rocket_body = upper.str.contains("R/B", regex=False)
    return pd.Series(
        np.select([debris, rocket_body], ["debris", "rocket body"], "unknown"), index=name.index, dtype="str"
    )
