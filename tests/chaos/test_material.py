"""What is put in is known, and the same for the same seed."""

import gzip
import json

from relay.patterns import compile_pattern
from tests.chaos.faults import seeded
from tests.chaos.material import (
    BUCKET,
    DENIED_PATTERN,
    FIRES_FROM,
    GUESSING_PATTERN,
    Trail,
    notice,
)

NOW = 1_790_000_000.0
FILES = 60


def a_trail() -> tuple[Trail, list[bytes]]:
    """Return a trail that has made some files, and their bytes."""
    trail = Trail("seed", now=NOW)
    return trail, [trail.next_file()[1] for _ in range(FILES)]


def records_of(body: bytes) -> list[dict[str, object]]:
    """Return the records of a log file."""
    records: list[dict[str, object]] = json.loads(gzip.decompress(body))["Records"]
    return records


def test_a_seed_gives_the_same_files() -> None:
    """A run can be repeated with the seed that was printed."""
    first, second = a_trail()[1], a_trail()[1]

    assert first == second
    assert a_trail()[1] != [Trail("other", now=NOW).next_file()[1]] * FILES


def test_expected_is_what_the_files_hold() -> None:
    """Ids, counts and users are those that somebody finds who reads all files."""
    trail, bodies = a_trail()

    records = [record for body in bodies for record in records_of(body)]
    guesses: set[str] = set().union(*trail.expected.guesses.values())
    for pattern_text, wanted in (
        (DENIED_PATTERN, trail.expected.denied),
        (GUESSING_PATTERN, guesses),
    ):
        pattern = compile_pattern(pattern_text)
        matching = {
            str(record["eventID"])
            for record in records
            if pattern.matches(json.dumps(record))
        }
        assert matching == wanted
    assert trail.expected.times.total() == len(records)
    assert trail.expected.records.total() == len(records)


def test_ids_repeat_only_across_files() -> None:
    """A part of the ids stands in several files, none twice in one."""
    trail, _ = a_trail()

    files = trail.expected.files.values()
    repeated = sum(times > 1 for times in trail.expected.times.values())
    assert all(len(set(file.event_ids)) == len(file.event_ids) for file in files)
    assert 0.1 < repeated / len(trail.expected.times) < 0.3


def test_some_users_stay_below_the_threshold() -> None:
    """There are users who must fire and users who must not."""
    trail, _ = a_trail()

    counts = {len(ids) for ids in trail.expected.guesses.values()}
    assert FIRES_FROM - 1 in counts
    assert 0 < len(trail.expected.firing) < len(trail.expected.guesses)


def test_a_notice_names_all_keys() -> None:
    """Both envelopes announce the same keys."""
    random = seeded("notice")
    texts = {notice(["a=b", "c"], random) for _ in range(20)}

    assert len(texts) == 2
    assert {"s3Bucket": BUCKET, "s3ObjectKey": ["a=b", "c"]} in map(json.loads, texts)
    assert any('"a%3Db"' in text for text in texts)
