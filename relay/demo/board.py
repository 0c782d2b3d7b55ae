"""What the screen shows, as plain values: what was delivered and what was raised."""

from dataclasses import dataclass, field

from relay.demo.inbox import Channel, Evidence, Received
from relay.demo.scenario import Step


@dataclass(slots=True, kw_only=True)
class DeliveryRow:
    """One step of the scenario that was delivered."""

    at_secs: float
    title: str
    files: int
    records: int


@dataclass(slots=True, kw_only=True)
class AlarmRow:
    """One alarm, or one group of it, as its notifications tell it."""

    alarm: str
    group: tuple[str, ...]
    state: str = ""
    severity: str = ""
    evidence: Evidence | None = None
    delay_secs: float | None = None
    channels: set[Channel] = field(default_factory=set)


class Board:
    """Everything shown so far."""

    def __init__(self) -> None:
        self.phase = ""
        self.deliveries: list[DeliveryRow] = []
        self._by_id: dict[str, AlarmRow] = {}

    @property
    def alarms(self) -> list[AlarmRow]:
        """One row a notification, in the order in which the first copy came."""
        return list(self._by_id.values())

    def delivered(self, step: Step, *, at_secs: float) -> DeliveryRow:
        """Note that ``step`` was delivered, ``at_secs`` after the start."""
        row = DeliveryRow(
            at_secs=at_secs,
            title=step.title,
            files=len(step.files),
            records=sum(len(file.records) for file in step.files),
        )
        self.deliveries.append(row)
        return row

    def notified(self, received: Received) -> AlarmRow:
        """Note one copy of a notification; the copies share a row by their id."""
        row = self._by_id.setdefault(
            received.id, AlarmRow(alarm=received.alarm, group=received.group)
        )
        row.state = received.state
        row.group = row.group or received.group
        row.severity = row.severity or received.severity
        row.evidence = row.evidence or received.evidence
        row.channels.add(received.channel)
        if received.relay_received_at is not None:
            row.delay_secs = received.accepted_at - received.relay_received_at
        return row
