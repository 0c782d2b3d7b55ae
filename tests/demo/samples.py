"""Values that several of the demo's tests start from."""

from relay.demo.inbox import Channel, Evidence, Received
from relay.demo.incident import INTRUDER_IP

EVIDENCE = Evidence(
    who="root",
    what="ConsoleLogin",
    source_ip=INTRUDER_IP,
    account="111122223333",
    region="us-east-1",
)


def received(
    alarm: str = "root-login",
    *,
    channel: Channel = Channel.WEBHOOK,
    id: str = "n1",  # noqa: A002 - the member's own name
    state: str = "ALARM",
    group: tuple[str, ...] = (),
    after_secs: float = 0.05,
) -> Received:
    """Return one notification; a webhook's carries evidence and the time of receipt."""
    is_webhook = channel is Channel.WEBHOOK
    return Received(
        channel=channel,
        id=id,
        alarm=alarm,
        state=state,
        group=group,
        severity="critical" if is_webhook else "",
        evidence=EVIDENCE if is_webhook else None,
        accepted_at=1_000.0 + after_secs,
        relay_received_at=1_000.0 if is_webhook else None,
    )
