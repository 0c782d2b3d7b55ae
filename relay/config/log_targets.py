"""Targets that take lines: a syslog server, a file, standard output."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from relay.config.refusal import refusal
from relay.config.scalars import Duration, Switch, Text, Whole, matching
from relay.config.section import Section
from relay.config.tls_section import TlsFiles, from_folder

STDOUT = "-"
"""The path that means standard output."""

Facility = Literal[
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
    "authpriv", "ftp", "ntp", "audit", "alert", "clock",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
]  # fmt: skip
"""RFC 5424, table 1, in the order of their numbers."""


def _log_path(path: str, info: ValidationInfo) -> str:
    return path if path == STDOUT else from_folder(path, info)


class SyslogTarget(Section):
    """A syslog server (RFC 5424)."""

    host: Text
    port: Whole = Field(default=6514, ge=1, le=65_535)
    """6514 is that of TLS (RFC 5425); UDP has 514."""
    protocol: Literal["tls", "tcp", "udp"] = "tls"
    facility: Facility = "local0"
    app_name: Annotated[
        str,
        matching(r"[!-~]{1,48}", "is no app name: 1 to 48 characters without blanks"),
    ] = "cloudtrail-relay"
    tls: TlsFiles | None = None
    timeout: Duration = 10.0

    @model_validator(mode="after")
    def _needs_its_files(self) -> Self:
        if self.tls is not None and self.protocol != "tls":
            raise refusal(f"has tls, but the protocol {self.protocol}")
        return self


class FileTarget(Section):
    """A file that gets a line of JSON for each notification; rotate it as you like."""

    path: Annotated[Text, AfterValidator(_log_path)]
    """``-`` is standard output."""
    fsync: Switch = True
    """Wait until the line is on disk."""
