"""The filter patterns that are measured with: what people wrote, and more of the kind.

What people wrote is taken from a collection of patterns in public repositories when it
lies beside the checkout; without it, all of them are made up here. The traits of the
made-up ones are those of the collection: most name an event, one in five a field of
the request or of the caller that tells records apart only when it is looked at, some
use globs, ``!=`` and wildcard selectors.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.material import RECORDS_PER_OBJECT, log_file
from relay.patterns import MISSING, Pattern, PatternError, compile_pattern
from relay.rules.matching import KEY_FIELDS, Matcher
from relay.rules.partial import reducer
from relay.trail.projection import Projection
from relay.trail.records import split_records

_COLLECTION = (
    Path(__file__).parents[2] / "shared" / "data" / "patterns_in_the_wild.jsonl"
)
_MOST_MATCHES = 0.02
"""Of an ordinary day's records: a filter that matches more would alarm all day."""

_MADE_UP = 1_200
"""Made-up patterns to choose from."""

_VERBS = ("Create", "Delete", "Put", "Update", "Attach", "Detach", "Modify", "Stop")
_THINGS = ("Role", "Policy", "Bucket", "Key", "Trail", "Route", "Vpc", "Cluster")
_SOURCES = ("iam", "s3", "kms", "ec2", "cloudtrail", "rds", "eks", "organizations")
_REQUEST_FIELDS = ("bucketName", "policyArn", "roleName", "documentName", "groupId")
_KEY_POSITIONS = {selector: place for place, selector in enumerate(KEY_FIELDS)}
_ORDINARY_KEY = (
    *("DescribeAlarms", "monitoring.amazonaws.com", "AwsApiCall", "Management"),
    *(MISSING, "AssumedRole"),
)
"""What an ordinary record has in KEY_FIELDS."""

_OFTEN = (
    "{{ $.eventName = {name} }}",
    '{{ $.eventName = "{name}" || $.eventName = "{other}" }}',
    "{{ ($.eventName = {name}) || ($.eventName = {other}) || "
    "($.eventName = X{name}) }}",
    '{{ $.eventSource = "{source}.amazonaws.com" && $.eventName = "{name}" }}',
    "{{ ($.eventSource = {source}.amazonaws.com) && (($.eventName = {name}) || "
    "($.eventName = {other})) }}",
    '{{ $.eventName = "*{name}*" && $.errorCode NOT EXISTS }}',
)
_SELDOM = (
    '{{ ($.errorCode = "*{name}Denied*") || ($.errorCode = "{name}Exception") }}',
    '{{ $.eventName = "{name}" && $.userIdentity.type = "Root" && '
    '$.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }}',
    '{{ $.eventName = "Get*" && $.requestParameters.{field} = "{name}*" }}',
    '{{ $.eventName = "{name}" && $.sourceIPAddress != "10.*" && '
    '$.sourceIPAddress != "192.168.*" }}',
    '{{ $.eventSource = "{source}.amazonaws.com" && $.userIdentity.arn = "*{name}*" }}',
    '{{ $.userIdentity.userName = "{name}" && $.eventName != "Get*" }}',
    '{{ $.userAgent = "*{name}*" && $.readOnly IS FALSE }}',
    '{{ $.eventName = "{name}" && $.userIdentity.sessionContext.attributes'
    '.mfaAuthenticated != "true" }}',
    '{{ $.requestParameters.items[*].id = "{name}" }}',
    '{{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed {name}") }}',
)
_SHAPES = (*_OFTEN * 4, *_SELDOM)
"""In the collection, too, one pattern in ten does not depend on the event's name."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Patterns to measure with; ``written`` of them are from the collection."""

    patterns: tuple[Pattern, ...]
    written: int

    def describe(self) -> str:
        """Return a line that says what there is among them."""
        traits = Counter(
            trait for pattern in self.patterns for trait in _traits(pattern)
        )
        listed = ", ".join(
            f"{count} {trait}" for trait, count in sorted(traits.items())
        )
        made_up = len(self.patterns) - self.written
        return f"{self.written} written by people, {made_up} made up; {listed}"


def choose(count: int) -> Chosen:
    """Return ``count`` patterns, up to 1 000; a smaller count gives the first ones.

    None of them matches more than _MOST_MATCHES of an ordinary day's records. Those
    that the event's name does not settle, so that every record is tested for them, are
    spread evenly: whatever the count, their share is that of all.
    """
    random = Random(3)  # noqa: S311 - material to measure with, no secret
    written = _seldom_matching(list(_written()))
    random.shuffle(written)
    # Always as many, whatever is asked for: how they are spread depends on it.
    made_up = _seldom_matching([_made_up(random, number) for number in range(_MADE_UP)])
    chosen = (_spread(written) + _spread(made_up))[:count]
    return Chosen(patterns=tuple(chosen), written=min(count, len(written)))


def _spread(patterns: Sequence[Pattern]) -> list[Pattern]:
    """Return ``patterns`` with those that need a test of every record evenly spread."""
    tested: list[Pattern] = []
    others: list[Pattern] = []
    for pattern in patterns:
        assert pattern.condition is not None
        left = reducer(pattern.condition, _KEY_POSITIONS)(_ORDINARY_KEY)
        (others if isinstance(left, bool) else tested).append(pattern)
    places = {
        round(number * len(patterns) / len(tested)) for number in range(len(tested))
    }
    return [
        (tested if place in places else others).pop(0) for place in range(len(patterns))
    ]


def _written() -> Iterator[Pattern]:
    """Yield the JSON patterns on CloudTrail in the collection that are valid."""
    if not _COLLECTION.exists():
        return
    rows = map(json.loads, _COLLECTION.read_text().splitlines())
    texts = {row["pattern"] for row in rows if row["cloudtrail"]}
    for text in sorted(texts):
        try:
            pattern = compile_pattern(text)
        except PatternError:
            continue
        if pattern.condition is not None:
            yield pattern


def _made_up(random: Random, number: int) -> Pattern:
    shape = _SHAPES[number % len(_SHAPES)]
    name, other = (
        f"{random.choice(_VERBS)}{random.choice(_THINGS)}{random.randrange(1_000)}"
        for _ in range(2)
    )
    source, field = random.choice(_SOURCES), random.choice(_REQUEST_FIELDS)
    text = shape.format(name=name, other=other, source=source, field=field)
    return compile_pattern(text)


def _seldom_matching(patterns: Sequence[Pattern]) -> list[Pattern]:
    projection = Projection(
        selector for pattern in patterns for selector in pattern.selectors
    )
    matcher = Matcher(patterns, projection)
    data = log_file(0)
    records = split_records(data, projection, max_records=RECORDS_PER_OBJECT).records
    matches = Counter(
        position for record in records for position in matcher.matching(record)
    )
    most = _MOST_MATCHES * len(records)
    return [
        pattern
        for position, pattern in enumerate(patterns)
        if matches[position] <= most
    ]


def _traits(pattern: Pattern) -> Iterator[str]:
    texts = {selector.text for selector in pattern.selectors}
    if any(text.startswith("$.userIdentity.") for text in texts):
        yield "on userIdentity"
    if any(selector.has_wildcard for selector in pattern.selectors):
        yield "with [*]"
    if "!=" in pattern.text:
        yield "with !="
    if "*" in pattern.text.replace("[*]", ""):
        yield "with globs"
    if not pattern.selectors <= set(KEY_FIELDS):
        yield "with fields of many values"
