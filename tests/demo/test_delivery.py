"""Log files in S3 and their notices look as CloudTrail's do."""

import gzip
import json
import re

from relay.demo.delivery import notice, object_body, object_key
from relay.demo.records import Place
from relay.demo.scenario import TrailFile

FILE = TrailFile(
    place=Place(account="111122223333", region="eu-west-1"),
    delivered_at=1_777_300_000.0,
    suffix="Ab3dEf6hIj9kLm2n",
    records=({"eventID": "1"}, {"eventID": "2"}),
)
KEY = (
    "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/04/27/"
    "111122223333_CloudTrail_eu-west-1_20260427T1426Z_Ab3dEf6hIj9kLm2n.json.gz"
)


def test_key_has_cloudtrails_layout() -> None:
    """Account, region and day are folders; the name says when it was delivered."""
    assert object_key(FILE) == KEY


def test_body_is_gzip_of_one_line() -> None:
    """The object holds the records under ``Records``, and is the same every time."""
    body = object_body(FILE)

    text = gzip.decompress(body).decode()
    assert json.loads(text) == {"Records": [{"eventID": "1"}, {"eventID": "2"}]}
    assert "\n" not in text
    assert body == object_body(FILE)


def test_notice_names_bucket_and_keys() -> None:
    """The notice is CloudTrail's own: compact, exactly two members, raw keys."""
    text = notice("trail-logs", (FILE, FILE))

    assert json.loads(text) == {"s3Bucket": "trail-logs", "s3ObjectKey": [KEY, KEY]}
    assert not re.search(r"\s", text)
