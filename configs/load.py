"""Read the configuration from YAML, with errors that name file, line and field."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import yaml
from pydantic import BaseModel, ValidationError

from configs.documents import DocumentError, line_of, one_line, read_yaml
from configs.errors import BurnwatchError
from configs.schema import SCIENCE, BurnwatchConfig


class ConfigError(BurnwatchError):
    """A configuration that cannot be used.

    Parameters
    ----------
    path : Path
    line : int
        Line of the fault, 1 for the first.
    field : str
        Dotted name of the setting, empty where the file as a whole is at fault.
    reason : str
    """

    def __init__(self, path: Path, line: int, field: str, reason: str) -> None:
        self.path, self.line, self.field, self.reason = path, line, field, reason
        where = f"{path}:{line}" + (f": {field}" if field else "")
        super().__init__(one_line(f"{where}: {reason}"))


def load_config(path: Path | None = None) -> BurnwatchConfig:
    """The defaults, overlaid with the settings of the YAML file at ``path``.

    Raises
    ------
    ConfigError
        Where the file cannot be read, is no YAML, or breaks the schema.
    """
    if path is None:
        return BurnwatchConfig()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(path, 1, "", f"cannot be read: {error}") from error
    try:
        values, root = read_yaml(text)
    except DocumentError as error:
        raise ConfigError(path, error.line or 1, error.field, error.reason) from error
    values = {} if values is None else values
    if not isinstance(values, dict):
        raise ConfigError(path, 1, "", "must be a mapping of sections, as in configs/default.yaml")
    try:
        return BurnwatchConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        location = [str(part) for part in first["loc"]]
        reason = first["msg"]
        if first["type"] == "extra_forbidden":
            reason = "no such setting; configs/default.yaml lists all"
        raise ConfigError(path, line_of(root, location), ".".join(location), reason) from error


def config_hash(config: BurnwatchConfig) -> str:
    """Twelve hexadecimal digits that change with any setting that changes what is found."""
    canonical = json.dumps(config.model_dump(mode="json", include=set(SCIENCE)), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def render_default() -> str:
    """Every setting with its default and meaning, as YAML."""
    lines = [
        "# Every setting of burnwatch at its default. Give a file with only those that differ: burnwatch --config FILE",
        "# Written by `python -m configs.load`; edit the schema beside it, not this file.",
    ]
    for name, section in BurnwatchConfig.model_fields.items():
        lines += ["", f"# {section.description}", f"{name}:"]
        lines += _render_section(getattr(BurnwatchConfig(), name), indent=2)
    return "\n".join(lines) + "\n"


def _render_section(section: BaseModel, indent: int) -> list[str]:
    pad = " " * indent
    lines: list[str] = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if field.description:
            lines.append(f"{pad}# {field.description}")
        if isinstance(value, BaseModel):
            lines += [f"{pad}{name}:", *_render_section(value, indent + 2)]
        else:
            plain = section.model_dump(mode="json")[name]
            rendered = yaml.safe_dump(plain, default_flow_style=True, width=10_000).removesuffix("\n...\n").strip()
            lines.append(f"{pad}{name}: {rendered}")
    return lines


if __name__ == "__main__":
    (Path(__file__).parent / "default.yaml").write_text(render_default(), encoding="utf-8")
