"""relay's own log: events with fields, one line each, on stderr."""

import logging
import sys
from typing import Literal

import structlog

Log = structlog.stdlib.BoundLogger


def get_log(stage: str) -> Log:
    """Return the logger of one stage; its events carry ``stage``.

    It looks at the configuration with every event, so that one made at import time
    follows ``configure_logging``; binding a value to it here would fix it for good.
    """
    log: Log = structlog.stdlib.get_logger(stage=stage)
    return log


def configure_logging(
    *,
    level: str,
    format: Literal["json", "console"],  # noqa: A002 - the option's name
) -> None:
    """Send structlog's events and the standard library's log to stderr, one line each.

    ``debug``: per object. ``info``: life cycle, reload. ``warning``: recovered, nothing
    lost. ``error``: data lost, or a person must act.
    """
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("botocore", "aiobotocore", "aiohttp.access", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
