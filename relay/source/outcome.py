"""What is to become of a message once it was handled."""

from dataclasses import dataclass

from relay.errors import Reason


@dataclass(frozen=True, slots=True)
class Done:
    """Everything that the message names is durable, or it names nothing: delete it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Let the message come again after a back-off, ``after_secs`` at the earliest."""

    reason: Reason
    after_secs: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Do nothing: the visibility timeout and the dead-letter queue decide."""

    reason: Reason


Outcome = Done | Retry | Leave
