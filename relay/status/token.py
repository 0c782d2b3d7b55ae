"""The token that a running daemon wants of whoever changes something."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from relay.config.refusal import Reading
from relay.config.schema import TelemetryOutput
from relay.config.source_map import read_document
from relay.config.validation import validate
from relay.errors import ConfigError

VARIABLE: Final = "RELAY_TOKEN"


def token_in(path: Path, *, environment: Mapping[str, str] | None = None) -> str:
    """Return ``RELAY_TOKEN``, or else ``telemetry.token`` of the file at ``path``.

    Raises ConfigError when there is neither, or it cannot be read.
    """
    environment = os.environ if environment is None else environment
    if environment.get(VARIABLE):
        return environment[VARIABLE]
    document, problems = read_document(path, file=str(path), environment=environment)
    problems = [each for each in problems if each.location[:1] in ((), ("telemetry",))]
    telemetry: TelemetryOutput | None = None
    if document is not None and isinstance(document.value, dict):
        context = Reading(folder=path.parent)
        if "telemetry" in document.value:
            telemetry, faults = validate(
                TelemetryOutput, document, context, base=("telemetry",)
            )
            problems += faults
    if problems:
        raise ConfigError([str(problem) for problem in problems])
    if telemetry is None or telemetry.token is None:
        raise ConfigError(
            [f"{path}: telemetry.token: is missing; the daemon changes nothing without"]
        )
    if not telemetry.token.is_known:
        raise ConfigError(
            [f"{path}: telemetry.token: is kept in AWS; give it as {VARIABLE}"]
        )
    return telemetry.token.reveal()
