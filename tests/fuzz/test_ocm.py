"""Whatever a flag and the catalogs say, a message that is written keeps to the standard's text, and its numbers are read again."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.objects import empty_objects
from review.ocm import NoManeuverError, ocm
from review.ocm_rules import breaches
from tests.fuzz.mutations import HOSTILE
from tests.review_examples import element_sets, flag_of

FLAG = flag_of(element_sets(days=80))
words = st.sampled_from(HOSTILE) | st.text(max_size=60)
speeds = st.none() | st.floats() | st.sampled_from([0.0, -1e-300, 1e-12, 0.25, -3.5, 2e4, 1e200])


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(name=words, note=words, operator=words, designator=words, dv=st.tuples(speeds, speeds, speeds), sigma=speeds)
def test_a_message_keeps_to_the_standard(
    name: str, note: str, operator: str, designator: str, dv: tuple[float | None, ...], sigma: float | None
) -> None:
    flag = replace(
        FLAG, name=name, explanation_note=note, dv_sigma_m_s=sigma, dv_r_m_s=dv[0], dv_t_m_s=dv[1], dv_n_m_s=dv[2]
    )
    objects = (
        empty_objects().reindex([0]).assign(norad_id=FLAG.norad_id, name=name, object_id=designator, operator=operator)
    )
    try:
        text = ocm([flag], objects)
    except NoManeuverError:
        assert any(size is None or not abs(size) < 1e8 for size in dv)
        return
    assert breaches(text) == []
    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))
