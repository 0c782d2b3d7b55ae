"""Webhooks: notifications as JSON, or as a template has them, to any HTTP address.

With a secret, two headers let the receiver verify who sent the body, and when::

    X-Relay-Timestamp: 1790000000
    X-Relay-Signature: sha256=<hex HMAC-SHA256 of timestamp + "." + body, by the secret>

To verify: refuse a timestamp that is more than 5 minutes away from your own time, so
that a recorded request cannot be replayed later; compute the HMAC over the header's
text, a full stop and the raw body; compare in constant time. Drop what carries an
``Idempotency-Key`` that was seen before: a retry has the key of its first attempt, but
a new timestamp and signature.
"""

import hashlib
import hmac
from collections.abc import Sequence

from relay.clock import Clock
from relay.config.http_targets import WebhookTarget
from relay.config.secrets import Secret
from relay.errors import ConfigError
from relay.model import Bundle
from relay.notify.content.render import Templates
from relay.notify.receivers.http import Call
from relay.notify.receivers.http_answer import by_status
from relay.notify.receivers.http_login import login_headers, login_secrets
from relay.notify.receivers.webhook_template import (
    option,
    template_fault,
    webhook_body,
)
from relay.notify.targets import origin


class Webhook:
    """What a webhook is sent: ``relay.notify.webhook_body``, or its own template's."""

    answer_bytes = 0
    judge = staticmethod(by_status)

    def __init__(
        self, target: WebhookTarget, templates: Templates, clock: Clock
    ) -> None:
        """Try the template. Raises ConfigError when it fails on a sample."""
        self._target = target
        self._url = target.url.reveal()
        self._templates = templates
        self._clock = clock
        self._headers = {
            **{name: value.reveal() for name, value in target.headers.items()},
            **login_headers(target),
        }
        self.secrets: Sequence[str] = (
            *(value.reveal() for value in target.headers.values()),
            *login_secrets(target),
        )
        fault = template_fault(target, templates)
        if fault is not None:
            where = f"webhook {origin(self._url)}: {option(target)}"
            raise ConfigError([f"{where}: {fault}"])

    def calls(self, bundle: Bundle) -> Sequence[Call]:
        """Return the one request. Raises RejectedError when the template fails."""
        body = webhook_body(self._target, self._templates, bundle)
        call = Call(
            id=bundle.id,
            url=self._url,
            method=self._target.method,
            headers={**self._headers, **self._signature(body)},
            content_type=self._target.content_type,
            body=body,
        )
        return (call,)

    def _signature(self, body: bytes) -> dict[str, str]:
        if self._target.hmac_secret is None:
            return {}
        timestamp = str(int(self._clock.now()))
        return {
            "X-Relay-Timestamp": timestamp,
            "X-Relay-Signature": sign(self._target.hmac_secret, timestamp, body),
        }


def sign(secret: Secret, timestamp: str, body: bytes) -> str:
    """Return the value of ``X-Relay-Signature``; the module says how to verify it."""
    signed = timestamp.encode() + b"." + body
    digest = hmac.new(secret.reveal().encode(), signed, hashlib.sha256).hexdigest()
    return f"sha256={digest}"
