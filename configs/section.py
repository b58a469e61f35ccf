"""The base of every configuration section."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

# The keys of a setting that has a value for each regime, or for LEO and what flies higher: none of them can be absent.
_EACH = ({"leo", "meo", "geo", "heo"}, {"leo", "high"})


class Section(BaseModel):
    """A frozen group of settings that refuses names it does not know.

    What is given overlays the defaults, down to a leaf: a section within a section keeps those settings of its holder's
    default that are not given, and so does a setting with a value for each regime. Any other mapping is a leaf.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _overlay(cls, given: Any) -> Any:  # noqa: ANN401 - whatever a file holds
        if not isinstance(given, dict):
            return given
        fields = cls.model_fields
        return {name: _overlaid(fields[name].default, own) if name in fields else own for name, own in given.items()}


def _overlaid(default: Any, given: Any) -> Any:  # noqa: ANN401 - whatever a file holds
    """``given`` with what it leaves out of ``default``, where both are sections or have a value for each regime."""
    if not isinstance(given, dict):
        return given
    if isinstance(default, Section):
        known = dict(default)
        return known | {name: _overlaid(known.get(name), own) for name, own in given.items()}
    return default | given if isinstance(default, dict) and set(default) in _EACH else given
