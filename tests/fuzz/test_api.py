"""Whatever body an operation of the API is sent, it answers."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.fuzz.api import operations
from tests.fuzz.mutations import mutated
from tests.fuzz.readers import outcome

EACH = 8  # bodies of an operation


@pytest.mark.slow
def test_no_body_fails_an_operation(tmp_path: Path) -> None:
    with operations(tmp_path / "desk") as readers:
        assert len(readers) > 10
        for kind, reader in readers.items():
            random = Random(kind)
            for _ in range(EACH):
                outcome(reader, "body", mutated(reader.files["body"], random), tmp_path)
