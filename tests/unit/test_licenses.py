"""What burnwatch depends on may be handed on with it: no GPL and no AGPL among it."""

import re
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS = {"review", "postgres", "dask"}
COPYLEFT = re.compile(r"\bA?GPL|affero|(?<!lesser )general public", re.IGNORECASE)
# Those that leave the choice between the GPL and another license.
KNOWN = {"text-unidecode": "Artistic License"}
# What says nothing and is nothing: a name under which torch asks for NVIDIA's libraries, which say theirs.
NAMES_ALONE = {"cuda-toolkit"}


def closure(name, extras, found):
    """Names of all distributions that one with these extras needs here."""
    for text in distribution(name).requires or ():
        needed = Requirement(text)
        here = any(needed.marker.evaluate({"extra": extra}) for extra in (*extras, "")) if needed.marker else True
        key = canonicalize_name(needed.name), frozenset(needed.extras)
        if here and key not in found:
            found.add(key)
            closure(needed.name, needed.extras, found)


def licenses(name):
    """Everything that a distribution says of its license, but for the text itself."""
    said = distribution(name).metadata
    classified = [one for one in said.get_all("Classifier", []) if one.startswith("License ::")]
    return [said.get("License-Expression") or "", (said.get("License") or "").partition("\n")[0], *classified]


def test_nothing_that_burnwatch_needs_is_under_the_gpl_or_the_agpl():
    found = set()
    closure("burnwatch", EXTRAS, found)
    names = sorted({name for name, _ in found})
    assert len(names) > 60
    assert {"torch", "mlflow", "prefect", "apprise", "psycopg"} <= set(names)
    told = {name: licenses(name) for name in names}
    assert {name: said for name, said in told.items() if any(map(COPYLEFT.search, said)) and name not in KNOWN} == {}
    unsaid = [name for name in names if not any(told[name]) and not distribution(name).metadata.get_all("License-File")]
    assert set(unsaid) <= NAMES_ALONE
