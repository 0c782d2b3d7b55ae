"""Names of targets: stable across restarts and reloads, and without secrets.

An entry of the outbox says by such a name where it goes; the configuration that is in
force when it is sent says how to get there.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from relay.config.notify_section import (
    EmailTarget,
    Receiver,
    SnsTarget,
    SqsTarget,
    WebhookTarget,
)
from relay.model import OutboxEntry


class TargetKind(StrEnum):
    """What a notification is sent through; a metric label, and the start of a name."""

    SNS = "sns"
    SQS = "sqs"
    WEBHOOK = "webhook"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One target of one receiver."""

    receiver: str
    target: str

    @property
    def kind(self) -> TargetKind:
        """What kind of target it is, read from its name."""
        return TargetKind(self.target.partition(":")[0])


def address_of(entry: OutboxEntry) -> Address:
    """Return where ``entry`` goes."""
    return Address(receiver=entry.receiver, target=entry.target)


def sns_key(target: SnsTarget) -> str:
    """Return ``sns:<topic ARN>``."""
    return f"{TargetKind.SNS}:{target.topic_arn}"


def sqs_key(target: SqsTarget) -> str:
    """Return ``sqs:<queue URL>``."""
    return f"{TargetKind.SQS}:{target.queue_url}"


def webhook_key(target: WebhookTarget) -> str:
    """Return ``webhook:<scheme>://<host>/#<hash of the URL>``.

    The path of a webhook's URL often is its password: only a short hash of it shows.
    """
    url = target.url.reveal()
    digest = hashlib.sha256(url.encode()).hexdigest()[:12]
    return f"{TargetKind.WEBHOOK}:{origin(url)}/#{digest}"


def email_key(target: EmailTarget) -> str:
    """Return ``email:<host>:<port>:<addresses>``."""
    addresses = ",".join(target.to)
    return f"{TargetKind.EMAIL}:{target.smtp.host}:{target.smtp.port}:{addresses}"


def target_keys(receiver: Receiver) -> tuple[str, ...]:
    """Return the names of all targets of ``receiver``, each once, in file order."""
    keys = (
        *map(sns_key, receiver.sns),
        *map(sqs_key, receiver.sqs),
        *map(webhook_key, receiver.webhook),
        *map(email_key, receiver.email),
    )
    return tuple(dict.fromkeys(keys))


def targets_by_receiver(receivers: Iterable[Receiver]) -> Mapping[str, tuple[str, ...]]:
    """Return the target names of every receiver, by its name."""
    return {receiver.name: target_keys(receiver) for receiver in receivers}


def origin(url: str) -> str:
    """Return scheme, host and port of ``url``: all of it that may be shown."""
    parts = urlsplit(url)
    # Not netloc: user and password may stand in it.
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{parts.port}" if parts.port else "")
