"""Mail targets: addresses, and the SMTP server that takes mail for them."""

from typing import Literal, Self

from pydantic import Field, model_validator

from relay.config.names import MailAddress
from relay.config.refusal import refusal
from relay.config.scalars import Duration, Text, Whole
from relay.config.secrets import Secret
from relay.config.section import Section


class Smtp(Section):
    """The mail server."""

    host: Text
    port: Whole = Field(default=25, ge=1, le=65_535)
    tls: Literal["none", "starttls", "tls"] = "none"
    username: Secret | None = None
    password: Secret | None = None
    timeout: Duration = 30.0

    @model_validator(mode="after")
    def _has_whole_login(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise refusal("has only one of username and password; give both or none")
        return self


class EmailTarget(Section):
    """Mail addresses, reached by SMTP."""

    to: tuple[MailAddress, ...] = Field(min_length=1)
    from_: MailAddress = Field(alias="from")
    smtp: Smtp
    template: Text | None = None
    """One of notify.templates: ``pager`` is pager.html.j2, .txt.j2 and .subject.j2."""
