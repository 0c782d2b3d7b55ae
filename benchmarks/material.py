"""What the benchmarks work on: log files of ordinary records, all of one size."""

import gzip
from random import Random

import msgspec

from relay.demo.background import ordinary_records
from relay.demo.records import Json, Place

ACCOUNT, REGION, BUCKET = "111122223333", "eu-west-1", "benchmark-trail-logs"
RECORDS_PER_OBJECT = 500
RECORD_BYTES = 1_600
NOW = 1_777_300_000.0


def object_key(index: int) -> str:
    """Return the key of object number ``index``, in CloudTrail's layout."""
    return (
        f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/04/27/"
        f"{ACCOUNT}_CloudTrail_{REGION}_20260427T1430Z_{index:016d}.json.gz"
    )


def log_file(seed: int, *, records: int = RECORDS_PER_OBJECT) -> bytes:
    """Return the text of one log file; every record in it has RECORD_BYTES bytes."""
    made = ordinary_records(
        Random(seed),  # noqa: S311 - material to measure with, no secret
        Place(account=ACCOUNT, region=REGION),
        count=records,
        start=NOW - 300,
        end=NOW,
    )
    return msgspec.json.encode({"Records": [_padded(record) for record in made]})


def compressed(text: bytes) -> bytes:
    """Return ``text`` as the object's bytes."""
    return gzip.compress(text, mtime=0)


def _padded(record: Json) -> Json:
    member = len(msgspec.json.encode({"sourceIdentity": ""})) - 1
    missing = RECORD_BYTES - len(msgspec.json.encode(record)) - member
    return record | {"sourceIdentity": "x" * max(missing, 0)}
