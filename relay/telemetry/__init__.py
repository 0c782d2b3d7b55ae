"""relay's own metrics and log; ``metrics`` alone are the domain's."""

from relay.telemetry.log import Log, configure_logging, get_log
from relay.telemetry.series import OUTCOMES, OVERFLOW, STAGES, Telemetry

__all__ = [
    "OUTCOMES",
    "OVERFLOW",
    "STAGES",
    "Log",
    "Telemetry",
    "configure_logging",
    "get_log",
]
