"""Events of files as the records that rules and tables read."""

from pathlib import Path
from typing import Final

from relay.match.text import file_name
from relay.model import Evidence, FileKind, LogFileKey, LogObject, Record
from relay.rules.evidence import EVIDENCE_FIELDS, EvidenceReader
from relay.trail.keys import parse_key
from relay.trail.projection import AGGREGATED_TIME, EVENT_TIME, REFUSED, Projection
from relay.trail.records import parse_event_time

_TIMES: Final = (EVENT_TIME, AGGREGATED_TIME)


class RecordReader:
    """Reads events as records, with the fields of one projection."""

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._get_times = [projection.getter(selector) for selector in _TIMES]

    def read(self, event: bytes) -> Record:
        """Return the event as a record; one that is no JSON object has no fields."""
        text = event.decode(errors="replace").encode()
        try:
            fields = self._projection.decode(event)
        except REFUSED:
            fields = self._projection.decode_leniently(text.decode())
        return Record(text, len(text), self._time_of(fields), None, fields)

    def _time_of(self, fields: object | None) -> float | None:
        if fields is None:
            return None
        for get in self._get_times:
            text = get(fields)
            if isinstance(text, str):
                return parse_event_time(text)
        return None


class Summary:
    """Who, what, from where: what a table shows of an event."""

    def __init__(self) -> None:
        projection = Projection(EVIDENCE_FIELDS)
        self._reader = RecordReader(projection)
        self._evidence = EvidenceReader(projection)

    def of(self, event: bytes, path: Path) -> Evidence | None:
        """Return what the event in the file at ``path`` says; None if it has no name.

        That is: it is no CloudTrail event.
        """
        record = self._reader.read(event)
        if record.fields is None:
            return None
        evidence = self._evidence.read(record, log_object(path), log_file_key(path))
        return evidence if evidence.event_name else None


def log_object(path: Path) -> LogObject:
    """Return the file at ``path`` as the object that its events are evidence from."""
    return LogObject(
        bucket="", key=file_name(path), etag="", last_modified=0.0, body=b""
    )


def log_file_key(path: Path) -> LogFileKey:
    """Return what the path says of account and region: nothing, if it is no trail's."""
    found = parse_key(path.as_posix())
    return found or LogFileKey(kind=FileKind.EVENTS, account="", region="")
