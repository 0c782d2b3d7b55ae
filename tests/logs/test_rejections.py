"""The indexes of rejectedLogEventsInfo are read as documented, and never trusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.logs.rejections import rejected_ranges
from relay.model import RejectedBy

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
