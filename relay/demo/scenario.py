"""The script of the demo: which log files CloudTrail delivers, and what must follow.

Pure, and the same for the same seed and time. Three accounts work in four regions; then
an intruder guesses a password, signs in as root, looks at the trails, opens a security
group and stops the trail. Every file of the incident holds ordinary records as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Protocol

from relay.demo.background import ordinary_records
from relay.demo.incident import (
    OPENED_GROUP,
    VICTIM,
    guessed_passwords,
    looked_at_trails,
    opened_security_group,
    root_login,
    stolen_role_arn,
    stopped_logging,
)
from relay.demo.records import Json, Place, file_suffix

PRODUCTION, STAGING, SECURITY = "111122223333", "444455556666", "777788889999"
ACCOUNTS = (PRODUCTION, STAGING, SECURITY)
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "ap-southeast-2")
HOME_REGION = "eu-west-1"
SIGN_IN_REGION = "us-east-1"

SLOT_SECS = 300
"""CloudTrail delivers about every five minutes per account and region."""
ORDINARY_ROUNDS = 3
RECORDS_PER_FILE = (12, 40)
RECORDS_BESIDE_INCIDENT = 8


class Deed(Protocol):
    """One thing that somebody did, beginning at ``at``."""

    def __call__(self, random: Random, place: Place, *, at: float) -> list[Json]:
        """Return its records."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFile:
    """One log file before it is written; ``delivered_at`` names it."""

    place: Place
    delivered_at: float
    suffix: str
    records: tuple[Json, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedAlarm:
    """An alarm that must go to ALARM; ``group`` holds its group_by values, if any.

    One that is paged is critical, so that the demo's routes send it by mail as well.
    """

    alarm: str
    group: tuple[str, ...] = ()
    is_paged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Files that are delivered at once, and the alarms that they must raise.

    Each tuple in ``notices`` is announced by one message of CloudTrail's. With
    ``announced_twice`` every message comes twice, as at-least-once delivery allows.
    """

    title: str
    notices: tuple[tuple[TrailFile, ...], ...]
    expected: tuple[ExpectedAlarm, ...] = ()
    announced_twice: bool = False

    @property
    def files(self) -> tuple[TrailFile, ...]:
        """All files of the step."""
        return tuple(file for notice in self.notices for file in notice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """All that is played, in order."""

    steps: tuple[Step, ...]

    @property
    def files(self) -> tuple[TrailFile, ...]:
        """All files of all steps."""
        return tuple(file for step in self.steps for file in step.files)

    @property
    def expected(self) -> frozenset[ExpectedAlarm]:
        """All alarms that must be raised."""
        return frozenset(alarm for step in self.steps for alarm in step.expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Incident:
    title: str
    region: str
    deed: Deed
    expected: tuple[ExpectedAlarm, ...]


_INCIDENT = (
    _Incident(
        title=f"somebody guesses {VICTIM}'s password",
        region=SIGN_IN_REGION,
        deed=guessed_passwords,
        expected=(
            ExpectedAlarm(alarm="console-login-failures", group=(VICTIM,)),
            ExpectedAlarm(alarm="cis-4.2-console-login-without-mfa"),
            ExpectedAlarm(alarm="cis-4.6-console-login-failures"),
        ),
    ),
    _Incident(
        title="the root user signs in without a second factor",
        region=SIGN_IN_REGION,
        deed=root_login,
        expected=(
            ExpectedAlarm(alarm="root-login-without-mfa", is_paged=True),
            ExpectedAlarm(alarm="cis-4.3-root-account-usage", is_paged=True),
        ),
    ),
    _Incident(
        title="somebody looks at what is recorded (DescribeTrails)",
        region=HOME_REGION,
        deed=looked_at_trails,
        expected=(
            ExpectedAlarm(
                alarm="describe-trails", group=(stolen_role_arn(PRODUCTION),)
            ),
        ),
    ),
    _Incident(
        title="a security group is opened to the world",
        region=HOME_REGION,
        deed=opened_security_group,
        expected=(
            ExpectedAlarm(
                alarm="security-group-open-to-world",
                group=(PRODUCTION, OPENED_GROUP),
                is_paged=True,
            ),
            ExpectedAlarm(alarm="cis-4.10-security-group-changes"),
        ),
    ),
    _Incident(
        title="the trail is stopped (StopLogging)",
        region=HOME_REGION,
        deed=stopped_logging,
        expected=(
            ExpectedAlarm(
                alarm="trail-logging-stopped",
                group=(PRODUCTION, stolen_role_arn(PRODUCTION)),
                is_paged=True,
            ),
            ExpectedAlarm(alarm="cis-4.5-cloudtrail-changes", is_paged=True),
        ),
    ),
)


def build(*, seed: int, now: float) -> Scenario:
    """Return the scenario that ``seed`` stands for, played at ``now``."""
    random = Random(seed)  # noqa: S311 - a script to be repeated, not a secret
    return Scenario(
        steps=(*_ordinary_steps(random, now), *_incident_steps(random, now))
    )


def _ordinary_steps(random: Random, now: float) -> Iterator[Step]:
    for index in range(ORDINARY_ROUNDS):
        delivered_at = now - (ORDINARY_ROUNDS - 1 - index) * SLOT_SECS
        yield Step(
            title=f"an ordinary day, delivery {index + 1} of {ORDINARY_ROUNDS}",
            notices=tuple(_notices_of_round(random, delivered_at)),
            announced_twice=index == ORDINARY_ROUNDS - 1,
        )


def _notices_of_round(
    random: Random, delivered_at: float
) -> Iterator[tuple[TrailFile, ...]]:
    for account in ACCOUNTS:
        files = tuple(
            _file(
                random,
                Place(account=account, region=region),
                delivered_at,
                count=random.randint(*RECORDS_PER_FILE),
            )
            for region in REGIONS
        )
        # CloudTrail's documentation shows several keys in one notice; most have one.
        yield files[:2]
        yield from ((file,) for file in files[2:])


def _incident_steps(random: Random, now: float) -> Iterator[Step]:
    for incident in _INCIDENT:
        place = Place(account=PRODUCTION, region=incident.region)
        began_at = now - random.uniform(0.3, 0.8) * SLOT_SECS
        deed = incident.deed(random, place, at=began_at)
        file = _file(random, place, now, count=RECORDS_BESIDE_INCIDENT, beside=deed)
        yield Step(title=incident.title, notices=((file,),), expected=incident.expected)


def _file(
    random: Random,
    place: Place,
    delivered_at: float,
    *,
    count: int,
    beside: list[Json] | None = None,
) -> TrailFile:
    records = ordinary_records(
        random,
        place,
        count=count,
        start=delivered_at - SLOT_SECS,
        end=delivered_at - SLOT_SECS * 0.1,
    )
    records += beside or []
    random.shuffle(records)
    return TrailFile(
        place=place,
        delivered_at=delivered_at,
        suffix=file_suffix(random),
        records=tuple(records),
    )
