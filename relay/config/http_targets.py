"""Targets that are reached by HTTP: what they share, and the plain webhook."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from relay.config.names import SecretUrl, check_headers
from relay.config.refusal import refusal
from relay.config.scalars import Duration, Switch, Text, matching
from relay.config.secrets import Secret
from relay.config.section import Section
from relay.config.tls_section import TlsFiles

ContentType = Annotated[
    str,
    matching(
        r"[\w.+-]+/[\w.+-]+( *; *[\w-]+=[\w.-]+)*",
        "is no content type; it looks like application/json",
    ),
]


class HttpTarget(Section):
    """What every target has that is reached by HTTP."""

    timeout: Duration = 10.0
    """For the whole request and its answer."""


class BasicAuth(Section):
    """User and password, as HTTP's basic authentication sends them."""

    username: Secret
    password: Secret


class OwnServer(HttpTarget):
    """What a target has that people run themselves."""

    basic_auth: BasicAuth | None = None
    bearer_token: Secret | None = None
    tls: TlsFiles | None = None
    allow_link_local: Switch = False
    """Also call link-local and instance metadata addresses (169.254.0.0/16, ...)."""

    @model_validator(mode="after")
    def _has_one_login(self) -> Self:
        if self.basic_auth is not None and self.bearer_token is not None:
            raise refusal("has both basic_auth and bearer_token; give one of them")
        return self


class WebhookTarget(OwnServer):
    """An HTTP address that notifications are sent to as JSON."""

    url: SecretUrl
    """A secret, since those of chat services hold a token."""
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    headers: Annotated[dict[str, Secret], AfterValidator(check_headers)] = Field(
        default={}
    )
    hmac_secret: Secret | None = None
    """Signs the body with HMAC-SHA256."""
    body: Text | None = None
    """A Jinja2 template of the body; values are escaped as JSON strings are."""
    template: Text | None = None
    """One of notify.templates instead: ``pager`` is pager.json.j2."""
    content_type: ContentType = "application/json"

    @model_validator(mode="after")
    def _has_one_body(self) -> Self:
        if self.body is not None and self.template is not None:
            raise refusal("has both body and template; give one of them")
        return self

    @model_validator(mode="after")
    def _has_one_authorization(self) -> Self:
        names = {name.lower() for name in self.headers}
        if "authorization" in names and (self.basic_auth or self.bearer_token):
            raise refusal("has a header Authorization beside another login")
        return self

    @property
    def is_json(self) -> bool:
        """Whether what is sent calls itself JSON."""
        return re.search(r"[/+]json\b", self.content_type) is not None
