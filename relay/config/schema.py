"""What may stand in relay.yaml: one frozen model a section, unknown keys refused.

A stage is given its own section and nothing else. Durations are seconds, sizes are
bytes; docs and messages show them as people write them (``5m``, ``256MiB``).
"""

import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
)

from relay.config.aws_section import Aws
from relay.config.logs_section import Logs
from relay.config.names import (
    ListenAddress,
)
from relay.config.notify_section import (
    Notify,
)
from relay.config.quarantine_section import Quarantine
from relay.config.refusal import refusal
from relay.config.rules import RuleSet
from relay.config.scalars import Text
from relay.config.secrets import Secret
from relay.config.section import Section
from relay.config.self_watch_section import SelfWatch
from relay.config.source_section import Source
from relay.config.template_files import TemplateFile
from relay.patterns import Pattern


def _state_url(url: str) -> str:
    if url.startswith(("redis:", "rediss:", "valkey:")):
        raise refusal(
            "is not available in this version; write sqlite:///path/to/state.db"
        )
    if re.fullmatch(r"sqlite:///[^?#]*[^?#/]", url) is None:
        raise refusal("is no state store; write sqlite:///path/to/state.db")
    return url


class State(Section):
    """Where state is kept that outlives the process."""

    url: Annotated[str, AfterValidator(_state_url)] = "sqlite:///var/lib/relay/state.db"


class LogOutput(Section):
    """The daemon's own log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


class TelemetryOutput(Section):
    """The daemon's own metrics and logs."""

    listen: ListenAddress = "127.0.0.1:9815"
    """Address of /metrics, health, status and silences; port 0 picks a free one."""
    token: Secret | None = None
    """What whoever makes or ends silences over HTTP must send; null: nobody can."""
    log: LogOutput = LogOutput()


class Config(Section):
    """relay.yaml, whole, with every rule file that it names resolved."""

    aws: Aws = Aws()
    source: Source
    quarantine: Quarantine | None = None
    """Without it the dead-letter queue of the source's queue is the quarantine."""
    logs: Logs
    rules: tuple[Text, ...] = ()
    """Rule files, as globs relative to this file."""
    self_watch: SelfWatch = SelfWatch()
    state: State = State()
    notify: Notify = Notify()
    telemetry: TelemetryOutput = TelemetryOutput()


class Loaded(BaseModel):
    """A valid configuration and the rules that it names.

    ``log_matches`` are the compiled patterns of ``config.logs.routes``, in their order.
    ``warnings`` (``file:line: ...``) are what AWS would refuse or what may surprise.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    config: Config
    rules: RuleSet
    log_matches: tuple[Pattern, ...] = ()
    templates: tuple[TemplateFile, ...] = ()
    warnings: tuple[str, ...] = ()
