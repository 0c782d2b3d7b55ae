"""Where a running daemon is asked: at the address that its configuration says."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from relay.config.problems import Problem
from relay.config.refusal import Reading
from relay.config.schema import TelemetryOutput
from relay.config.source_map import read_document
from relay.config.validation import validate
from relay.errors import ConfigError

_LOOPBACK = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - nothing is bound
"""Who listens on all addresses also listens on this machine's own."""


class _Asked(TelemetryOutput):
    """The section ``telemetry`` without its secret."""

    token: Any = None


def address_in(path: Path, *, environment: Mapping[str, str] | None = None) -> str:
    """Return the address of the daemon that runs with the configuration at ``path``.

    Only ``telemetry`` is looked at, but for its token: what else the daemon needs, its
    secrets above all, is not there for everybody who may ask how it is. Raises
    ConfigError.
    """
    environment = os.environ if environment is None else environment
    document, problems = read_document(path, file=str(path), environment=environment)
    if document is None:
        raise ConfigError([str(problem) for problem in problems])
    listen = TelemetryOutput().listen
    if isinstance(document.value, dict) and "telemetry" in document.value:
        problems = [each for each in problems if _matters(each)]
        telemetry, faults = validate(
            _Asked,
            document,
            Reading(folder=path.parent),
            base=("telemetry",),
        )
        if telemetry is None or problems:
            raise ConfigError([str(problem) for problem in (*problems, *faults)])
        listen = telemetry.listen
    host, _, port = listen.rpartition(":")
    if not int(port):
        raise ConfigError(
            [f"{path}: telemetry.listen: {listen} is any free port; give --url"]
        )
    return f"http://{_LOOPBACK.get(host, host)}:{port}"


def _matters(problem: Problem) -> bool:
    is_secret = problem.location == ("telemetry", "token")
    return problem.location[:1] == ("telemetry",) and not is_secret
