"""What is put in: log files whose every consequence is known beforehand; pure.

Every event id is unique but for those that are put into a second file on purpose, as
real trails do. Two metric filters match a known part of the records: ``denied``, whose
alarm never fires, so that its saved sum is the count; and ``guessing``, which counts
for each user and fires from the third distinct event on. Users with two events, whose
ids may come twice, must not fire: an alarm there is an event counted twice.
"""

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote_plus

import msgspec

from relay.clock import isoformat
from tests.chaos.faults import seeded

BUCKET = "chaos-trail-logs"
DENIED, GUESSING = "denied", "guessing"
DENIED_PATTERN = '{ $.errorCode = "AccessDenied" }'
GUESSING_PATTERN = "{ $.eventName = ConsoleLogin && $.errorCode = Failed }"
FIRES_FROM = 3
"""Events of one user that make ``guessing`` fire."""
PLACES = tuple(
    (account, region)
    for account in ("111122223333", "222233334444", "333344445555")
    for region in ("eu-west-1", "us-east-1")
)
_SIZES = ((1, 20), (21, 150), (151, 500))
_REPEATING_FILES = 0.6
"""Of the files; half of their records stand in an earlier file too: 20 % of all."""
_REMEMBERED_FILES = 8

_GUESSING_SHARE, _DENIED_SHARE = 0.02, 0.12
_OLDEST_SECS = 600.0
_CLOUDTRAIL_NOTICES = 0.5
_FAILED_LOGIN = {"eventName": "ConsoleLogin", "errorCode": "Failed"}

Record = dict[str, object]

RULES: dict[str, object] = {
    "metric_filters": [
        {
            "name": DENIED,
            "pattern": DENIED_PATTERN,
            "alarm": {"threshold": 1_000_000_000, "period": "1d"},
        },
        {
            "name": GUESSING,
            "pattern": GUESSING_PATTERN,
            "alarm": {
                "threshold": FIRES_FROM,
                "period": "1d",
                "group_by": ["$.userIdentity.userName"],
            },
        },
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """One object of the trail, without its bytes."""

    key: str
    event_ids: tuple[str, ...]
    account: str
    region: str


@dataclass(slots=True)
class Expected:
    """What must be found afterwards, of all files that were made so far."""

    times: Counter[str] = field(default_factory=Counter)
    """In how many files an event id stands: CloudWatch Logs gets it as often."""
    denied: set[str] = field(default_factory=set)
    guesses: dict[str, set[str]] = field(default_factory=dict)
    """Distinct event ids that ``guessing`` counts, by user."""
    records: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By account and region."""
    files: dict[str, LogFile] = field(default_factory=dict)
    """By key."""

    @property
    def firing(self) -> set[str]:
        """The users whose alarm goes into ALARM, once."""
        return {user for user, ids in self.guesses.items() if len(ids) >= FIRES_FROM}

    @property
    def repeated(self) -> int:
        """How many records have an event id that an earlier file had."""
        return self.times.total() - len(self.times)

    def add(self, file: LogFile, records: Sequence[Record]) -> None:
        """Expect what follows from ``file``, which holds ``records``."""
        self.files[file.key] = file
        self.times.update(file.event_ids)
        self.records[file.account, file.region] += len(records)
        for record in records:
            event_id = str(record["eventID"])
            if record.get("errorCode") == "AccessDenied":
                self.denied.add(event_id)
            elif record.get("errorCode") == "Failed":
                identity = record["userIdentity"]
                assert isinstance(identity, dict)
                self.guesses.setdefault(identity["userName"], set()).add(event_id)


class Trail:
    """Makes log files one after the other, always the same ones for a seed."""

    def __init__(self, seed: object, *, now: float) -> None:
        self.expected = Expected()
        self._random = seeded("trail", seed)
        self._ids = seeded("ids", seed)
        self._now = now
        self._guesses: list[str] = []
        self._users = 0
        self._recent: list[list[Record]] = []

    def next_file(self) -> tuple[LogFile, bytes]:
        """Return the next file and its bytes; what follows from it is expected now."""
        account, region = self._random.choice(PLACES)
        size = self._random.randint(*self._random.choice(_SIZES))
        records = self._repeated(size // 2)
        records += [self._record(account, region) for _ in range(size - len(records))]
        self._random.shuffle(records)
        self._recent = [*self._recent[1 - _REMEMBERED_FILES :], records]
        file = LogFile(
            key=_key(len(self.expected.files), account, region),
            event_ids=tuple(str(record["eventID"]) for record in records),
            account=account,
            region=region,
        )
        self.expected.add(file, records)
        text = msgspec.json.encode({"Records": records})
        return file, gzip.compress(text, compresslevel=1, mtime=0)

    def _repeated(self, most: int) -> list[Record]:
        if not self._recent or self._random.random() >= _REPEATING_FILES:
            return []
        earlier = self._random.choice(self._recent)
        return self._random.sample(earlier, min(most, len(earlier)))

    def _record(self, account: str, region: str) -> Record:
        kind = self._random.random()
        user, members = "alice", {"eventName": "DescribeInstances"}
        if kind < _GUESSING_SHARE:
            user, members = self._guessing_user(), _FAILED_LOGIN
        elif kind < _DENIED_SHARE:
            members = {"eventName": "GetObject", "errorCode": "AccessDenied"}
        return {
            "eventVersion": "1.11",
            "userIdentity": {"type": "IAMUser", "userName": user},
            "eventTime": isoformat(self._now - self._random.uniform(0, _OLDEST_SECS)),
            "awsRegion": region,
            **members,
            "sourceIPAddress": "203.0.113.7",
            "eventID": _event_id(self._ids),
            "eventType": "AwsApiCall",
            "recipientAccountId": account,
        }

    def _guessing_user(self) -> str:
        """Return the user of the next failed login: two, three or four of each."""
        if not self._guesses:
            self._users += 1
            times = self._random.randint(FIRES_FROM - 1, FIRES_FROM + 1)
            self._guesses = [f"user-{self._users:05d}"] * times
        return self._guesses.pop()


def notice(keys: Sequence[str], random: Random) -> str:
    """Return a message that announces ``keys``, in one of two envelopes."""
    if random.random() < _CLOUDTRAIL_NOTICES:
        return json.dumps({"s3Bucket": BUCKET, "s3ObjectKey": list(keys)})
    return json.dumps(
        {
            "Records": [
                {
                    "eventSource": "aws:s3",
                    "eventName": "ObjectCreated:Put",
                    "s3": {
                        "bucket": {"name": BUCKET},
                        "object": {"key": quote_plus(key, safe="/")},
                    },
                }
                for key in keys
            ]
        }
    )


def _key(number: int, account: str, region: str) -> str:
    return (
        f"AWSLogs/{account}/CloudTrail/{region}/2026/11/24/"
        f"{account}_CloudTrail_{region}_20261124T1205Z_{number:016d}.json.gz"
    )


def _event_id(random: Random) -> str:
    text = f"{random.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
