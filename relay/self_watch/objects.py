"""What one object says of CloudTrail's silence and delay; pure."""

from relay.model import Datapoint, LogFile, LogObject, Message
from relay.self_watch.rules import SelfWatchAlarms


def object_datapoints(
    alarms: SelfWatchAlarms,
    message: Message,
    found: LogObject,
    file: LogFile,
) -> tuple[Datapoint, ...]:
    """Return the datapoints of one object that ``message`` announced.

    Its account and region have been heard of when it was stored. Late is measured on
    its newest record: that an object holds old ones beside it is the ordinary case.
    """
    datapoints: list[Datapoint] = []
    if alarms.silent is not None:
        silent = Datapoint(
            alarm=alarms.silent,
            group=(file.key.account, file.key.region),
            time=found.last_modified,
            value=1.0,
            received_at=message.received_at,
        )
        datapoints.append(silent)
    times = [record.time for record in file.records if record.time is not None]
    if times and alarms.cloudtrail_late is not None:
        late = Datapoint(
            alarm=alarms.cloudtrail_late,
            group=(),
            time=message.received_at,
            # Clocks of several machines meet here.
            value=max(0.0, found.last_modified - max(times)),
            received_at=message.received_at,
        )
        datapoints.append(late)
    return tuple(datapoints)
