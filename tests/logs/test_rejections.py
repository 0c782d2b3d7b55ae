"""The indexes of rejectedLogEventsInfo are read as documented, and never trusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.config.logs_section import Create, Logs
from relay.logs.client import LogsClient
from relay.logs.rejections import rejected_ranges
from relay.model import RejectedBy, WriteResult
from tests.logs.support import (
    GROUP,
    HERE,
    NOW_MS,
    STREAM,
    log_event,
    log_events,
    running_writer,
)
from tests.support.clock import FakeClock

OLD_MS = NOW_MS - 15 * 86_400_000
OLD, EXPIRED, NEW = RejectedBy.TOO_OLD, RejectedBy.EXPIRED, RejectedBy.TOO_NEW

_INDEX_NAMES = (
    "tooOldLogEventEndIndex",
    "expiredLogEventEndIndex",
    "tooNewLogEventStartIndex",
)


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        pytest.param(None, [], id="none"),
        pytest.param({}, [], id="empty"),
        pytest.param(
            {"tooNewLogEventStartIndex": 4, "tooOldLogEventEndIndex": 2},
            [(range(2), OLD), (range(4, 6), NEW)],
            id="both ends, as observed on AWS",
        ),
        pytest.param(
            {"expiredLogEventEndIndex": 6}, [(range(6), EXPIRED)], id="all expired"
        ),
        pytest.param(
            {"tooOldLogEventEndIndex": 2, "expiredLogEventEndIndex": 5},
            [(range(2), OLD), (range(2, 5), EXPIRED)],
            id="overlap counted once",
        ),
        pytest.param(
            {"tooOldLogEventEndIndex": 5, "expiredLogEventEndIndex": 2},
            [(range(5), OLD)],
            id="expired within too old",
        ),
        pytest.param(
            {"tooNewLogEventStartIndex": 0}, [(range(6), NEW)], id="all too new"
        ),
        pytest.param(
            {"tooOldLogEventEndIndex": 4, "tooNewLogEventStartIndex": 1},
            [(range(4), OLD), (range(4, 6), NEW)],
            id="crossing",
        ),
        pytest.param(
            {"tooOldLogEventEndIndex": 99, "tooNewLogEventStartIndex": -3},
            [(range(6), OLD)],
            id="outside of the list",
        ),
        pytest.param(
            {"tooOldLogEventEndIndex": "2", "expiredLogEventEndIndex": True},
            [],
            id="not integers",
        ),
    ],
)
def test_ranges(
    info: dict[str, object] | None, expected: list[tuple[range, RejectedBy]]
) -> None:
    """Ends are exclusive, the start is inclusive, overlaps go to the first reason."""
    assert expected == rejected_ranges(info, 6)


@given(
    st.dictionaries(
        st.sampled_from(_INDEX_NAMES),
        st.one_of(st.integers(), st.none(), st.text(), st.floats(), st.booleans()),
    ),
    st.integers(0, 10_000),
)
def test_any_answer_names_each_index_once(
    info: dict[str, object], submitted: int
) -> None:
    """Whatever the answer holds, no index is outside of the list or named twice."""
    ranges = rejected_ranges(info, submitted)

    indexes = [index for named, _ in ranges for index in named]
    assert sorted(set(indexes)) == indexes
    assert set(indexes) <= set(range(submitted))


# --- as the writer applies them ---


@pytest.mark.parametrize("retention_days", [None, 1])
async def test_all_events_may_be_rejected(retention_days: int | None) -> None:
    """A batch of which nothing is kept is answered, and not sent again."""
    logs = Logs(group=GROUP, create=Create(retention_days=retention_days))
    async with running_writer(FakeClock(), logs=logs) as bench:
        result = await bench.writer.write(
            {HERE: [log_event("m", OLD_MS + number) for number in range(5)]}
        )

        assert result == WriteResult(rejected={RejectedBy.TOO_OLD: 5})
        assert bench.fake.messages(GROUP) == []
        assert bench.fake.store.stream(GROUP, STREAM).puts == 1
        assert bench.value("relay_log_events_total") == 0


async def test_both_ends_may_be_rejected_for_three_reasons() -> None:
    """The service names both ends, and two reasons at the old one: each event counts
    under one reason, and what is between is kept."""
    logs = Logs(group=GROUP, create=Create(retention_days=1))
    hour_ms = 3_600_000
    async with running_writer(FakeClock(), logs=logs) as bench:
        results = [
            await bench.writer.write({HERE: [log_event("m", at) for at in times]})
            for times in (
                (OLD_MS, OLD_MS + 1),
                (NOW_MS - 25 * hour_ms, NOW_MS - 23 * hour_ms, NOW_MS - 2 * hour_ms),
                (NOW_MS, NOW_MS + 3 * hour_ms),
            )
        ]

        assert results == [
            WriteResult(rejected={RejectedBy.TOO_OLD: 2}),
            WriteResult(accepted=2, rejected={RejectedBy.EXPIRED: 1}),
            WriteResult(accepted=1, rejected={RejectedBy.TOO_NEW: 1}),
        ]
        assert len(bench.fake.messages(GROUP)) == 3


class _Answering:
    """A client whose PutLogEvents keeps everything and answers what a test says."""

    def __init__(self, client: LogsClient, answer: dict[str, object]) -> None:
        self._client = client
        self._answer = answer
        self.meta = client.meta
        self.exceptions = client.exceptions
        self.create_log_stream = client.create_log_stream
        self.create_log_group = client.create_log_group
        self.put_retention_policy = client.put_retention_policy

    async def put_log_events(self, **arguments: object) -> dict[str, object]:
        """Answer what was said."""
        return self._answer


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({}, WriteResult(accepted=4)),
        (None, WriteResult(accepted=4)),
        ("surprise", WriteResult(accepted=4)),
        (
            {"tooOldLogEventEndIndex": 0, "tooNewLogEventStartIndex": 4},
            WriteResult(accepted=4),
        ),
        (
            {"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 2}
            | {"tooNewLogEventStartIndex": 3},
            WriteResult(
                accepted=1,
                rejected={
                    RejectedBy.TOO_OLD: 1,
                    RejectedBy.EXPIRED: 1,
                    RejectedBy.TOO_NEW: 1,
                },
            ),
        ),
        (
            {"expiredLogEventEndIndex": 4, "tooNewLogEventStartIndex": 0},
            WriteResult(rejected={RejectedBy.EXPIRED: 4}),
        ),
    ],
    ids=["empty", "null", "no object", "zero", "all three", "contradiction"],
)
async def test_what_rejected_events_info_may_say(
    info: object, expected: WriteResult
) -> None:
    """Whatever the member says, each event is accounted for exactly once."""
    answer: dict[str, object] = {"rejectedLogEventsInfo": info}
    async with running_writer(
        FakeClock(), wrap=lambda client: _Answering(client, answer)
    ) as bench:
        result = await bench.writer.write({HERE: log_events(*"abcd")})

        assert result == expected
