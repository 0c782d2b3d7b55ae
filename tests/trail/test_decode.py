"""From an object's bytes to its log file."""

import gzip
import json
from pathlib import Path

import pytest

from relay.config.source_section import Limits
from relay.errors import Reason, RejectedError
from relay.model import FileKind, LogFileKey, LogObject
from relay.patterns import parse_selector
from relay.trail.decode import decode
from relay.trail.keys import parse_key
from relay.trail.projection import Projection

_KEY = LogFileKey(kind=FileKind.EVENTS, account="111122223333", region="eu-west-1")
_OBJECTS = Path(__file__).parents[2] / ".." / "shared" / "data" / "objects"


def _object(body: bytes, key: str = "AWSLogs/x.json.gz") -> LogObject:
    return LogObject(bucket="trail", key=key, etag="e", last_modified=0.0, body=body)


def test_an_object_becomes_a_log_file() -> None:
    """The records, how many bytes they were, and what was odd about them."""
    data = b'{"Records":[{"a":1},{"b":"\xff"},3]}'

    decoded = decode(_object(gzip.compress(data)), _KEY, Projection([]), Limits())

    assert decoded.file.key is _KEY
    assert len(decoded.file.records) == 3
    assert decoded.file.decompressed_bytes == len(data)
    assert (decoded.slow, decoded.repaired) == (1, 1)


@pytest.mark.parametrize(
    ("body", "limits", "reason"),
    [
        (gzip.compress(b"[]")[:-1], Limits(), Reason.TRUNCATED),
        (b"no json", Limits(), Reason.BAD_JSON),
        (b"[1,2]", Limits(records=1), Reason.TOO_MANY_RECORDS),
        (b"[1,2]", Limits(decompressed=4), Reason.DECOMPRESSED_TOO_LARGE),
    ],
)
def test_a_rejected_object_is_named(
    body: bytes, limits: Limits, reason: Reason
) -> None:
    """The message begins with the object, so that one line of log says it all."""
    with pytest.raises(
        RejectedError, match=r"^s3://trail/AWSLogs/x.json.gz: "
    ) as caught:
        decode(_object(body), _KEY, Projection([]), limits)

    assert caught.value.reason is reason


@pytest.mark.skipif(not _OBJECTS.is_dir(), reason="needs the folder of real objects")
def test_real_objects_lose_nothing() -> None:
    """Every record of real log files comes out with its text and its fields."""
    texts = ("$.eventName", "$.userIdentity.arn", "$.requestParameters", "$.readOnly")
    chosen = [parse_selector(text) for text in texts]
    projection = Projection(chosen)
    getters = [(one, projection.getter(one)) for one in chosen]
    total = 0
    for path in sorted(_OBJECTS.rglob("*.json.gz")):
        body = path.read_bytes()
        key = parse_key(str(path.relative_to(_OBJECTS)))
        assert key is not None
        expected = json.loads(gzip.decompress(body))["Records"]

        decoded = decode(_object(body), key, projection, Limits())

        assert [json.loads(one.message) for one in decoded.file.records] == expected
        for record, event in zip(decoded.file.records, expected, strict=True):
            assert record.event_id == event["eventID"]
            assert record.time is not None
            for selector, get in getters:
                assert get(record.fields) == selector.resolve(event)
        assert (decoded.slow, decoded.repaired) == (0, 0)
        total += len(expected)
    assert total == 2900
