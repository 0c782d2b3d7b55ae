"""Reads a setup file, with what the command line says put over it."""

import os
from collections.abc import Mapping
from pathlib import Path

from relay.config.refusal import Reading
from relay.config.setup_schema import SetupFile
from relay.config.source_map import Document, read_document
from relay.config.validation import validate
from relay.errors import ConfigError

_COMMAND_LINE = "the command line"


def read_setup(path: Path | None, given: Mapping[str, object]) -> SetupFile:
    """Return the setup that ``path`` describes; ``given`` are options over it.

    ``given`` has dotted option names (``bucket.name``); those with None are not given.
    Without a file everything has its default. Raises ConfigError with every problem.
    """
    document = Document(file=_COMMAND_LINE, value={}, lines={})
    folder = Path.cwd()
    if path is not None:
        found, faults = read_document(path, file=str(path), environment=os.environ)
        if found is None or faults:
            raise ConfigError([str(fault) for fault in faults])
        document, folder = found, path.parent
    if not isinstance(document.value, dict):
        raise ConfigError([f"{document.file}: is no mapping; write key: value"])
    for option, value in given.items():
        if value is not None:
            _put(document.value, option.split("."), value)
    setup, problems = validate(SetupFile, document, Reading(folder=folder))
    if setup is None:
        raise ConfigError([str(problem) for problem in problems])
    return setup


def _put(section: dict[str, object], steps: list[str], value: object) -> None:
    """Put an option in its place, sections around it made where there are none."""
    *outer, last = steps
    for step in outer:
        inner = section.get(step)
        if not isinstance(inner, dict):
            inner = section[step] = {}
        section = inner
    section[last] = value
